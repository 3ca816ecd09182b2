"""What the ledger costs: an apply with the SQLite ledger beside the same one without any disk.

    HVSEC_BIN=build/release/bin /usr/bin/python3 tests/bench/ledger.py

Every repetition starts from the same drifted fleet, and the two kinds take turns, so that whatever
else the machine does weighs on both. README.md says what the figures mean.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
from simulator import Simulator  # noqa: E402  pylint: disable=wrong-import-position

BIN = pathlib.Path(os.environ.get("HVSEC_BIN", ROOT / "build" / "release" / "bin"))
HOSTS = 10
TARGET = 0.25

# The host is done as soon as it is asked; or even before it answers.
INSTANT = {"instant jobs": "", "done at once": ", faults: [doneAtOnce]"}

POLICY = """---
apiVersion: hvsec/v1
kind: VmSecurity
metadata: {name: all}
spec: {mode: enforce, select: {}, settings: {tpmEnabled: true}}
"""


def fleet(changes, fault):
    vms = f'[{{name: "vm-%04d", repeat: {changes // HOSTS}, keyProtector: local{fault}}}]'
    return f"hosts: [{{name: hv-%02d, repeat: {HOSTS}, jobSeconds: 0, vms: {vms}}}]"


def host(name, endpoint):
    return f"""---
apiVersion: hvsec/v1
kind: Host
metadata: {{name: {name}}}
spec: {{endpoint: {endpoint}}}
"""


def measure(kind, changes, fault, parent):
    """One apply from drift to sync; the figures of hvsec-bench-ledger."""
    with tempfile.TemporaryDirectory(prefix="hvsec-bench-", dir=parent) as folder:
        folder = pathlib.Path(folder)
        with Simulator(BIN / "hvsec-sim", fleet(changes, fault)) as simulator:
            hosts = [host(name, simulator.endpoint(name)) for name in simulator.hosts]
            (folder / "all.yaml").write_text("".join([*hosts, POLICY]), encoding="utf-8")
            subprocess.run(
                [BIN / "hvsec-bench-ledger", "apply", "--manifests", folder / "all.yaml",
                 "--ledger", folder / "ledger.db", "--output", "json"],
                stdout=subprocess.DEVNULL,
                check=True,
                env={**os.environ, "BENCH_LEDGER": kind, "BENCH_RESULT": str(folder / "result")},
            )
            sent = len(simulator.modifications())
            assert sent == changes, f"{sent} changes instead of {changes}"
        return json.loads((folder / "result").read_text(encoding="utf-8"))


def report(title, sqlite, memory):
    wall = statistics.median(one["wallSeconds"] for one in sqlite)
    without = statistics.median(one["wallSeconds"] for one in memory)
    waiting = statistics.median(one["waitingSeconds"] / one["wallSeconds"] for one in sqlite)
    last = sqlite[-1]
    print(
        f"{title}: ledger's share of wall time {(wall - without) / wall:.1%} "
        f"(target below {TARGET:.0%}); at least one append in flight for {waiting:.1%} of it; "
        f"{last['records']} records in {last['appends']} appends, "
        f"at most {last['mostInFlight']} at once; "
        f"{wall:.2f} s with SQLite, {without:.2f} s in memory",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--changes", type=int, default=1000, help=f"a multiple of {HOSTS}")
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--folder", help="where the ledger lies: on the disk that counts")
    options = parser.parse_args()
    if options.changes < HOSTS or options.changes % HOSTS or options.repetitions < 1:
        parser.error(f"--changes must be a multiple of {HOSTS}, --repetitions at least 1")
    for title, fault in INSTANT.items():
        figures = {"sqlite": [], "memory": []}
        for _ in range(options.repetitions):
            for kind, results in figures.items():
                results.append(measure(kind, options.changes, fault, options.folder))
        report(title, figures["sqlite"], figures["memory"])


if __name__ == "__main__":
    main()
