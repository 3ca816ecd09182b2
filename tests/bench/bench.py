"""How fast hvsec is, beside its floor and its peers: prints ratios and writes bench.json.

    HVSEC_BIN=build/release/bin /usr/bin/python3 tests/bench/bench.py [--rounds N] [--small] [PART...]

tests/bench/run.sh builds the programs first. README.md says what the figures mean.
"""

import argparse
import contextlib
import functools
import json
import os
import pathlib
import platform
import statistics
import sys
import tempfile

from measure import (
    BIN, ROOT, POLICY, allow_many_files, come_first, counted, fleet, in_turn, median, ratio, run,
    simulated_instructions,
)

AT_ONCE = 32  # Hosts side by side, for hvsec and the floor alike.
SECONDS = 10  # Short runs are repeated for so long: a second in which the machine is slow weighs less.
LATENCY_MS = 10  # Of a host's answer, where peers that wait for it are compared.
PEER = [sys.executable, pathlib.Path(__file__).with_name("pywinrm_check.py")]

# What the design asks for: (at most, at least).
TARGETS = {
    "check_200x50_over_floor": (1.25, None),
    "check_200x50_tls_over_floor": (1.35, None),
    "pywinrm_threads_over_hvsec": (None, 10),
    "pywinrm_sequential_over_hvsec": (None, 30),
    "growth_max_deviation": (0.10, None),
    "bytes_per_vm": (1024, None),
    "apply_over_ideal": (1.10, None),
    "validate_10k_over_yamlcpp": (1.30, None),
    "validate_10k_seconds": (2.0, None),
}


