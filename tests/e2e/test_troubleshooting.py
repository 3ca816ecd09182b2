"""The README's table of errors: each row is an error that the program really has, and those that
need nobody but a host are provoked here. test_auth_refusals provokes those of logging on."""

import re
import socket
import unittest

from harness import ROOT, EndToEnd, host_manifest, policy

HEADING = "| the error says | because | do |"
VM = "vms: [{name: vm}]"


def rows():
    """The table's rows, each as its cells."""
    table = (ROOT / "README.md").read_text(encoding="utf-8").split(HEADING + "\n", 1)[1]
    lines = table.split("\n\n", 1)[0].splitlines()[1:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def symptoms():
    return [row[0].strip("`") for row in rows()]


def spoken():
    """Every text in the sources, literals that are cut into several lines put together."""
    texts = []
    for folder in ("src", "reconciler"):
        for path in (ROOT / folder).rglob("*.cpp"):
            source = path.read_text(encoding="utf-8").replace('\\"', "'")
            texts += re.findall(r'"([^"\n]*)"', re.sub(r'"\s*\n\s*"', "", source))
    return texts


class Table(unittest.TestCase):
    def test_each_row_is_whole(self):
        self.assertGreater(len(rows()), 20)
        for row in rows():
            self.assertEqual(len(row), 3, row)
            self.assertTrue(all(row), row)
        self.assertEqual(len(set(symptoms())), len(symptoms()))

    def test_each_symptom_is_what_the_program_says(self):
        texts = spoken()
        for symptom in symptoms():
            with self.subTest(symptom):
                self.assertTrue(any(symptom in text for text in texts))


class Provoked(EndToEnd):
    def says(self, symptom, endpoint, more="", options=()):
        """Checks the host at `endpoint` beside a healthy one; it alone fails, and with this."""
        self.assertIn(symptom, symptoms(), "the table has no such row")
        healthy = self.simulate("hosts: [{name: healthy}]")
        self.declare(
            "all.yaml",
            host_manifest("hv", endpoint, more),
            host_manifest("healthy", healthy.endpoint("healthy")),
            policy(),
        )
        run = self.check("--host", "h*", *options)
        self.assertTrue(run.code & 4, run.err)
        hosts = {host["name"]: host for host in run.report["hosts"]}
        self.assertIsNone(hosts["healthy"]["error"])
        self.assertIn(symptom, hosts["hv"]["error"]["detail"])

    def host_says(self, symptom, host, *options, flags=(), more=""):
        simulator = self.simulate(f"hosts: [{{name: hv, {host}}}]", *flags)
        self.says(symptom, simulator.endpoint("hv"), more, options)

    def test_nobody_listens(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            endpoint = f"http://127.0.0.1:{closed.getsockname()[1]}/wsman"
            self.says("could not connect", endpoint)

    def test_a_name_without_an_address(self):
        self.says("is not known", "https://no-such-host.invalid:5986/wsman")

    def test_tls_to_a_port_without_it(self):
        simulator = self.simulate("hosts: [{name: hv}]")
        self.says("no agreement on TLS", simulator.endpoint("hv").replace("http:", "https:"))

    def test_a_certificate_of_the_host_alone(self):
        self.host_says("the host's certificate is not trusted", VM, flags=["--tls"])

    def test_another_certificate_than_the_pinned_one(self):
        pin = f"  tls: {{fingerprint: '{'ab' * 32}'}}\n"
        self.host_says("not the one in tls.fingerprint", VM, flags=["--tls"], more=pin)

    def test_a_password_in_the_clear(self):
        auth = "  auth: {basic: {username: a, passwordFile: b}}\n"
        self.declare("hosts.yaml", host_manifest("hv", "http://127.0.0.1:1/wsman", auth))
        run = self.hvsec("validate")
        self.assert_code(run, 1)
        symptom = "would send the password in the clear"
        self.assertIn(symptom, symptoms())
        self.assertIn(symptom, run.err)

    def test_no_credentials(self):
        self.host_says("the host wants credentials", VM, flags=["--auth", "a:b"])

    def test_a_wrong_password(self):
        (self.folder / "password").write_text("wrong", encoding="utf-8")
        (self.folder / "password").chmod(0o600)
        auth = (
            "  allowUnencrypted: true\n"
            "  auth: {basic: {username: a, passwordFile: ../password}}\n"
        )
        self.host_says("the host refused the credentials", VM, flags=["--auth", "a:b"], more=auth)

    def test_no_hyper_v(self):
        self.host_says("Hyper-V is not installed on this host", "hvRole: missing")

    def test_a_host_that_does_not_answer(self):
        slow = "faults: [{fault: delay, seconds: 90}]"
        options = ("--request-timeout", "1s", "--host-timeout", "2s")
        self.host_says("no answer within", slow, *options)

    def test_no_right(self):
        denied = "faults: [{fault: soapFault, subcode: 'w:AccessDenied', code: 5, reason: no}]"
        self.host_says("the account may not manage Hyper-V on this host", denied)

    def test_too_many_operations(self):
        busy = "faults: [{fault: soapFault, subcode: 'w:QuotaLimit', code: 2150859174, reason: no}]"
        symptom = "the host has too many operations of this account open"
        self.host_says(symptom, busy, "--host-timeout", "5s")

    def test_an_envelope_that_is_too_small_for_one_vm(self):
        fault = "{fault: soapFault, subcode: 'w:EncodingLimit', code: 2150859025, reason: no}"
        symptom = "the answer does not fit into an envelope"
        self.host_says(symptom, f"faults: [{fault}]", "--host-timeout", "5s")


if __name__ == "__main__":
    unittest.main()
