"""Every example does what it says, and says it as the golden files have it."""

import json
import re
import subprocess
import unittest

import yaml
from harness import BIN, ROOT, EndToEnd

QUICKSTART = ROOT / "examples" / "quickstart"


class Baseline(EndToEnd):
    def test_it_is_valid(self):
        run = self.hvsec("validate", "--manifests", "examples/baseline", manifests=False, cwd=ROOT)
        self.assert_code(run, 0)
        self.assert_golden(run.out, "baseline_validate.txt")

    def test_its_readme_names_every_file(self):
        readme = (ROOT / "examples/baseline/README.md").read_text(encoding="utf-8")
        for file in (ROOT / "examples/baseline").glob("*.yaml"):
            self.assertIn(f"`{file.name}`", readme)


class Authentication(EndToEnd):
    FILE = "examples/authentication/hosts.yaml"

    def test_it_is_valid(self):
        run = self.hvsec("validate", "--manifests", self.FILE, manifests=False, cwd=ROOT)
        self.assert_code(run, 0)

    def test_it_shows_every_way_that_the_schema_knows(self):
        schema = json.loads((ROOT / "schema/manifest.v1.schema.json").read_text(encoding="utf-8"))
        documents = list(yaml.safe_load_all((ROOT / self.FILE).read_text(encoding="utf-8")))
        auths = [document["spec"]["auth"] for document in documents]
        known = schema["$defs"]["hostSpec"]["properties"]["auth"]["properties"]
        self.assertEqual({way for auth in auths for way in auth}, set(known))


class Quickstart(EndToEnd):
    def begin(self):
        """The simulated hosts of the example, and what stands for their addresses."""
        simulator = self.simulate((QUICKSTART / "fleet.yaml").read_text(encoding="utf-8"))
        hosts = (QUICKSTART / "hosts.yaml.in").read_text(encoding="utf-8")
        self.declare("hosts.yaml", hosts.replace("@SIMULATOR@", simulator.url))
        return simulator

    def example(self, command, *args):
        manifests = ["--manifests", "examples/quickstart/manifests", "--manifests", self.manifests]
        ledger = [] if command == "validate" else ["--ledger", self.ledger]
        return self.hvsec(command, *args, *manifests, *ledger, manifests=False, cwd=ROOT)

    def assert_example(self, output, golden):
        output = output.replace(str(self.manifests), "MANIFESTS")
        # Only where the project lies in a git work tree.
        output = re.sub(r"^manifests: .*\n", "", output, flags=re.MULTILINE)
        self.assert_golden(re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", output), golden)

    def test_text(self):
        simulator = self.begin()
        for command, code in (("validate", 0), ("plan", 2), ("check", 2), ("apply", 6)):
            run = self.example(command)
            self.assert_code(run, code)
            self.assert_example(run.out, f"quickstart_{command}.txt")

        simulator.set_power("hv-ams-01", "sql-01", "off")
        simulator.clear_faults("hv-ams-02", "sql-02")
        run = self.example("apply")
        self.assert_code(run, 2)
        self.assert_example(run.out, "quickstart_apply_again.txt")
        self.assertTrue(simulator.security("hv-ams-01", "sql-01")["tpmEnabled"])
        run = self.example("check")
        self.assert_code(run, 2)
        self.assert_example(run.out, "quickstart_check_again.txt")

    def test_json(self):
        self.begin()
        for command, code in (("check", 2), ("apply", 6)):
            run = self.example(command, "--output", "json")
            self.assert_code(run, code)
            self.assert_example(comparable(run.report), f"quickstart_{command}.json")

    def test_every_vm_ends_as_the_fleet_file_says(self):
        simulator = self.begin()
        run = self.example("apply", "--output", "json")
        verdicts = sorted((vm["name"], vm["verdict"]) for _, vm in run.vms())
        self.assertEqual(
            verdicts,
            [
                ("app-01", "inSync"),
                ("dc-01", "inSync"),
                ("dc-02", "corrected"),
                ("dc-03", "inSync"),
                ("legacy-01", "blocked"),
                ("scratch-01", "unmanaged"),
                ("sql-01", "deferred"),
                ("sql-02", "notApplied"),
                ("web-01", "corrected"),
                ("web-01", "inSync"),
                ("web-01", "inSync"),
                ("web-04", "blocked"),
            ],
        )
        self.assertEqual(len(simulator.modifications()), 3)

    def test_the_script_plays_through(self):
        run = subprocess.run(
            [ROOT / "examples" / "quickstart.sh", "--bin", BIN],
            capture_output=True, text=True, env=self.environment, cwd=self.folder, check=False,
        )
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertEqual(run.stderr, "")

    def test_the_script_says_which_step_failed(self):
        broken = self.folder / "bin"
        broken.mkdir()
        (broken / "hvsec-sim").symlink_to(BIN / "hvsec-sim")
        (broken / "hvsec").write_text("#!/bin/sh\nexit 3\n")
        (broken / "hvsec").chmod(0o755)
        run = subprocess.run(
            [ROOT / "examples" / "quickstart.sh", "--bin", broken],
            capture_output=True, text=True, env=self.environment, check=False,
        )
        self.assertEqual(run.returncode, 1)
        self.assertIn("'hvsec validate' ended with 3 instead of 0", run.stderr)


def comparable(report):
    """A report as text, without what differs from run to run."""
    for key in ("program", "run", "manifestDigest", "startedAt", "finishedAt", "duration"):
        report[key] = key.upper()
    report["revisions"] = []  # Of the project's own work tree, where it lies in one.
    changes = [vm["change"] for host in report["hosts"] for vm in host["vms"] if vm["change"]]
    for change in changes:
        change.update(id="ID", job="JOB", durationSeconds=0)
        # Which states on the way are seen depends on when the job is looked at.
        change["jobStates"] = [seen["name"] for seen in change["jobStates"][-1:]]
    return json.dumps(report, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    unittest.main()
