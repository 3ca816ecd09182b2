"""The host takes a change, and its answer never arrives."""

import unittest

from aftermath import Site, changes_on_record, open_changes
from harness import EndToEnd, policy

PATIENCE = ("--connect-timeout", "5s", "--request-timeout", "1s", "--job-timeout", "20s")

MODIFY = "method: ModifySecuritySettings"
CUT = f"{{fault: drop, when: after, {MODIFY}, times: 1}}"
LATE = f"{{fault: delay, seconds: 4, {MODIFY}, times: 1}}"
# As a host answers that does not have the class.
NO_ASSOCIATIONS = {
    "subcode": "n:CannotProcessFilter",
    "code": 2150858778,
    "class": "Msvm_AffectedJobElement",
}


def fleet(fault, vm="", host="jobSeconds: 0.3"):
    return f"""hosts:
  - name: hv
    {host}
    faults: [{fault}]
    vms: [{{name: vm, keyProtector: local{vm}}}]
"""


class LostAnswer(EndToEnd):
    def site(self, *args, **more):
        site = Site(self.environment, fleet(*args, **more), policy())
        self.addCleanup(site.__exit__, None, None, None)
        return site.__enter__()

    def assert_settled(self, site, run, verdict="corrected"):
        """One change was sent, its end is known and on record, and nothing was sent blindly."""
        well = verdict == "corrected"
        self.assert_code(run, 0 if well else 4)
        self.assertEqual(run.verdicts(), {"vm": verdict})
        self.assertEqual(site.defects(never_as_declared=[] if well else ["vm"]), [])
        self.assertEqual(len(site.simulator.modifications()), 1)

    def kinds(self, site):
        (records,) = changes_on_record(site.ledger).values()
        return [kind for kind, _ in records]

    def test_a_job_that_still_runs_is_found(self):
        for fault in (CUT, LATE):
            with self.subTest(fault):
                # Longer than the answer is waited for.
                site = self.site(fault, host="jobSeconds: 3")
                self.assert_settled(site, site.apply(*PATIENCE))
                self.assertEqual(self.kinds(site), ["intent", "dispatched", "settled"])
                (records,) = changes_on_record(site.ledger).values()
                self.assertIn("Msvm_ConcreteJob", records[1][1]["job"])

    def test_a_job_that_ended_meanwhile_is_seen_by_what_it_did(self):
        for fault in (CUT, LATE):
            with self.subTest(fault):
                site = self.site(fault, host="jobSeconds: 0.05")
                self.assert_settled(site, site.apply(*PATIENCE))

    def test_a_change_done_at_once_is_seen_by_what_it_did(self):
        site = self.site(CUT, vm=", faults: [doneAtOnce]")
        self.assert_settled(site, site.apply(*PATIENCE))

    def test_a_job_that_failed_is_not_taken_for_a_success(self):
        for fault in ("silentNoOp", "jobFails"):
            with self.subTest(fault):
                site = self.site(CUT, vm=f", faults: [{fault}]", host="jobSeconds: 3")
                verdict = "notApplied" if fault == "silentNoOp" else "failed"
                self.assert_settled(site, site.apply(*PATIENCE), verdict)

    def test_a_request_that_never_arrived_is_sent_again_by_the_next_run_only(self):
        site = self.site(f"{{fault: drop, when: before, {MODIFY}, times: 1}}")
        first = site.apply(*PATIENCE)
        self.assert_code(first, 4)
        self.assertEqual(len(site.simulator.modifications()), 1)
        self.assertFalse(site.simulator.security("hv", "vm")["tpmEnabled"])
        second = site.apply(*PATIENCE)
        self.assert_code(second, 0)
        self.assertEqual(second.verdicts(), {"vm": "corrected"})
        self.assertEqual(site.defects(), [])

    def test_where_neither_job_nor_effect_can_be_seen_it_stays_open(self):
        site = self.site(CUT, host="jobSeconds: 10")
        site.simulator.add_fault("hv", "soapFault", **NO_ASSOCIATIONS)
        first = site.apply(*PATIENCE)
        self.assert_code(first, 4)
        self.assertEqual(first.verdicts(), {"vm": "indeterminate"})
        self.assertEqual(len(open_changes(site.ledger)), 1)
        # Nobody knows, so nothing is sent.
        second = site.apply(*PATIENCE)
        self.assertEqual(second.verdicts(), {"vm": "indeterminate"})
        self.assertEqual(len(site.simulator.modifications()), 1)
        self.assertEqual(len(open_changes(site.ledger)), 1)
        # Once the host tells, the change comes to its end.
        site.simulator.clear_faults("hv")
        third = site.apply(*PATIENCE)
        self.assert_code(third, 0)
        self.assertEqual(len(site.simulator.modifications()), 1)
        self.assertEqual(site.defects(), [])


if __name__ == "__main__":
    unittest.main()
