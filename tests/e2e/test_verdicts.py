"""Each way in which a change can end, and that the report and the exit code say so."""

import unittest

from harness import EndToEnd, policy


def fleet(*vms, host="jobSeconds: 0.05"):
    lines = "".join(f"      - {{{vm}}}\n" for vm in vms)
    return f"hosts:\n  - name: hv\n    {host}\n    vms:\n{lines}"


class Verdicts(EndToEnd):
    def applied(self, vm, *args, more="", settings="{tpmEnabled: true}", host="jobSeconds: 0.05"):
        """Applies tpmEnabled to one VM and returns the run and the simulator."""
        simulator = self.simulate(fleet(f"name: vm, {vm}", host=host))
        self.declare_hosts(simulator)
        self.declare("policy.yaml", policy(settings=settings, more=more))
        return self.apply(*args), simulator

    def test_a_vm_that_differs_is_corrected_once(self):
        run, simulator = self.applied("keyProtector: local")
        self.assert_code(run, 0)
        self.assertEqual(run.verdicts(), {"vm": "corrected"})
        self.assertTrue(simulator.security("hv", "vm")["tpmEnabled"])
        again = self.apply()
        self.assert_code(again, 0)
        self.assertEqual(again.verdicts(), {"vm": "inSync"})
        self.assertEqual(len(simulator.modifications()), 1)

    def test_a_change_counts_as_drift_where_that_is_asked_for(self):
        run, _ = self.applied("keyProtector: local", "--detailed-exitcode")
        self.assert_code(run, 2)

    def test_a_clean_job_that_applied_nothing_is_not_applied(self):
        run, simulator = self.applied("keyProtector: local, faults: [silentNoOp]")
        self.assert_code(run, 4)
        setting = run.setting("vm")
        self.assertEqual((setting["verdict"], setting["after"]), ("notApplied", False))
        self.assertEqual(len(simulator.modifications()), 1)

    def test_a_job_that_never_ends_is_indeterminate_after_the_deadline(self):
        run, _ = self.applied("keyProtector: local, faults: [jobNeverEnds]", "--job-timeout", "1s")
        self.assert_code(run, 4)
        self.assertEqual(run.setting("vm")["verdict"], "indeterminate")
        self.assertLess(run.seconds, 30)

    def test_a_failed_job_is_failed_and_the_host_is_quoted(self):
        fault = "{fault: jobFails, errorCode: 32768, errorTexts: [outer words, inner words]}"
        run, _ = self.applied(f"keyProtector: local, faults: [{fault}]")
        self.assert_code(run, 4)
        self.assertEqual(run.setting("vm")["verdict"], "failed")
        self.assertIn("inner words", " ".join(run.vm("vm")["change"]["errorTexts"]))

    def test_a_refused_change_is_failed_and_names_the_return_code(self):
        run, _ = self.applied("keyProtector: local, faults: [{fault: returnCode, code: 32769}]")
        self.assert_code(run, 4)
        self.assertEqual(run.setting("vm")["verdict"], "failed")
        self.assertEqual(run.vm("vm")["change"]["returnCode"], 32769)

    def test_a_busy_host_is_asked_again(self):
        run, simulator = self.applied("keyProtector: local, faults: [{fault: busy, times: 2}]")
        self.assert_code(run, 0)
        self.assertEqual(run.verdicts(), {"vm": "corrected"})
        self.assertEqual(len(simulator.modifications()), 3)

    def test_nothing_is_sent_to_a_running_vm(self):
        run, simulator = self.applied("power: running, keyProtector: local")
        self.assert_code(run, 2)
        setting = run.setting("vm")
        self.assertEqual((setting["verdict"], setting["reason"]), ("deferred", "vmNotOff"))
        self.assertEqual(simulator.modifications(), [])
        simulator.set_power("hv", "vm", "off")
        self.assertEqual(self.apply().verdicts(), {"vm": "corrected"})

    def test_nothing_is_sent_to_a_vm_without_a_key_protector(self):
        run, simulator = self.applied("keyProtector: none")
        self.assert_code(run, 2)
        setting = run.setting("vm")
        self.assertEqual((setting["verdict"], setting["reason"]), ("blocked", "noKeyProtector"))
        self.assertEqual(simulator.modifications(), [])

    def test_nothing_is_sent_to_a_generation_1_vm(self):
        run, simulator = self.applied("generation: 1, keyProtector: local")
        self.assert_code(run, 2)
        self.assertEqual(run.setting("vm")["reason"], "generation")
        self.assertEqual(simulator.modifications(), [])

    def test_a_property_that_the_build_lacks_is_unsupported(self):
        run, simulator = self.applied(
            "keyProtector: local",
            settings="{appContainerLaunchOptOut: false}",
            host="build: 14393",
        )
        self.assertEqual(run.verdicts(), {"vm": "unsupported"})
        self.assertNotEqual(run.code, 0)
        self.assertEqual(simulator.modifications(), [])

    def test_switching_a_tpm_off_needs_consent_twice(self):
        vm = "keyProtector: local, security: {tpmEnabled: true}"
        off = "{tpmEnabled: false}"
        run, simulator = self.applied(vm, settings=off)
        self.assert_code(run, 2)
        self.assertEqual(run.setting("vm")["reason"], "looseningNotAllowed")

        self.declare("policy.yaml", policy(settings=off, more="  change: {allowLoosening: true}\n"))
        run = self.apply()
        self.assert_code(run, 2)
        self.assertEqual(run.setting("vm")["reason"], "notAcknowledged")
        self.assertEqual(simulator.modifications(), [])

        consent = "  change: {allowLoosening: true, acknowledge: [tpmEnabled]}\n"
        self.declare("policy.yaml", policy(settings=off, more=consent))
        run = self.apply()
        self.assert_code(run, 0)
        self.assertEqual(run.verdicts(), {"vm": "corrected"})
        self.assertFalse(simulator.security("hv", "vm")["tpmEnabled"])

    def test_an_audit_only_reports(self):
        simulator = self.simulate(fleet("name: vm, keyProtector: local"))
        self.declare_hosts(simulator)
        self.declare("policy.yaml", policy().replace("mode: enforce", "mode: audit"))
        run = self.apply()
        self.assert_code(run, 2)
        self.assertEqual(run.setting("vm")["reason"], "auditOnly")
        self.assertEqual(simulator.modifications(), [])

    def test_two_manifests_of_one_priority_that_disagree_are_a_conflict(self):
        simulator = self.simulate(fleet("name: vm, keyProtector: local"))
        self.declare_hosts(simulator)
        self.declare("policy.yaml", policy("one"), policy("two", "{tpmEnabled: false}"))
        run = self.apply()
        self.assert_code(run, 2)
        self.assertEqual(run.setting("vm")["reason"], "conflict")
        self.assertEqual(simulator.modifications(), [])

    def test_the_cap_on_changes_defers_the_rest(self):
        simulator = self.simulate(fleet("name: vm-%d, repeat: 5, keyProtector: local"))
        self.declare_hosts(simulator)
        self.declare("policy.yaml", policy())
        run = self.apply("--max-changes", "2")
        self.assert_code(run, 2)
        verdicts = sorted(run.verdicts().values())
        self.assertEqual(verdicts, ["corrected"] * 2 + ["deferred"] * 3)
        self.assertEqual(len(simulator.modifications()), 2)

    def test_a_vm_that_goes_away_does_not_stop_the_others(self):
        simulator = self.simulate(
            fleet("name: gone, keyProtector: local, faults: [vmVanishes]",
                  "name: here, keyProtector: local")
        )
        self.declare_hosts(simulator)
        self.declare("policy.yaml", policy())
        run = self.apply()
        self.assertTrue(run.code & 4, run.out)
        self.assertEqual(run.verdicts()["here"], "corrected")
        self.assertIn(run.verdicts()["gone"], ("failed", "indeterminate", "unknown"))

    def test_who_changed_it_is_told_by_the_ledger(self):
        run, simulator = self.applied("keyProtector: local")
        self.assert_code(run, 0)
        simulator.set_security("hv", "vm", tpmEnabled=False)
        check = self.check("--ledger", self.ledger)
        self.assert_code(check, 2)
        self.assertEqual(check.setting("vm")["cause"], "corrective")


if __name__ == "__main__":
    unittest.main()
