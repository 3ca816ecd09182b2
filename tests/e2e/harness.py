"""The real programs as a user runs them: hvsec against hvsec-sim, each test in its own folder.

HVSEC_BIN is the folder that holds both programs; ctest sets it.
"""

import contextlib
import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
from simulator import Simulator  # noqa: E402  pylint: disable=wrong-import-position

BIN = pathlib.Path(os.environ.get("HVSEC_BIN", ROOT / "build" / "dev" / "bin"))
HVSEC = str(BIN / "hvsec")
HVSEC_SIM = str(BIN / "hvsec-sim")

# Nothing that this program does in a test takes nearly this long, even under a sanitizer.
PATIENCE = 100


@dataclasses.dataclass
class Run:
    """How one run of hvsec ended."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def report(self):
        """Standard output as the JSON document that it is."""
        return json.loads(self.out)

    def vms(self):
        """Every VM of the report as (host, VM)."""
        return [(host["name"], vm) for host in self.report["hosts"] for vm in host["vms"]]

    def vm(self, name):
        """The one VM of that name."""
        (found,) = [vm for _, vm in self.vms() if vm["name"] == name]
        return found

    def setting(self, vm_name, setting="tpmEnabled"):
        (found,) = [one for one in self.vm(vm_name)["settings"] if one["setting"] == setting]
        return found

    def verdicts(self):
        """The verdict of each VM by its name."""
        return {vm["name"]: vm["verdict"] for _, vm in self.vms()}


def eventually(condition, what):
    """Waits until `condition()` is true and returns its value."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"never happened: {what}")


def host_manifest(name, endpoint, more=""):
    return f"""---
apiVersion: hvsec/v1
kind: Host
metadata: {{name: {name}}}
spec:
  endpoint: {endpoint}
{more}"""


def policy(name="all", settings="{tpmEnabled: true}", select="{}", more=""):
    return f"""---
apiVersion: hvsec/v1
kind: VmSecurity
metadata: {{name: {name}}}
spec:
  mode: enforce
  select: {select}
  settings: {settings}
{more}"""


class EndToEnd(unittest.TestCase):
    """Gives each test an empty folder, and programs that see nothing of the user's own settings."""

    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hvsec-e2e-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.manifests = self.folder / "manifests"
        self.manifests.mkdir()
        self.ledger = self.folder / "ledger.db"
        self.environment = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith("HVSEC_") and key not in ("NO_COLOR", "CLICOLOR_FORCE")
        }
        self.environment.update(
            HOME=str(self.folder), XDG_STATE_HOME=str(self.folder / "state"), LC_ALL="C.UTF-8"
        )

    def simulate(self, fleet, *args, **more):
        """Starts the simulator for the rest of the test."""
        simulator = Simulator(HVSEC_SIM, fleet, args, **more)
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        return stack.enter_context(simulator)

    def declare(self, file, *documents):
        (self.manifests / file).write_text("".join(documents), encoding="utf-8")

    def declare_hosts(self, simulator, more=""):
        hosts = [host_manifest(name, simulator.endpoint(name), more) for name in simulator.hosts]
        self.declare("hosts.yaml", *hosts)

    def command(self, *args):
        return [HVSEC, *map(str, args)]

    def hvsec(self, *args, manifests=True, cwd=None, env=None, wrapper=()):
        """Runs hvsec to its end."""
        start = time.monotonic()
        where = ["--manifests", self.manifests] if manifests else []
        run = subprocess.run(
            [*wrapper, *self.command(*args, *where)],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=PATIENCE,
            cwd=cwd or self.folder,
            env={**self.environment, **(env or {})},
            check=False,
        )
        self.assertNotIn("Sanitizer", run.stderr)
        return Run(run.returncode, run.stdout, run.stderr, time.monotonic() - start)

    def start(self, *args):
        """Starts hvsec and leaves it running."""
        process = subprocess.Popen(
            self.command(*args, "--manifests", self.manifests),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            stdin=subprocess.DEVNULL,
            cwd=self.folder,
            env=self.environment,
        )
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        return process

    def finish(self, process):
        start = time.monotonic()
        out, err = process.communicate(timeout=PATIENCE)
        return Run(process.returncode, out, err, time.monotonic() - start)

    def check(self, *args, **kwargs):
        return self.hvsec("check", "--output", "json", *args, **kwargs)

    def apply(self, *args, **kwargs):
        return self.hvsec("apply", "--output", "json", "--ledger", self.ledger, *args, **kwargs)

    def assert_code(self, run, code):
        self.assertEqual(run.code, code, f"standard error:\n{run.err}\nstandard output:\n{run.out}")

    def assert_golden(self, text, golden):
        """Compares with a file; HVSEC_UPDATE_GOLDEN=1 writes it anew instead."""
        path = ROOT / "tests" / "e2e" / "golden" / golden
        if os.environ.get("HVSEC_UPDATE_GOLDEN"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.assertEqual(text, path.read_text(encoding="utf-8"), f"differs from {path}")
