"""Plans that outlive their run: seen and approved before, and then no more than that."""

import datetime
import json
import unittest

from harness import EndToEnd, policy

FLEET = """hosts:
  - name: hv-a
    jobSeconds: 0.05
    vms:
      - {name: "vm-%d", repeat: 3, keyProtector: local}
      - {name: running, keyProtector: local, power: running}
"""


class PlanFiles(EndToEnd):
    def setUp(self):
        super().setUp()
        self.simulator = self.simulate(FLEET)
        self.declare_hosts(self.simulator)
        self.declare("policy.yaml", policy())
        self.plan_file = self.folder / "plan.json"

    def plan(self, *more):
        run = self.hvsec("plan", "--out", self.plan_file, *more)
        self.assert_code(run, 2)
        return json.loads(self.plan_file.read_text())

    def changed(self):
        return sorted(
            vm["name"]
            for vm in self.simulator.host("hv-a")["vms"]
            if vm["security"]["tpmEnabled"]
        )

    def test_what_was_planned_is_applied(self):
        document = self.plan()
        self.assertEqual([vm["name"] for vm in document["vms"]], ["vm-1", "vm-2", "vm-3"])
        self.assertEqual(self.simulator.modifications(), [])
        run = self.apply(self.plan_file)
        self.assert_code(run, 2)
        self.assertEqual(self.changed(), ["vm-1", "vm-2", "vm-3"])
        self.assertEqual(run.setting("running")["reason"], "vmNotOff")

    def test_a_vm_that_has_changed_is_left_alone_and_the_report_says_how(self):
        self.plan()
        self.simulator.set_power("hv-a", "vm-2", "running")
        self.simulator.set_power("hv-a", "running", "off")
        run = self.apply(self.plan_file)
        self.assert_code(run, 2)
        self.assertEqual(self.changed(), ["vm-1", "vm-3"])
        self.assertEqual(run.setting("running")["reason"], "notPlanned")
        self.simulator.set_power("hv-a", "vm-2", "off")

    def test_a_stale_vm_is_refused(self):
        self.declare("policy.yaml", policy(settings="{tpmEnabled: true, ksdEnabled: true}"))
        self.plan()
        self.simulator.set_security("hv-a", "vm-2", ksdEnabled=True)
        run = self.apply(self.plan_file)
        self.assert_code(run, 2)
        self.assertEqual(self.changed(), ["vm-1", "vm-3"])
        stale = run.setting("vm-2")
        self.assertEqual((stale["verdict"], stale["reason"]), ("blocked", "stalePlan"))
        self.assertEqual(stale["detail"], "ksdEnabled was false and is true")

    def test_a_budget_makes_a_smaller_plan(self):
        document = self.plan("--max-changes", "1")
        self.assertEqual(len(document["vms"]), 1)
        self.apply(self.plan_file)
        self.assertEqual(len(self.changed()), 1)

    def refused(self, why):
        run = self.apply(self.plan_file)
        self.assert_code(run, 1)
        self.assertIn(why, run.err)
        self.assertIn(str(self.plan_file), run.err)
        self.assertEqual(self.simulator.modifications(), [])
        self.assertFalse(self.ledger.exists())

    def test_other_manifests_refuse_it(self):
        self.plan()
        self.declare("policy.yaml", policy(settings="{tpmEnabled: true, ksdEnabled: true}"))
        self.refused("was made from other manifests")

    def test_time_refuses_it(self):
        document = self.plan("--valid-for", "1ms")
        expires = datetime.datetime.fromisoformat(document["expiresAt"].replace("Z", "+00:00"))
        created = datetime.datetime.fromisoformat(document["createdAt"].replace("Z", "+00:00"))
        self.assertEqual(expires - created, datetime.timedelta(milliseconds=1))
        self.refused("expired at " + document["expiresAt"])

    def test_an_edited_plan_is_refused(self):
        self.plan()
        self.plan_file.write_text(self.plan_file.read_text().replace("vm-1", "vm-9"))
        self.refused("was changed after hvsec wrote it")

    def test_a_missing_plan_is_refused(self):
        self.refused("it cannot be read")

    def test_a_plan_that_cannot_be_written_is_no_success(self):
        run = self.hvsec("plan", "--out", self.folder / "missing" / "plan.json")
        self.assert_code(run, 1)
        self.assertIn("the plan", run.err)

    def test_it_works_from_another_folder(self):
        self.plan()
        moved = self.folder / "moved"
        self.manifests.rename(moved)
        self.manifests = moved
        self.assert_code(self.apply(self.plan_file), 2)
        self.assertEqual(self.changed(), ["vm-1", "vm-2", "vm-3"])


if __name__ == "__main__":
    unittest.main()
