"""Runs hvsec-sim for a test: starts it on a fleet, waits until it is ready, and ends it.

    with Simulator(binary, fleet_yaml) as sim:
        client.connect(sim.endpoint("hv-a"))
        sim.set_power("hv-a", "dc-01", "off")
        assert sim.log(operation="invoke") == []
"""

import json
import os
import signal
import ssl
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request


class ControlError(Exception):
    """The control path refused a request."""

    def __init__(self, status, message):
        super().__init__(f"{status}: {message}")
        self.status = status


class Simulator:
    """A running hvsec-sim.

    `fleet` is YAML text. `args` are further arguments, for example ["--auth", "user:secret"],
    `env` is its environment (None: ours), `wrapper` the beginning of its command.
    Attributes once it runs: `ready` (what it printed), `url`, `address`, `hosts`,
    `certificate_file` (None without --tls).
    """

    STOP_TIMEOUT = 20

    def __init__(self, binary, fleet, args=(), env=None, wrapper=()):
        self._binary = os.fspath(binary)
        self._fleet = fleet
        self._args = [os.fspath(arg) for arg in args]
        self._env = env
        self._wrapper = list(wrapper)
        self._folder = None
        self._process = None
        self.ready = None
        self.exit_code = None

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="hvsec-test-")
        fleet_file = os.path.join(self._folder.name, "fleet.yaml")
        with open(fleet_file, "w", encoding="utf-8") as file:
            file.write(self._fleet)
        self._process = subprocess.Popen(
            [*self._wrapper, self._binary, "--fleet", fleet_file, *self._args],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self._env,
        )
        line = self._process.stdout.readline()
        if not line:
            errors = self._process.communicate()[1]
            self._folder.cleanup()
            raise RuntimeError(f"hvsec-sim ended with {self._process.returncode}: {errors}")
        self.ready = json.loads(line)
        return self

    def __exit__(self, *_):
        self.stop()
        return False

    def stop(self, with_signal=signal.SIGTERM):
        """Ends the simulator and gives its exit code."""
        if self._process.returncode is None:
            self._process.send_signal(with_signal)
            try:
                self._process.communicate(timeout=self.STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.communicate()
                raise
        self.exit_code = self._process.returncode
        self._folder.cleanup()
        return self.exit_code

    @property
    def pid(self):
        return self._process.pid

    @property
    def url(self):
        return self.ready["url"]

    @property
    def address(self):
        return self.ready["address"]

    @property
    def hosts(self):
        return self.ready["hosts"]

    @property
    def certificate_file(self):
        return self.ready.get("certificateFile")

    def endpoint(self, host):
        """The WS-Management URL of a host."""
        return f"{self.url}/{host}/wsman"

    # --- The control path -----------------------------------------------------------------------

    def control(self, method, path, body=None):
        """One request below /control; gives the decoded answer or raises ControlError."""
        request = urllib.request.Request(
            f"{self.url}/control/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        # Some tests give it a certificate that nobody should accept.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        try:
            with urllib.request.urlopen(request, timeout=20, context=context) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                text = error.read().decode(errors="replace")
            raise ControlError(error.code, text) from None

    def _vm_path(self, host, vm, *rest):
        parts = ["hosts", host, "vms", vm, *rest]
        return "/".join(urllib.parse.quote(part, safe="") for part in parts)

    def host(self, host):
        """The state of a host with all of its VMs."""
        return self.control("GET", f"hosts/{host}")

    def vm(self, host, vm):
        """The state of a VM, named by its name or its GUID."""
        return self.control("GET", self._vm_path(host, vm))

    def security(self, host, vm):
        """The settings of a VM as they really are: {"tpmEnabled": True, ...}."""
        return self.vm(host, vm)["security"]

    def set_power(self, host, vm, power):
        return self.control("POST", self._vm_path(host, vm, "power"), {"power": power})

    def set_security(self, host, vm, **settings):
        """Changes settings behind every client's back, as drift does."""
        return self.control("POST", self._vm_path(host, vm, "security"), settings)

    def set_key_protector(self, host, vm, kind):
        body = {"keyProtector": kind}
        return self.control("POST", self._vm_path(host, vm, "keyProtector"), body)

    def remove_vm(self, host, vm):
        return self.control("DELETE", self._vm_path(host, vm))

    def add_fault(self, host, fault, vm=None, **arguments):
        """For example add_fault("hv-a", "drop", when="after", operation="invoke")."""
        path = self._vm_path(host, vm, "faults") if vm else f"hosts/{host}/faults"
        return self.control("POST", path, {"fault": fault, **arguments})

    def add_faults(self, host, faults):
        """Several at once, each as {"fault": NAME, ARGUMENT: VALUE...}."""
        return self.control("POST", f"hosts/{host}/faults", faults)

    def clear_faults(self, host, vm=None):
        path = self._vm_path(host, vm, "faults") if vm else f"hosts/{host}/faults"
        return self.control("DELETE", path)

    def log(self, host=None, operation=None):
        """The requests so far, oldest first."""
        wanted = {"host": host, "operation": operation}
        query = urllib.parse.urlencode({k: v for k, v in wanted.items() if v})
        return self.control("GET", "log" + ("?" + query if query else ""))

    def modifications(self, host=None):
        """The calls of ModifySecuritySettings so far."""
        calls = self.log(host=host, operation="invoke")
        return [call for call in calls if call["method"] == "ModifySecuritySettings"]

    def needless_modifications(self, host=None):
        """The calls that could change nothing, or came while a job of their VM was running."""
        calls = self.modifications(host)
        return [call for call in calls if call.get("jobRunning") or call.get("changes") == 0]

    def modifications_by_vm(self, host=None):
        """The calls that took effect on a VM, by the VM's GUID."""
        by_vm = {}
        for call in self.modifications(host):
            if "vm" in call:
                by_vm.setdefault(call["vm"], []).append(call)
        return by_vm

    def clear_log(self):
        return self.control("DELETE", "log")

    def counters(self):
        """Requests by host and operation: {"hv-a": {"enumerate": 3, ...}}."""
        return self.control("GET", "counters")
