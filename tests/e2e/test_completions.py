"""Real shells load the completions and offer what fits. (What bash offers, tests/cli tests.)"""

import os
import pty
import select
import subprocess
import time
import unittest

from harness import HVSEC, PATIENCE, EndToEnd

# What zsh is told before a line is typed: every word that it would offer goes to a file, and so does
# that it has done so. Its own listing would have to be read off a screen.
ZSH_SETUP = """
PROMPT= RPROMPT= fpath=({folder} $fpath)
autoload -Uz compinit && compinit -u -d {folder}/dump
zstyle ':completion:*' menu no
unsetopt automenu bashautolist listbeep
bindkey '^I' complete-word
compadd() {{
  if [[ ${{@[1,(i)(-|--)]}} == *-[OAD]\\ * ]]; then builtin compadd "$@"; return; fi
  local -a offered
  builtin compadd -A offered "$@"
  print -rl -- $offered >>{folder}/offered
  builtin compadd "$@"
}}
finished() {{ print -r -- DONE >>{folder}/offered; comppostfuncs=(finished) }}
comppostfuncs=(finished)
print -r -- READY >>{folder}/offered
"""


class Fish(EndToEnd):
    def setUp(self):
        super().setUp()
        self.script = self.folder / "hvsec.fish"
        self.script.write_text(self.hvsec("completion", "fish", manifests=False).out)
        (self.folder / "plan.json").touch()

    def fish(self, *words):
        return subprocess.run(
            ["fish", "--no-config", *words], capture_output=True, text=True, check=False,
            cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
        )

    def offered(self, line):
        run = self.fish("--command", f"source hvsec.fish; complete --do-complete '{line}'")
        self.assertEqual(run.stderr, "")
        return [word.split("\t")[0] for word in run.stdout.splitlines()]

    def test_fish_takes_the_script(self):
        run = self.fish("--no-execute", self.script)
        self.assertEqual((run.returncode, run.stdout + run.stderr), (0, ""))

    def test_fish_offers_what_fits(self):
        for line, words in (
            ("hvsec ch", ["check"]),
            ("hvsec he", ["help"]),
            ("hvsec help ap", ["apply"]),
            ("hvsec --ver", ["--version"]),
            ("hvsec apply --concurrent", ["--concurrent-hosts", "--concurrent-jobs"]),
            ("hvsec check --concurrent", ["--concurrent-hosts"]),
            ("hvsec check --output ", ["json", "text"]),
            ("hvsec check -o j", ["json"]),
            ("hvsec check --color=al", ["--color=always"]),
            ("hvsec completion ", ["bash", "fish", "zsh"]),
            ("hvsec history ", ["prune", "show"]),
            ("hvsec history prune --ol", ["--older-than"]),
            ("hvsec apply pl", ["plan.json"]),
            ("hvsec check --ledger pl", ["plan.json"]),
            ("hvsec check --host p", []),
            ("hvsec check p", []),
        ):
            with self.subTest(line):
                self.assertEqual(sorted(self.offered(line)), words)


class Zsh(EndToEnd):
    def setUp(self):
        super().setUp()
        script = self.hvsec("completion", "zsh", manifests=False).out
        (self.folder / "_hvsec").write_text(script)
        (self.folder / "plan.json").touch()
        (self.folder / "setup").write_text(ZSH_SETUP.format(folder=self.folder))
        self.words = self.folder / "offered"

    def interactive(self):
        """A zsh on a terminal of its own; what it prints there is thrown away."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execvpe("zsh", ["zsh", "-f", "-i"], {**self.environment, "TERM": "dumb"})
        self.addCleanup(os.waitpid, pid, 0)
        self.addCleanup(os.close, terminal)
        return terminal

    def wait_for(self, terminal, last):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if select.select([terminal], [], [], 0.01)[0]:
                os.read(terminal, 65536)
            found = self.words.read_text().splitlines() if self.words.exists() else []
            if found and found[-1] == last:
                self.words.unlink()
                return found[:-1]
        raise AssertionError(f"zsh never came to {last}")

    def test_zsh_takes_the_script(self):
        run = subprocess.run(
            ["zsh", "-f", "-n", self.folder / "_hvsec"], capture_output=True, text=True, check=False)
        self.assertEqual((run.returncode, run.stdout + run.stderr), (0, ""))

    def test_zsh_offers_what_fits(self):
        terminal = self.interactive()
        os.write(terminal, b"source setup\n")
        self.wait_for(terminal, "READY")
        for line, words in (
            ("hvsec ch", {"check"}),
            ("hvsec he", {"help"}),
            ("hvsec help ap", {"apply"}),
            ("hvsec --ver", {"--version"}),
            ("hvsec apply --concurrent", {"--concurrent-hosts", "--concurrent-jobs"}),
            ("hvsec check --concurrent", {"--concurrent-hosts"}),
            ("hvsec check --output ", {"json", "text"}),
            ("hvsec check -o j", {"json"}),
            ("hvsec check --color=al", {"always"}),
            ("hvsec completion ", {"bash", "fish", "zsh"}),
            ("hvsec history ", {"prune", "show"}),
            ("hvsec history prune --ol", {"--older-than"}),
            ("hvsec history --limit 3 --se", {"--setting"}),
            ("hvsec apply pl", {"plan.json"}),
            ("hvsec check --ledger pl", {"plan.json"}),
            ("hvsec check --host p", set()),
            ("hvsec check p", set()),
        ):
            # Ctrl-U: whatever has been typed before goes.
            os.write(terminal, b"\x15" + line.encode() + b"\t")
            offered = self.wait_for(terminal, "DONE")
            self.assertEqual({word.rstrip("=") for word in offered if word}, words, line)


class EveryShell(EndToEnd):
    def test_what_is_not_a_shell_is_refused(self):
        run = subprocess.run([HVSEC, "completion", "tcsh"], capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 1)
        self.assertIn("bash, zsh, fish", run.stderr)


if __name__ == "__main__":
    unittest.main()
