"""A log-on that is lost on the way is made anew, once; one that is refused is not tried for ever."""

import unittest

from authentication import FLEET, KINDS, VM, AuthenticationTest, endpoint
from harness import host_manifest, policy

NEGOTIATE = [kind for kind in KINDS if kind.auth in ("Kerberos", "NTLM")]


class LogOnAgain(AuthenticationTest):
    def applied(self, kind, fault, **arguments):
        self.ledger = self.folder / f"{kind.name}.db"
        simulator = self.simulate(FLEET, *kind.flags(self.world), env=self.environment)
        simulator.add_fault("hv", fault, **arguments)
        host = host_manifest("hv", endpoint(simulator), kind.spec(self.world))
        self.declare("all.yaml", host, policy())
        return self.apply(env=kind.environment(self.world)), simulator

    def test_a_host_that_forgot_who_we_are_is_told_again(self):
        for kind in NEGOTIATE:
            for operation in ("pull", "get", "invoke"):
                with self.subTest(kind.name, operation=operation):
                    run, simulator = self.applied(
                        kind, "forgetLogon", times=1, operation=operation
                    )
                    self.assert_code(run, 0)
                    self.assertTrue(simulator.security("hv", f"{VM}-1")["tpmEnabled"])
                    self.assertEqual(simulator.needless_modifications(), [])

    def test_a_host_that_forgets_for_ever_is_given_up(self):
        for kind in NEGOTIATE:
            for fault in ("forgetLogon", "refuseLogon"):
                with self.subTest(kind.name, fault=fault):
                    run, simulator = self.applied(kind, fault)
                    self.assert_code(run, 4)
                    self.assertEqual(run.report["hosts"][0]["error"]["code"], "HTTP 401")
                    self.assertLess(len(simulator.log()), 50)
                    self.assertEqual(simulator.modifications(), [])

    def test_a_change_that_is_refused_for_ever_was_not_made(self):
        for kind in NEGOTIATE:
            with self.subTest(kind.name):
                run, simulator = self.applied(kind, "forgetLogon", method="ModifySecuritySettings")
                self.assert_code(run, 4)
                self.assertFalse(simulator.security("hv", f"{VM}-1")["tpmEnabled"])
                self.assertIn(run.verdicts()[f"{VM}-1"], ("failed", "indeterminate"))
                self.assertLess(len(simulator.log()), 100)


if __name__ == "__main__":
    unittest.main()