class Bench:
    """The figures of one run, printed as they come."""

    def __init__(self, rounds, small):
        self.rounds = rounds
        self.seconds = 0 if small else SECONDS
        self.small = small
        self.figures = {}

    def note(self, name, value, more=""):
        self.figures[name] = value
        most, least = TARGETS.get(name, (None, None))
        target, missed = "", False
        if most is not None:
            target, missed = f"at most {most:g}", value > most
        elif least is not None:
            target, missed = f"at least {least:g}", value < least
        mark = "MISSED" if missed else ""
        print(f"{name:<38} {value:>12.3f}  {target:<14} {mark:<7} {more}", flush=True)

    def check(self, hosts, vms, tls):
        """hvsec beside the floor; gives hvsec's runs."""
        name = f"check_{hosts}x{vms}{'_tls' if tls else ''}_over_floor"
        with fleet(hosts, vms, *(["--tls"] if tls else [])) as all_hosts:
            plan = all_hosts.plan()
            command = [*all_hosts.check(), "--concurrent-hosts", AT_ONCE]
            runs = in_turn(
                self.rounds, self.seconds,
                hvsec=lambda: run(command),
                floor=lambda: run(all_hosts.floor(AT_ONCE), plan),
            )
        self.note(name, ratio(runs, "hvsec", "floor"),
                  f"{median(runs['hvsec']):.3f} s, floor {median(runs['floor']):.3f} s")

    def read(self):
        sizes = [(1, 20), (3, 5)] if self.small else [(1, 400), (20, 50), (200, 50), (1000, 100)]
        for tls in (False, True):
            for hosts, vms in sizes:
                self.check(hosts, vms, tls)

    def peers(self):
        self.beside_peers(LATENCY_MS, "")
        self.beside_peers(0, "_at_0_ms")

    def beside_peers(self, latency_ms, suffix):
        """hvsec as people run it, beside pywinrm, over hosts that take `latency_ms` to answer."""
        hosts, vms = (3, 5) if self.small else (200, 50)
        with fleet(hosts, vms, latency_ms=latency_ms) as all_hosts:
            plan = all_hosts.plan()
            # One after another takes a hundred times as long, so it is measured less often.
            for side, rounds in (("threads", self.rounds), ("sequential", self.rounds // 2)):
                runs = in_turn(
                    max(1, rounds), self.seconds,
                    hvsec=lambda: run(all_hosts.check()),
                    peer=lambda way=side: run([*PEER, way], plan),
                )
                assert all(one.out == "0\n" for one in runs["peer"]), "pywinrm read something else"
                self.note(f"pywinrm_{side}_over_hvsec{suffix}", ratio(runs, "peer", "hvsec"),
                          f"{median(runs['peer']):.3f} s, hvsec {median(runs['hvsec']):.3f} s; "
                          f"answers after {latency_ms} ms")

    def load(self):
        for count in (10, 100) if self.small else (100, 1_000, 10_000):
            label = "10k" if count == 10_000 else str(count)
            with tempfile.TemporaryDirectory(prefix="hvsec-bench-") as folder:
                file = pathlib.Path(folder) / "all.yaml"
                file.write_text("".join(map(host_document, range(count - 1))) + POLICY)
                runs = in_turn(
                    self.rounds, self.seconds,
                    hvsec=lambda: run([BIN / "hvsec", "validate", "--manifests", file]),
                    floor=lambda: run([BIN / "hvsec-bench-yaml", file]),
                )
            self.note(f"validate_{label}_over_yamlcpp", ratio(runs, "hvsec", "floor"))
            self.note(f"validate_{label}_seconds", median(runs["hvsec"]))

    def correct(self):
        """1,000 drifted VMs with jobs of 200 ms, four at a time on each host."""
        shapes = ((2, 4), (1, 8)) if self.small else ((20, 50), (10, 100))
        for (hosts, vms), name in zip(shapes, ("apply_over_ideal", "apply_10x100_over_ideal")):
            self.correct_fleet(name, hosts, vms)

    def correct_fleet(self, name, hosts, vms):
        """The hosts have been read before, as real ones have: their first answers are the slowest."""
        seconds, at_once = 0.2, 4
        ideal = -(-vms // at_once) * seconds
        ratios = []
        for _ in range(self.rounds):
            with fleet(hosts, vms, job_seconds=seconds, security="{}") as all_hosts:
                run(all_hosts.check(), codes=(2,))
                ledger = all_hosts.folder / "ledger.db"
                command = [BIN / "hvsec", "apply", "--manifests", all_hosts.manifests, "--ledger",
                           ledger, "--output", "json", "--concurrent-jobs", hosts * at_once]
                ratios.append(run(command).seconds / ideal)
        self.note(name, statistics.median(ratios),
                  f"{hosts} hosts of {vms} VMs, ideal {ideal:g} s")

    def growth(self):
        """Time, instructions and memory of a check from 1,000 VMs to 100,000, the sizes in turn."""
        vms = 10 if self.small else 100
        sizes = (1, 2, 4) if self.small else (10, 50, 100, 250, 500, 1000)
        with contextlib.ExitStack() as stack:
            fleets = {hosts: stack.enter_context(fleet(hosts, vms)) for hosts in sizes}
            commands = {hosts: [*each.check(), "--concurrent-hosts", AT_ONCE]
                        for hosts, each in fleets.items()}
            runs = in_turn(self.rounds, self.seconds, **{
                str(hosts): functools.partial(counted, command)
                for hosts, command in commands.items()})
        points = []
        for hosts in sizes:
            best = min(runs[str(hosts)], key=lambda one: one.processor)
            cost = best.instructions or best.processor
            points.append((hosts * vms, cost, min(one.memory for one in runs[str(hosts)])))
            self.note(f"growth_{hosts * vms}_vms_seconds", best.processor,
                      f"{best.seconds:.3f} s in all, {points[-1][2] >> 20} MiB")
        self.note_line("growth", [(x, y) for x, y, _ in points])
        (fewest, _, low), (most, _, high) = points[0], points[-1]
        self.note("bytes_per_vm", (high - low) / (most - fewest))
        self.growth_in_instructions()

    def growth_in_instructions(self):
        """The same up to 10,000 VMs, counted: no other program weighs on it."""
        vms = 10 if self.small else 100
        points = []
        for hosts in (1, 4) if self.small else (10, 25, 50, 100):
            with fleet(hosts, vms) as all_hosts:
                points.append((hosts * vms, simulated_instructions(all_hosts.check())))
        if all(count for _, count in points):
            self.note_line("growth_instructions", points)

    def note_line(self, name, points):
        slope, base = line(points)
        off = max(abs(y - (base + slope * x)) / (base + slope * x) for x, y in points)
        self.note(f"{name}_max_deviation", off, f"{slope:.3g} for each VM, {base:.3g} for none")


def host_document(number):
    return (
        "---\napiVersion: hvsec/v1\nkind: Host\n"
        f"metadata: {{name: hv-{number:05d}, labels: {{site: ams, ring: '{number % 7}'}}}}\n"
        f"spec:\n  endpoint: https://hv-{number:05d}.example.com:5986/wsman\n"
        "  auth: {basic: {username: svc, passwordFile: /run/secrets/hv}}\n"
        "  limits: {concurrentJobs: 4, concurrentRequests: 4}\n"
    )


def line(points):
    """Slope and base of the straight line that lies closest, each point weighing by its own size."""
    weights = [1 / y**2 for _, y in points]
    total = sum(weights)
    mean_x = sum(w * x for w, (x, _) in zip(weights, points)) / total
    mean_y = sum(w * y for w, (_, y) in zip(weights, points)) / total
    spread = sum(w * (x - mean_x) ** 2 for w, (x, _) in zip(weights, points))
    slope = sum(w * (x - mean_x) * (y - mean_y) for w, (x, y) in zip(weights, points)) / spread
    return slope, mean_y - slope * mean_x


def machine():
    model = [one for one in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if "model name" in one]
    memory = pathlib.Path("/proc/meminfo").read_text().split("\n", 1)[0].split(":")[1].strip()
    processor = model[0].split(":")[1].strip() if model else platform.machine()
    return f"{len(model)} x {processor}, {memory}, {platform.system()} {platform.release()}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parts = ["read", "peers", "load", "correct", "growth"]
    parser.add_argument("part", nargs="*", choices=[[], *parts], help="what to measure; all of it")
    parser.add_argument("--rounds", type=int, default=5, help="how often each side is measured at least")
    parser.add_argument("--small", action="store_true", help="sizes that only show that it works")
    parser.add_argument("--first", action="store_true",
                        help="run before all else on a busy machine; needs the right to")
    parser.add_argument("--out", default=ROOT / "build" / "bench" / "bench.json", type=pathlib.Path)
    given = parser.parse_args()
    allow_many_files()
    if given.first:
        come_first()
    print(machine())
    bench = Bench(given.rounds, given.small)
    for part in given.part or parts:
        getattr(bench, part)()
    given.out.parent.mkdir(parents=True, exist_ok=True)
    result = {"machine": machine(), "rounds": given.rounds, "small": given.small,
              "load": os.getloadavg(), "first": given.first, "peers_latency_ms": LATENCY_MS,
              "figures": bench.figures}
    given.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
