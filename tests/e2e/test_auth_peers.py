"""hvsec and hvsec-sim against others that know nothing of them: what the two get wrong in the same
way would not show between them."""

import subprocess
import unittest

from harness import PATIENCE, host_manifest, policy  # First: it finds tests/support.

import apache
from authentication import (
    FLEET,
    PASSWORD,
    USER,
    VM,
    AuthenticationTest,
    auth,
    endpoint,
    kerberos_by_password,
    ntlm,
    trust,
)
from winrm_peer import VENDOR, VERSION, WinrmPeer

NEEDS_APACHE = unittest.skipIf(apache.missing(), f"not installed: {apache.missing()}")

IDENTIFY = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd">'
    "<s:Header/><s:Body><i:Identify/></s:Body></s:Envelope>"
)


class Peers(AuthenticationTest):
    # --- hvsec and another WinRM with message encryption -----------------------------------------

    def test_another_winrm_understands_our_encryption_and_we_understand_its(self):
        world = self.world
        keys = {"KRB5_KTNAME": f"{world.service_keytab}", "NTLM_USER_FILE": f"{world.ntlm_users}"}
        with WinrmPeer({**self.environment, **keys}) as peer:
            for name, spec in (
                ("Kerberos", auth("kerberos", credentialCache=world.cache)),
                ("Kerberos", kerberos_by_password(world)),
                ("NTLM", ntlm(world)),
            ):
                with self.subTest(spec):
                    self.declare("all.yaml", host_manifest("hv", peer.url, spec))
                    run = self.hvsec("hosts", "--output", "json")
                    (host,) = run.report["hosts"]
                    self.assertEqual(host["product"], {"vendor": VENDOR, "version": VERSION})
                    self.assertEqual(host["encryption"], {"of": "messages", "by": name})

    def test_a_host_that_offers_kerberos_alone_gets_kerberos_alone(self):
        world = self.world
        keys = {**self.environment, "KRB5_KTNAME": f"{world.service_keytab}"}
        with WinrmPeer(keys, "Kerberos") as peer:
            spec = auth("kerberos", credentialCache=world.cache)
            self.declare("all.yaml", host_manifest("hv", peer.url, spec))
            (host,) = self.hvsec("hosts", "--output", "json").report["hosts"]
            self.assertEqual(host["product"], {"vendor": VENDOR, "version": VERSION})
            self.assertEqual(host["encryption"], {"of": "messages", "by": "Kerberos"})
            self.declare("all.yaml", host_manifest("hv", peer.url, ntlm(world)))
            (host,) = self.hvsec("hosts", "--output", "json").report["hosts"]
            self.assertIsNone(host["product"])

    # --- hvsec and Apache's Negotiate ------------------------------------------------------------

    @NEEDS_APACHE
    def test_apache_lets_us_in(self):
        world = self.world
        for secrets, spec in (
            ({"keytab": world.service_keytab}, auth("kerberos", credentialCache=world.cache)),
            ({"keytab": world.service_keytab}, kerberos_by_password(world)),
            ({"ntlm_users": world.ntlm_users}, ntlm(world)),
        ):
            with self.subTest(spec):
                run, simulator = self.applied_through_apache(secrets, spec)
                self.assert_code(run, 0)
                self.assertEqual(run.verdicts()[f"{VM}-1"], "corrected")
                self.assertTrue(simulator.security("hv", f"{VM}-1")["tpmEnabled"])

    @NEEDS_APACHE
    def test_apache_says_no_in_its_own_way(self):
        """With a token of SPNEGO's that says so."""
        world = self.world
        world.kdc.add_service("HTTP/other")
        by_kerberos, by_ntlm = {"keytab": world.service_keytab}, {"ntlm_users": world.ntlm_users}
        ticket = {"credentialCache": world.cache}
        other_ticket = {**ticket, "servicePrincipal": "HTTP/other"}
        for secrets, spec, words in (
            (by_ntlm, ntlm(world, world.wrong_password), "password"),
            (by_kerberos, ntlm(world), "accepts NTLM"),
            (by_kerberos, auth("kerberos", **other_ticket), "servicePrincipal"),
            (by_ntlm, auth("kerberos", **ticket), "Kerberos ticket"),
        ):
            with self.subTest(spec, secrets=secrets):
                run, simulator = self.applied_through_apache(secrets, spec)
                self.assert_code(run, 4)
                error = run.report["hosts"][0]["error"]
                self.assertEqual(error["code"], "HTTP 401")
                self.assertIn(words, error["detail"])
                self.assertEqual(simulator.log(), [])

    def applied_through_apache(self, secrets, spec):
        self.ledger.unlink(missing_ok=True)
        simulator = self.simulate(FLEET)
        environment = self.world.kdc.environment
        with apache.Apache(
            self.world.server, f"{simulator.url}/", environment=environment, **secrets
        ) as web:
            host = host_manifest("hv", f"{web.url}/hv/wsman", trust(self.world.authority) + spec)
            self.declare("all.yaml", host, policy())
            return self.apply(), simulator

    # --- curl and hvsec-sim ----------------------------------------------------------------------

    def curl(self, simulator, *args, env):
        """The HTTP status that curl ends with and the answer."""
        body = self.folder / "body"
        done = subprocess.run(
            [
                *("curl", "--silent", "--show-error", "--output", body, "--write-out"),
                *("%{http_code}", "--cacert", self.world.authority.file, *args),
                *("--header", "Content-Type: application/soap+xml;charset=UTF-8"),
                *("--data-binary", IDENTIFY, endpoint(simulator)),
            ],
            env={**self.environment, **env},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
        return int(done.stdout), body.read_text(encoding="utf-8")

    def test_curl_gets_in_by_kerberos_and_by_ntlm(self):
        world = self.world
        by_kerberos = ["--negotiate", "--user", ":"], {"KRB5CCNAME": f"FILE:{world.cache}"}
        by_ntlm = ["--negotiate", "--user", ":"], {"NTLM_USER_FILE": f"{world.ntlm_users}"}
        by_basic = ["--basic", "--user", f"{USER}:{PASSWORD}"], {}
        for flags, (args, env), name in (
            ([*world.tls(), *world.kerberos()], by_kerberos, "Kerberos"),
            ([*world.kerberos(), "--allow-unencrypted"], by_kerberos, "Kerberos"),
            ([*world.tls(), *world.ntlm()], by_ntlm, "NTLM"),
            ([*world.tls(), *world.basic()], by_basic, "Basic"),
        ):
            with self.subTest(name, flags=flags):
                simulator = self.simulate(FLEET, *flags, env=self.environment)
                status, answer = self.curl(simulator, *args, env=env)
                self.assertEqual(status, 200)
                self.assertIn("IdentifyResponse", answer)
                self.assertEqual(simulator.log()[-1]["auth"], name)

    def test_curl_stays_out_without_a_ticket_and_without_encryption(self):
        world = self.world
        simulator = self.simulate(FLEET, *world.kerberos(), env=self.environment)
        ticket = {"KRB5CCNAME": f"FILE:{world.cache}"}
        for env in ({}, ticket):
            status, answer = self.curl(simulator, "--negotiate", "--user", ":", env=env)
            self.assertEqual(status, 401)
            self.assertNotIn("IdentifyResponse", answer)


if __name__ == "__main__":
    unittest.main()
