"""The pipelines of examples/gitops do what their README says: each job's commands are run here."""

import json
import os
import re
import shutil
import subprocess
import unittest

import yaml
from harness import BIN, ROOT, EndToEnd

EXAMPLE = ROOT / "examples" / "gitops"
FLEET = """hosts:
  - name: hv-ams-01
    vms:
      - {name: dc-01, keyProtector: local}
      - {name: web-01, keyProtector: local}
  - name: hv-ams-02
    vms: [{name: dc-02, keyProtector: local, power: running}]
"""


def load(file):
    return yaml.safe_load((EXAMPLE / file).read_text(encoding="utf-8"))


class Pipeline(EndToEnd):
    """A copy of the example whose hosts are simulated, and a shell as the runner's."""

    def setUp(self):
        super().setUp()
        self.checkout = self.folder / "checkout"
        shutil.copytree(EXAMPLE, self.checkout)
        self.simulator = self.simulate(FLEET)
        self.manifests = self.checkout / "manifests"
        self.declare_hosts(self.simulator)
        self.environment.update(
            PATH=f"{BIN}:{os.environ['PATH']}", HVSEC_LEDGER=str(self.ledger),
            GITHUB_OUTPUT=str(self.folder / "output"), GITHUB_STEP_SUMMARY=str(self.folder / "summary"),
        )

    def script(self, text, variables):
        run = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", text], capture_output=True,
            text=True, check=False, cwd=self.checkout, env={**self.environment, **variables},
        )
        self.assertNotIn("has no flag", run.stderr)
        return run

    def job(self, name):
        raise NotImplementedError

    def assert_job(self, name, code=0):
        run = self.job(name)
        self.assertEqual(run.returncode, code, run.stdout + run.stderr)
        return run.stdout

    def play(self):
        """A merge: plans, then corrects what may be corrected now, and no more."""
        self.assert_job("validate")
        self.assertIn("tpmEnabled", self.assert_job("plan"))
        self.assertEqual(len(self.simulator.modifications()), 0)
        self.assert_job("apply")
        self.assertTrue(self.simulator.security("hv-ams-01", "dc-01")["tpmEnabled"])
        self.assertEqual(len(self.simulator.modifications()), 1)
        applied = json.loads((self.checkout / "applied.json").read_text(encoding="utf-8"))
        verdicts = {vm["name"]: vm["verdict"] for host in applied["hosts"] for vm in host["vms"]}
        self.assertEqual(verdicts, {"dc-01": "corrected", "dc-02": "deferred", "web-01": "inSync"})

    def play_failures(self):
        """What fails a job: a VM that was changed, a host that does not answer, a wrong manifest."""
        self.assert_job("plan")
        self.assert_job("apply")
        self.simulator.set_security("hv-ams-01", "dc-01", tpmEnabled=False)
        self.assert_job("check", code=2)
        self.assertTrue((self.checkout / "report.json").exists())
        self.simulator.add_fault("hv-ams-02", "httpStatus", code=500)
        self.assertEqual(self.job("plan").returncode, 6)
        self.declare("wrong.yaml", "kind: Nonsense\n")
        self.assert_job("validate", code=1)


class GitHub(Pipeline):
    def setUp(self):
        super().setUp()
        self.workflow = load(".github/workflows/hvsec.yml")
        self.jobs = self.workflow["jobs"]

    def steps(self):
        return [step for job in self.jobs.values() for step in job["steps"]]

    def job(self, name):
        (step,) = [step for step in self.jobs[name]["steps"] if "run" in step]
        variables = {**self.workflow["env"], **step.get("env", {})}
        return self.script(step["run"], variables)

    def test_a_merge_is_planned_and_applied(self):
        self.play()
        self.assertEqual((self.folder / "output").read_text(), "drift=true\n")
        self.assertIn("dc-01", (self.folder / "summary").read_text())

    def test_what_goes_wrong_fails_the_job(self):
        self.play_failures()

    def test_it_may_no_more_than_it_needs(self):
        self.assertEqual(self.workflow["permissions"], {"contents": "read"})
        for step in self.steps():
            if "uses" in step:
                self.assertRegex(step["uses"], r"^actions/[a-z-]+@v\d+\.\d+\.\d+$")
            if step.get("uses", "").startswith("actions/checkout"):
                self.assertIs(step["with"]["persist-credentials"], False)

    def test_secrets_are_for_jobs_with_an_environment(self):
        for name, job in self.jobs.items():
            if "secrets." in str(job):
                self.assertIn("environment", job, name)

    def test_the_apply_job_gets_what_the_plan_job_keeps(self):
        (kept,) = [s["with"] for s in self.jobs["plan"]["steps"] if "upload" in s.get("uses", "")]
        (got,) = [s["with"] for s in self.jobs["apply"]["steps"] if "download" in s.get("uses", "")]
        self.assertEqual(kept["name"], got["name"])
        self.assertIn("plan.json", kept["path"].split())
        self.assertEqual(self.jobs["apply"]["environment"], "production")


class GitLab(Pipeline):
    def setUp(self):
        super().setUp()
        self.pipeline = load(".gitlab-ci.yml")

    def job(self, name):
        return self.script("\n".join(self.pipeline[name]["script"]), self.pipeline["variables"])

    def test_a_merge_is_planned_and_applied(self):
        self.play()

    def test_what_goes_wrong_fails_the_job(self):
        self.play_failures()

    def test_somebody_has_to_start_the_apply_job(self):
        (rule,) = self.pipeline["apply"]["rules"]
        self.assertEqual(rule["when"], "manual")
        self.assertIn("plan", self.pipeline["apply"]["needs"])
        self.assertIn("plan.json", self.pipeline["plan"]["artifacts"]["paths"])

    def test_its_jobs_are_in_stages_that_there_are(self):
        for name in ("validate", "plan", "apply", "check"):
            self.assertIn(self.pipeline[name]["stage"], self.pipeline["stages"])


class Documents(EndToEnd):
    def test_the_manifests_are_valid(self):
        self.assert_code(self.hvsec("validate", "-m", EXAMPLE / "manifests", manifests=False), 0)

    def test_every_command_of_the_readme_is_understood(self):
        readme = (EXAMPLE / "README.md").read_text(encoding="utf-8")
        commands = re.findall(r"`hvsec ([^`]+)`", readme)
        self.assertGreater(len(commands), 4)
        for command in commands:
            run = self.hvsec(*command.split())
            self.assertNotIn("has no flag", run.err)
            self.assertNotIn("there is no command", run.err)


if __name__ == "__main__":
    unittest.main()
