"""However the daemon ends, asked or not, what it has begun is settled by it or by its next start."""

import concurrent.futures
import os
import random
import signal
import time
import unittest

from aftermath import Site, changes_on_record, open_changes, unread_repetitions
from daemon import INTERVAL, QUICK, Daemon, DaemonTest
from harness import HVSEC, PATIENCE, EndToEnd, eventually, policy

ROUNDS = int(os.environ.get("HVSEC_DAEMON_KILL_ROUNDS", "24"))
SEED = int(os.environ.get("HVSEC_DAEMON_KILL_SEED", str(random.SystemRandom().randrange(10**9))))
VMS = 40


def fleet(seconds):
    return f"""hosts:
  - name: hv-%d
    repeat: 2
    jobSeconds: {seconds}
    vms: [{{name: "vm-%d", repeat: 3, keyProtector: local}}]
"""


class Stop(DaemonTest):
    def begin(self, seconds, *args, **options):
        """A daemon over jobs that take so long, the first of which are under way."""
        self.simulator = self.simulate(fleet(seconds))
        self.declare_hosts(self.simulator)
        self.declare("policy.yaml", policy())
        daemon = self.run_daemon(*args, **options)
        eventually(lambda: len(self.settled_or_running()) >= 2, "jobs are under way")
        return daemon

    def settled_or_running(self):
        """The changes of which the ledger knows that their host has taken them."""
        if not self.ledger.exists():
            return []
        return [records for records in changes_on_record(self.ledger).values()
                if any(kind == "dispatched" for kind, _ in records)]

    def assert_nothing_is_sent_twice(self):
        self.assertEqual(self.simulator.needless_modifications(), [])
        self.assertEqual(unread_repetitions(self.simulator), [])
        for vm, calls in self.simulator.modifications_by_vm().items():
            self.assertEqual(len(calls), 1, vm)

    def test_jobs_under_way_are_settled(self):
        heard = self.notifications()
        daemon = self.begin(3, "--concurrent-jobs", "2", env=self.told(heard, watchdog=1))
        self.assert_ends_well(daemon)
        self.assertEqual(open_changes(self.ledger), {})
        sent = self.simulator.modifications()
        # What was under way, and none of the rest.
        self.assertEqual(len(sent), 2)
        for call in sent:
            self.assertTrue(self.simulator.security(call["host"], call["vm"])["tpmEnabled"])
        self.assertEqual(heard.order(), ["READY=1", "STOPPING=1"])
        self.assertGreater(len(heard.fields("WATCHDOG")), 3)
        self.assertIn("Settling what is in flight", heard.fields("STATUS"))
        (extension,) = heard.fields("EXTEND_TIMEOUT_USEC")
        self.assertGreater(int(extension), 30e6)
        daemon.has_said("stopping; what is in flight is brought to its end")
        verdicts = {change["settings"][0]["verdict"] for change in self.history()["changes"]}
        self.assertEqual(verdicts, {"corrected"})

        daemon = self.run_daemon("--drain-timeout", "60s")
        daemon.until_in_sync()
        self.assert_ends_well(daemon)
        self.assert_nothing_is_sent_twice()

    def test_jobs_that_take_longer_are_followed_by_the_next_start(self):
        daemon = self.begin(8, "--concurrent-jobs", "2", "--drain-timeout", "300ms")
        began = time.monotonic()
        self.assert_ends_well(daemon)
        self.assertLess(time.monotonic() - began, 7, "it does not wait for the jobs")
        left = open_changes(self.ledger)
        self.assertEqual(len(left), 2)
        daemon = self.run_daemon()
        self.assertEqual(daemon.status()["openChanges"], 2)
        status = daemon.until_in_sync()
        self.assertEqual(status["openChanges"], 0)
        self.assert_ends_well(daemon)
        self.assertEqual(open_changes(self.ledger), {})
        self.assert_nothing_is_sent_twice()

    def test_a_second_signal_ends_it_at_once(self):
        for second in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(second=second):
                self.ledger = self.folder / f"{second.name}.db"
                daemon = self.begin(PATIENCE * 10, "--drain-timeout", "10m")
                daemon.signal(signal.SIGTERM)
                daemon.has_said("A second signal ends hvsec at once")
                daemon.signal(second)
                self.assertEqual(daemon.wait(), 128 + second)
                self.assert_whole()
                self.assertGreater(len(open_changes(self.ledger)), 0)

    def test_the_pages_stay_true_while_it_settles(self):
        daemon = self.begin(0.05)
        daemon.until_in_sync()
        self.simulator.add_fault("hv-1", "jobSeconds", vm="vm-1", seconds=5)
        self.simulator.set_security("hv-1", "vm-1", tpmEnabled=False)
        before = len(self.simulator.modifications())
        eventually(lambda: len(self.simulator.modifications()) > before, "a job is under way")
        self.simulator.add_fault("hv-2", "neverAnswers", when="before")
        daemon.until_host("hv-2", lambda host: host["phase"] == "working", "it is being read")
        daemon.signal(signal.SIGTERM)
        daemon.has_said("stopping")
        host = daemon.until_host("hv-2", lambda host: host["phase"] != "working", "it is let go")
        self.assertEqual(host["vms"], {"total": 3, "unmanaged": 0, "verdicts": {"inSync": 3}})
        self.assertEqual(daemon.get("healthz")[0], 200)
        self.assertEqual(daemon.wait(), 0)
        self.assertTrue(self.simulator.security("hv-1", "vm-1")["tpmEnabled"])
        self.assert_whole()

    def test_it_ends_at_once_when_nothing_is_under_way(self):
        daemon = self.begin(0.02, "--drain-timeout", "10m", interval="10m")
        daemon.until_in_sync()
        began = time.monotonic()
        daemon.signal(signal.SIGINT)
        self.assertEqual(daemon.wait(), 0)
        self.assertLess(time.monotonic() - began, 10)

    def test_a_reload_is_told_to_the_service_manager(self):
        heard = self.notifications()
        daemon = self.begin(0.02, interval="10m", env=self.told(heard))
        daemon.until_in_sync()
        before = time.monotonic()
        daemon.signal(signal.SIGHUP)
        eventually(lambda: heard.order() == ["READY=1", "RELOADING=1", "READY=1"], "it reloads")
        (moment,) = heard.fields("MONOTONIC_USEC")
        self.assertGreaterEqual(int(moment) / 1e6, before)
        self.assertLessEqual(int(moment) / 1e6, time.monotonic())
        self.assert_ends_well(daemon)
        self.assertEqual(heard.order()[-1], "STOPPING=1")


