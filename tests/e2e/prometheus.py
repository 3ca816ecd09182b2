"""Metrics as Prometheus reads them, and its own tool's judgement of them."""

import re
import shutil
import subprocess

PROMTOOL = shutil.which("promtool")
MISSING = "promtool is missing: install the package prometheus"

SAMPLE = re.compile(r'(?P<name>[a-z_]+)(?:\{(?P<labels>.*)\})? (?P<value>\S+)')
LABEL = re.compile(r'([a-z]+)="((?:[^"\\]|\\.)*)"')


def parse(text):
    """The samples as {(name, label value...): value}, without histograms' buckets."""
    samples = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        match = SAMPLE.fullmatch(line)
        if match is None:
            raise AssertionError(f"no sample: {line}")
        values = [value for _, value in LABEL.findall(match["labels"] or "")]
        samples[(match["name"], *values)] = float(match["value"])
    return samples


def promtool(*args, **more):
    return subprocess.run(
        [PROMTOOL, *args], capture_output=True, text=True, timeout=60, check=False, **more
    )


def judged(text):
    """The samples, once promtool has found nothing to say about them."""
    run = promtool("check", "metrics", input=text)
    assert (run.returncode, run.stdout + run.stderr) == (0, ""), f"{run.stdout}{run.stderr}{text}"
    return parse(text)
