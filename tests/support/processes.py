"""What the fixtures that run other people's programs have in common."""

import contextlib
import socket
import subprocess
import time

# Starting takes well under a second on an idle machine.
PATIENCE = 60
STOP_TIMEOUT = 20


class NotReady(RuntimeError):
    """A program ended, or did nothing, instead of becoming ready."""


def free_port(address="127.0.0.1"):
    """A port that was free a moment ago. Programs that cannot be told to let the system pick one
    take it; `start_listening` covers the race."""
    with socket.socket() as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


def run(command, env=None, text=None):
    """Runs a tool to its end; what it said is part of the error."""
    done = subprocess.run(
        [*map(str, command)],
        env=env,
        input=text,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode != 0:
        said = f"{done.stdout}{done.stderr}"
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {said}")
    return done.stdout


def wait_until(condition, process, what, patience=PATIENCE, interval=0.01):
    """Waits until `condition()`, asked every `interval` seconds, for as long as `process` runs."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if process.poll() is not None:
            raise NotReady(f"{what} ended with {process.returncode} before it was ready")
        if condition():
            return
        time.sleep(interval)
    raise NotReady(f"{what} was not ready after {patience} s")


def accepts(address, port):
    """Whether somebody listens there."""
    try:
        with contextlib.closing(socket.create_connection((address, port), timeout=1)):
            return True
    except OSError:
        return False


def stop(process):
    """Ends a process that we started."""
    if process.poll() is None:
        process.terminate()
    try:
        process.communicate(timeout=STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise


def start_listening(make_process, what, address="127.0.0.1", attempts=5):
    """Starts a program on a free port: `make_process(port)` gives the process. Returns the process
    and the port, once it listens there."""
    for left in reversed(range(attempts)):
        port = free_port(address)
        process = make_process(port)
        try:
            wait_until(lambda port=port: accepts(address, port), process, what)
            return process, port
        except NotReady:
            stop(process)
            if not left:
                raise
