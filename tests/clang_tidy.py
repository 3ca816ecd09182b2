#!/usr/bin/env python3
"""Runs clang-tidy over the sources of the product, several at a time.

The tests are left to the compilers' warnings: what GoogleTest's macros expand to takes most of the
time and finds nothing.

A source that was found clean is left out until anything that the check depends on has changed: the
tool, its configuration, the compile command, or a byte of the source and the headers it includes.

The sources that were committed last come first. With --minutes no further one is begun after that
time; how many were left out is said.
"""

import argparse
import concurrent.futures
import hashlib
import json
import pathlib
import shlex
import subprocess
import sys
import time

TOOL = "clang-tidy-19"
ROOT = pathlib.Path(__file__).resolve().parent.parent


def preprocessed(entry):
    """What the compiler sees of a source; comments too, since NOLINT stands in them."""
    words = shlex.split(entry["command"])
    if "ccache" in pathlib.Path(words[0]).name:
        words = words[1:]
    output = words.index("-o")
    del words[output : output + 2]
    words.remove("-c")
    run = subprocess.run(words + ["-E", "-C", "-P"], cwd=entry["directory"], capture_output=True)
    # What does not compile is never the same as before: clang-tidy will say why.
    return run.stdout if run.returncode == 0 else str(time.time_ns()).encode()


def relative(entry):
    return str(pathlib.Path(entry["file"]).relative_to(ROOT))


def fingerprint(entry, setup):
    digest = hashlib.sha256(setup)
    digest.update(entry["command"].encode())
    digest.update(preprocessed(entry))
    return digest.hexdigest()


def by_age():
    """When each source was committed last, newest first: {path: rank}."""
    run = subprocess.run(
        ["git", "log", "--name-only", "--format=", "--diff-filter=d"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )
    ranks = {}
    for name in run.stdout.splitlines():
        ranks.setdefault(name, len(ranks))
    return ranks


def look_at(entry, build, setup, until):
    """Returns the seconds it took and what was found; None seconds when nothing had changed, and
    no findings when there was no time left."""
    if time.monotonic() > until:
        return None, None
    mark = build / "clean" / fingerprint(entry, setup)
    if mark.exists():
        return None, ""
    start = time.monotonic()
    run = subprocess.run(
        [TOOL, "--quiet", "-p", str(build), entry["file"]], capture_output=True, text=True
    )
    if run.returncode == 0:
        mark.touch()
        return time.monotonic() - start, ""
    return time.monotonic() - start, run.stdout + run.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path, help="holds compile_commands.json")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=float("inf"))
    args = parser.parse_args()

    (args.build / "clean").mkdir(exist_ok=True)
    version = subprocess.run([TOOL, "--version"], capture_output=True, check=True).stdout
    setup = version + (ROOT / ".clang-tidy").read_bytes()
    built = str(args.build.resolve())
    entries = json.loads((args.build / "compile_commands.json").read_text())
    left_out = (built, str(ROOT / "tests"))
    entries = [entry for entry in entries if not entry["file"].startswith(left_out)]

    ranks = by_age()
    entries.sort(key=lambda entry: ranks.get(relative(entry), -1))
    until = time.monotonic() + 60 * args.minutes
    found, left, taken = 0, 0, {}
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        runs = {pool.submit(look_at, entry, args.build, setup, until): entry for entry in entries}
        for run in concurrent.futures.as_completed(runs):
            seconds, findings = run.result()
            name = relative(runs[run])
            if seconds is not None:
                taken[name] = seconds
            left += findings is None
            if findings:
                found += 1
                print(f"{name}:\n{findings}", flush=True)

    slowest = sorted(taken, key=taken.get, reverse=True)[:3]
    print(f"{len(entries)} sources, {len(taken)} of them looked at, {found} with findings.")
    if left:
        print(f"{left} sources, those that changed longest ago, had to wait for another time.")
    if slowest:
        print("Slowest: " + ", ".join(f"{name} {taken[name]:.0f} s" for name in slowest))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
