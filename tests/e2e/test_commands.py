"""The other commands, and the README's."""

import json
import re
import subprocess
import unittest

import jsonschema

from harness import HVSEC, ROOT, EndToEnd, policy

FLEET = """hosts:
  - name: hv-1
    build: 26100
    vms:
      - {name: twin, security: {tpmEnabled: true}, keyProtector: local}
      - {name: twin, security: {ksdEnabled: true}}
      - {name: "odd: 'name' #1 ☃", security: {virtualizationBasedSecurityOptOut: true}}
      - {name: "vm-%d", repeat: 20}
  - name: hv-2
    build: 14393
    vms:
      - {name: twin}
      - {name: old, generation: 1, snapshots: 2}
"""


class Commands(EndToEnd):
    def test_what_export_writes_is_valid_and_in_sync(self):
        simulator = self.simulate(FLEET)
        self.declare_hosts(simulator)
        export = self.hvsec("export")
        self.assert_code(export, 0)
        # Profiles are factored out: far fewer manifests than VMs.
        self.assertLess(export.out.count("kind: VmSecurity"), 10)
        self.declare("exported.yaml", export.out)
        self.assert_code(self.hvsec("validate"), 0)
        run = self.check()
        self.assert_code(run, 0)
        self.assertEqual(set(run.verdicts().values()), {"inSync"})
        self.assertEqual(run.report["summary"]["vms"], 25)
        self.assertEqual(self.hvsec("export").out, export.out, "the same state, the same manifests")

    def test_hosts_tells_who_answers(self):
        simulator = self.simulate(FLEET)
        self.declare_hosts(simulator)
        run = self.hvsec("hosts", "--output", "json")
        self.assert_code(run, 0)
        text = self.hvsec("hosts")
        for name in ("hv-1", "hv-2"):
            self.assertIn(name, run.out)
            self.assertIn(name, text.out)
        simulator.add_fault("hv-2", "httpStatus", code=500)
        self.assert_code(self.hvsec("hosts"), 4)

    def test_a_report_is_as_its_schema_says(self):
        simulator = self.simulate(FLEET)
        self.declare_hosts(simulator)
        self.declare("policy.yaml", policy())
        schema = json.loads(self.hvsec("schema", "report", manifests=False).out)
        for run in (self.check(), self.hvsec("plan", "--output", "json"), self.apply()):
            self.assertNotEqual(run.code, 1, run.err)
            jsonschema.Draft202012Validator(schema).validate(run.report)
            self.assertEqual(run.report["exitCode"], run.code)

    def test_the_schema_that_is_printed_is_the_schema_of_the_repository(self):
        run = self.hvsec("schema", manifests=False)
        self.assert_code(run, 0)
        file = ROOT / "schema" / "manifest.v1.schema.json"
        same = json.loads(run.out) == json.loads(file.read_text(encoding="utf-8"))
        self.assertTrue(same, "build the programs again: the schema has changed")

    def test_explain_knows_every_setting(self):
        every = self.hvsec("explain", manifests=False)
        self.assert_code(every, 0)
        for name in ("tpmEnabled", "appContainerLaunchOptOut"):
            self.assertIn(name, every.out)
            one = self.hvsec("explain", name, manifests=False)
            self.assert_code(one, 0)
            self.assertGreater(len(one.out), 200)
        wrong = self.hvsec("explain", "tpmEnable", manifests=False)
        self.assert_code(wrong, 1)
        self.assertIn("tpmEnabled", wrong.err)

    def test_usage(self):
        self.assertRegex(self.hvsec("version", manifests=False).out, r"\d+\.\d+\.\d+")
        wrong = self.hvsec("chek", manifests=False)
        self.assert_code(wrong, 1)
        self.assertIn("check", wrong.err)
        self.assert_code(self.hvsec("check", "--no-such-flag"), 1)

    def test_completion_is_bash(self):
        script = self.hvsec("completion", "bash", manifests=False)
        self.assert_code(script, 0)
        subprocess.run(["bash", "-n"], input=script.out, text=True, check=True)

    def test_a_reader_that_goes_away_is_no_error(self):
        simulator = self.simulate(FLEET.replace("repeat: 20", "repeat: 5000"))
        self.declare_hosts(simulator)
        self.declare("policy.yaml", policy(settings="{ksdEnabled: true}"))
        pipe = f"{HVSEC} check --output json --manifests {self.manifests} | head -c 1"
        run = subprocess.run(
            ["bash", "-c", pipe], capture_output=True, text=True, env=self.environment, check=False
        )
        self.assertEqual((run.stdout, run.stderr), ("{", ""))

    def test_filters(self):
        simulator = self.simulate(FLEET)
        self.declare_hosts(simulator)
        self.declare("policy.yaml", policy())
        run = self.check("--host", "hv-2", "--vm", "tw*")
        self.assertEqual([(host, vm["name"]) for host, vm in run.vms()], [("hv-2", "twin")])
        self.assertEqual({e["host"] for e in simulator.log()}, {"hv-2"})
        self.assert_code(self.check("--host", "nowhere-*"), 1)


class Readme(EndToEnd):
    def test_its_commands_run(self):
        """Every ```sh block of the README behind a line <!-- run --> ends well."""
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        blocks = re.findall(r"<!-- run -->\n```sh\n(.*?)```", readme, re.DOTALL)
        self.assertTrue(blocks, "the README marks no block as one to be run")
        path = f"{HVSEC.rpartition('/')[0]}:{self.environment['PATH']}"
        for block in blocks:
            with self.subTest(block):
                run = subprocess.run(
                    ["bash", "-euo", "pipefail", "-c", block],
                    cwd=ROOT, env={**self.environment, "PATH": path},
                    capture_output=True, text=True, check=False,
                )
                self.assertEqual(run.returncode, 0, run.stdout + run.stderr)


if __name__ == "__main__":
    unittest.main()
