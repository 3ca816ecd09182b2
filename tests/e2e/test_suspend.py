"""Suspending changes, and leaving alone what is changed back again and again."""

import json
import sqlite3
import unittest

import jsonschema

from harness import EndToEnd, eventually, policy

FLEET = """hosts:
  - name: hv-ams-01
    jobSeconds: 0.05
    vms:
      - {name: dc-01, keyProtector: local}
      - {name: sql-01, keyProtector: local}
"""

SLOW_FLEET = """hosts:
  - name: hv-ams-01
    jobSeconds: 4
    vms:
      - {name: dc-01, keyProtector: local}
      - {name: sql-01, keyProtector: local}
"""


class Suspensions(EndToEnd):
    def begin(self, fleet=FLEET):
        simulator = self.simulate(fleet)
        self.declare_hosts(simulator)
        self.declare("policy.yaml", policy())
        return simulator

    def ledger_command(self, *args):
        return self.hvsec(*args, "--ledger", self.ledger, manifests=False)

    def suspend(self, selector, *args):
        run = self.ledger_command("suspend", selector, "--reason", "new firmware", *args)
        self.assert_code(run, 0)
        return run

    def suspensions(self, *args):
        run = self.ledger_command("suspensions", "--output", "json", *args)
        self.assert_code(run, 0)
        schema = json.loads(self.hvsec("schema", "suspensions", manifests=False).out)
        jsonschema.Draft202012Validator(schema).validate(run.report)
        return run.report["suspensions"]

    def findings(self, run, kind):
        return [found["text"] for found in run.report["findings"] if found["kind"] == kind]

    def assert_whole(self):
        self.assert_code(self.ledger_command("history", "--verify"), 0)

    def test_nothing_is_sent_to_what_is_suspended_until_it_is_resumed(self):
        simulator = self.begin()
        self.suspend("hv-ams-*/dc-*", "--for", "3d")
        for run in (self.check("--ledger", self.ledger), self.apply("--vm", "dc-*")):
            self.assert_code(run, 2)
            setting = run.setting("dc-01")
            self.assertEqual((setting["verdict"], setting["reason"]), ("deferred", "suspended"))
            self.assertRegex(setting["detail"], r"^suspended since .* by .*@.* until .*: new firm")
            (said,) = self.findings(run, "suspension")
            self.assertIn("hv-ams-*/dc-*: changes are suspended since", said)
        self.assertEqual(simulator.modifications(), [])

        run = self.apply()
        self.assert_code(run, 2)
        self.assertEqual(run.verdicts(), {"dc-01": "deferred", "sql-01": "corrected"})
        self.assertEqual(len(simulator.modifications()), 1)

        self.assert_code(self.ledger_command("resume", "hv-ams-*/dc-*"), 0)
        run = self.apply()
        self.assert_code(run, 0)
        self.assertEqual(run.verdicts(), {"dc-01": "corrected", "sql-01": "inSync"})
        self.assertEqual(self.findings(run, "suspension"), [])
        self.assert_whole()

    def test_the_text_report_says_who_and_why(self):
        self.begin()
        self.suspend("hv-ams-01")
        run = self.hvsec("plan", "--ledger", self.ledger)
        self.assert_code(run, 2)
        self.assertRegex(run.out, r"\n +Suspended since .* by .*: new firmware\. Lift that with")
        self.assertIn("\n  ! hv-ams-01: changes are suspended since ", run.out)

    def test_lists_resumes_and_remembers(self):
        self.suspend("hv-ams-01", "--until", "2199-01-31")
        self.suspend("*/dc-01")
        first, second = self.suspensions()
        self.assertEqual(first["until"], "2199-02-01T00:00:00.000Z")
        self.assertEqual((second["host"], second["vm"], second["until"]), ("*", "dc-01", None))

        run = self.ledger_command("resume", "hv-ber-01")
        self.assert_code(run, 1)
        self.assertIn("no suspension has the selector or the id", run.err)
        self.assertIn("  */dc-01  suspended since ", run.err)

        run = self.ledger_command("resume", second["id"].split("-")[1])
        self.assert_code(run, 0)
        self.assertIn("still suspended:", run.out)
        self.assertEqual([one["id"] for one in self.suspensions()], [first["id"]])
        self.assertEqual(
            [one["state"] for one in self.suspensions("--all")], ["inForce", "resumed"]
        )
        self.assert_whole()
        self.assert_code(self.ledger_command("history"), 0)

    def test_one_that_is_old_nags(self):
        self.begin()
        self.suspend("hv-ams-01")
        # As if it had been made long ago: a pass does not verify what it reads.
        with sqlite3.connect(self.ledger) as database:
            (payload,) = database.execute("SELECT payload FROM record").fetchone()
            record = json.loads(payload)
            record["at"] = "2024-01-31T08:00:00.000Z"
            database.execute("DROP TRIGGER record_is_final")
            text = json.dumps(record, separators=(",", ":"), ensure_ascii=False)
            database.execute("UPDATE record SET payload = ?", (text,))
        database.close()
        (said,) = self.findings(self.check("--ledger", self.ledger), "suspension")
        self.assertRegex(said, r"that was \d+ days ago, and nothing has been corrected since")
        self.assertIn('hvsec resume "hv-ams-01"', said)

    def test_works_beside_an_apply_that_holds_the_ledger(self):
        simulator = self.begin(SLOW_FLEET)
        process = self.start(
            "apply", "--output", "json", "--ledger", self.ledger, "--concurrent-jobs", "1"
        )
        eventually(simulator.modifications, "the first change is sent")
        second = self.hvsec("apply", "--ledger", self.ledger)
        self.assert_code(second, 1)
        self.assertIn("is writing it", second.err)

        self.suspend("*")
        run = self.finish(process)
        self.assert_code(run, 2)
        self.assertEqual(sorted(run.verdicts().values()), ["corrected", "deferred"])
        self.assertEqual(len(simulator.modifications()), 1)
        self.assertEqual(len(self.findings(run, "suspension")), 1)
        self.assert_whole()

    def test_a_setting_that_is_changed_back_each_time_is_contested(self):
        simulator = self.begin()
        for _ in range(3):
            run = self.apply("--vm", "dc-01")
            self.assert_code(run, 0)
            self.assertEqual(run.verdicts(), {"dc-01": "corrected"})
            simulator.set_security("hv-ams-01", "dc-01", tpmEnabled=False)
        for run in (self.apply("--vm", "dc-01"), self.check("--ledger", self.ledger)):
            self.assert_code(run, 2)
            setting = run.setting("dc-01")
            self.assertEqual((setting["verdict"], setting["reason"]), ("blocked", "contested"))
            self.assertRegex(setting["detail"], r"^it was corrected 3 times within 24 hours, last")
            (said,) = self.findings(run, "contested")
            self.assertTrue(said.startswith("CONTESTED: dc-01 ("), said)
        self.assertEqual(len(simulator.modifications()), 3)
        self.assert_whole()

    def test_needs_neither_hosts_nor_manifests(self):
        empty = self.folder / "empty"
        empty.mkdir()
        for args in (("suspend", "hv", "--reason", "new firmware"), ("suspensions",)):
            run = self.hvsec(*args, "--ledger", self.ledger, manifests=False, cwd=empty)
            self.assert_code(run, 0)
        self.assertEqual(list(empty.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
