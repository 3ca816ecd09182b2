"""The ledger as other programs find it, and what happens when it cannot be written."""

import os
import sqlite3
import unittest

from harness import EndToEnd, eventually, policy

FLEET = "hosts: [{name: hv, jobSeconds: 0.05, vms: [{name: vm, keyProtector: local}]}]"


class Ledger(EndToEnd):
    def setUp(self):
        super().setUp()
        self.simulator = self.simulate(FLEET)
        self.declare_hosts(self.simulator)
        self.declare("policy.yaml", policy())

    def kinds(self):
        with sqlite3.connect(f"file:{self.ledger}?mode=ro", uri=True) as database:
            return [kind for (kind,) in database.execute("SELECT kind FROM record ORDER BY rowid")]

    def test_a_change_leaves_intent_dispatched_and_settled(self):
        self.assert_code(self.apply(), 0)
        self.assertEqual(self.kinds(), ["intent", "dispatched", "settled"])
        self.assertEqual(self.ledger.stat().st_mode & 0o077, 0)

    def test_a_vm_in_sync_leaves_nothing(self):
        self.simulator.set_security("hv", "vm", tpmEnabled=True)
        self.assert_code(self.apply(), 0)
        self.assertEqual(self.kinds(), [])

    def test_without_a_place_to_write_nothing_is_sent_and_check_still_works(self):
        readonly = self.folder / "readonly"
        readonly.mkdir()
        readonly.chmod(0o500)
        # Not even root may write there without this capability.
        wrapper = ["setpriv", "--bounding-set", "-dac_override"] if os.geteuid() == 0 else []
        self.ledger = readonly / "ledger.db"
        run = self.apply(wrapper=wrapper)
        self.assert_code(run, 1)
        self.assertIn(str(readonly), run.err)
        self.assertEqual(self.simulator.modifications(), [])
        check = self.check("--ledger", self.ledger, wrapper=wrapper)
        self.assert_code(check, 2)
        self.assertEqual(list(readonly.iterdir()), [])

    def test_a_ledger_that_is_none_is_refused(self):
        self.ledger.write_text("not a database, but long enough to be looked at " * 100)
        run = self.apply()
        self.assert_code(run, 1)
        self.assertIn(str(self.ledger), run.err)
        self.assertEqual(self.simulator.modifications(), [])

    def test_a_second_writer_is_told_who_holds_it(self):
        self.simulator.add_fault("hv", "jobNeverEnds", vm="vm")
        first = self.start("apply", "--ledger", self.ledger, "--job-timeout", "60s")
        eventually(self.simulator.modifications, "a change")
        second = self.apply()
        self.assert_code(second, 1)
        self.assertIn(str(first.pid), second.err)
        check = self.check("--ledger", self.ledger)
        self.assert_code(check, 2)
        first.kill()
        first.wait()

    def test_the_environment_says_where_the_ledger_is(self):
        run = self.hvsec("apply", env={"HVSEC_LEDGER": str(self.ledger)})
        self.assert_code(run, 0)
        self.assertEqual(self.kinds(), ["intent", "dispatched", "settled"])


if __name__ == "__main__":
    unittest.main()
