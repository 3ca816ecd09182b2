"""How hvsec-sim finds out who is there: with GSSAPI and curl, not with the product's client."""

import hashlib
import os
import pathlib
import ssl
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import kdc
from certificates import Authority
from negotiator import (
    KERBEROS,
    NTLM,
    SOAP,
    SPNEGO,
    Negotiator,
    kerberos_context,
    ntlm_context,
)
from simulator import Simulator

BINARY = os.environ["HVSEC_SIM"]
FLEET = "hosts: [{name: hv-a, vms: [{name: v}]}]"
PATH = "/hv-a/wsman"
ALICE = "DOMAIN\\alice"
MUTUAL = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual"
IDENTIFY = (
    b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:i="http://schemas.dmtf.'
    b'org/wbem/wsman/identity/1/wsmanidentity.xsd"><s:Header/><s:Body><i:Identify/></s:Body>'
    b"</s:Envelope>"
)


def setUpModule():
    """Users of NTLM, for this process and for the simulators that it starts."""
    folder = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(folder.cleanup)
    users = pathlib.Path(folder.name) / "users"
    users.write_text("DOMAIN:alice:secret\n")
    os.environ["NTLM_USER_FILE"] = str(users)


def ntlm_args():
    return ["--ntlm-users", os.environ["NTLM_USER_FILE"]]


class LogonCase(unittest.TestCase):
    def simulate(self, *args):
        sim = Simulator(BINARY, FLEET, args)
        sim.__enter__()
        self.addCleanup(sim.stop)
        return sim

    def connect(self, sim, **options):
        client = Negotiator(sim.address, PATH, cafile=sim.certificate_file, **options)
        self.addCleanup(client.close)
        return client

    def assert_bindings(self, new_context, *args):
        """Which channel bindings are accepted, and which are not."""
        table = {
            "none": {"missing": 200, "wrong": 200, "right": 200},
            "relaxed": {"missing": 200, "wrong": 401, "right": 200},
            "strict": {"missing": 401, "wrong": 401, "right": 200},
        }
        for mode, row in table.items():
            sim = self.simulate("--tls", "--channel-binding", mode, *args)
            for kind, want in row.items():
                with self.subTest(mode=mode, kind=kind), self.connect(sim) as client:
                    digest = hashlib.sha256(client.certificate()).digest()
                    bindings = {"missing": None, "wrong": digest[::-1], "right": digest}[kind]
                    if bindings:
                        bindings = b"tls-server-end-point:" + bindings
                    self.assertEqual(client.log_on(new_context(bindings)), want)
                    # Within TLS, a message need not be sealed.
                    self.assertEqual(client.request(IDENTIFY), want)


class NtlmTest(LogonCase):
    def test_a_session_through_spnego_and_without_it(self):
        sim = self.simulate(*ntlm_args())
        for mech in (SPNEGO, NTLM):
            client = self.connect(sim)
            self.assertEqual(client.request(), 401)
            self.assertEqual(client.schemes(), ["Negotiate"])
            self.assertEqual(client.log_on(ntlm_context(ALICE, mech=mech)), 200)
            self.assertEqual(client.answer[2], b"")
            for _ in range(3):
                answer = client.call(IDENTIFY)
                self.assertIn(b"OS: 10.0.20348", answer)
                self.assertIn(b"secprofile/http/spnego-kerberos<", answer)
        entry = sim.log(operation="identify")[-1]
        who = (entry["user"], entry["auth"], entry["encrypted"])
        self.assertEqual(who, (ALICE, "NTLM", True))

    def test_a_message_in_the_clear_is_refused_and_the_session_goes_on(self):
        client = self.connect(self.simulate(*ntlm_args()))
        client.log_on(ntlm_context(ALICE))
        self.assertEqual(client.request(IDENTIFY), 401)
        self.assertIn(b"IdentifyResponse", client.call(IDENTIFY))

    def test_a_connection_does_not_know_what_another_one_knows(self):
        sim = self.simulate(*ntlm_args())
        known, stranger = self.connect(sim), self.connect(sim)
        known.log_on(ntlm_context(ALICE))
        stranger.context = known.context
        with self.assertRaisesRegex(RuntimeError, "answered 401"):
            stranger.call(IDENTIFY)

    def test_channel_bindings(self):
        self.assert_bindings(lambda bindings: ntlm_context(ALICE, bindings), *ntlm_args())

    def test_curl_over_tls_and_in_the_clear_where_that_is_allowed(self):
        for args in (["--tls"], ["--allow-unencrypted"], []):
            sim = self.simulate(*ntlm_args(), *args)
            trusted = ["--cacert", sim.certificate_file] if sim.certificate_file else []
            command = ["curl", "-sS", "--negotiate", "-u", ":", *trusted]
            command += ["-H", f"Content-Type: {SOAP}", "--data-binary", IDENTIFY.decode()]
            command += ["-w", "%{http_code}", sim.endpoint("hv-a")]
            ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
            self.assertEqual(ended.stdout[-3:], "200" if args else "401", args)


