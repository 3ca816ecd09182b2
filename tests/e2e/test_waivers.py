"""Exceptions for a time, and which drift the exit code counts."""

import datetime
import unittest

import jsonschema

from harness import EndToEnd, policy

FLEET = """hosts:
  - name: hv
    jobSeconds: 0.05
    vms:
      - {name: old, keyProtector: local}
      - {name: new, keyProtector: local}
"""


def waiver(name="legacy", effect="report", until="2199-12-31", vms="[old]", settings="[tpmEnabled]"):
    return f"""---
apiVersion: hvsec/v1
kind: Waiver
metadata: {{name: {name}}}
spec:
  select: {{vms: {{names: {vms}}}}}
  settings: {settings}
  effect: {effect}
  reason: waits for its migration
  approvedBy: security@example.com
  until: {until}
"""


class Waivers(EndToEnd):
    def begin(self, *waivers):
        simulator = self.simulate(FLEET)
        self.declare_hosts(simulator)
        self.declare("policy.yaml", policy())
        self.declare("waivers.yaml", *waivers)
        return simulator

    def findings(self, run):
        return [finding["kind"] for finding in run.report["findings"]]

    def test_an_accepted_difference_is_waived_by_every_command(self):
        simulator = self.begin(waiver())
        for command, other, code in (("check", "drifted", 2), ("plan", "drifted", 2)):
            run = self.hvsec(command, "--output", "json", "--ledger", self.ledger)
            self.assert_code(run, code)
            self.assertEqual(run.verdicts(), {"old": "waived", "new": other})
        run = self.apply()
        self.assert_code(run, 0)
        self.assertEqual(run.verdicts(), {"old": "waived", "new": "corrected"})
        self.assert_code(self.check(), 0)
        self.assertFalse(simulator.security("hv", "old")["tpmEnabled"])
        self.assertEqual(len(simulator.modifications()), 1)

    def test_the_report_names_the_waiver_and_hides_no_value(self):
        self.begin(waiver())
        run = self.check()
        setting = run.setting("old")
        self.assertEqual((setting["before"], setting["desired"]), (False, True))
        self.assertEqual(
            {key: setting["waiver"][key] for key in ("name", "effect", "until", "approvedBy")},
            {"name": "legacy", "effect": "report", "until": "2200-01-01T00:00:00.000Z",
             "approvedBy": "security@example.com"},
        )
        self.assertEqual(setting["waiver"]["place"]["line"], 4)
        self.assertIsNone(run.setting("new")["waiver"])
        schema = self.hvsec("schema", "report", manifests=False).report
        jsonschema.Draft202012Validator(schema).validate(run.report)
        self.assertIn(
            "Waived until 2200-01-01 00:00 UTC by legacy", self.hvsec("check").out
        )

    def test_a_held_difference_is_drift_that_nothing_is_done_about(self):
        simulator = self.begin(waiver("accept"), waiver("freeze", "hold"))
        run = self.apply()
        self.assert_code(run, 2)
        self.assertEqual(run.verdicts(), {"old": "deferred", "new": "corrected"})
        self.assertEqual(run.setting("old")["reason"], "onHold")
        self.assertEqual(run.setting("old")["waiver"]["name"], "freeze")
        self.assertFalse(simulator.security("hv", "old")["tpmEnabled"])

    def test_a_waiver_that_has_ended_waives_nothing_and_is_told(self):
        simulator = self.begin(waiver(until="2001-01-31T00:00:00Z"))
        run = self.apply()
        self.assert_code(run, 0)
        self.assertEqual(run.verdicts(), {"old": "corrected", "new": "corrected"})
        self.assertEqual(self.findings(run), ["expiredWaiver"])
        self.assertTrue(simulator.security("hv", "old")["tpmEnabled"])
        validated = self.hvsec("validate")
        self.assert_code(validated, 0)
        self.assertIn("waivers.yaml:4:", validated.err)
        self.assertIn("ended at 2001-01-31 00:00 UTC", validated.err)

    def test_what_is_wrong_with_a_waiver_is_a_finding(self):
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=3)
        self.begin(
            waiver("ends-soon", until=soon.strftime("%Y-%m-%d")),
            waiver("spare", settings="[ksdEnabled]"),
            waiver("lost", vms="[nobody]"),
        )
        run = self.check()
        self.assertEqual(self.findings(run), ["waiverExpires", "unusedWaiver", "selectsNothing"])
        for finding in run.report["findings"]:
            self.assertTrue(finding["place"]["file"].endswith("waivers.yaml"))

    def test_only_drift_behind_the_manifests_back_counts_where_that_is_asked_for(self):
        simulator = self.begin()
        self.assert_code(self.apply(), 0)
        corrective = ("--ledger", self.ledger, "--fail-on", "corrective")
        self.assert_code(self.check(*corrective), 0)

        simulator.set_security("hv", "old", tpmEnabled=False)
        self.assert_code(self.check(*corrective), 2)
        self.assertIn("(VM changed)", self.hvsec("check", "--ledger", self.ledger).out)
        simulator.set_security("hv", "old", tpmEnabled=True)

        consent = "  change: {allowLoosening: true, acknowledge: [tpmEnabled]}\n"
        self.declare("policy.yaml", policy(settings="{tpmEnabled: false}", more=consent))
        run = self.check(*corrective)
        self.assert_code(run, 0)
        self.assertEqual(run.report["exitCode"], 0)
        self.assertEqual(run.setting("old")["cause"], "intentional")
        self.assert_code(self.check("--ledger", self.ledger, "--fail-on", "any"), 2)
        self.assert_code(self.check("--ledger", self.ledger), 2)
        # Without history nothing proves that it is only the manifest.
        self.assert_code(self.check("--ledger", self.folder / "other.db", *corrective[2:]), 2)


if __name__ == "__main__":
    unittest.main()
