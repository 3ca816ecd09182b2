"""Answers of hvsec-sim that go wrong on the way, as a bare socket sees them."""

import json
import os
import pathlib
import socket
import ssl
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from simulator import Simulator

BINARY = os.environ["HVSEC_SIM"]
FLEET = "hosts: [{name: hv-a, vms: [{name: v}]}]"
IDENTIFY = (
    b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:i="http://schemas.dmtf.'
    b'org/wbem/wsman/identity/1/wsmanidentity.xsd"><s:Header/><s:Body><i:Identify/></s:Body>'
    b"</s:Envelope>"
)
REQUEST = (
    b"POST /hv-a/wsman HTTP/1.1\r\nHost: x\r\nContent-Type: application/soap+xml\r\n"
    b"Content-Length: " + str(len(IDENTIFY)).encode() + b"\r\n\r\n" + IDENTIFY
)
END = b"</s:Body></s:Envelope>"


class NetworkTest(unittest.TestCase):
    ARGS = []

    def setUp(self):
        # A sanitizer keeps what was freed, which says nothing of what is needed.
        sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=8"
        environment = {**os.environ, "ASAN_OPTIONS": sanitizer}
        self.sim = Simulator(BINARY, FLEET, self.ARGS, env=environment)
        self.sim.__enter__()
        self.addCleanup(self.sim.stop)

    def connect(self):
        host, _, port = self.sim.address.rpartition(":")
        connection = socket.create_connection((host, int(port)), timeout=20)
        if self.sim.certificate_file:
            secure = ssl.create_default_context(cafile=self.sim.certificate_file)
            connection = secure.wrap_socket(connection, server_hostname="localhost")
        self.addCleanup(connection.close)
        return connection

    def until(self, connection, end):
        """What comes up to `end`."""
        got = b""
        while not got.endswith(end):
            part = connection.recv(65536)
            self.assertTrue(part, got)
            got += part
        return got

    def all_of(self, connection):
        """What comes until the other side closes."""
        got = b""
        while part := connection.recv(65536):
            got += part
        return got

    def ask(self, fault=None, **arguments):
        """A connection that has asked, with a fault that strikes once."""
        if fault:
            self.sim.add_fault("hv-a", fault, times=1, **arguments)
        connection = self.connect()
        connection.sendall(REQUEST)
        return connection

    def assert_sound(self, connection):
        """The connection takes another request, and answers as it should."""
        connection.sendall(REQUEST)
        got = self.until(connection, END)
        self.assertTrue(got.startswith(b"HTTP/1.1 200 OK\r\n"), got)

    def test_a_request_in_chunks_may_come_byte_by_byte(self):
        head, _, _ = REQUEST.partition(b"Content-Length")
        head += b"Transfer-Encoding: chunked\r\n\r\n"
        whole = b"%x\r\n%s\r\n0\r\n\r\n" % (len(IDENTIFY), IDENTIFY)
        for chunks, status in ((b"0\r\n\r\n", b"500"), (whole, b"200")):
            connection = self.connect()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in head + chunks:
                connection.sendall(bytes([byte]))
            got = self.until(connection, END)
            self.assertTrue(got.startswith(b"HTTP/1.1 " + status), got)

    def test_cut_at_a_byte(self):
        whole = self.until(self.ask(), END)
        for cut in (1, 20, whole.index(b"\r\n\r\n") + 4, len(whole) - 1, len(whole)):
            with self.subTest(cut=cut):
                self.assertEqual(self.all_of(self.ask("cutAt", bytes=cut)), whole[:cut])

    def test_a_length_that_is_too_large_comes_with_the_end_of_the_connection(self):
        got = self.all_of(self.ask("wrongLength", delta=1000))
        head, _, body = got.partition(b"\r\n\r\n")
        self.assertIn(b"Content-Length: " + str(len(body) + 1000).encode(), head)

    def test_a_length_that_is_too_small_leaves_the_connection_open(self):
        connection = self.ask("wrongLength", delta=-10)
        head, _, body = self.until(connection, END).partition(b"\r\n\r\n")
        self.assertIn(b"Content-Length: " + str(len(body) - 10).encode(), head)
        self.assert_sound(connection)

    def test_chunks(self):
        connection = self.ask("chunked")
        got = self.until(connection, b"\r\n0\r\n\r\n")
        self.assertIn(b"\r\nTransfer-Encoding: chunked\r\n", got)
        self.assertNotIn(b"Content-Length", got)
        self.assert_sound(connection)

    def test_interim_answers(self):
        connection = self.ask("interim", count=5)
        got = self.until(connection, END)
        self.assertEqual(got.count(b"HTTP/1.1 10"), 5)
        self.assertEqual(got.count(b"HTTP/1.1 200"), 1)
        self.assert_sound(connection)

    def test_half_open(self):
        connection = self.ask("halfOpen")
        if not self.sim.certificate_file:
            self.assertEqual(connection.recv(100), b"")
            connection.sendall(REQUEST)
        self.assertEqual([one["status"] for one in self.sim.log()], [0])

    def test_never_answers(self):
        connection = self.ask("neverAnswers", when="after")
        connection.settimeout(0.3)
        with self.assertRaises(TimeoutError):
            connection.recv(1)
        self.assertEqual([one["status"] for one in self.sim.log()], [0])

    def test_garbage(self):
        first = self.all_of(self.ask("garbage", bytes=3000))
        self.assertEqual(len(first), 3000)
        self.assertEqual(self.all_of(self.ask("garbage", bytes=3000)), first)

    def most_memory(self):
        """The most that the simulator has had so far, in KiB."""
        with open(f"/proc/{self.sim.pid}/status", encoding="utf-8") as file:
            (line,) = [line for line in file if line.startswith("VmHWM")]
        return int(line.split()[1])

    def test_a_giant_answer_takes_no_memory(self):
        connection = self.ask()
        self.until(connection, END)
        before = self.most_memory()
        self.sim.add_fault("hv-a", "giantAnswer", times=1, bytes=1 << 40)
        connection.sendall(REQUEST)
        got = 0
        while got < 192 << 20:
            got += len(connection.recv(1 << 20))
        self.assertLess(self.most_memory() - before, 64 << 10)

    def test_a_slow_body(self):
        whole = self.until(self.ask(), END)
        body = whole.partition(b"\r\n\r\n")[2]
        begin = time.monotonic()
        connection = self.ask("slowBody", bytesPerSecond=2 * len(body))
        self.assertEqual(self.until(connection, END), whole)
        self.assertGreater(time.monotonic() - begin, 0.3)

    def test_ends_at_once_in_the_middle_of_anything(self):
        for fault in (
            {"fault": "neverAnswers", "when": "after"},
            {"fault": "halfOpen"},
            {"fault": "slowBody", "bytesPerSecond": 1},
            {"fault": "giantAnswer", "bytes": 1 << 40},
        ):
            self.sim.control("POST", "hosts/hv-a/faults", {**fault, "times": 1})
            connection = self.connect()
            connection.sendall(REQUEST)
            while not self.sim.log():
                time.sleep(0.01)
            self.sim.clear_log()
        self.assertEqual(self.sim.stop(), 0)