class FaultTest(LogonCase):
    def setUp(self):
        self.sim = self.simulate(*ntlm_args())
        self.client = self.connect(self.sim)
        self.client.log_on(ntlm_context(ALICE))

    def test_a_logon_is_refused_whatever_is_sent(self):
        self.sim.add_fault("hv-a", "refuseLogon")
        self.assertEqual(self.client.request(IDENTIFY), 401)
        self.assertEqual(self.client.log_on(ntlm_context(ALICE)), 401)
        self.assertEqual(self.client.schemes(), ["Negotiate"])
        self.sim.clear_faults("hv-a")
        self.assertEqual(self.client.log_on(ntlm_context(ALICE)), 200)

    def test_a_logon_is_forgotten_and_the_connection_closed(self):
        self.sim.add_fault("hv-a", "forgetLogon", times=1)
        with self.assertRaisesRegex(RuntimeError, "answered 401"):
            self.client.call(IDENTIFY)
        self.assertEqual(self.client.schemes(), ["Negotiate"])
        self.assertEqual(self.client.answer[1]["Connection"], "close")
        self.assertEqual(self.client.log_on(ntlm_context(ALICE)), 200)
        self.assertIn(b"IdentifyResponse", self.client.call(IDENTIFY))

    def test_an_answer_in_the_clear(self):
        self.sim.add_fault("hv-a", "plainAnswer", times=1)
        with self.assertRaisesRegex(ValueError, "not an encrypted message"):
            self.client.call(IDENTIFY)
        self.assertIn(b"IdentifyResponse", self.client.answer[2])

    def test_an_answer_whose_signature_is_wrong(self):
        self.sim.add_fault("hv-a", "badSignature", times=1)
        with self.assertRaises(Exception) as raised:
            self.client.call(IDENTIFY)
        self.assertEqual(type(raised.exception).__module__.partition(".")[0], "gssapi")

    def test_what_an_answer_says_is_sealed_however_wrong_it_is(self):
        self.sim.add_fault("hv-a", "deepXml", depth=500, times=1)
        self.assertEqual(self.client.call(IDENTIFY).count(b"<d>"), 500)
        self.sim.add_fault("hv-a", "entityBomb", times=1)
        self.assertTrue(self.client.call(IDENTIFY).startswith(b"<!DOCTYPE bomb"))
        self.sim.add_fault("hv-a", "giantAnswer", bytes=2_000_000, times=1)
        self.assertGreater(len(self.client.call(IDENTIFY)), 2_000_000)
        self.sim.add_fault("hv-a", "chunked", times=1)
        self.assertIn(b"IdentifyResponse", self.client.call(IDENTIFY))


@unittest.skipIf(kdc.missing(), f"no {kdc.missing()} here")
class KerberosTest(LogonCase):
    @classmethod
    def setUpClass(cls):
        realm = kdc.Kdc()
        realm.__enter__()
        cls.addClassCleanup(realm.__exit__)
        realm.add_user("alice", "password")
        cls.args = ["--kerberos-keytab", realm.add_service("HTTP/localhost")]
        before = dict(os.environ)
        cls.addClassCleanup(lambda: (os.environ.clear(), os.environ.update(before)))
        os.environ.update(realm.environment)
        os.environ["KRB5CCNAME"] = str(realm.ticket("alice", "password"))

    def test_a_session_in_either_scheme(self):
        sim = self.simulate(*self.args)
        forms = ((SPNEGO, "Negotiate"), (KERBEROS, "Negotiate"), (KERBEROS, "Kerberos"))
        for mech, scheme in forms:
            with self.subTest(mech=mech, scheme=scheme), self.connect(sim) as client:
                self.assertEqual(client.log_on(kerberos_context(mech=mech), scheme=scheme), 200)
                self.assertIn(b"IdentifyResponse", client.call(IDENTIFY))
                kind = "SPNEGO" if scheme == "Negotiate" else "Kerberos"
                protocol = f'protocol="application/HTTP-{kind}-session-encrypted"'
                self.assertIn(protocol, client.answer[1]["Content-Type"])
        entry = sim.log(operation="identify")[-1]
        who = (entry["user"], entry["auth"], entry["encrypted"])
        self.assertEqual(who, (f"alice@{kdc.REALM}", "Kerberos", True))

    def test_channel_bindings(self):
        self.assert_bindings(kerberos_context, *self.args)

    def test_all_there_is_beside_each_other(self):
        sim = self.simulate(*self.args, *ntlm_args(), "--auth", "user:secret")
        client = self.connect(sim)
        self.assertEqual(client.request(), 401)
        self.assertEqual(client.schemes(), ["Negotiate", "Kerberos", 'Basic realm="WSMAN"'])
        for new_context in (lambda: ntlm_context(ALICE), kerberos_context):
            self.assertEqual(client.log_on(new_context()), 200)
            self.assertIn(b"secprofile/http/basic", client.call(IDENTIFY))
        self.assertEqual(client.request(IDENTIFY, Authorization="Basic dXNlcjpzZWNyZXQ="), 200)
        auths = [entry["auth"] for entry in sim.log(operation="identify")]
        self.assertEqual(auths, ["NTLM", "Kerberos", "Basic"])

    def test_only_what_is_enabled(self):
        client = self.connect(self.simulate(*self.args))
        self.assertEqual(client.log_on(ntlm_context(ALICE, mech=NTLM)), 401)
        client = self.connect(self.simulate(*ntlm_args()))
        self.assertEqual(client.log_on(kerberos_context(mech=KERBEROS)), 401)
        self.assertEqual(client.log_on(kerberos_context(mech=KERBEROS), scheme="Kerberos"), 401)


