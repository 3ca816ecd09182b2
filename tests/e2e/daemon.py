"""`hvsec run` in a test: started, asked over HTTP where it stands, told by signals, ended."""

import functools
import json
import os
import signal
import socket
import subprocess
import threading
import urllib.error
import urllib.request

import jsonschema

from harness import HVSEC, PATIENCE, EndToEnd, eventually

# Short enough for a test; nobody would read hosts that often.
QUICK = ("--retry-interval", "1s", "--unsafe-interval")
INTERVAL = "2s"
SERVES = "serves http://"


@functools.cache
def validator(document):
    """Of the schema that the program itself prints."""
    schema = subprocess.run([HVSEC, "schema", document], capture_output=True, check=True).stdout
    return jsonschema.Draft202012Validator(json.loads(schema))


class Daemon:
    """A running `hvsec run` that logs JSON and serves its pages on a port of the system's choice."""

    def __init__(self, command, log_file, **popen):
        self.log_file = log_file
        with open(log_file, "wb") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log, **popen)

    @property
    def pid(self):
        return self.process.pid

    # --- What it says ---------------------------------------------------------------------------

    def log(self):
        """Its log so far: one record for each line that is complete."""
        lines = self.log_file.read_text(encoding="utf-8").split("\n")[:-1]
        try:
            return [json.loads(line) for line in lines]
        except json.JSONDecodeError:
            raise AssertionError(f"its log is not JSON:\n{self._text()}") from None

    def records(self, *words):
        """The records whose message holds all these words."""
        return [one for one in self.log() if all(word in one["message"] for word in words)]

    def has_said(self, *words):
        """Waits until such a record is there, and returns the newest one."""
        self._eventually(lambda: self.records(*words), f"the log holds {words}")
        return self.records(*words)[-1]

    def _eventually(self, condition, what):
        def holds():
            value = condition()
            if not value and self.process.poll() is not None:
                raise AssertionError(f"it ended with {self.process.returncode}: {self._text()}")
            return value

        try:
            return eventually(holds, what)
        except AssertionError as error:
            raise AssertionError(f"{error}\nits log:\n{self._text()}") from None

    def _text(self):
        return self.log_file.read_text(encoding="utf-8", errors="replace")[-5000:]

    # --- What it serves -------------------------------------------------------------------------

    @functools.cached_property
    def url(self):
        return self.has_said(SERVES)["message"].removeprefix("serves ")

    def get(self, path):
        """Status and text of a page."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError as error:
            raise AssertionError(f"/{path} is not served: {error}\n{self._text()}") from None

    def page(self, path):
        status, text = self.get(path)
        assert status == 200, f"/{path} answers {status}: {text}"
        return text

    def status(self):
        """/status.json, which is as its schema says."""
        status = json.loads(self.page("status.json"))
        validator("status").validate(status)
        return status

    def host(self, name):
        """What the status says of one host."""
        (found,) = [host for host in self.status()["hosts"] if host["name"] == name]
        return found

    def metrics(self):
        return self.page("metrics")

    def until(self, condition, what):
        """The first status for which `condition` holds."""
        found = {}

        def holds():
            found.update(self.status())
            return condition(found)

        self._eventually(holds, what)
        return found

    def until_host(self, name, condition, what):
        """The first that the status says of a host for which `condition` holds."""
        self.until(lambda status: any(
            host["name"] == name and condition(host) for host in status["hosts"]), f"{name}: {what}")
        return self.host(name)

    def until_in_sync(self):
        """Every host was read, and every VM of it is as declared."""
        return self.until(
            lambda status: status["hosts"] and all(map(is_in_sync, status["hosts"])), "all in sync")

    # --- Its end --------------------------------------------------------------------------------

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self):
        """Waits for its end, and gives its exit code."""
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it does not end; its log:\n{self._text()}") from None
        assert "Sanitizer" not in self._text(), self._text()
        return code

    def stop(self):
        """Asks it to end, and gives its exit code."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        """Ends it as a loss of power would."""
        self.process.kill()
        self.process.wait(PATIENCE)


def is_in_sync(host):
    """Whether the status says of a host that all of its VMs are as declared."""
    states = {one["type"]: one["status"] for one in host["conditions"]}
    return states == {"Reachable": "True", "InSync": "True"}


class Notifications:
    """The service manager's end of NOTIFY_SOCKET: all messages so far, as they came."""

    def __init__(self, path):
        self.path = str(path)
        self.messages = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.path)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self):
        while message := self._socket.recv(65536):
            self.messages.append(message.decode())

    def close(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
            end.sendto(b"", self.path)
        self._thread.join()
        self._socket.close()

    def fields(self, name):
        """The values of one field, oldest first."""
        lines = [line for message in list(self.messages) for line in message.splitlines()]
        return [line.partition("=")[2] for line in lines if line.startswith(f"{name}=")]

    def order(self):
        """The states in the order in which they were told."""
        lines = [line for message in list(self.messages) for line in message.splitlines()]
        return [line for line in lines if line in ("READY=1", "RELOADING=1", "STOPPING=1")]


class DaemonTest(EndToEnd):
    """Starts daemons over the test's manifests and ledger, and leaves none behind."""

    def run_daemon(self, *args, interval=INTERVAL, manifests=True, env=None):
        """A daemon that listens already."""
        where = ("--manifests", self.manifests) if manifests else ()
        common = ("--ledger", self.ledger, "--listen", "127.0.0.1:0", "--log-format", "json")
        number = len(list(self.folder.glob("daemon-*.log"))) + 1
        daemon = Daemon(
            self.command("run", *common, *QUICK, "--interval", interval, *where, *args),
            self.folder / f"daemon-{number}.log",
            cwd=self.folder, env={**self.environment, **(env or {})})
        self.addCleanup(lambda: daemon.process.poll() is None and daemon.kill())
        self.assertTrue(daemon.url)
        return daemon

    def notifications(self):
        heard = Notifications(self.folder / "notify")
        self.addCleanup(heard.close)
        return heard

    def told(self, heard, watchdog=None):
        """The environment of a daemon whose service manager listens."""
        environment = {"NOTIFY_SOCKET": heard.path}
        if watchdog:
            environment["WATCHDOG_USEC"] = str(int(watchdog * 1e6))
        return environment

    def ledger_command(self, *args):
        return self.hvsec(*args, "--ledger", self.ledger, manifests=False)

    def history(self, *args):
        run = self.ledger_command("history", "--output", "json", *args)
        self.assert_code(run, 0)
        return run.report

    def assert_whole(self):
        """The record is whole and as it was written."""
        self.assert_code(self.ledger_command("history", "--verify"), 0)

    def assert_ends_well(self, daemon):
        self.assertEqual(daemon.stop(), 0, daemon.log_file.read_text(encoding="utf-8"))
        self.assert_whole()


def open_descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def resident_kib(pid):
    """The memory that a process has, in KiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        (line,) = [line for line in status if line.startswith("VmRSS:")]
    return int(line.split()[1])
