"""What an auditor asks: who set this, when, from which commit, and is the record whole?"""

import json
import re
import sqlite3
import subprocess
import unittest

import jsonschema

from harness import ROOT, EndToEnd, policy

FLEET = """hosts:
  - name: hv-ams-01
    jobSeconds: 0.05
    vms:
      - {name: dc-01, keyProtector: local}
      - {name: dc-02, keyProtector: local}
      - {name: web-01, keyProtector: local}
"""


class History(EndToEnd):
    def setUp(self):
        super().setUp()
        self.simulator = self.simulate(FLEET)
        self.simulator.add_fault("hv-ams-01", "jobFails", vm="web-01")
        self.declare_hosts(self.simulator)
        self.declare("policy.yaml", policy())

    def history(self, *args):
        return self.hvsec("history", *args, "--ledger", self.ledger, manifests=False)

    def changes(self, *args):
        run = self.history("--output", "json", *args)
        self.assert_code(run, 0)
        return json.loads(run.out)["changes"]

    def commit(self):
        environment = {
            "PATH": self.environment["PATH"], "HOME": str(self.folder), "GIT_CONFIG_NOSYSTEM": "1"
        }
        def git(*args):
            return subprocess.run(
                ["git", "-c", "user.name=T", "-c", "user.email=t@example.com", *args],
                cwd=self.manifests, env=environment, capture_output=True, text=True, check=True,
            ).stdout.strip()
        git("init", "--quiet")
        git("remote", "add", "origin", "https://git.example.com/fleet.git")
        git("add", "--all")
        git("commit", "--quiet", "--message", "declare")
        return git("rev-parse", "HEAD")

    def comparable(self, text):
        """Without what differs from run to run and from machine to machine."""
        for pattern, word in (
            (r"read from \S+", "read from FOLDER"),
            (r"\S*/([\w-]+\.yaml)", r"\1"),
            (r"from record \d+", "from record N"),
            (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z", "TIME"),
            (r"(\d{8}T\d{6}Z-)?[0-9a-f]{12}\.\d+", "ID"),
            (r"\d{8}T\d{6}Z-[0-9a-f]{12}", "RUN"),
            (r"(by +)\S+@\S+", r"\1USER@MACHINE"),
            (r"\b[0-9a-f]{64}\b", "DIGEST"),
            (r"\b[0-9a-f]{40}\b", "COMMIT"),
            (r"after \d+\.\d{3} s", "after SECONDS s"),
            (r"[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}", "GUID"),
            (r"(job +)(?!state|error)\S.*", r"\1JOB"),
            # Which states on the way are seen depends on when the job is looked at.
            (r"(  job state .*\n)+(?=  job state )", ""),
        ):
            text = re.sub(pattern, word, text)
        return text

    def test_who_set_this_when_and_from_which_commit(self):
        commit = self.commit()
        self.assert_code(self.apply(), 4)
        (change,) = self.changes("--vm", "dc-01", "--setting", "tpmEnabled")
        self.assertEqual(change["host"], "hv-ams-01")
        self.assertRegex(change["actor"], r"^\S+@\S+$")
        self.assertEqual(
            change["revisions"],
            [{
                "folder": str(self.manifests.resolve()),
                "commit": commit,
                "dirty": False,
                "remote": "https://git.example.com/fleet.git",
            }],
        )
        (setting,) = change["settings"]
        self.assertEqual((setting["before"], setting["desired"], setting["after"]), (False, True, True))
        self.assertEqual((change["verdict"], change["open"]), ("corrected", False))
        self.assertEqual(self.changes("--vm", "dc-01", "--setting", "ksdEnabled"), [])

    def test_texts(self):
        self.commit()
        self.assert_code(self.apply("--concurrent-jobs", "1"), 4)
        listed = self.history()
        self.assert_code(listed, 0)
        lines = sorted(self.comparable(listed.out).splitlines(keepends=True))
        self.assert_golden("".join(lines), "history_list.txt")
        for vm, golden in (("dc-01", "history_show.txt"), ("web-01", "history_show_failed.txt")):
            (change,) = self.changes("--vm", vm)
            shown = self.history("show", change["id"])
            self.assert_code(shown, 0)
            self.assert_golden(self.comparable(shown.out), golden)

    def test_the_readme_shows_what_it_looks_like(self):
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        section = readme.partition("\n## Who set this?\n")[2]
        block = re.search(r"```console\n(.*?)```", section, re.DOTALL).group(1)
        shown = re.findall(r"^\$ hvsec history (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
        self.assertEqual(len(shown), 2)

        domain_controllers = policy("domain-controllers", select='{vms: {names: ["dc-01"]}}')
        (self.manifests / "policy.yaml").unlink()
        self.declare("domain-controllers.yaml", domain_controllers)
        self.commit()
        self.assert_code(self.apply(), 0)
        self.simulator.set_security("hv-ams-01", "dc-01", tpmEnabled=False)
        self.assert_code(self.apply(), 0)
        newest = self.changes()[-1]["id"]
        for arguments, output in shown:
            words = [newest if "." in word else word for word in arguments.split()]
            run = self.history(*words)
            self.assert_code(run, 0)
            self.assertEqual(self.comparable(run.out), self.comparable(output))

    def test_the_documents_are_as_their_schema_says(self):
        self.commit()
        self.simulator.add_fault("hv-ams-01", "jobNeverEnds", vm="dc-02")
        self.assert_code(self.apply("--job-timeout", "200ms"), 4)
        schema = json.loads(self.hvsec("schema", "history", manifests=False).out)
        check = jsonschema.Draft202012Validator(schema)
        everything = json.loads(self.history("--output", "json").out)
        self.assertEqual(len(everything["changes"]), 3)
        check.validate(everything)
        for change in everything["changes"]:
            one = json.loads(self.history("show", change["id"], "--output", "json").out)
            check.validate(one)
            self.assertEqual(one["changes"], [change])
        (left,) = self.changes("--verdict", "indeterminate")
        self.assertEqual((left["vm"]["name"], left["open"]), ("dc-02", True))
        self.assertIn("The next \"hvsec apply\"", self.history("show", left["id"]).out)

    def test_filters(self):
        self.assert_code(self.apply(), 4)
        self.assertEqual(len(self.changes()), 3)
        self.assertEqual({c["vm"]["name"] for c in self.changes("--vm", "dc-*")}, {"dc-01", "dc-02"})
        self.assertEqual([c["vm"]["name"] for c in self.changes("--verdict", "failed")], ["web-01"])
        self.assertEqual(len(self.changes("--since", "1h")), 3)
        self.assertEqual(self.changes("--since", "2100-01-01"), [])
        self.assertEqual(self.changes("--host", "elsewhere"), [])
        self.assertEqual(self.changes("--limit", "1"), self.changes()[-1:])

    def test_reading_leaves_the_ledger_as_it_is(self):
        self.assert_code(self.apply(), 4)
        with sqlite3.connect(self.ledger) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        before = self.ledger.read_bytes()
        (change, *_) = self.changes()
        for run in (self.history(), self.history("show", change["id"]), self.history("--verify")):
            self.assert_code(run, 0)
        self.assertEqual(self.ledger.read_bytes(), before)
        self.assertEqual(len(self.simulator.modifications()), 3)

    def test_a_tampered_record_is_named(self):
        self.assert_code(self.apply(), 4)
        intact = self.history("--verify")
        self.assert_code(intact, 0)
        self.assertRegex(intact.out, r"^intact: \d+ records from .*\nhead: [0-9a-f]{64}\n$")
        with sqlite3.connect(self.ledger) as database:
            for (trigger,) in database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall():
                database.execute(f'DROP TRIGGER "{trigger}"')
            database.execute(
                "UPDATE record SET payload = replace(payload, 'dc-01', 'dc-99') WHERE sequence ="
                " (SELECT min(sequence) FROM record WHERE payload LIKE '%dc-01%')"
            )
        broken = self.history("--verify")
        self.assert_code(broken, 4)
        self.assertEqual(broken.out, "")
        self.assertRegex(broken.err, r"record \d+")
        self.assertIs(json.loads(self.history("--verify", "--output", "json").out)["intact"], False)

    def test_pruning_takes_old_changes_and_the_rest_stays_provable(self):
        self.assert_code(self.apply(), 4)
        young = self.history("prune", "--older-than", "1h")
        self.assert_code(young, 0)
        self.assertIn("pruned 0 changes", young.out)
        self.assertEqual(len(self.changes()), 3)
        self.assert_code(self.history("--verify"), 0)
        self.assert_code(self.history("prune"), 1)

    def test_a_wrong_path_is_no_empty_history(self):
        for args in ((), ("--verify",), ("show", "1"), ("prune", "--older-than", "1d")):
            run = self.history(*args)
            self.assert_code(run, 1)
            self.assertIn(str(self.ledger), run.err)
        self.assertFalse(self.ledger.exists())


if __name__ == "__main__":
    unittest.main()