class CertificateTest(LogonCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.authority = Authority(folder.name, "Clients")
        cls.stranger = Authority(folder.name, "Strangers")

    def ask(self, sim, certificate=None, authorization=MUTUAL, **options):
        if certificate:
            options["client_certificate"] = (certificate.file, certificate.key_file)
        with self.connect(sim, **options) as client:
            fields = {"Authorization": authorization} if authorization else {}
            return client.request(IDENTIFY, **fields)

    def test_decides_with_the_request(self):
        sim = self.simulate("--tls", "--client-ca", self.authority.file)
        alice = self.authority.issue("alice", usage="clientAuth", names=())
        expired = self.authority.issue("old", usage="clientAuth", names=(), valid_days=(-9, -2))
        server = self.authority.issue("server", usage="serverAuth", names=())
        mallory = self.stranger.issue("alice", usage="clientAuth", names=())
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.subTest(version=version):
                self.assertEqual(self.ask(sim, alice, maximum_tls=version), 200)
                self.assertEqual(self.ask(sim, maximum_tls=version), 401)
                for bad in (expired, server, mallory):
                    self.assertEqual(self.ask(sim, bad, maximum_tls=version), 403)
        # A certificate alone is no logon, and neither is the header of another kind.
        self.assertEqual(self.ask(sim, alice, authorization=None), 401)
        self.assertEqual(self.ask(sim, alice, authorization="Basic dXNlcjpzZWNyZXQ="), 401)
        entries = [entry for entry in sim.log() if entry["status"] == 200]
        self.assertEqual([(e["user"], e["auth"]) for e in entries], [("alice", "Certificate")] * 2)

    def test_a_user_principal_name_goes_before_the_common_name(self):
        sim = self.simulate("--tls", "--client-ca", self.authority.file)
        upn = "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:alice@hv.example"
        alice = self.authority.issue("Alice", usage="clientAuth", names=(upn,))
        self.assertEqual(self.ask(sim, alice), 200)
        self.assertEqual(sim.log()[-1]["user"], "alice@hv.example")

    def test_beside_basic(self):
        sim = self.simulate("--tls", "--client-ca", self.authority.file, "--auth", "user:secret")
        self.assertEqual(self.ask(sim, authorization="Basic dXNlcjpzZWNyZXQ="), 200)


class FlagTest(unittest.TestCase):
    def assert_refused(self, expected, *args):
        with self.assertRaisesRegex(RuntimeError, expected):
            with Simulator(BINARY, FLEET, args):
                pass

    def test_files_and_words_that_cannot_be_used(self):
        with tempfile.TemporaryDirectory() as folder:
            empty = pathlib.Path(folder) / "empty"
            empty.touch()
            self.assert_refused("none cannot be read", "--kerberos-keytab", f"{folder}/none")
            self.assert_refused("none cannot be read", "--ntlm-users", f"{folder}/none")
            self.assert_refused("nonexistent or empty", "--kerberos-keytab", empty)
            self.assert_refused("cannot be used", "--tls", "--client-ca", empty)
            self.assert_refused("--tls", "--client-ca", empty)
            self.assert_refused("cannot be written", "--raw-log", f"{folder}/none/raw")
        self.assert_refused("--channel-binding", "--channel-binding", "loose")


if __name__ == "__main__":
    unittest.main()
