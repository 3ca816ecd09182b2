"""The daemon over a fleet that drifts and fails all the time: it comes through, takes no more and
more memory, and what it says in the end is so. HVSEC_SOAK_SECONDS says how long."""

import datetime
import os
import random
import signal
import statistics
import threading
import time
import unittest

from aftermath import changes_on_record, open_changes, unread_repetitions
from daemon import Daemon, DaemonTest, is_in_sync, open_descriptors, resident_kib
from harness import policy
from prometheus import parse
from troubles import draw, draw_fault

SECONDS = float(os.environ.get("HVSEC_SOAK_SECONDS", "120"))
SEED = int(os.environ.get("HVSEC_SOAK_SEED", str(random.SystemRandom().randrange(10**9))))
# What a sanitizer puts aside is not the program's.
WATCH_MEMORY = os.environ.get("HVSEC_SOAK_MEMORY", "on") != "off"

HOSTS = [f"hv-{number:02}" for number in range(1, 21)]
VMS = [f"vm-{number:02}" for number in range(1, 21)]
FLEET = f"""hosts:
  - name: hv-%02d
    repeat: {len(HOSTS)}
    jobSeconds: 0.1
    vms:
      - {{name: "vm-%02d", repeat: {len(VMS)}, keyProtector: local, security: {{tpmEnabled: true}}}}
"""

INTERVAL = 3
RETRY = 1
DEADLINES = ("--connect-timeout", "2s", "--request-timeout", "2s", "--host-timeout", "10s",
             "--job-timeout", "10s")
# A pass that is under way when all is well again, at its longest, and what a busy machine adds.
LONGEST_PASS = 25
LEEWAY = 30

# A setting that is corrected oftener within a day is contested, and left alone.
MOST_DRIFTS = 2
PAUSE = max(0.25, SECONDS / 600)
FAULTS_AT_ONCE = 3

# What goes wrong with a change while the network is in order.
TROUBLES_OF_CHANGES = (
    (3, {"fault": "jobFails"}),
    (3, {"fault": "jobVanishes"}),
    (2, {"fault": "jobSeconds", "seconds": 3}),
    (2, {"fault": "silentNoOp"}),
    (2, {"fault": "busy"}),
    (1, {"fault": "completedWithWarnings"}),
)

# What a host refuses for good has the daemon wait for a person.
REFUSALS = (400, 403, 404)


class Weather:
    """Drift and faults without end, on a thread of its own, until it is over."""

    def __init__(self, simulator, chance):
        self._simulator = simulator
        self._chance = chance
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.drifts = {(host, vm): 0 for host in HOSTS for vm in VMS}
        self.faults = 0  # That struck, but for those of single VMs, which are counted as added.
        self.failure = None
        self._thread.start()

    def end(self):
        """No more drift, and no more faults."""
        self._over.set()
        self._thread.join()
        for host in HOSTS:
            self.faults -= len(self._simulator.host(host)["faults"])
            self._simulator.clear_faults(host)
            for vm in VMS:
                self._simulator.clear_faults(host, vm)
        if self.failure:
            raise self.failure

    def _run(self):
        try:
            while not self._over.wait(PAUSE):
                self._drift()
                for _ in range(FAULTS_AT_ONCE):
                    self._trouble_a_host()
        except Exception as error:  # pylint: disable=broad-exception-caught
            self.failure = error

    def _drift(self):
        left = [vm for vm, count in self.drifts.items() if count < MOST_DRIFTS]
        if not left:
            return
        host, vm = self._chance.choice(left)
        if not self._simulator.security(host, vm)["tpmEnabled"]:
            return
        if self._chance.random() < 0.3:
            fault = dict(draw(self._chance, TROUBLES_OF_CHANGES))
            self._simulator.add_fault(host, fault.pop("fault"), vm=vm, times=1, **fault)
            self.faults += 1
        self._simulator.set_security(host, vm, tpmEnabled=False)
        self.drifts[(host, vm)] += 1

    def _trouble_a_host(self):
        fault = draw_fault(self._chance)
        if fault.get("code") in REFUSALS:
            return
        self._simulator.add_faults(self._chance.choice(HOSTS), [fault])
        self.faults += 1


