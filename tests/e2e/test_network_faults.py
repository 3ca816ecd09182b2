"""An apply over a network that fails in every way at once: whatever it says afterwards is true."""

import concurrent.futures
import os
import random
import threading
import unittest

from aftermath import Site
from harness import EndToEnd, Run, policy
from troubles import draw_fault

ROUNDS = int(os.environ.get("HVSEC_NETWORK_ROUNDS", "100"))
SEED = os.environ.get("HVSEC_NETWORK_SEED", "network")
# What a sanitizer puts aside is not the program's.
MEMORY = int(os.environ.get("HVSEC_NETWORK_MEMORY_MIB", "64")) * 1024  # KiB

FAULTS = 100
HOSTS = [f"hv-{number}" for number in range(1, 6)]
VMS = 10

FLEET = f"""hosts:
  - name: hv-%d
    repeat: {len(HOSTS)}
    jobSeconds: 0.05
    vms:
      - {{name: "drifted-%02d", repeat: {VMS - 2}, keyProtector: local}}
      - {{name: "well-%02d", repeat: 2, keyProtector: local, security: {{tpmEnabled: true}}}}
"""

DEADLINES = ("--connect-timeout", "1s", "--request-timeout", "1s", "--host-timeout", "10s",
             "--job-timeout", "5s")
# Reading a host, then three turns of the changes' requests and jobs, with time to spare.
LONGEST = 90

# What each verdict claims of tpmEnabled, which every VM here can have; nothing: it claims nothing.
CLAIMS = {
    "inSync": {True},
    "corrected": {True},
    "drifted": {False},
    "notApplied": {False},
    "failed": {False},
    "indeterminate": {True, False},
    "unknown": {True, False},
}


def finish(process):
    """The run once the process has ended, and the most memory it had, in KiB."""
    watchdog = threading.Timer(LONGEST, process.kill)
    watchdog.start()
    with process, concurrent.futures.ThreadPoolExecutor(2) as pool:
        out, err = pool.map(lambda stream: stream.read(), (process.stdout, process.stderr))
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    watchdog.cancel()
    return Run(process.returncode, out, err, 0), usage.ru_maxrss


def untruths_of_vm(vm, really):
    (setting,) = vm["settings"]
    verdict, after = setting["verdict"], setting["after"]
    if really not in CLAIMS.get(verdict, set()):
        yield f"{vm['name']} is called {verdict}, and tpmEnabled is {really}: {vm}"
    if verdict in ("corrected", "notApplied") and after != really:
        yield f"{vm['name']} is said to have {after} now, and has {really}: {vm}"


def untruths(run, simulator):
    """What the report says that is not so."""
    allowed = {0}
    for host in run.report["hosts"]:
        if not host["reachable"]:
            allowed = {4, 6}
            continue
        real = {vm["id"]: vm for vm in simulator.host(host["name"])["vms"]}
        told = {vm["id"]: vm for vm in host["vms"]}
        if set(real) != set(told):
            yield f"{host['name']} has {len(real)} VMs, and {len(told)} are told of"
        for one in set(real) & set(told):
            yield from untruths_of_vm(told[one], real[one]["security"]["tpmEnabled"])
        if {vm["verdict"] for vm in host["vms"]} - {"inSync", "corrected"}:
            allowed = {2, 4, 6} if allowed == {0} else allowed
    if run.code not in allowed:
        yield f"the exit code is {run.code}"


class NetworkFaults(EndToEnd):
    def site(self):
        more = "  limits: {concurrentJobs: 4, concurrentRequests: 4}\n"
        return Site(self.environment, FLEET, policy(), host_more=more)

    def undisturbed_memory(self):
        with self.site() as site:
            run, memory = finish(site.start(*DEADLINES))
            self.assert_code(run, 0)
            self.assertEqual(list(untruths(run, site.simulator)), [])
            self.assertEqual(site.defects(), [])
            return memory

    def round(self, number, memory_limit):
        """What was wrong, the verdicts, and how often a fault struck."""
        chance = random.Random(f"{SEED}/{number}")
        with self.site() as site:
            simulator = site.simulator
            for host in HOSTS:
                faults = [draw_fault(chance) for _ in range(FAULTS // len(HOSTS))]
                simulator.add_faults(host, faults)
            run, memory = finish(site.start(*DEADLINES))
            if run.code not in (0, 2, 4, 6):
                return [f"round {number}: it ended with {run.code}: {run.err[-2000:]}"], [], 0
            found = list(untruths(run, simulator))
            if memory > memory_limit:
                found.append(f"it took {memory} KiB of memory")
            left = sum(len(simulator.host(host)["faults"]) for host in HOSTS)
            found += self.aftermath(site)
            verdicts = [vm["verdict"] for _, vm in run.vms()]
            return [f"round {number}: {one}" for one in found], verdicts, FAULTS - left

    def aftermath(self, site):
        """What is wrong after one more run over a network in order."""
        for host in HOSTS:
            site.simulator.clear_faults(host)
        run, _ = finish(site.start())
        if run.code != 0:
            yield f"without faults it ended with {run.code}: {run.err}"
        yield from site.defects()

    def test_whatever_the_network_does_the_report_is_true(self):
        print(f"HVSEC_NETWORK_SEED={SEED} HVSEC_NETWORK_ROUNDS={ROUNDS}", flush=True)
        limit = self.undisturbed_memory() + MEMORY
        with concurrent.futures.ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
            rounds = list(pool.map(lambda number: self.round(number, limit), range(ROUNDS)))
        self.assertEqual([one for found, _, _ in rounds for one in found], [], f"seed {SEED}")
        verdicts = [one for _, verdicts, _ in rounds for one in verdicts]
        counts = {verdict: verdicts.count(verdict) for verdict in sorted(set(verdicts))}
        struck = sum(one for _, _, one in rounds)
        print(f"{struck} faults struck; VMs by verdict: {counts}", flush=True)
        # Neither did the faults miss, nor did they leave nothing to be told of.
        self.assertGreater(struck, ROUNDS * FAULTS // 4)
        self.assertGreater(counts.get("corrected", 0), ROUNDS)


if __name__ == "__main__":
    unittest.main()