class TlsNetworkTest(NetworkTest):
    ARGS = ["--tls"]


class RawLogTest(unittest.TestCase):
    def test_holds_every_byte_below_http(self):
        for args in ([], ["--tls"]):
            with tempfile.TemporaryDirectory() as folder:
                file = pathlib.Path(folder) / "raw"
                with Simulator(BINARY, FLEET, ["--raw-log", file, *args]) as sim:
                    sim.clear_log()
                    sim.host("hv-a")
                pieces = self.pieces(file.read_bytes())
                first = b"".join(data for way, number, data in pieces if number == 1)
                self.assertTrue(first.startswith(b"DELETE /control/log HTTP/1.1\r\n"), first)
                answers = [data for way, number, data in pieces if (way, number) == (b"<", 2)]
                head, _, body = b"".join(answers).partition(b"\r\n\r\n")
                self.assertEqual(json.loads(body)["name"], "hv-a")

    def pieces(self, raw):
        """(direction, connection, bytes) of each piece, in order."""
        found = []
        while raw:
            line, _, raw = raw.partition(b"\n")
            way, size, word, number = line.split(b" ")
            self.assertIn(way, (b"<", b">"))
            self.assertEqual(word, b"conn")
            found.append((way, int(number), raw[: int(size)]))
            self.assertEqual(raw[int(size) : int(size) + 1], b"\n")
            raw = raw[int(size) + 1 :]
        return found


if __name__ == "__main__":
    unittest.main()
