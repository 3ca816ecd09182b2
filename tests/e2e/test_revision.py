"""Which commit the manifests are of goes on every record and into every report; how to get at the
repository goes nowhere."""

import json
import sqlite3
import subprocess
import unittest

import jsonschema

from harness import EndToEnd, policy

FLEET = """hosts:
  - name: hv
    jobSeconds: 0.02
    vms: [{name: vm, keyProtector: local}]
"""

SECRET = "gh0st-t0ken"


class Revision(EndToEnd):
    def setUp(self):
        super().setUp()
        self.simulator = self.simulate(FLEET)
        self.declare_hosts(self.simulator)
        self.declare("policy.yaml", policy())

    def git(self, *args):
        environment = {
            "PATH": self.environment["PATH"], "HOME": str(self.folder), "GIT_CONFIG_NOSYSTEM": "1"
        }
        identity = ["-c", "user.name=T", "-c", "user.email=t@example.com"]
        run = subprocess.run(
            ["git", *identity, *args], cwd=self.manifests, env=environment,
            capture_output=True, text=True, check=True,
        )
        return run.stdout.strip()

    def commit(self):
        self.git("init", "--quiet")
        self.git("remote", "add", "origin", f"https://ci:{SECRET}@git.example.com/fleet?k={SECRET}")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "declare")
        return self.git("rev-parse", "HEAD")

    def expected(self, commit, dirty):
        return [{
            "folder": str(self.manifests.resolve()),
            "commit": commit,
            "dirty": dirty,
            "remote": "https://git.example.com/fleet",
        }]

    def intents(self):
        with sqlite3.connect(f"file:{self.ledger}?mode=ro", uri=True) as database:
            rows = database.execute("SELECT payload FROM record WHERE kind = 'intent'")
            return [json.loads(payload) for (payload,) in rows]

    def test_a_report_says_which_commit_it_is_about(self):
        commit = self.commit()
        schema = json.loads(self.hvsec("schema", "report", manifests=False).out)
        for command in (self.check, self.apply):
            run = command()
            self.assertEqual(run.report["revisions"], self.expected(commit, False))
            jsonschema.Draft202012Validator(schema).validate(run.report)
        text = self.hvsec("check").out
        self.assertIn(f"manifests: {commit[:12]} of https://git.example.com/fleet\n", text)

    def test_a_manifest_that_is_not_committed_makes_it_dirty(self):
        commit = self.commit()
        self.declare("policy.yaml", policy(more="  priority: 1\n"))
        self.assertEqual(self.check().report["revisions"], self.expected(commit, True))
        self.assertIn(f"manifests: {commit[:12]} (dirty) of ", self.hvsec("plan").out)

    def test_outside_of_git_nothing_is_said(self):
        self.assertEqual(self.check().report["revisions"], [])
        self.assertNotIn("manifests: ", self.hvsec("check").out)

    def test_a_broken_repository_is_a_warning(self):
        self.commit()
        (self.manifests / ".git" / "HEAD").write_text("nonsense\n")
        run = self.check()
        self.assert_code(run, 2)
        self.assertIn("cannot be read, so no commit goes on record", run.err)
        (revision,) = run.report["revisions"]
        self.assertEqual((revision["commit"], revision["dirty"]), (None, True))

    def test_no_credential_goes_anywhere(self):
        self.commit()
        copy = self.folder / "copy.json"
        runs = [
            self.apply("--log-level", "trace", "--report", f"json:{copy}"),
            self.hvsec("check", "--ledger", self.ledger, "--log-level", "trace", "--verbose"),
        ]
        for run in runs:
            self.assert_code(run, 0)
            self.assertNotIn(SECRET, run.out + run.err)
        kept = [path for path in self.folder.iterdir() if path.is_file()]
        self.assertIn(self.ledger, kept)
        for path in kept:
            self.assertNotIn(SECRET.encode(), path.read_bytes(), path)


if __name__ == "__main__":
    unittest.main()
