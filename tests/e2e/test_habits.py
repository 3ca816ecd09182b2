"""What hosts do on ordinary days: they are busy, hang up, forget, and answer in small pieces."""

import socket
import unittest

from harness import EndToEnd, host_manifest, policy

MODIFY = "ModifySecuritySettings"


def fleet(vms=30, host="", tpm="true"):
    return f"""hosts:
  - name: hv
    {host}
    vms: [{{name: vm-%02d, repeat: {vms}, keyProtector: local, security: {{tpmEnabled: {tpm}}}}}]
"""


class Habits(EndToEnd):
    def host(self, text, *args):
        simulator = self.simulate(text, *args)
        self.declare_hosts(simulator)
        self.declare("policy.yaml", policy())
        return simulator

    def assert_all_seen(self, run, vms=30):
        self.assert_code(run, 0)
        self.assertEqual(len(run.vms()), vms)

    def error(self, run):
        self.assert_code(run, 4)
        return run.report["hosts"][0]["error"]["detail"]

    def test_a_host_that_is_busy_for_a_moment_is_asked_again(self):
        simulator = self.host(fleet())
        quota = {"subcode": "w:InternalError", "code": 2150859174, "reason": "later"}
        late = {"subcode": "w:TimedOut", "code": 2150858793, "reason": "later"}
        for name, arguments in (
            ("httpStatus", {"code": 503, "operation": "enumerate"}),
            ("httpStatus", {"code": 429, "operation": "pull"}),
            ("soapFault", {**quota, "operation": "enumerate"}),
            ("soapFault", {**quota, "operation": "pull"}),
            ("soapFault", {**late, "operation": "enumerate"}),
            ("soapFault", {**late, "operation": "pull"}),
        ):
            with self.subTest(name, **arguments):
                simulator.clear_log()
                simulator.add_fault("hv", name, times=2, **arguments)
                self.assert_all_seen(self.check())
                failed = [e for e in simulator.log("hv") if e["status"] != 200]
                self.assertEqual(len(failed), 2)

    def test_an_enumeration_that_was_cut_or_forgotten_begins_again(self):
        simulator = self.host(fleet())
        expired = {"subcode": "n:InvalidEnumerationContext", "code": 2150858779, "reason": "gone"}
        for name, arguments in (("drop", {"when": "after"}), ("soapFault", expired)):
            with self.subTest(name):
                simulator.clear_log()
                simulator.add_fault("hv", name, operation="pull", times=2, **arguments)
                self.assert_all_seen(self.check())
                enumerations = simulator.log("hv", "enumerate")
                self.assertEqual(len(enumerations), 3 + 2)

    def test_a_quota_of_one_operation_is_enough(self):
        for quota in (1, 2):
            for latency in (0, 200):
                with self.subTest(quota=quota, latency=latency):
                    host = f"maxConcurrentOperations: {quota}\n    latencyMs: {latency}"
                    simulator = self.host(fleet(host=host))
                    self.assert_all_seen(self.check())
                    refused = [e for e in simulator.log() if e.get("faultCode") == 2150859174]
                    # Without latency the requests of a slow machine need not meet.
                    if latency:
                        self.assertTrue(refused, "the quota was never met")

    def test_small_envelopes_take_more_answers_and_lose_nothing(self):
        simulator = self.host(fleet(vms=200, host="maxEnvelopeSize: 8192"))
        self.assert_all_seen(self.check(), 200)
        self.assertGreater(len(simulator.log("hv", "pull")), 20)

    def test_answers_that_do_not_fit_are_asked_for_in_smaller_pieces(self):
        simulator = self.host(fleet())
        fault = {"subcode": "w:EncodingLimit", "code": 2150859025, "reason": "too large"}
        simulator.add_fault("hv", "soapFault", operation="pull", times=3, **fault)
        self.assert_all_seen(self.check())

    def test_an_object_that_never_fits_is_named(self):
        simulator = self.host(fleet())
        fault = {"subcode": "w:EncodingLimit", "code": 2150859025, "reason": "too large"}
        simulator.add_fault("hv", "soapFault", **{"class": "Msvm_ComputerSystem"}, **fault)
        error = self.error(self.check())
        self.assertIn("not even one Msvm_ComputerSystem fits", error)
        self.assertIn("MaxEnvelopeSizekb", error)

    def test_a_change_is_never_repeated_without_another_look(self):
        simulator = self.host(fleet(vms=1, tpm="false"))
        simulator.add_fault("hv", "httpStatus", code=503, method=MODIFY, times=1)
        self.assert_code(self.apply(), 0)
        done = [e.get("method", e["operation"]) for e in simulator.log("hv")]
        first, second = (place for place, what in enumerate(done) if what == MODIFY)
        self.assertEqual(set(done[first + 1 : second]), {"get"})

    def test_what_a_host_refuses_is_not_asked_again(self):
        simulator = self.host(fleet())
        denied = {"subcode": "w:AccessDenied", "code": 5, "reason": "no"}
        simulator.add_fault("hv", "soapFault", operation="enumerate", **denied)
        error = self.error(self.check())
        self.assertIn("Remote Management Users and Hyper-V Administrators", error)
        self.assertLessEqual(len(simulator.log("hv", "enumerate")), 3)

    def test_a_host_without_hyper_v_is_told_so_once(self):
        self.host("hosts: [{name: hv, hvRole: missing}]")
        error = self.error(self.check())
        self.assertEqual(error.count("not installed"), 1, error)
        self.assertIn("namespace", error)

    def test_a_dead_host_is_given_up_soon(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            endpoint = f"http://127.0.0.1:{closed.getsockname()[1]}/wsman"
            self.declare("hosts.yaml", host_manifest("dead", endpoint))
            self.declare("policy.yaml", policy())
            run = self.check()
        self.assertIn("asked 4 times", self.error(run))
        self.assertLess(run.seconds, 5)


if __name__ == "__main__":
    unittest.main()
