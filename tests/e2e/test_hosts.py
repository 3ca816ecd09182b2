"""hvsec hosts: what it finds out about hosts that can be used, and about those that cannot."""

import json
import socket
import unittest

import jsonschema
from harness import EndToEnd, host_manifest  # First: it finds tests/support.

from certificates import Authority

FLEET = "hosts: [{name: hv, vms: [{name: a}, {name: b, snapshots: 2}]}]"


class Probing(EndToEnd):
    def hosts(self, *args):
        """Runs `hvsec hosts`; its document keeps to its schema whatever the hosts are like."""
        run = self.hvsec("hosts", "--output", "json", *args)
        schema = json.loads(self.hvsec("schema", "hosts", manifests=False).out)
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.Draft202012Validator(schema).validate(run.report)
        self.assertEqual(run.code, run.report["exitCode"])
        return run

    def probe(self, fleet, *args):
        """The one host of a fleet."""
        simulator = self.simulate(fleet)
        self.declare_hosts(simulator)
        (host,) = self.hosts(*args).report["hosts"]
        return host

    def steps(self, host):
        return [problem["step"] for problem in host["problems"]]


class Hosts(Probing):
    def test_a_host_that_can_be_used(self):
        host = self.probe(FLEET)
        self.assertTrue(host["usable"])
        self.assertIn("Stack: 3.0", host["product"]["version"])
        self.assertIsNone(host["authentication"])
        self.assertGreater(host["roundTripSeconds"], 0)
        self.assertTrue(host["hyperV"])
        self.assertEqual(host["vms"], 2)
        self.assertTrue(host["readsSettings"])
        self.assertTrue(host["seesService"])
        self.assertEqual(len(host["knownSettings"]), 8)
        self.assertEqual((host["problems"], host["warnings"]), ([], []))

    def test_the_build_decides_which_settings_are_known(self):
        host = self.probe("hosts: [{name: hv, build: 14393, vms: [{name: a}]}]")
        self.assertEqual(len(host["knownSettings"]), 6)
        self.assertNotIn("bindToHostTpm", host["knownSettings"])

    def test_a_probe_costs_the_same_however_many_vms_there_are(self):
        fleet = "hosts: [{name: hv, vms: [{name: vm-%03d, repeat: 300}]}]"
        simulator = self.simulate(fleet)
        self.declare_hosts(simulator)
        run = self.hosts()
        self.assertEqual(run.report["hosts"][0]["vms"], 300)
        self.assertEqual(simulator.modifications(), [])
        self.assertLessEqual(len(simulator.log(operation="get")), 1)

    def test_a_host_without_hyper_v(self):
        host = self.probe("hosts: [{name: hv, hvRole: missing}]")
        self.assertEqual((host["hyperV"], host["vms"]), (False, None))
        self.assertEqual(self.steps(host), ["vms"])
        self.assertIn("Hyper-V", host["problems"][0]["error"]["detail"])
        self.assertIn("Hyper-V role", host["problems"][0]["advice"])

    def test_rights_are_told_apart(self):
        denied = "{fault: soapFault, subcode: w:AccessDenied, code: 5, reason: denied, class: %s}"
        fleet = "hosts: [{name: hv, faults: [%s], vms: [{name: a}]}]"
        for name, step, right in (
            ("Msvm_SecuritySettingData", "settings", "readsSettings"),
            ("Msvm_SecurityService", "service", "seesService"),
        ):
            with self.subTest(name):
                host = self.probe(fleet % (denied % name))
                self.assertEqual(self.steps(host), [step])
                self.assertIs(host[right], False)
                self.assertEqual([host["readsSettings"], host["seesService"]].count(True), 1)

    def test_a_slow_host_holds_up_nobody(self):
        slow = "{name: hv-slow, faults: [{fault: delay, seconds: 90, operation: enumerate}]}"
        simulator = self.simulate(f"hosts: [{slow}, {{name: hv-1}}, {{name: hv-2}}]")
        self.declare_hosts(simulator)
        run = self.hosts("--host-timeout", "2s")
        self.assert_code(run, 4)
        self.assertLess(run.seconds, 30)
        first, second, last = run.report["hosts"]
        self.assertEqual([first["name"], second["name"]], ["hv-1", "hv-2"])
        for host in (first, second):
            self.assertTrue(host["usable"])
            self.assertLess(host["durationSeconds"], 2)
        self.assertEqual(self.steps(last), ["vms"])
        self.assertIsNotNone(last["product"], "what it told before is kept")
        self.assertIn("no answer within", last["problems"][0]["error"]["detail"])

    def test_a_host_that_nobody_answers_for(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            endpoint = f"http://127.0.0.1:{closed.getsockname()[1]}/wsman"
            self.declare("dead.yaml", host_manifest("dead", endpoint))
            run = self.hosts("--connect-timeout", "2s")
        self.assert_code(run, 4)
        (host,) = run.report["hosts"]
        self.assertEqual(self.steps(host), ["connect"])
        self.assertIn("firewall", host["problems"][0]["advice"])
        self.assertIsNone(host["product"])

    def test_a_missing_password_concerns_its_host_only(self):
        simulator = self.simulate("hosts: [{name: hv-1}, {name: hv-2}]")
        auth = "  allowUnencrypted: true\n  auth: {basic: {username: u, passwordFile: nowhere}}\n"
        self.declare("1.yaml", host_manifest("hv-1", simulator.endpoint("hv-1"), auth))
        self.declare("2.yaml", host_manifest("hv-2", simulator.endpoint("hv-2")))
        run = self.hosts()
        self.assert_code(run, 4)
        self.assertEqual(self.steps(run.report["hosts"][0]), ["prepare"])
        self.assertIn("nowhere", run.report["hosts"][0]["problems"][0]["error"]["detail"])
        self.assertTrue(run.report["hosts"][1]["usable"])

    def test_the_text_says_the_same(self):
        bare = "{name: hv-2, hvRole: missing}"
        simulator = self.simulate(f"hosts: [{{name: hv-1, vms: [{{name: a}}]}}, {bare}]")
        self.declare_hosts(simulator)
        run = self.hvsec("hosts")
        self.assert_code(run, 4)
        self.assertIn("1 VM\n", run.out)
        self.assertIn("it has 8 of 8", run.out)
        self.assertIn("not installed", run.out)
        self.assertIn("2 hosts: 1 can be used, 1 cannot", run.out)


class Secured(Probing):
    """What is found out of how a host is talked to."""

    def secured(self, valid_days=(-1, 90)):
        """A host with a certificate of these days, and how it was probed."""
        authority = Authority(self.folder, "site CA")
        certificate = authority.issue("localhost", valid_days=valid_days)
        tls = ("--tls", "--cert", certificate.file, "--key", certificate.key_file)
        simulator = self.simulate(FLEET, *tls, "--auth", "svc:secret")
        endpoint = simulator.endpoint("hv").replace("127.0.0.1", "localhost")
        (self.folder / "password").write_text("secret", encoding="utf-8")
        (self.folder / "password").chmod(0o600)
        spec = (
            f"  tls: {{caFile: {authority.file}}}\n"
            "  auth: {basic: {username: svc, passwordFile: ../password}}\n"
        )
        self.declare("hosts.yaml", host_manifest("hv", endpoint, spec))
        (host,) = self.hosts().report["hosts"]
        return host

    def test_tls(self):
        host = self.secured()
        self.assertTrue(host["usable"], host["problems"])
        self.assertEqual(host["authentication"], "Basic")
        self.assertEqual(host["encryption"]["of"], "connection")
        self.assertRegex(host["encryption"]["by"], r"^TLSv1\.[23]$")
        certificate = host["certificate"]
        self.assertIn("localhost", certificate["subject"])
        self.assertIn("site CA", certificate["issuer"])
        self.assertIn(certificate["daysLeft"], (89, 90))
        self.assertRegex(certificate["fingerprint"], "^[0-9a-f]{64}$")
        self.assertEqual(host["warnings"], [])

    def test_a_certificate_that_ends_soon_is_a_warning(self):
        host = self.secured(valid_days=(-1, 10))
        self.assertTrue(host["usable"])
        self.assertIn(host["certificate"]["daysLeft"], (9, 10))
        (warning,) = host["warnings"]
        self.assertIn("expires on", warning)
        self.assertIn("expires on", self.hvsec("hosts").out)

    def test_a_certificate_that_was_refused_is_shown(self):
        host = self.secured(valid_days=(-10, -1))
        self.assertFalse(host["usable"])
        self.assertEqual(self.steps(host), ["connect"])
        self.assertIn("has expired", host["problems"][0]["error"]["detail"])
        self.assertIsNone(host["authentication"])
        self.assertLess(host["certificate"]["daysLeft"], 0)

    def test_messages_encrypted_by_ntlm(self):
        users = self.folder / "users"
        users.write_text("SITE:svc:secret\n", encoding="utf-8")
        (self.folder / "password").write_text("secret", encoding="utf-8")
        (self.folder / "password").chmod(0o600)
        simulator = self.simulate(FLEET, "--ntlm-users", users)
        auth = "  auth: {ntlm: {domain: SITE, username: svc, passwordFile: ../password}}\n"
        self.declare("hosts.yaml", host_manifest("hv", simulator.endpoint("hv"), auth))
        (host,) = self.hosts().report["hosts"]
        self.assertTrue(host["usable"], host["problems"])
        self.assertEqual(host["authentication"], "NTLM")
        self.assertEqual(host["encryption"], {"of": "messages", "by": "NTLM"})
        self.assertIsNone(host["certificate"])


if __name__ == "__main__":
    unittest.main()
