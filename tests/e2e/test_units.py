"""The units of systemd are what systemd understands, and leave the programs little to do harm with."""

import configparser
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from harness import BIN, HVSEC, ROOT

# `systemd-analyze security` goes from 0 to 10; it calls 1.x "OK". What is left is the network.
MOST_EXPOSED = 1.5


class Units(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.prefix = Path(tempfile.mkdtemp(prefix="hvsec-units-"))
        cls.addClassCleanup(shutil.rmtree, cls.prefix)
        subprocess.run(
            ["cmake", "--install", BIN.parent, "--prefix", cls.prefix],
            check=True, capture_output=True, env={**os.environ, "DESTDIR": ""},
        )
        cls.units = sorted((cls.prefix / "lib/systemd/system").iterdir())

    def analyze(self, *words):
        return subprocess.run(
            ["systemd-analyze", *words], capture_output=True, text=True, check=False,
            env={**os.environ, "MANPATH": f"{self.prefix}/share/man", "LC_ALL": "C.UTF-8"},
        )

    def unit(self, name):
        """The unit's settings; of one that is given several times, the last."""
        parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters="=")
        parser.optionxform = str
        parser.read(self.prefix / "lib/systemd/system" / name)
        return parser

    def test_systemd_understands_all_of_them(self):
        names = [unit.name for unit in self.units]
        self.assertEqual(names, ["hvsec-check.service", "hvsec-check.timer", "hvsec.service"])
        run = self.analyze("verify", *self.units)
        self.assertEqual((run.returncode, run.stdout + run.stderr), (0, ""))

    def test_they_are_hardly_exposed(self):
        for unit in self.units:
            if unit.suffix != ".service":
                continue
            run = self.analyze("security", "--offline=yes", "--no-pager", unit)
            exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", run.stdout)
            self.assertIsNotNone(exposure, run.stdout + run.stderr)
            self.assertLessEqual(float(exposure[1]), MOST_EXPOSED, run.stdout)

    def test_they_run_commands_that_there_are(self):
        program = str(self.prefix / "bin" / "hvsec")
        self.assertEqual(self.unit("hvsec-check.service")["Service"]["ExecStart"], f"{program} check")
        self.assertEqual(self.unit("hvsec.service")["Service"]["ExecStart"], f"{program} run")

    def test_there_is_more_time_to_stop_than_to_drain(self):
        self.assertEqual(self.unit("hvsec.service")["Service"]["TimeoutStopSec"], "1min")

    def test_every_setting_of_the_environment_file_is_a_flag(self):
        text = (ROOT / "src/packaging/systemd/hvsec.env").read_text(encoding="utf-8")
        names = re.findall(r"^#?(HVSEC_[A-Z_]+)=", text, re.MULTILINE)
        self.assertEqual(len(names), len(set(names)))
        known = re.findall(r"\[(HVSEC_[A-Z_]+)\]", help_of("run") + help_of("check"))
        self.assertEqual(set(names) - set(known), set())


def help_of(*command):
    return subprocess.run([HVSEC, *command, "--help"], check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    unittest.main()
