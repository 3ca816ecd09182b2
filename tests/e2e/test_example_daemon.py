"""What examples/daemon holds is what hvsec, systemd and Prometheus take."""

import os
import re
import shutil
import subprocess
import unittest

import yaml
from harness import BIN, HVSEC, ROOT, EndToEnd

EXAMPLE = ROOT / "examples" / "daemon"
METRICS = ROOT / "src" / "metrics"


def text(name):
    return (EXAMPLE / name).read_text(encoding="utf-8")


class Manifests(EndToEnd):
    def test_they_are_valid(self):
        self.assert_code(self.hvsec("validate", "-m", EXAMPLE / "manifests", manifests=False), 0)

    def test_the_readme_names_every_file(self):
        for path in EXAMPLE.iterdir():
            if path.name != "README.md":
                self.assertIn(f"`{path.name}{'/' if path.is_dir() else ''}`", text("README.md"))


class Prometheus(unittest.TestCase):
    def promtool(self, *words):
        run = subprocess.run(
            ["promtool", *words], capture_output=True, text=True, check=False, cwd=EXAMPLE)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_it_takes_the_scrape_and_the_alerts(self):
        self.promtool("check", "config", "prometheus.yml")

    def test_the_alerts_fire_when_they_should(self):
        self.promtool("test", "rules", "alerts_test.yml")

    def test_the_alerts_ask_for_metrics_that_there_are(self):
        if not METRICS.is_dir():
            self.skipTest("this tree has no metrics")
        known = set(re.findall(r'"(hvsec_[a-z_]+)"',
                               "".join(file.read_text() for file in METRICS.glob("*.cpp"))))
        rules = yaml.safe_load(text("alerts.yml"))["groups"][0]["rules"]
        asked = set(re.findall(r"hvsec_[a-z_]+", " ".join(rule["expr"] for rule in rules)))
        self.assertEqual(asked - known, set())


class Systemd(EndToEnd):
    def install(self):
        prefix = self.folder / "prefix"
        subprocess.run(["cmake", "--install", BIN.parent, "--prefix", prefix],
                       check=True, capture_output=True, env={**os.environ, "DESTDIR": ""})
        return prefix

    def test_it_takes_the_drop_ins(self):
        prefix = self.install()
        units = prefix / "lib/systemd/system"
        for unit, file in (("hvsec.service", "credentials.conf"),
                           ("hvsec-check.service", "node-exporter.conf")):
            folder = units / f"{unit}.d"
            folder.mkdir()
            shutil.copy(EXAMPLE / file, folder)
            self.assertIn(f"/etc/systemd/system/{unit}.d/{file}", text(file))
            run = subprocess.run(
                ["systemd-analyze", "verify", units / unit], capture_output=True, text=True,
                check=False, env={**os.environ, "MANPATH": f"{prefix}/share/man"})
            self.assertEqual((run.returncode, run.stdout + run.stderr), (0, ""))

    def test_the_credentials_are_where_settings_and_manifests_look(self):
        given = set(re.findall(r"LoadCredential=([^:]+):", text("credentials.conf")))
        asked = re.findall(r"/run/credentials/hvsec\.service/(\S+)",
                           text("hvsec.env") + text("manifests/hosts.yaml"))
        self.assertEqual(set(asked), given)

    def test_every_setting_of_the_environment_file_is_a_flag(self):
        run = subprocess.run([HVSEC, "run", "--help"], capture_output=True, text=True, check=False)
        if "Usage: hvsec run" not in run.stdout:
            self.skipTest("this build has no daemon")
        known = set(re.findall(r"\[(HVSEC_[A-Z_]+)\]", run.stdout))
        self.assertEqual(set(re.findall(r"^(HVSEC_[A-Z_]+)=", text("hvsec.env"), re.MULTILINE)) - known,
                         set())


if __name__ == "__main__":
    unittest.main()
