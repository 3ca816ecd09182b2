"""Hosts that will not have us, or that we will not have: each is a result with advice, and concerns
no other host."""

import base64
import json
import re
import unittest

from harness import host_manifest, policy  # First: it finds tests/support.

import kdc
from authentication import (
    FLEET,
    PASSWORD,
    SERVICE,
    USER,
    VM,
    AuthenticationTest,
    auth,
    basic,
    certificate,
    endpoint,
    kerberos_by_password,
    ntlm,
    secrets_in,
    trust,
)
from certificates import Authority
from test_troubleshooting import symptoms
from tls_relay import TlsRelay

HEALTHY = FLEET.replace("name: hv", "name: healthy")


def port_of(simulator):
    return int(simulator.address.rpartition(":")[2])


class Refusals(AuthenticationTest):
    def setUp(self):
        super().setUp()
        self.raw_log = self.folder / "raw.log"

    def refused(self, flags, spec, *words, fault=None, through=None):
        """Applies to such a host and to a healthy one. What is said of the former has to have all
        of the words; gives its simulator. `through` is the certificate of somebody between."""
        self.raw_log.unlink(missing_ok=True)
        simulator = self.simulate(FLEET, *flags, "--raw-log", self.raw_log, env=self.environment)
        healthy = self.simulate(HEALTHY)
        if fault:
            simulator.add_fault("hv", fault)
        url = endpoint(simulator)
        if through:
            url = url.replace(f":{port_of(simulator)}/", f":{self.relay(simulator, through)}/")
        self.declare(
            "all.yaml",
            host_manifest("hv", url, spec),
            host_manifest("healthy", healthy.endpoint("healthy")),
            policy(),
        )
        run = self.apply("--log-level", "trace", "--connect-timeout", "5s")
        self.assert_code(run, 4)
        by_name = {host["name"]: host for host in run.report["hosts"]}
        self.assertTrue(healthy.security("healthy", f"{VM}-1")["tpmEnabled"])
        self.assertTrue(by_name["healthy"]["reachable"])
        self.assertFalse(by_name["hv"]["reachable"])
        told = json.dumps(by_name["hv"]["error"])
        for word in words:
            self.assertIn(word.lower(), told.lower())
        in_readme = [symptom for symptom in symptoms() if symptom in told]
        self.assertTrue(in_readme, f"the README's table does not have: {told}")
        self.assertEqual(secrets_in(run.out + run.err, self.world), [])
        self.assertEqual(simulator.modifications(), [])
        self.assertFalse(simulator.security("hv", f"{VM}-1")["tpmEnabled"])
        return simulator

    def relay(self, simulator, certificate_of_relay):
        relay = TlsRelay(port_of(simulator), certificate_of_relay)
        self.addCleanup(relay.close)
        return relay.port

    def wire(self):
        return self.raw_log.read_bytes()

    # --- Passwords: accounts are locked after a few wrong ones -----------------------------------

    def ntlm_logons(self):
        """How many proofs of a password the host was given to verify."""
        tokens = re.findall(rb"Authorization: Negotiate ([A-Za-z0-9+/=]+)", self.wire())
        return sum(b"NTLMSSP\0\3\0\0\0" in base64.b64decode(token) for token in tokens)

    def test_a_wrong_password_of_basic(self):
        world = self.world
        spec = trust(world.authority) + basic(world, world.wrong_password)
        self.refused([*world.tls(), *world.basic()], spec, "401", "password")
        self.assertEqual(self.wire().count(b"Authorization: Basic"), 1)

    def test_a_wrong_password_of_ntlm(self):
        world = self.world
        spec = ntlm(world, world.wrong_password)
        self.refused(world.ntlm(), spec, "401", "password")
        self.assertEqual(self.ntlm_logons(), 1)

    def test_a_wrong_password_of_kerberos(self):
        world = self.world
        before = world.kdc.refused_passwords()
        spec = kerberos_by_password(world, world.wrong_password)
        self.refused(world.kerberos(), spec, "password")
        self.assertEqual(world.kdc.refused_passwords() - before, 1)

    def test_a_user_that_the_realm_does_not_know(self):
        world = self.world
        spec = auth("kerberos", principal="nobody", passwordFile=world.password)
        self.refused(world.kerberos(), spec, "nobody", "principal")

    def test_a_wrong_password_of_a_key(self):
        world = self.world
        client = certificate(world.locked_client, keyPasswordFile=world.wrong_password)
        spec = trust(world.authority) + client
        self.refused([*world.tls(), *world.client_ca()], spec, "key", "password")

    # --- Tickets ---------------------------------------------------------------------------------

    def test_an_expired_ticket(self):
        # By more than the five minutes that Kerberos allows clocks to differ.
        with kdc.Kdc("-2h") as realm:
            realm.add_user(USER, PASSWORD)
            keytab = realm.add_service(SERVICE)
            self.environment.update(realm.environment)
            cache = realm.ticket(USER, PASSWORD, lifetime="1h")
            self.assertFalse(realm.has_valid_ticket(cache))
            spec = auth("kerberos", credentialCache=cache)
            self.refused(["--kerberos-keytab", keytab], spec, "expired", "kinit")

    def test_no_ticket(self):
        self.refused(self.world.kerberos(), auth("kerberos"), "no", "ticket", "kinit")

    def test_a_service_that_the_realm_does_not_know(self):
        spec = auth("kerberos", credentialCache=self.world.cache, servicePrincipal="HTTP/unknown")
        self.refused(self.world.kerberos(), spec, "HTTP/unknown", "servicePrincipal")

    def test_the_ticket_of_another_service(self):
        self.world.kdc.add_service("HTTP/other")
        spec = auth("kerberos", credentialCache=self.world.cache, servicePrincipal="HTTP/other")
        self.refused(self.world.kerberos(), spec, "401", "servicePrincipal")

    def test_a_clock_that_is_wrong(self):
        for clock in ("-1h", "+1h"):
            with self.subTest(clock), kdc.Kdc(clock) as realm:
                realm.add_user(USER, PASSWORD)
                keytab = realm.add_service(SERVICE)
                self.environment.update(realm.environment)
                spec = kerberos_by_password(self.world)
                self.refused(["--kerberos-keytab", keytab], spec, "clock")

    # --- Certificates ----------------------------------------------------------------------------

    def refused_certificate(self, certificate_of_host, spec, *words):
        world = self.world
        flags = [*world.tls(certificate_of_host), *world.basic()]
        simulator = self.refused(flags, spec + basic(world), *words)
        self.assertEqual(simulator.log(), [])
        self.assertNotIn(b"Authorization", self.wire(), "credentials went to a host we distrust")

    def test_a_certificate_that_nobody_vouches_for(self):
        self.refused_certificate(None, "", "certificate", "caFile")

    def test_a_certificate_of_another_authority(self):
        other = Authority(self.folder, "another")
        self.refused_certificate(None, trust(other), "certificate", "caFile")

    def test_an_expired_certificate(self):
        authority = self.world.authority
        expired = authority.issue("localhost", valid_days=(-10, -1))
        self.refused_certificate(expired, trust(authority), "certificate", "expired")

    def test_a_certificate_for_another_name(self):
        authority = self.world.authority
        other = authority.issue("elsewhere.test", names=("DNS:elsewhere.test",))
        self.refused_certificate(other, trust(authority), "certificate", "localhost")

    def refused_client(self, client, *words):
        world = self.world
        spec = trust(world.authority) + (certificate(client) if client else "")
        self.refused([*world.tls(), *world.client_ca()], spec, *words)

    def test_no_client_certificate(self):
        self.refused_client(None, "401", "auth")

    def test_an_expired_client_certificate(self):
        world = self.world
        client = world.client_certificate(world.authority, valid_days=(-10, -1))
        self.refused_client(client, "certificate")

    def test_a_client_certificate_of_another_authority(self):
        other = Authority(self.folder, "of-clients")
        self.refused_client(self.world.client_certificate(other), "certificate")

    # --- What was agreed on ----------------------------------------------------------------------

    def test_a_host_that_offers_only_basic_to_kerberos_and_ntlm(self):
        world = self.world
        for spec in (auth("kerberos", credentialCache=world.cache), ntlm(world)):
            with self.subTest(spec):
                self.refused(
                    [*world.tls(), *world.basic()],
                    trust(world.authority) + spec,
                    "Basic",
                    "Negotiate",
                )
                self.assertNotIn(b"Authorization: Basic", self.wire())

    def test_a_host_that_offers_only_kerberos_to_basic(self):
        world = self.world
        spec = trust(world.authority) + basic(world)
        self.refused([*world.tls(), *world.kerberos()], spec, "Basic", "Negotiate")

    def test_a_host_that_knows_only_the_other_mechanism(self):
        world = self.world
        self.refused(world.kerberos(), ntlm(world), "401")
        self.refused(world.ntlm(), auth("kerberos", credentialCache=world.cache), "401")

    def test_a_host_that_answers_in_the_clear(self):
        world = self.world
        for flags, spec in (
            (world.kerberos(), auth("kerberos", credentialCache=world.cache)),
            (world.ntlm(), ntlm(world)),
        ):
            with self.subTest(spec):
                self.refused(flags, spec, "encrypt", fault="plainAnswer")

    def test_an_answer_that_was_tampered_with(self):
        world = self.world
        for flags, spec in (
            (world.kerberos(), auth("kerberos", credentialCache=world.cache)),
            (world.ntlm(), ntlm(world)),
        ):
            with self.subTest(spec):
                self.refused(flags, spec, "answer", fault="badSignature")

    def test_somebody_in_the_middle(self):
        """Its certificate is accepted, but the log-on is bound to it and means nothing to the host,
        even to one that does not ask for that."""
        world = self.world
        middle = world.authority.issue("localhost")
        for flags, spec in (
            (world.kerberos(), auth("kerberos", credentialCache=world.cache)),
            (world.ntlm(), ntlm(world)),
        ):
            with self.subTest(spec):
                self.refused(
                    [*world.tls(), *flags], trust(world.authority) + spec, "401", through=middle
                )


if __name__ == "__main__":
    unittest.main()
