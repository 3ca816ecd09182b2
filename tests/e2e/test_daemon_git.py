"""The daemon over a real git repository: what is pushed is in force soon, what is wrong or nobody
signed is refused, and a remote that is away changes nothing."""

import signal
import subprocess
import sys
import unittest

from daemon import DaemonTest
from harness import ROOT, eventually, host_manifest, policy

import processes

FLEET = """hosts:
  - name: hv
    jobSeconds: 0.02
    vms:
      - {name: dc-01, keyProtector: local}
      - {name: web-01, keyProtector: local, security: {tpmEnabled: true}}
"""
BOTH = "{tpmEnabled: true, ksdEnabled: true}"
OFTEN = ("--git-poll", "1s")
TOKEN = "gh0st-t0ken"


class GitTest(DaemonTest):
    def setUp(self):
        super().setUp()
        self.remote = self.folder / "remote.git"
        self.work = self.folder / "work"
        self.run_git("init", "--quiet", "--bare", "--initial-branch", "main", self.remote)
        self.run_git("clone", "--quiet", self.remote, self.work)
        self.git("checkout", "--quiet", "-B", "main")
        self.manifests = self.work / "fleet"
        self.manifests.mkdir()
        self.simulator = self.simulate(FLEET)
        self.declare("hosts.yaml", host_manifest("hv", self.simulator.endpoint("hv")))

    def run_git(self, *args):
        environment = {"PATH": self.environment["PATH"], "HOME": str(self.folder),
                       "GIT_CONFIG_NOSYSTEM": "1"}
        identity = ("-c", "user.name=T", "-c", "user.email=t@example.com")
        return processes.run(["git", *identity, *args], env=environment).strip()

    def git(self, *args):
        return self.run_git("-C", self.work, *args)

    def push(self, text, *args):
        """Pushes another policy, and gives the commit."""
        self.declare("policy.yaml", text)
        self.git("add", "--all")
        self.git(*args, "commit", "--quiet", "--message", "declare")
        self.git("push", "--quiet", "origin", "HEAD")
        return self.git("rev-parse", "HEAD")

    def daemon(self, *args, url=None, poll=OFTEN, **options):
        url = url or f"file://{self.remote}"
        return self.run_daemon(
            "--git", url, "--path", "fleet", *poll, *args, manifests=False, **options)

    def until_in_force(self, daemon, commit):
        return daemon.until(lambda status: self.in_force(status) == commit, f"{commit} is in force")

    def in_force(self, status):
        """The commit of the manifests in force."""
        if status["inForce"] is None:
            return None
        (revision,) = status["inForce"]["revisions"]
        self.assertFalse(revision["dirty"])
        return revision["commit"]

    def has_ksd(self, vm="dc-01"):
        return self.simulator.security("hv", vm)["ksdEnabled"]


