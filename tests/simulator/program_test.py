"""hvsec-sim as a program: its flags, its state file, its control path, hostile connections."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from simulator import ControlError, Simulator

BINARY = os.environ["HVSEC_SIM"]
FLEET = "hosts: [{name: hv-a, vms: [{name: v, keyProtector: local}, {name: w}]}]"


def run(*args):
    return subprocess.run([BINARY, *args], capture_output=True, text=True, timeout=30)


class FlagsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.fleet = self.folder / "fleet.yaml"
        self.fleet.write_text(FLEET)

    def assert_refused(self, expected, *args):
        ended = run(*args)
        self.assertNotEqual(ended.returncode, 0)
        self.assertEqual(ended.stdout, "")
        self.assertIn(expected, ended.stderr)

    def test_help_and_version(self):
        self.assertIn("--fleet", run("--help").stdout)
        self.assertRegex(run("--version").stdout, r"^hvsec-sim \d+\.\d+\.\d+\n$")

    def test_refuses_what_it_does_not_understand(self):
        self.assert_refused("--fleet is required")
        self.assert_refused("--colour", "--fleet", self.fleet, "--colour")
        self.assert_refused("expected ADDRESS:PORT", "--fleet", self.fleet, "--listen", "here")
        self.assert_refused("expected ADDRESS:PORT", "--fleet", self.fleet, "--listen", "1.2.3.4:x")
        self.assert_refused("--tls", "--fleet", self.fleet, "--cert", "a", "--key", "b")
        self.assert_refused("cannot be read", "--fleet", self.folder / "none.yaml")

    def test_refuses_files_that_it_cannot_use(self):
        fleet = ["--fleet", self.fleet]
        self.assert_refused("cannot be used", *fleet, "--tls", "--cert", "no", "--key", "no")
        self.assert_refused("cannot be written", *fleet, "--request-log", self.folder / "no/log")
        state = self.folder / "state.json"
        for text in ("", "{", "[]", '{"formatVersion": 2}', '{"formatVersion": 1, "hosts": []}'):
            state.write_text(text)
            self.assert_refused("is not one of hvsec-sim", *fleet, "--state", state)

    def test_names_the_place_of_each_mistake_in_the_fleet(self):
        self.fleet.write_text("hosts:\n- name: a\n  colour: red\n  build: x\n")
        self.assert_refused(f"{self.fleet}:3:3: unknown key", "--fleet", self.fleet)
        self.assert_refused(f"{self.fleet}:4:10: expected a whole", "--fleet", self.fleet)

    def test_refuses_an_address_that_is_taken(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            self.assert_refused("Address already in use", "--fleet", self.fleet, "--listen", address)


class LifeTest(unittest.TestCase):
    def test_ends_cleanly_on_either_signal(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with Simulator(BINARY, FLEET) as sim:
                self.assertEqual(sim.hosts, ["hv-a"])
                self.assertEqual(sim.stop(number), 0)

    def test_state_outlives_the_process(self):
        with tempfile.TemporaryDirectory() as folder:
            state = os.path.join(folder, "state.json")
            with Simulator(BINARY, FLEET, ["--state", state]) as sim:
                sim.set_power("hv-a", "v", "running")
                sim.set_security("hv-a", "v", tpmEnabled=True)
                sim.set_key_protector("hv-a", "v", "none")
                sim.remove_vm("hv-a", "w")
                self.assertEqual(sim.stop(), 0)
            self.assertEqual(os.listdir(folder), ["state.json"])
            with Simulator(BINARY, FLEET, ["--state", state]) as sim:
                vm = sim.vm("hv-a", "v")
                self.assertEqual((vm["power"], vm["keyProtector"]), ("running", "none"))
                self.assertTrue(vm["security"]["tpmEnabled"])
                with self.assertRaises(ControlError) as raised:
                    sim.vm("hv-a", "w")
                self.assertEqual(raised.exception.status, 404)

    def test_state_is_written_while_it_runs(self):
        with tempfile.TemporaryDirectory() as folder:
            state = os.path.join(folder, "state.json")
            with Simulator(BINARY, FLEET, ["--state", state]) as sim:
                sim.set_security("hv-a", "v", tpmEnabled=True)
                vm = sim.vm("hv-a", "v")["id"]
                deadline = time.monotonic() + 20
                kept = {}
                while vm not in kept and time.monotonic() < deadline:
                    time.sleep(0.02)
                    if os.path.exists(state):
                        with open(state, encoding="utf-8") as file:
                            kept = json.load(file)["hosts"].get("hv-a", {})
                self.assertEqual(sim.stop(signal.SIGKILL), -signal.SIGKILL)
            self.assertEqual(kept[vm]["settings"], 1)

    def test_a_state_that_cannot_be_written_is_a_failure(self):
        with tempfile.TemporaryDirectory() as folder:
            state = os.path.join(folder, "gone", "state.json")
            with Simulator(BINARY, FLEET, ["--state", state]) as sim:
                self.assertEqual(sim.stop(), 1)

    def test_the_request_log_is_a_file_of_json_lines(self):
        with tempfile.TemporaryDirectory() as folder:
            log = os.path.join(folder, "log")
            with Simulator(BINARY, FLEET, ["--request-log", log]) as sim:
                request = urllib.request.Request(sim.endpoint("hv-a"), data=b"<x/>")
                request.add_header("Content-Type", "application/soap+xml")
                with self.assertRaises(urllib.error.HTTPError) as raised:
                    urllib.request.urlopen(request, timeout=10)
                raised.exception.close()
            with open(log, encoding="utf-8") as file:
                entries = [json.loads(line) for line in file]
            self.assertEqual([entry["status"] for entry in entries], [500])

    def test_the_self_made_certificate_is_removed_again(self):
        with Simulator(BINARY, FLEET, ["--tls"]) as sim:
            certificate = sim.certificate_file
            self.assertTrue(os.path.exists(certificate))
            self.assertEqual(len(sim.ready["certificateSha256"]), 64)
            self.assertEqual(sim.host("hv-a")["vmCount"], 2)
        self.assertFalse(os.path.exists(os.path.dirname(certificate)))


class ConnectionTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(BINARY, FLEET)
        cls.sim.__enter__()
        cls.addClassCleanup(cls.sim.stop)

    def send(self, data):
        """Sends bytes and gives all that comes back until the other side closes."""
        host, _, port = self.sim.address.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            try:
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
                answer = b""
                while part := connection.recv(65536):
                    answer += part
                return answer
            except OSError:
                return b""

    def test_garbage_is_answered_or_dropped(self):
        for data in (
            b"",
            b"\0" * 100,
            b"GET",
            b"nonsense\r\n\r\n",
            b"GET / HTTP/9.9\r\n\r\n",
            b"POST /hv-a/wsman HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
            b"POST /hv-a/wsman HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
            b"POST /hv-a/wsman HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 100_000 + b"\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xaa" * 512,
        ):
            answer = self.send(data)
            self.assertTrue(answer == b"" or answer.startswith(b"HTTP/1.1 4"), (data[:40], answer))
            self.assertEqual(self.sim.host("hv-a")["vmCount"], 2)

    def test_a_body_above_every_limit_is_413(self):
        head = b"POST /hv-a/wsman HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n"
        self.assertTrue(self.send(head).startswith(b"HTTP/1.1 413"))

    def test_keeps_a_connection_and_answers_in_order(self):
        request = b"GET /control/hosts HTTP/1.1\r\nHost: x\r\n\r\n"
        last = b"GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        answer = self.send(request + request + last)
        self.assertEqual(answer.count(b"HTTP/1.1 200"), 2)
        self.assertEqual(answer.count(b"HTTP/1.1 404"), 1)
        self.assertLess(answer.rfind(b"HTTP/1.1 200"), answer.find(b"HTTP/1.1 404"))

    def test_waits_for_a_body_that_comes_in_pieces(self):
        host, _, port = self.sim.address.rpartition(":")
        body = b'{"power": "running"}'
        head = (
            b"POST /control/hosts/hv-a/vms/v/power HTTP/1.1\r\nHost: x\r\n"
            b"Expect: 100-continue\r\nConnection: close\r\n"
            b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n"
        )
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            connection.sendall(head)
            self.assertTrue(connection.recv(1000).startswith(b"HTTP/1.1 100"))
            for byte in body:
                connection.sendall(bytes([byte]))
            answer = b""
            while part := connection.recv(65536):
                answer += part
        self.assertTrue(answer.startswith(b"HTTP/1.1 200"), answer)
        self.assertEqual(self.sim.vm("hv-a", "v")["power"], "running")


class FaultTest(unittest.TestCase):
    def post(self, sim):
        envelope = (
            '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:i="http://schemas.'
            'dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><s:Header/><s:Body><i:Identify/>'
            "</s:Body></s:Envelope>"
        )
        request = urllib.request.Request(sim.endpoint("hv-a"), data=envelope.encode())
        request.add_header("Content-Type", "application/soap+xml;charset=UTF-8")
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.read()

    def test_network_faults_strike_and_wear_off(self):
        with Simulator(BINARY, FLEET) as sim:
            sim.add_fault("hv-a", "drop", when="after", times=1)
            with self.assertRaises((ConnectionError, urllib.error.URLError)):
                self.post(sim)
            sim.add_fault("hv-a", "httpStatus", code=401, times=1)
            with self.assertRaises(urllib.error.HTTPError) as raised:
                self.post(sim)
            self.assertEqual(raised.exception.code, 401)
            raised.exception.close()
            sim.add_fault("hv-a", "delay", seconds=0.3, times=1)
            begin = time.monotonic()
            self.assertIn(b"IdentifyResponse", self.post(sim))
            self.assertGreaterEqual(time.monotonic() - begin, 0.3)
            self.assertEqual([one["status"] for one in sim.log()], [0, 401, 200])

    def test_ends_at_once_while_an_answer_is_held_back(self):
        with Simulator(BINARY, FLEET) as sim:
            sim.add_fault("hv-a", "delay", seconds=3600)
            host, _, port = sim.address.rpartition(":")
            with socket.create_connection((host, int(port)), timeout=20) as connection:
                connection.sendall(
                    b"POST /hv-a/wsman HTTP/1.1\r\nContent-Type: application/soap+xml\r\n"
                    b"Content-Length: 4\r\n\r\n<x/>"
                )
                while not sim.log():
                    time.sleep(0.01)
                self.assertEqual(sim.stop(), 0)


if __name__ == "__main__":
    unittest.main()
