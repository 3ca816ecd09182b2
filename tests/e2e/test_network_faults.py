"""An apply over a network that fails in every way at once: whatever it says afterwards is true."""

import concurrent.futures
import os
import random
import threading
import unittest

from aftermath import Site
from harness import EndToEnd, Run, policy

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

# Every request of an apply. Those that a whole host hangs on are drawn seldom, so that most hosts
# come as far as the changes of their VMs.
PLACES = (
    (1, {"operation": "enumerate", "class": "Msvm_VirtualSystemSettingData"}),
    (1, {"operation": "enumerate", "class": "Msvm_ComputerSystem"}),
    (1, {"operation": "enumerate", "class": "Msvm_SecuritySettingData"}),
    (1, {"operation": "enumerate", "class": "Msvm_SecurityService"}),
    (1, {"operation": "enumerate", "class": "Msvm_AffectedJobElement"}),
    (2, {"operation": "pull"}),
    (20, {"operation": "get", "class": "Msvm_SecuritySettingData"}),
    (15, {"operation": "get", "class": "Msvm_ComputerSystem"}),
    (20, {"operation": "get", "class": "Msvm_ConcreteJob"}),
    (10, {"operation": "invoke", "method": "GetKeyProtector"}),
    (20, {"operation": "invoke", "method": "ModifySecuritySettings"}),
)

# What can go wrong, and how often it is drawn: what ends in waiting is drawn less often.
TROUBLES = (
    (4, lambda chance: ("drop", {"when": chance.choice(("before", "after"))})),
    (2, lambda chance: ("delay", {"seconds": chance.choice((0.05, 0.3, 1.5))})),
    (3, lambda chance: ("httpStatus", {"code": chance.choice((400, 403, 404, 500, 502, 503))})),
    (2, lambda _: ("soapFault", {"subcode": "w:InternalError", "code": 2150859174})),
    (2, lambda _: ("soapFault", {"subcode": "w:TimedOut", "code": 2150858793})),
    (4, lambda chance: ("cutAt", {"bytes": chance.randrange(1, 3000)})),
    (3, lambda chance: ("wrongLength", {"delta": chance.choice((-200, -1, 1, 5000))})),
    (3, lambda _: ("chunked", {})),
    (2, lambda chance: ("interim", {"count": chance.choice((1, 3, 50))})),
    (1, lambda chance: ("halfOpen", {"when": chance.choice(("before", "after"))})),
    (1, lambda chance: ("neverAnswers", {"when": chance.choice(("before", "after"))})),
    (3, lambda chance: ("garbage", {"bytes": chance.randrange(1, 5000)})),
    (2, lambda chance: ("giantAnswer", {"bytes": chance.choice((10**7, 10**12))})),
    (2, lambda _: ("deepXml", {"depth": 100_000})),
    (2, lambda _: ("entityBomb", {})),
    (3, lambda _: ("otherMessageId", {})),
    (1, lambda _: ("slowBody", {"bytesPerSecond": 500})),
)

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


def draw(chance, table):
    (found,) = chance.choices([one for _, one in table], [weight for weight, _ in table])
    return found


def draw_fault(chance):
    name, arguments = draw(chance, TROUBLES)(chance)
    return {"fault": name, **arguments, **draw(chance, PLACES), "times": 1}


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
