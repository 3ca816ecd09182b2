"""hvsec in a real Active Directory: Samba's, on a machine of its own."""

import unittest

from harness import EndToEnd, host_manifest, policy  # First: it finds tests/support.

import samba_dc
from authentication import FLEET, PASSWORD, USER, VM, auth


@unittest.skipIf(samba_dc.missing(), samba_dc.missing())
class Samba(EndToEnd):
    @classmethod
    def setUpClass(cls):
        cls.dc = cls.enterClassContext(samba_dc.SambaDc())
        cls.dc.lock_accounts_after(10)
        cls.dc.add_user(USER, PASSWORD)
        cls.keytab = cls.dc.add_service("hypervisor", f"HTTP/{cls.dc.HOST}")
        cls.enterClassContext(cls.dc.network())

    def setUp(self):
        super().setUp()
        self.environment.update(self.dc.environment)
        self.password = self.secret("password", PASSWORD)

    def secret(self, name, text):
        file = self.folder / name
        file.write_text(text + "\n", encoding="utf-8")
        return file

    def applied(self, spec):
        """Applies from within the domain to a host in it, which lets in whom the domain knows."""
        simulator = self.simulate(
            FLEET,
            *("--listen", f"{self.dc.ADDRESS}:0"),
            *("--kerberos-keytab", self.keytab, "--ntlm"),
            env=self.environment,
            wrapper=self.dc.inside,
        )
        url = simulator.endpoint("hv").replace(self.dc.ADDRESS, self.dc.HOST)
        self.declare("all.yaml", host_manifest("hv", url, spec), policy())
        return self.apply(wrapper=self.dc.inside), simulator

    def assert_corrected(self, run, simulator, how, who):
        self.assert_code(run, 0)
        self.assertTrue(simulator.security("hv", f"{VM}-1")["tpmEnabled"])
        for call in simulator.modifications():
            self.assertEqual((call["auth"], call["encrypted"]), (how, True))
            self.assertIn(who.lower(), call["user"].lower())

    def test_by_kerberos_with_a_password(self):
        principal = f"{USER}@{self.dc.REALM}"
        run, simulator = self.applied(
            auth("kerberos", principal=principal, passwordFile=self.password)
        )
        self.assert_corrected(run, simulator, "Kerberos", principal)

    def test_by_ntlm_which_the_domain_verifies(self):
        run, simulator = self.applied(
            auth("ntlm", domain=self.dc.DOMAIN, username=USER, passwordFile=self.password)
        )
        self.assert_corrected(run, simulator, "NTLM", USER)

    def test_a_wrong_password_is_refused_by_the_domain(self):
        wrong = self.secret("wrong", "not-" + PASSWORD)
        for spec in (
            auth("kerberos", principal=f"{USER}@{self.dc.REALM}", passwordFile=wrong),
            auth("ntlm", domain=self.dc.DOMAIN, username=USER, passwordFile=wrong),
        ):
            with self.subTest(spec):
                before = self.dc.wrong_passwords(USER)
                run, simulator = self.applied(spec)
                self.assert_code(run, 4)
                self.assertEqual(simulator.modifications(), [])
                # The domain locks accounts by this number.
                self.assertEqual(self.dc.wrong_passwords(USER) - before, 1)


if __name__ == "__main__":
    unittest.main()
