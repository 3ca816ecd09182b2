"""Runs that are cut short, and what has to hold once another one has come to its end."""

import collections
import json
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile

from harness import HVSEC, HVSEC_SIM, Run, Simulator, host_manifest

# Several sites share the machine, each with two programs.
PATIENCE = 300


def changes_on_record(ledger):
    """Every change of the ledger by its id: its records as (kind, payload), in their order."""
    changes = collections.defaultdict(list)
    with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True) as database:
        # A run that is killed early enough leaves a file without tables.
        if not database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'record'").fetchone():
            return changes
        rows = database.execute("SELECT change, kind, payload FROM record ORDER BY sequence")
        for change, kind, payload in rows:
            changes[change].append((kind, json.loads(payload)))
    return changes


def open_changes(ledger):
    """The changes whose end is not known, with their records."""
    left = {}
    for change, records in changes_on_record(ledger).items():
        settled = [payload for kind, payload in records if kind == "settled"]
        verdicts = {one["verdict"] for one in settled[-1]["settings"]} if settled else set()
        if not settled or "indeterminate" in verdicts:
            left[change] = records
    return left


def unread_repetitions(simulator):
    """Changes that were sent to a VM twice although nobody had read its settings in between."""
    found = []
    unread = set()
    for entry in simulator.log():
        if entry.get("class") == "Msvm_SecuritySettingData" and entry["operation"] != "release":
            unread = {vm for vm in unread if vm[0] != entry["host"]}
        if entry.get("method") == "ModifySecuritySettings" and "vm" in entry:
            vm = (entry["host"], entry["vm"])
            if vm in unread:
                found.append(entry)
            unread.add(vm)
    return found


class Site:
    """A simulated fleet, manifests that want something of it, and a ledger, in a folder of their
    own. Several can be at work side by side.

        with Site(environment, fleet, policy()) as site:
            site.apply()
    """

    def __init__(self, environment, fleet, *policies, host_more=""):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hvsec-e2e-"))
        self.ledger = self.folder / "ledger.db"
        self.simulator = Simulator(HVSEC_SIM, fleet)
        self._environment = environment
        self._policies = policies
        self._host_more = host_more

    def __enter__(self):
        self.simulator.__enter__()
        hosts = [
            host_manifest(name, self.simulator.endpoint(name), self._host_more)
            for name in self.simulator.hosts
        ]
        text = "".join([*hosts, *self._policies])
        (self.folder / "all.yaml").write_text(text, encoding="utf-8")
        return self

    def __exit__(self, *error):
        self.simulator.__exit__(*error)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, *args, program=HVSEC, **variables):
        """Starts an apply and leaves it running."""
        command = [program, "apply", "--output", "json", "--ledger", self.ledger]
        return subprocess.Popen(
            [*map(str, command), "--manifests", str(self.folder / "all.yaml"), *args],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            env={**self._environment, **variables},
        )

    def apply(self, *args, program=HVSEC, **variables):
        """One apply to its end."""
        process = self.start(*args, program=program, **variables)
        with process:
            try:
                out, err = process.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        assert "Sanitizer" not in err, err
        return Run(process.returncode, out, err, 0)

    def defects(self, never_as_declared=()):
        """What is wrong once all is over, in words; nothing should be. VMs that are never as
        declared may be sent a change by every run, all others get one."""
        found = []
        for change, records in open_changes(self.ledger).items():
            found.append(f"change {change} is open: {records}")
        for call in self.simulator.needless_modifications():
            found.append(f"sent without need: {call}")
        for call in unread_repetitions(self.simulator):
            found.append(f"sent again without having read the VM: {call}")
        return found + list(self._defects_of_vms(never_as_declared))

    def _defects_of_vms(self, never_as_declared):
        sent = self.simulator.modifications_by_vm()
        for host in self.simulator.hosts:
            for vm in self.simulator.host(host)["vms"]:
                if vm["name"] in never_as_declared:
                    continue
                if not vm["security"]["tpmEnabled"]:
                    yield f"not as declared: {vm}"
                if len(sent.get(vm["id"], [])) > 1:
                    yield f"sent more than once: {sent[vm['id']]}"
