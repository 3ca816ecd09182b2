"""The manual pages are clean roff, and say what the programs say."""

import os
import re
import subprocess
import unittest

from harness import BIN, HVSEC, HVSEC_SIM

PAGES = BIN.parent / "man"
PAGE_NAMES = ("hvsec.1", "hvsec-sim.1")


def output(*command, **environment):
    run = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C.UTF-8", **environment},
    )
    return run.stdout + run.stderr


def rendered(name):
    """The page as a reader sees it, on lines that are never broken."""
    return output("man", "-l", PAGES / name, MANWIDTH="5000", MAN_KEEP_FORMATTING="", TERM="dumb")


class Manual(unittest.TestCase):
    def test_no_formatter_complains(self):
        for name in PAGE_NAMES:
            with self.subTest(name):
                self.assertEqual(output("mandoc", "-T", "lint", "-W", "warning", PAGES / name), "")
                run = subprocess.run(
                    ["man", "--warnings", "-E", "UTF-8", "-l", PAGES / name], check=True,
                    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                    env={**os.environ, "LC_ALL": "C.UTF-8", "MANROFFSEQ": ""},
                )
                self.assertEqual(run.stderr, "")

    def test_whatis_finds_them(self):
        for name in PAGE_NAMES:
            program = name.removesuffix(".1")
            self.assertRegex(output("lexgrog", PAGES / name), rf'"{program} - .+"')

    def test_it_shows_each_command_and_flag_as_its_help_does(self):
        page = rendered("hvsec.1")
        commands = re.findall(r"^  ([a-z]+)  ", output(HVSEC, "--help"), re.MULTILINE)
        self.assertGreater(len(commands), 10)
        for command in commands:
            self.assertTrue(f"hvsec {command} " in page, command)
            text = output(HVSEC, command, "--help")
            for flag, variable in re.findall(r"(--[a-z-]+)[^[]*?\[(HVSEC_[A-Z_]+)\]", text, re.DOTALL):
                self.assertTrue(re.search(rf"(?m)^ +(-\w, )?{flag}\b", page), flag)
                self.assertTrue(variable in page, variable)

    def test_what_is_copied_from_it_can_be_pasted(self):
        page = rendered("hvsec.1")
        self.assertIn("hvsec apply -m manifests/ --vm 'dc-*' --max-changes 5", page)
        self.assertEqual(re.findall("[‐−’‘“”]", page), [])

    def test_the_simulators_page_has_each_of_its_flags_and_no_other(self):
        known = set(re.findall(r"^  (?:-h,)?(--[a-z-]+)", output(HVSEC_SIM, "--help"), re.MULTILINE))
        self.assertIn("--fleet", known)
        page = rendered("hvsec-sim.1").split("FLAGS", 1)[1].split("EXIT STATUS")[0]
        self.assertEqual(set(re.findall(r"--[a-z-]+", page)), known)


if __name__ == "__main__":
    unittest.main()