class Soak(DaemonTest):
    def setUp(self):
        super().setUp()
        self.simulator = self.simulate(FLEET)
        self.declare_hosts(self.simulator)
        self.declare("policy.yaml", policy())
        self.chance = random.Random(SEED)

    def daemon(self) -> Daemon:
        return self.run_daemon(*DEADLINES, interval=f"{INTERVAL}s")

    def watch(self, daemon, seconds):
        """Memory (KiB) and descriptors of each second. It works all that time, and gives up nobody."""
        samples = []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.assertIsNone(daemon.process.poll(), "it has ended")
            self.assertEqual(daemon.get("healthz")[0], 200)
            self.assertTrue(daemon.metrics())
            for host in daemon.status()["hosts"]:
                self.assertNotEqual(host["phase"], "stalled", host)
            samples.append((resident_kib(daemon.pid), open_descriptors(daemon.pid)))
            time.sleep(1)  # The pace of the samples.
        return samples

    def assert_levels_off(self, samples):
        quarter = len(samples) // 4
        second, last = samples[quarter:2 * quarter], samples[-quarter:]
        for what, index, share, more in (("KiB of memory", 0, 1.15, 4096), ("descriptors", 1, 1.5, 20)):
            before = statistics.median(sample[index] for sample in second)
            after = statistics.median(sample[index] for sample in last)
            print(f"{what}: {before} in the second quarter, {after} in the last", flush=True)
            if index == 1 or WATCH_MEMORY:
                self.assertLess(after, before * share + more, what)

    def assert_all_is_corrected(self, daemon):
        """Within the interval, a retry, and the longest pause that a host is in because it failed."""
        began = time.monotonic()
        status = daemon.status()
        now = moment(status["now"])
        pauses = [moment(host["nextPass"]) - now for host in status["hosts"] if host["nextPass"]]
        limit = max([0, *pauses]) + LONGEST_PASS + (INTERVAL + RETRY) * 1.05 + LEEWAY
        passed = {}

        def is_over(status):
            for host in status["hosts"]:
                passed.setdefault(host["name"], host["lastPass"])
            return status["openChanges"] == 0 and all(
                host["lastPass"] != passed[host["name"]] and is_in_sync(host) and not host["attempt"]
                and self.is_as_declared(host["name"]) for host in status["hosts"])

        daemon.until(is_over, "all is corrected")
        seconds = time.monotonic() - began
        print(f"all is corrected after {seconds:.1f} s of at most {limit:.1f} s", flush=True)
        self.assertLess(seconds, limit)

    def is_as_declared(self, host):
        return all(vm["security"]["tpmEnabled"] for vm in self.simulator.host(host)["vms"])

    def assert_verdicts_are_true(self, daemon):
        """Of VMs that cannot be changed now, exactly those that differ are told."""
        differ = {(host, self.chance.choice(VMS)) for host in HOSTS[::2]}
        for host, vm in differ:
            self.simulator.set_power(host, vm, "running")
            self.simulator.set_security(host, vm, tpmEnabled=False)

        def told(status):
            return {(host["name"], vm["name"]) for host in status["hosts"] for vm in host["notInSync"]}

        status = daemon.until(lambda status: told(status) == differ, "what differs is told")
        for host in status["hosts"]:
            self.assertEqual({vm["verdict"] for vm in host["notInSync"]} - {"deferred"}, set())
            self.assertEqual(host["vms"]["total"], len(VMS))
            for vm in self.simulator.host(host["name"])["vms"]:
                is_told = (host["name"], vm["name"]) in differ
                self.assertNotEqual(vm["security"]["tpmEnabled"], is_told, vm)

    def assert_record_is_true(self, weather):
        """Nothing is open, was sent without need, or is said to be corrected oftener than it drifted."""
        self.assertEqual(open_changes(self.ledger), {})
        self.assertEqual(self.simulator.needless_modifications(), [])
        self.assertEqual(unread_repetitions(self.simulator), [])
        corrected = 0
        for records in changes_on_record(self.ledger).values():
            settled = [payload for kind, payload in records if kind == "settled"]
            corrected += settled[-1]["settings"][0]["verdict"] == "corrected"
        drifts = sum(weather.drifts.values())
        print(f"{drifts} drifts, {corrected} corrected, {weather.faults} faults struck", flush=True)
        self.assertLessEqual(corrected, drifts)
        self.assertGreater(corrected, drifts // 2)
        self.assertGreater(weather.faults, drifts // 2)

    def test_it_comes_through(self):
        print(f"HVSEC_SOAK_SEED={SEED} HVSEC_SOAK_SECONDS={SECONDS}", flush=True)
        daemon = self.daemon()
        daemon.until_in_sync()
        weather = Weather(self.simulator, self.chance)
        self.watch(daemon, SECONDS * self.chance.uniform(0.1, 0.3))
        daemon.kill()
        daemon = self.daemon()
        samples = self.watch(daemon, SECONDS * 0.7)
        weather.end()
        retries = parse(daemon.metrics())[("hvsec_workqueue_retries_total",)]
        print(f"{retries:.0f} retries", flush=True)
        self.assertGreater(retries, 0)
        self.assert_all_is_corrected(daemon)
        self.assert_levels_off(samples)
        self.assert_verdicts_are_true(daemon)
        daemon.signal(signal.SIGTERM)
        self.assertEqual(daemon.wait(), 0)
        self.assert_whole()
        self.assert_record_is_true(weather)


def moment(text):
    """A time of the status, in seconds."""
    return datetime.datetime.fromisoformat(text).timestamp()


if __name__ == "__main__":
    unittest.main()
