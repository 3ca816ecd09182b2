"""What is left when something is taken away in the middle: the host, or hvsec's own time."""

import collections
import signal
import unittest

from harness import EndToEnd, eventually, policy

VMS = 40

FLEET = f"""hosts:
  - name: hv
    jobSeconds: JOB_SECONDS
    vms:
      - {{name: "vm-%02d", repeat: {VMS}, keyProtector: local}}
"""


class Interrupted(EndToEnd):
    def begin(self, job_seconds, changes=6):
        """Starts an apply over many VMs and returns once so many changes were sent."""
        simulator = self.simulate(FLEET.replace("JOB_SECONDS", str(job_seconds)))
        self.declare_hosts(simulator)
        self.declare("policy.yaml", policy())
        process = self.start(
            "apply", "--output", "json", "--ledger", self.ledger,
            "--connect-timeout", "1s", "--request-timeout", "2s", "--job-timeout", "5s",
        )
        eventually(lambda: len(simulator.modifications()) >= changes, "the changes")
        return simulator, process

    def assert_every_vm_once(self, run):
        counts = collections.Counter(vm["id"] for _, vm in run.vms())
        self.assertEqual(len(counts), VMS)
        self.assertEqual(set(counts.values()), {1})

    def test_a_host_that_dies_leaves_a_truthful_report(self):
        simulator, process = self.begin(0.3)
        truth_before = {vm["id"]: vm for vm in simulator.host("hv")["vms"]}
        simulator.stop(signal.SIGKILL)
        run = self.finish(process)

        self.assertTrue(run.code & 4, f"{run.code}: {run.err}")
        self.assertLess(run.code, 128)
        self.assertLess(run.seconds, 60)
        self.assert_every_vm_once(run)
        verdicts = collections.Counter(run.verdicts().values())
        self.assertEqual(verdicts["inSync"], 0, verdicts)
        self.assertGreater(verdicts["corrected"], 0, verdicts)
        for _, vm in run.vms():
            # What the report calls corrected was corrected before the host died.
            if vm["verdict"] == "corrected":
                self.assertIsNotNone(vm["change"])
            elif truth_before[vm["id"]]["security"]["tpmEnabled"]:
                self.assertIn(vm["verdict"], ("indeterminate", "unknown"), vm)
            # Once something was sent and its end not seen, nobody knows.
            if vm["change"] and vm["change"]["returnCode"] == 4096 and vm["verdict"] != "corrected":
                self.assertEqual(vm["verdict"], "indeterminate", vm)

    def stop_with(self, number):
        simulator, process = self.begin(0.5)
        process.send_signal(number)
        sent = len(simulator.modifications())
        run = self.finish(process)
        self.assert_code(run, 128 + number)
        self.assert_every_vm_once(run)
        self.assertEqual(run.report["signal"], number)
        verdicts = collections.Counter(run.verdicts().values())
        # Everything in flight was settled; what had not begun says why.
        self.assertEqual(set(verdicts), {"corrected", "drifted"}, verdicts)
        reasons = {one["reason"] for _, vm in run.vms() for one in vm["settings"]}
        self.assertEqual(reasons, {"none", "interrupted"})
        # One request may have been on its way while the signal came.
        changed = simulator.modifications()
        self.assertLessEqual(len(changed), sent + 4)
        self.assertEqual(verdicts["corrected"], len({call["vm"] for call in changed}))
        for vm in simulator.host("hv")["vms"]:
            corrected = run.vm(vm["name"])["verdict"] == "corrected"
            self.assertEqual(vm["security"]["tpmEnabled"], corrected)

    def test_sigterm_settles_what_is_in_flight(self):
        self.stop_with(signal.SIGTERM)

    def test_sigint_settles_what_is_in_flight(self):
        self.stop_with(signal.SIGINT)

    def test_a_second_signal_ends_it_at_once(self):
        _, process = self.begin(30, changes=4)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGTERM)
        run = self.finish(process)
        self.assert_code(run, 128 + signal.SIGTERM)
        self.assertLess(run.seconds, 10)

    def test_a_run_after_kill_9_reads_before_it_sends(self):
        simulator, process = self.begin(0.2)
        process.kill()
        process.wait()
        run = self.apply()
        self.assert_code(run, 0)
        self.assert_every_vm_once(run)
        self.assertTrue(all(vm["security"]["tpmEnabled"] for vm in simulator.host("hv")["vms"]))
        # Nobody whose change had taken hold was sent it again.
        per_vm = collections.Counter(call["vm"] for call in simulator.modifications())
        again = [vm for vm, count in per_vm.items() if count > 1]
        self.assertLessEqual(len(again), 4, "only what was in flight may be sent again")


if __name__ == "__main__":
    unittest.main()
