"""What examples/daemon holds is what hvsec, systemd and Prometheus take."""

import json
import os
import re
import shutil
import subprocess
import unittest
import urllib.request

import yaml
from harness import BIN, HVSEC, PATIENCE, ROOT, EndToEnd, eventually, policy

EXAMPLE = ROOT / "examples" / "daemon"
WAIVER = """---
apiVersion: hvsec/v1
kind: Waiver
metadata: {name: legacy}
spec: {select: {vms: {names: [legacy-*]}}, settings: [tpmEnabled], effect: report, reason: of old, until: 2099-01-01}
"""


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


class Daemon(EndToEnd):
    """The daemon at work by the example, but for what only its administrator has."""

    def run_daemon(self, **environment):
        """Starts it, and returns where it serves."""
        self.environment.update(environment)
        self.environment.update(HVSEC_LISTEN="127.0.0.1:0", HVSEC_LEDGER=str(self.ledger))
        log = self.folder / "log"
        with log.open("w", encoding="utf-8") as stream:
            process = subprocess.Popen([HVSEC, "run"], stdin=subprocess.DEVNULL, stderr=stream,
                                       cwd=self.folder, env=self.environment)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return eventually(lambda: re.search(r"serves (\S+)/\n", log.read_text(encoding="utf-8")),
                          "it serves")[1]

    def get(self, url):
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            return answer.read().decode()

    def status(self, url):
        return json.loads(self.get(f"{url}/status.json"))

    def test_its_settings_bring_the_manifests_of_a_repository_into_force(self):
        repository = self.folder / "fleet"
        shutil.copytree(EXAMPLE / "manifests", repository / "manifests")
        hosts = repository / "manifests" / "hosts.yaml"
        hosts.write_text(text("manifests/hosts.yaml").replace("hv-ams-01.example.com:5985", "localhost:1"),
                         encoding="utf-8")
        for words in (["init", "-q", "-b", "main"], ["add", "-A"],
                      ["-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "-qm", "All"]):
            subprocess.run(["git", *words], cwd=repository, check=True, env=self.environment)
        settings = dict(re.findall(r"^(HVSEC_[A-Z_]+)=(.+)$", text("hvsec.env"), re.MULTILINE))
        for secret in ("HVSEC_GIT_TOKEN_FILE", "HVSEC_VERIFY_SIGNATURES"):
            del settings[secret]
        settings["HVSEC_GIT"] = f"file://{repository}"
        url = self.run_daemon(**settings)
        status = eventually(lambda: self.status(url)["inForce"] and self.status(url), "they are in force")
        self.assertEqual(status["inForce"]["hosts"], 1)
        self.assertTrue((self.folder / "ledger.db.git" / "mirror.git").is_dir())
        eventually(lambda: self.status(url)["hosts"][0]["phase"] == "retrying", "its host is asked")

    def test_the_alerts_ask_for_metrics_that_there_are(self):
        simulator = self.simulate("hosts: [{name: hv, vms: [{name: dc-01, keyProtector: local}]}]")
        self.declare_hosts(simulator)
        self.declare("policy.yaml", policy(), WAIVER)
        url = self.run_daemon(HVSEC_MANIFESTS=str(self.manifests))
        eventually(lambda: self.status(url)["hosts"] and self.status(url)["hosts"][0]["lastSuccess"],
                   "its first pass ends")
        metrics = self.get(f"{url}/metrics")
        run = subprocess.run(["promtool", "check", "metrics"], input=metrics, text=True,
                             capture_output=True, check=False)
        self.assertEqual((run.returncode, run.stdout + run.stderr), (0, ""))
        rules = yaml.safe_load(text("alerts.yml"))["groups"][0]["rules"]
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        asked = set(re.findall(r"hvsec_[a-z_]+", " ".join(rule["expr"] for rule in rules)))
        told = set(re.findall(r"`(hvsec_[a-z_]+)`", readme))
        there = set(re.findall(r"^# TYPE (hvsec_[a-z_]+) ", metrics, re.MULTILINE))
        self.assertTrue(asked)
        self.assertEqual((asked | told) - there, set())


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
        known = set(re.findall(r"\[(HVSEC_[A-Z_]+)\]", run.stdout))
        self.assertEqual(set(re.findall(r"^(HVSEC_[A-Z_]+)=", text("hvsec.env"), re.MULTILINE)) - known,
                         set())


if __name__ == "__main__":
    unittest.main()