class Local(GitTest):
    def test_what_is_pushed_is_in_force_and_on_record(self):
        first = self.push(policy())
        daemon = self.daemon(interval="10m")
        self.until_in_force(daemon, first)
        daemon.until_in_sync()
        second = self.push(policy(settings=BOTH))
        self.until_in_force(daemon, second)
        eventually(lambda: self.has_ksd() and self.has_ksd("web-01"), "it is as declared anew")
        daemon.until_in_sync()
        self.assertEqual(daemon.status()["source"], f"file://{self.remote}, path fleet")
        daemon.has_said(second[:12], "is in force")
        self.assertIn(f'revision="{second}"', daemon.metrics())

        eventually(lambda: len(self.history()["changes"]) == 3, "it is on record")
        commits = [change["revisions"][0]["commit"] for change in self.history()["changes"]]
        self.assertEqual(commits, [first, second, second])
        newest = self.history()["changes"][-1]["id"]
        self.assertIn(second[:12], self.ledger_command("history", "show", newest).out)
        self.assert_ends_well(daemon)

    def test_a_bad_revision_is_refused_and_the_last_good_one_stays(self):
        good = self.push(policy())
        daemon = self.daemon()
        self.until_in_force(daemon, good)
        daemon.until_in_sync()
        bad = self.push(policy(settings="{tpmEnabled: maybe}"))
        status = daemon.until(lambda status: status["refused"], "it is refused")
        self.assertEqual(self.in_force(status), good)
        self.assertIn(bad[:12], status["refused"]["revision"])
        self.assertRegex(status["refused"]["mistakes"][0], r"fleet/policy\.yaml:\d+:\d+: ")
        said = daemon.has_said(bad[:12], "is refused, the manifests in force stay")
        self.assertEqual(said["level"], "error")
        self.simulator.set_security("hv", "web-01", tpmEnabled=False)
        eventually(lambda: self.simulator.security("hv", "web-01")["tpmEnabled"],
                   "it is corrected by the last good revision")
        mended = self.push(policy(settings=BOTH))
        status = self.until_in_force(daemon, mended)
        self.assertIsNone(status["refused"])
        eventually(self.has_ksd, "it is as declared anew")
        self.assertEqual(len(daemon.records(bad[:12], "is refused")), 1, "it is said once")
        self.assert_ends_well(daemon)

    def test_a_start_while_the_remote_is_away_goes_by_what_was_kept(self):
        commit = self.push(policy())
        daemon = self.daemon()
        self.until_in_force(daemon, commit)
        daemon.until_in_sync()
        self.assert_ends_well(daemon)
        away = self.remote.rename(self.folder / "away.git")
        self.simulator.set_security("hv", "web-01", tpmEnabled=False)
        daemon = self.daemon()
        status = self.until_in_force(daemon, commit)
        self.assertIn(str(self.remote), status["sourceError"]["detail"])
        daemon.until_in_sync()
        self.assertTrue(self.simulator.security("hv", "web-01")["tpmEnabled"])
        self.assertEqual(daemon.get("readyz")[0], 200)
        away.rename(self.remote)
        after = self.push(policy(settings=BOTH))
        status = self.until_in_force(daemon, after)
        self.assertIsNone(status["sourceError"])
        self.assert_ends_well(daemon)

    def test_a_start_from_a_bad_revision_goes_by_the_last_good_one(self):
        good = self.push(policy())
        daemon = self.daemon()
        self.until_in_force(daemon, good)
        self.assert_ends_well(daemon)
        bad = self.push(policy(settings="{tpmEnabled: maybe}"))
        self.simulator.set_security("hv", "web-01", tpmEnabled=False)
        daemon = self.daemon()
        status = self.until_in_force(daemon, good)
        self.assertIn(bad[:12], status["refused"]["revision"])
        eventually(lambda: self.simulator.security("hv", "web-01")["tpmEnabled"],
                   "it is corrected by the last good revision")
        daemon.has_said(bad[:12], "is refused")
        mended = self.push(policy(settings=BOTH))
        status = self.until_in_force(daemon, mended)
        self.assertIsNone(status["refused"])
        self.assert_ends_well(daemon)

    def test_a_signal_asks_at_once(self):
        first = self.push(policy())
        daemon = self.daemon(poll=("--git-poll", "1h"))
        self.until_in_force(daemon, first)
        for number, settings in ((signal.SIGUSR1, BOTH), (signal.SIGHUP, "{tpmEnabled: true}")):
            commit = self.push(policy(settings=settings))
            daemon.signal(number)
            self.until_in_force(daemon, commit)

    def test_a_branch_that_was_rewritten_is_followed_and_told(self):
        first = self.push(policy())
        second = self.push(policy(settings=BOTH))
        daemon = self.daemon("--branch", "main")
        self.until_in_force(daemon, second)
        self.git("push", "--quiet", "--force", "origin", f"{first}:main")
        self.until_in_force(daemon, first)
        daemon.has_said("the branch was rewritten", first)

    def test_a_second_daemon_on_the_same_ledger_leaves_the_mirror_alone(self):
        commit = self.push(policy())
        daemon = self.daemon()
        self.until_in_force(daemon, commit)
        run = self.hvsec("run", "--git", f"file://{self.remote}", "--ledger", self.ledger,
                         "--listen", "off", manifests=False)
        self.assert_code(run, 1)
        self.assertIn(f"process {daemon.pid}", run.err)
        after = self.push(policy(settings=BOTH))
        self.until_in_force(daemon, after)


