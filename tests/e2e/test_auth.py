"""The same manifests are applied through every kind of authentication, and nothing leaks."""

import unittest

from authentication import FLEET, KINDS, PASSWORD, SOAP, VM, AuthenticationTest, endpoint, secrets_in
from harness import host_manifest, policy


class EveryKind(AuthenticationTest):
    def applied_through(self, kind):
        """Applies the manifests and gives the run, the simulator and all bytes of its wire."""
        raw_log = self.folder / "raw.log"
        raw_log.unlink(missing_ok=True)
        self.ledger = self.folder / f"{kind.name}.db"
        flags = kind.flags(self.world)
        simulator = self.simulate(FLEET, *flags, "--raw-log", raw_log, env=self.environment)
        host = host_manifest("hv", endpoint(simulator), kind.spec(self.world))
        self.declare("all.yaml", host, policy())
        environment = kind.environment(self.world)
        run = self.apply("--log-level", "trace", "--verbose", env=environment)
        return run, simulator, raw_log.read_bytes()

    def test_drift_is_corrected_through_every_kind(self):
        for kind in KINDS:
            with self.subTest(kind.name):
                run, simulator, wire = self.applied_through(kind)
                self.assert_corrected(run, simulator)
                self.assert_logged_on(kind, simulator)
                self.assert_sealed(kind, wire)
                self.assert_no_secrets(run, kind, wire)

    def assert_corrected(self, run, simulator):
        self.assert_code(run, 0)
        drifted = {f"{VM}-{number}": "corrected" for number in (1, 2, 3)}
        self.assertEqual(run.verdicts(), {**drifted, "well": "inSync"})
        for vm in run.verdicts():
            self.assertTrue(simulator.security("hv", vm)["tpmEnabled"], vm)
        self.assertEqual(len(simulator.modifications()), 3)

    def assert_logged_on(self, kind, simulator):
        """The host knows who it was that asked for the changes, and how that was proved."""
        for call in simulator.modifications():
            self.assertEqual(call["auth"], kind.auth)
            self.assertIn("svc-hvsec", call["user"])
            self.assertEqual(call.get("encrypted", False), kind.encrypted)

    def assert_sealed(self, kind, wire):
        """The log has what TLS protects in the clear, so a search that finds nothing means it."""
        for words in SOAP:
            self.assertEqual(words in wire, not kind.encrypted, words)

    def assert_no_secrets(self, run, kind, wire):
        ledgers = [file.read_bytes() for file in self.folder.glob("*.db*")]
        for place in [run.out, run.err, *(one.decode("latin-1") for one in ledgers)]:
            self.assertEqual(secrets_in(place, self.world), [])
        if kind.encrypted:
            self.assertNotIn(PASSWORD.encode(), wire)

    def test_secrets_would_be_found(self):
        for secret in (
            PASSWORD,
            self.world.user_keytab.read_bytes().hex(),
            self.world.client.key_file.read_text(),
        ):
            self.assertNotEqual(secrets_in(f"log: {secret}.", self.world), [])


if __name__ == "__main__":
    unittest.main()
