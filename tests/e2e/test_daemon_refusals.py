"""What keeps the daemon from beginning: it says why, and ends with 1."""

import socket
import unittest

from daemon import DaemonTest
from harness import policy

FLEET = """hosts:
  - name: hv
    vms: [{name: dc-01, keyProtector: local}]
"""


class Refusals(DaemonTest):
    def setUp(self):
        super().setUp()
        self.simulator = self.simulate(FLEET)
        self.declare_hosts(self.simulator)
        self.declare("policy.yaml", policy())
        self.secret = self.folder / "secret"
        self.secret.write_text("long enough to be a secret\n", encoding="utf-8")
        self.secret.chmod(0o600)

    def assert_refused(self, *args, says, manifests=True, ledger=None):
        """It ends before it has asked any host, with a sentence that has all these words."""
        listen = () if "--listen" in args else ("--listen", "off")
        run = self.hvsec("run", "--ledger", ledger or self.ledger, *listen, *args, manifests=manifests)
        self.assert_code(run, 1)
        for words in says:
            self.assertIn(words, run.err)
        self.assertTrue(run.err.startswith("hvsec: "), run.err)
        self.assertEqual(run.out, "")
        self.assertEqual(self.simulator.log(), [])
        return run.err

    def test_intervals_that_would_wear_hosts_out(self):
        for flag, value, least in (("--interval", "59s", "1m"), ("--retry-interval", "9s", "10s"),
                                   ("--git-poll", "9s", "10s")):
            with self.subTest(flag=flag):
                self.assert_refused(flag, value, says=(flag, least, "--unsafe-interval"))

    def test_flags_that_do_not_go_together(self):
        for args, says in (
            (("--git", "file:///x"), ("--git or --manifests, not both",)),
            (("--branch", "main"), ("--branch needs --git",)),
            (("--path", "x"), ("--path needs --git",)),
            (("--git-token-file", self.secret), ("--git-token-file needs --git",)),
            (("--verify-signatures", self.secret), ("--verify-signatures needs --git",)),
            (("--webhook", "http://127.0.0.1:1/"), ("--webhook needs --webhook-secret-file",)),
            (("--webhook-secret-file", self.secret), ("--webhook-secret-file needs --webhook",)),
        ):
            with self.subTest(args=args):
                self.assert_refused(*args, says=says)

    def test_repositories_and_receivers_that_are_not_safe(self):
        for args, says in (
            (("--git", "http://git.example.com/fleet"), ("https://",)),
            (("--git", "https://user:geheim@git.example.com/fleet"), ("a file of its own",)),
            (("--git", "ssh://git@git.example.com/fleet"), ("key",)),
            (("--git", "file:///nowhere", "--path", "../up"), ("path",)),
            (("--git", "file:///nowhere", "--branch", "a..b"), ("branch",)),
        ):
            with self.subTest(args=args):
                said = self.assert_refused(*args, says=says, manifests=False)
                self.assertNotIn("geheim", said)
        told = ("--webhook-secret-file", self.secret)
        self.assert_refused("--webhook", "http://example.com/hook/a-token", *told, says=("https",))
        self.secret.write_text("brief-key\n", encoding="utf-8")
        said = self.assert_refused("--webhook", "https://example.com/", *told, says=("16",))
        self.assertNotIn("brief-key", said)

    def test_a_port_that_is_taken(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            address = f"127.0.0.1:{other.getsockname()[1]}"
            self.assert_refused("--listen", address, says=("--listen", address, "in use"))

    def test_an_address_that_is_none(self):
        for address in ("127.0.0.1", "localhost:x", "127.0.0.1:70000", "somewhere"):
            with self.subTest(address=address):
                self.assert_refused("--listen", address, says=("--listen",))

    def test_a_ledger_that_cannot_be_written(self):
        # A folder of the kernel's, which root cannot write either.
        self.assert_refused(ledger="/proc/ledger.db", says=(
            "the loop did not begin", "/proc/ledger.db", "check the path and the rights"))
        garbage = self.folder / "garbage.db"
        garbage.write_bytes(b"garbage" * 1000)
        self.assert_refused(ledger=garbage, says=("the loop did not begin", "not a SQLite database"))

    def test_manifests_that_cannot_be_watched(self):
        self.assert_refused("--manifests", "-", manifests=False,
                            says=("--manifests", "standard input cannot be watched"))

    def test_a_folder_that_is_not_there_is_waited_for(self):
        absent = self.folder / "later"
        daemon = self.run_daemon("--manifests", absent, manifests=False)
        status = daemon.until(
            lambda status: status["refused"] or status["sourceError"], "it is missed")
        self.assertIn("later", str(status["refused"] or status["sourceError"]))
        self.manifests.rename(absent)
        daemon.until_in_sync()


if __name__ == "__main__":
    unittest.main()
