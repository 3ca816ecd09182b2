"""What all measurements share: a fleet with its manifests, and one measured run of a program."""

import contextlib
import dataclasses
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
from simulator import Simulator  # noqa: E402  pylint: disable=wrong-import-position

BIN = pathlib.Path(os.environ.get("HVSEC_BIN", ROOT / "build" / "release" / "bin"))
FILES = 16_384

POLICY = """---
apiVersion: hvsec/v1
kind: VmSecurity
metadata: {name: all}
spec: {mode: enforce, select: {}, settings: {tpmEnabled: true}}
"""


@dataclasses.dataclass
class Run:
    """How long a program took, in all and of the processor; the most memory it had, in bytes."""

    seconds: float
    processor: float
    memory: int
    out: str = ""
    instructions: int = 0


def run(command, text="", codes=(0,)):
    """Runs a program to its end, which must have one of `codes`."""
    with tempfile.TemporaryFile("w+") as given, tempfile.TemporaryFile("w+") as out:
        given.write(text)
        given.seek(0)
        start = time.monotonic()
        with subprocess.Popen([*map(str, command)], stdin=given, stdout=out) as process:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.monotonic() - start
            process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        assert process.returncode in codes, f"{command[0]} ended with {process.returncode}"
        return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, out.read())


def counts_instructions():
    """Whether there is perf, and the processor lets it count."""
    if not shutil.which("perf"):
        return False
    probe = subprocess.run(
        ["perf", "stat", "-x,", "-e", "instructions:u", "true"],
        capture_output=True, text=True, check=False,
    )
    return probe.returncode == 0 and "<not" not in probe.stderr


def counted(command, text="", codes=(0,)):
    """As `run`, with the instructions of user code where the machine counts them, else 0."""
    if not counts_instructions():
        return run(command, text, codes)
    with tempfile.NamedTemporaryFile("r") as counts:
        perf = ["perf", "stat", "-x,", "-e", "instructions:u", "-o", counts.name, "--", *command]
        measured = run(perf, text, codes)
        (line,) = [each for each in counts if "instructions" in each]
    measured.instructions = int(line.split(",")[0])
    return measured


def simulated_instructions(command):
    """The instructions of a run under callgrind, which takes fifty times as long; 0 without it, or
    where the program does not run in it, as one with a sanitizer."""
    if not shutil.which("valgrind"):
        return 0
    probe = subprocess.run(["valgrind", "-q", "--tool=none", command[0], "--version"],
                           capture_output=True, check=False)
    if probe.returncode != 0:
        return 0
    with tempfile.NamedTemporaryFile("r") as counts:
        callgrind = ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={counts.name}"]
        run([*callgrind, *command])
        (line,) = [each for each in counts if each.startswith("totals:")]
    return int(line.split()[1])


def come_first():
    """Lets what is measured run before all else on the machine, if we may: a build beside it then
    takes only the memory's time."""
    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))


def in_turn(rounds, seconds, **sides):
    """Runs each side once in every round, so that whatever else the machine does weighs on all: in
    `rounds` at least, and in as many more as begin within `seconds`.

    Gives the runs of each side.
    """
    runs = {name: [] for name in sides}
    end = time.monotonic() + seconds
    while rounds > 0 or time.monotonic() < end:
        rounds -= 1
        for name, side in sides.items():
            runs[name].append(side())
    return runs


def ratio(runs, above, below):
    """The median over the rounds of what `above` took by what `below` took in the same round."""
    return statistics.median(
        one.seconds / other.seconds for one, other in zip(runs[above], runs[below])
    )


def median(runs):
    return statistics.median(one.seconds for one in runs)


def allow_many_files():
    """Thousands of connections need as many descriptors, on both sides."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


class Fleet:
    """Simulated hosts, manifests that declare them, and the plan for whoever reads them too."""

    def __init__(self, folder, simulator):
        self.folder = folder
        self.simulator = simulator
        certificate = simulator.certificate_file
        tls = f", tls: {{caFile: {certificate}}}" if certificate else ""
        documents = [
            "---\napiVersion: hvsec/v1\nkind: Host\n"
            f"metadata: {{name: {name}}}\n"
            f"spec: {{endpoint: '{simulator.endpoint(name)}'{tls}}}\n"
            for name in simulator.hosts
        ]
        self.manifests = folder / "all.yaml"
        self.manifests.write_text("".join([*documents, POLICY]), encoding="utf-8")
        self._queries = None

    def check(self):
        return [BIN / "hvsec", "check", "--manifests", self.manifests,
                "--ledger", self.folder / "none.db"]

    def plan(self):
        """The queries as hvsec sent them, then the endpoints."""
        if self._queries is None:
            self.simulator.control("DELETE", "log")
            run(self.check(), codes=(0, 2))
            sent = [one["wql"] for one in self.simulator.log(operation="enumerate")]
            self._queries = sorted(set(sent))
            assert len(sent) == len(self._queries) * len(self.simulator.hosts), "a read was repeated"
        endpoints = [self.simulator.endpoint(name) for name in self.simulator.hosts]
        return "\n".join([*self._queries, "", *endpoints])

    def floor(self, at_once):
        certificate = self.simulator.certificate_file or "-"
        return [BIN / "hvsec-bench-floor", at_once, certificate]


@contextlib.contextmanager
def fleet(hosts, vms, *args, job_seconds=0, latency_ms=0, security="{tpmEnabled: true}"):
    """`hosts` simulated hosts of `vms` VMs each, of which none has drifted.

    Each answer comes `latency_ms` after it is ready.
    """
    machines = f"[{{name: 'vm-%05d', repeat: {vms}, keyProtector: local, security: {security}}}]"
    pace = f"jobSeconds: {job_seconds}, latencyMs: {latency_ms}"
    text = f"hosts: [{{name: 'hv-%04d', repeat: {hosts}, {pace}, vms: {machines}}}]"
    with tempfile.TemporaryDirectory(prefix="hvsec-bench-") as folder:
        with Simulator(BIN / "hvsec-sim", text, args) as simulator:
            yield Fleet(pathlib.Path(folder), simulator)