def group(seconds):
    faults = f"[{{fault: jobSeconds, seconds: {seconds}}}]"
    return f"""
      - {{name: "vm-{seconds}-%02d", repeat: {VMS // 4}, keyProtector: local, faults: {faults}}}"""


LOAD = "hosts:\n  - name: hv\n    vms:" + "".join(map(group, (0.1, 0.2, 0.3, 0.5)))


class Kill(EndToEnd):
    def site(self):
        more = "  limits: {concurrentJobs: 16, concurrentRequests: 8}\n"
        return Site(self.environment, LOAD, policy(), host_more=more)

    def daemon(self, site, number):
        where = ("--ledger", site.ledger, "--manifests", site.folder / "all.yaml")
        return Daemon(
            [HVSEC, "run", "--listen", "127.0.0.1:0", "--log-format", "json", *QUICK,
             "--interval", INTERVAL, *map(str, where)],
            site.folder / f"daemon-{number}.log", env=self.environment)

    def round(self, number, seconds):
        """What was wrong in the end, and how many changes a kill had left open."""
        chance = random.Random(f"{SEED}/{number}")
        with self.site() as site:
            left = 0
            for turn in range(chance.choice((1, 1, 2, 3))):
                daemon = self.daemon(site, turn)
                time.sleep(chance.uniform(0, seconds))  # A kill comes when it comes.
                daemon.kill()
                if site.ledger.exists():
                    left += len(open_changes(site.ledger))
            daemon = self.daemon(site, "last")
            try:
                status = daemon.until_in_sync()
            finally:
                code = daemon.stop()
            found = site.defects()
            if code != 0 or status["openChanges"]:
                found.append(f"it ended with {code}, and {status['openChanges']} changes open")
            run = self.hvsec("history", "--verify", "--ledger", site.ledger, manifests=False)
            if run.code != 0:
                found.append(run.out + run.err)
            return [f"round {number}: {one}" for one in found], left

    def undisturbed_seconds(self):
        with self.site() as site:
            began = time.monotonic()
            daemon = self.daemon(site, "only")
            daemon.until_in_sync()
            seconds = time.monotonic() - began
            self.assertEqual(daemon.stop(), 0)
            self.assertEqual(site.defects(), [])
            return seconds

    def test_killed_at_any_moment_the_next_start_comes_to_the_truth(self):
        print(f"HVSEC_DAEMON_KILL_SEED={SEED} HVSEC_DAEMON_KILL_ROUNDS={ROUNDS}", flush=True)
        seconds = self.undisturbed_seconds()
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            results = list(pool.map(lambda number: self.round(number, seconds), range(ROUNDS)))
        self.assertEqual([one for found, _ in results for one in found], [], f"seed {SEED}")
        left = sum(left for _, left in results)
        print(f"kills left {left} changes open in {ROUNDS} rounds", flush=True)
        self.assertGreater(left, ROUNDS)


if __name__ == "__main__":
    unittest.main()