class Https(GitTest):
    def setUp(self):
        super().setUp()
        server = subprocess.Popen(
            [sys.executable, ROOT / "tests" / "source" / "git_https.py", self.folder, TOKEN],
            stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.stdout.close)
        self.addCleanup(processes.stop, server)
        self.url = f"https://localhost:{server.stdout.readline().strip()}/remote.git"
        self.token = self.folder / "token"
        self.write_token(TOKEN)
        self.access = ("--git-token-file", self.token, "--git-ca-file", self.folder / "ca.pem")

    def write_token(self, text):
        self.token.touch(mode=0o600)
        self.token.write_text(text + "\n", encoding="utf-8")

    def test_what_is_pushed_is_in_force(self):
        first = self.push(policy())
        daemon = self.daemon(*self.access, url=self.url)
        self.until_in_force(daemon, first)
        second = self.push(policy(settings=BOTH))
        self.until_in_force(daemon, second)
        eventually(self.has_ksd, "it is as declared anew")
        self.assert_ends_well(daemon)
        (revision,) = self.history()["changes"][-1]["revisions"]
        self.assertEqual((revision["commit"], revision["remote"]), (second, self.url))
        self.assertNotIn(TOKEN, daemon.log_file.read_text(encoding="utf-8"))

    def test_a_token_that_is_refused_can_be_mended_while_it_runs(self):
        commit = self.push(policy())
        self.write_token("another")
        daemon = self.daemon(*self.access, url=self.url)
        status = daemon.until(lambda status: status["sourceError"], "it is refused")
        self.assertIsNone(status["inForce"])
        self.assertIn(str(self.token), status["sourceError"]["detail"])
        self.assertEqual(daemon.get("readyz")[0], 503)
        self.write_token(TOKEN)
        status = self.until_in_force(daemon, commit)
        self.assertIsNone(status["sourceError"])


class Signed(GitTest):
    def setUp(self):
        super().setUp()
        self.home = self.folder / "gpg"
        self.home.mkdir(mode=0o700)
        self.gpg = ["gpg", "--homedir", str(self.home), "--batch", "--quiet", "--no-tty",
                    "--passphrase", ""]
        self.addCleanup(
            processes.run, ["gpgconf", "--homedir", self.home, "--kill", "all"])
        for name in ("alice", "mallory"):
            processes.run([*self.gpg, "--quick-gen-key", f"{name}@example.com", "ed25519", "sign"])
        self.keyring = self.folder / "keyring"
        processes.run(
            [*self.gpg, "--output", self.keyring, "--export", "alice@example.com"])
        self.signer = self.folder / "signer"
        words = " ".join(f"'{word}'" for word in self.gpg)
        self.signer.write_text(f'#!/bin/sh\nexec {words} "$@"\n', encoding="utf-8")
        self.signer.chmod(0o700)

    def push_signed(self, text, name):
        return self.push(
            text, "-c", f"gpg.program={self.signer}", "-c", "commit.gpgSign=true",
            "-c", f"user.signingKey={name}@example.com")

    def assert_refused(self, daemon, commit, why, good):
        said = daemon.has_said(f"commit {commit}", "the manifests in force stay", why)
        self.assertEqual(said["level"], "error")
        status = daemon.status()
        self.assertEqual(self.in_force(status), good)
        self.assertIn(commit, status["sourceError"]["detail"])

    def test_only_what_a_key_of_the_keyring_signed_is_taken(self):
        good = self.push_signed(policy(), "alice")
        daemon = self.daemon("--verify-signatures", self.keyring)
        self.until_in_force(daemon, good)
        unsigned = self.push(policy(settings=BOTH))
        self.assert_refused(daemon, unsigned, "is not signed", good)
        by_another = self.push_signed(policy("renamed", settings=BOTH), "mallory")
        self.assert_refused(daemon, by_another, "is of a key that is not in the keyring", good)
        self.assertFalse(self.has_ksd())
        after = self.push_signed(policy(settings=BOTH), "alice")
        status = self.until_in_force(daemon, after)
        self.assertIsNone(status["sourceError"])
        eventually(self.has_ksd, "it is as declared anew")
        self.assert_ends_well(daemon)


if __name__ == "__main__":
    unittest.main()
