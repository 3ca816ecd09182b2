"""The way to a host: TLS, authentication, and hosts that cannot be reached."""

import socket
import unittest

from harness import EndToEnd, host_manifest, policy

FLEET = "hosts: [{name: hv, vms: [{name: vm, security: {tpmEnabled: true}}]}]"
PASSWORD = "correct-horse-battery"
IN_THE_CLEAR = "  allowUnencrypted: true\n"  # As far as this machine's own loopback goes.


class Transport(EndToEnd):
    def check_over(self, simulator, spec):
        self.declare("hosts.yaml", host_manifest("hv", simulator.endpoint("hv"), spec))
        self.declare("policy.yaml", policy())
        return self.check("--connect-timeout", "5s")

    def test_a_certificate_is_verified_against_a_ca_file(self):
        simulator = self.simulate(FLEET, "--tls")
        run = self.check_over(simulator, f"  tls: {{caFile: {simulator.certificate_file}}}\n")
        self.assert_code(run, 0)

    def test_a_certificate_is_verified_by_its_fingerprint(self):
        simulator = self.simulate(FLEET, "--tls")
        pin = simulator.ready["certificateSha256"]
        run = self.check_over(simulator, f"  tls: {{fingerprint: '{pin}'}}\n")
        self.assert_code(run, 0)

    def test_another_fingerprint_is_refused_before_anything_is_sent(self):
        simulator = self.simulate(FLEET, "--tls")
        run = self.check_over(simulator, f"  tls: {{fingerprint: '{'ab' * 32}'}}\n")
        self.assert_code(run, 4)
        self.assertIn("fingerprint", run.report["hosts"][0]["error"]["detail"])
        self.assertEqual(simulator.log(), [])

    def test_a_certificate_that_nobody_vouches_for_is_refused_with_advice(self):
        simulator = self.simulate(FLEET, "--tls")
        run = self.check_over(simulator, "")
        self.assert_code(run, 4)
        self.assertIn("caFile", run.report["hosts"][0]["error"]["detail"])
        self.assertEqual(simulator.log(), [])

    def basic(self, password):
        (self.folder / "password").write_text(password + "\n")
        (self.folder / "password").chmod(0o600)
        return IN_THE_CLEAR + "  auth: {basic: {username: svc, passwordFile: ../password}}\n"

    def test_the_right_password_opens(self):
        simulator = self.simulate(FLEET, "--auth", f"svc:{PASSWORD}")
        self.assert_code(self.check_over(simulator, self.basic(PASSWORD)), 0)

    def test_a_wrong_password_is_a_result_and_is_never_printed(self):
        simulator = self.simulate(FLEET, "--auth", f"svc:{PASSWORD}")
        wrong = "wrong-" + PASSWORD
        self.declare("hosts.yaml", host_manifest("hv", simulator.endpoint("hv"), self.basic(wrong)))
        self.declare("policy.yaml", policy())
        for command in ("check", "plan", "apply", "hosts", "export"):
            with self.subTest(command):
                more = ["--ledger", self.ledger] if command == "apply" else []
                run = self.hvsec(command, "--log-level", "trace", *more)
                self.assert_code(run, 4)
                self.assertIn("401", run.out + run.err)
                self.assertNotIn(PASSWORD, run.out + run.err)
                self.assertNotIn("c3ZjO", run.out + run.err, "the user and password in base 64")

    def test_a_password_never_reaches_output_or_ledger(self):
        fleet = FLEET.replace("true", "false").replace("name: vm", "name: vm, keyProtector: local")
        simulator = self.simulate(fleet, "--auth", f"svc:{PASSWORD}")
        host = host_manifest("hv", simulator.endpoint("hv"), self.basic(PASSWORD))
        self.declare("hosts.yaml", host)
        self.declare("policy.yaml", policy())
        run = self.apply("--log-level", "trace", "--verbose")
        self.assert_code(run, 0)
        self.assertNotIn(PASSWORD, run.out + run.err)
        for file in self.folder.glob("ledger.db*"):
            self.assertNotIn(PASSWORD.encode(), file.read_bytes())

    def test_a_missing_password_concerns_its_host_only(self):
        fleet = "hosts: [{name: hv-1}, {name: hv-2}]"
        simulator = self.simulate(fleet, "--auth", f"svc:{PASSWORD}")
        missing = IN_THE_CLEAR + "  auth: {basic: {username: svc, passwordFile: nowhere}}\n"
        self.declare(
            "hosts.yaml",
            host_manifest("hv-1", simulator.endpoint("hv-1"), missing),
            host_manifest("hv-2", simulator.endpoint("hv-2"), self.basic(PASSWORD)),
        )
        self.declare("policy.yaml", policy())
        run = self.check()
        self.assertTrue(run.code & 4)
        first, second = run.report["hosts"]
        self.assertIn("nowhere", first["error"]["detail"])
        self.assertIsNone(second["error"])

    def test_a_host_that_nobody_answers_for_is_a_result_and_the_others_go_on(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            endpoint = f"http://127.0.0.1:{closed.getsockname()[1]}/wsman"
            simulator = self.simulate(FLEET)
            self.declare_hosts(simulator)
            self.declare("dead.yaml", host_manifest("dead", endpoint))
            self.declare("policy.yaml", policy())
            run = self.check("--connect-timeout", "2s")
        self.assert_code(run, 4)
        dead, alive = run.report["hosts"]
        self.assertEqual((dead["name"], dead["reachable"], dead["vms"]), ("dead", False, []))
        self.assertTrue(alive["reachable"])
        self.assertEqual(run.verdicts(), {"vm": "inSync"})
        self.assertEqual(run.report["summary"]["hostsUnreachable"], 1)

    def test_a_host_that_never_answers_ends_by_its_deadline(self):
        fault = "faults: [{fault: delay, seconds: 60}]"
        simulator = self.simulate(FLEET.replace("name: hv,", f"name: hv, {fault},"))
        self.declare_hosts(simulator)
        self.declare("policy.yaml", policy())
        run = self.check("--request-timeout", "1s")
        self.assert_code(run, 4)
        self.assertLess(run.seconds, 30)

    def test_drift_on_one_host_and_death_of_another_are_both_in_the_code(self):
        dead = "{name: dead, faults: [{fault: httpStatus, code: 500}]}"
        fleet = f"hosts: [{{name: hv, vms: [{{name: vm}}]}}, {dead}]"
        simulator = self.simulate(fleet)
        self.declare_hosts(simulator)
        self.declare("policy.yaml", policy())
        self.assert_code(self.check(), 6)
        self.assert_code(self.check("--drift-exit-code", "10"), 14)

    def test_a_host_without_hyper_v_says_so(self):
        simulator = self.simulate("hosts: [{name: hv, hvRole: missing}]")
        self.declare_hosts(simulator)
        self.declare("policy.yaml", policy())
        run = self.check()
        self.assert_code(run, 4)
        self.assertIn("Hyper-V", run.report["hosts"][0]["error"]["detail"])

    def test_a_dropped_connection_of_a_reading_request_is_survived_or_told(self):
        fault = "faults: [{fault: drop, when: before, times: 1}]"
        simulator = self.simulate(FLEET.replace("name: hv,", f"name: hv, {fault},"))
        self.declare_hosts(simulator)
        self.declare("policy.yaml", policy())
        run = self.check()
        self.assertIn(run.code, (0, 4))
        self.assertEqual(run.code == 0, run.report["hosts"][0]["reachable"])

    def test_a_change_whose_answer_is_lost_is_read_back(self):
        fleet = (
            "hosts: [{name: hv, jobSeconds: 0, vms: [{name: vm, keyProtector: local}], faults: "
            "[{fault: drop, when: after, operation: invoke, class: Msvm_SecurityService, "
            "times: 1}]}]"
        )
        simulator = self.simulate(fleet)
        self.declare_hosts(simulator)
        self.declare("policy.yaml", policy())
        run = self.apply()
        # A change whose fate is unknown is never sent again.
        self.assertEqual(len(simulator.modifications()), 1)
        self.assertIn(run.verdicts()["vm"], ("corrected", "indeterminate"))
        self.assertEqual(run.code, 0 if run.verdicts()["vm"] == "corrected" else 4)


if __name__ == "__main__":
    unittest.main()
