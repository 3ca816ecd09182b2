"""The contracts of sessions and of hosts, kept by the product's client with a running hvsec-sim:
once for each way to log on.

HVSEC_CONTRACT_TEST is the program with the contracts, HVSEC_SIM the simulator; ctest sets them.
"""

import contextlib
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import certificates  # noqa: E402  pylint: disable=wrong-import-position
import kdc  # noqa: E402  pylint: disable=wrong-import-position
from simulator import ControlError, Simulator  # noqa: E402  pylint: disable=wrong-import-position

PROGRAM = os.environ["HVSEC_CONTRACT_TEST"]
HVSEC_SIM = os.environ["HVSEC_SIM"]
PASSWORD = "correct-horse-battery"
BASIC = {"kind": "basic", "username": "svc", "password": PASSWORD}


@contextlib.contextmanager
def control_of(simulator):
    """A port on which the control path answers without TLS or log-on."""

    class Forward(http.server.BaseHTTPRequestHandler):
        def forward(self):
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length)) if length else None
            try:
                simulator.control(self.command, self.path.lstrip("/"), body)
                self.send_response(200)
                self.end_headers()
            except ControlError as error:
                self.send_error(500, str(error))

        do_POST = do_DELETE = forward

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Forward)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Contract(unittest.TestCase):
    def setUp(self):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.stack = stack
        self.folder = pathlib.Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="hvsec-contract-"))
        )
        self.environment = dict(os.environ)

    def tls(self, *more):
        """The simulator's arguments for TLS, with an authority that the client is told of."""
        self.authority = certificates.Authority(self.folder, "Test CA")
        server = self.authority.issue("localhost")
        return ["--tls", "--cert", server.file, "--key", server.key_file, *more]

    def realm(self):
        """A Kerberos realm; gives what the client needs and what the simulator does."""
        if kdc.missing():
            self.skipTest(f"there is no {kdc.missing()} on this machine")
        center = self.stack.enter_context(kdc.Kdc())
        self.environment.update(center.environment)
        center.add_user("alice", PASSWORD)
        auth = {"kind": "kerberos", "principal": f"alice@{kdc.REALM}", "password": PASSWORD}
        return auth, ["--kerberos-keytab", center.add_service("HTTP/localhost")]

    def keeps_to_the_contracts(self, auth, *args):
        fleet = subprocess.run([PROGRAM, "--fleet"], capture_output=True, text=True, check=True)
        simulator = self.stack.enter_context(
            Simulator(HVSEC_SIM, fleet.stdout, args, env=self.environment)
        )
        setup = {
            "url": simulator.url.replace("127.0.0.1", "localhost"),
            "control": self.stack.enter_context(control_of(simulator)),
            "auth": auth,
        }
        if "--tls" in args:
            setup["caFile"] = str(self.authority.file)
        environment = {**self.environment, "HVSEC_CONTRACT": json.dumps(setup)}
        run = subprocess.run(
            [PROGRAM], env=environment, capture_output=True, text=True, timeout=600, check=False
        )
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertIn("[  PASSED  ]", run.stdout)

    def test_without_a_log_on(self):
        self.keeps_to_the_contracts({"kind": "none"})

    def test_basic_over_tls(self):
        self.keeps_to_the_contracts(BASIC, *self.tls("--auth", f"svc:{PASSWORD}"))

    def test_a_certificate_over_tls(self):
        arguments = self.tls()
        client = self.authority.issue(
            "svc", usage="clientAuth", names=(), key_password=PASSWORD
        )
        auth = {
            "kind": "certificate",
            "certificateFile": str(client.file),
            "keyFile": str(client.key_file),
            "keyPassword": PASSWORD,
        }
        self.keeps_to_the_contracts(auth, *arguments, "--client-ca", self.authority.file)

    def test_kerberos_over_http_encrypted(self):
        auth, arguments = self.realm()
        self.keeps_to_the_contracts(auth, *arguments)

    def test_kerberos_over_tls_with_strict_channel_binding(self):
        auth, arguments = self.realm()
        self.keeps_to_the_contracts(auth, *self.tls("--channel-binding", "strict"), *arguments)

    def test_ntlm_over_http_encrypted(self):
        users = self.folder / "users"
        users.write_text(f"EXAMPLE:svc:{PASSWORD}\n", encoding="utf-8")
        auth = {"kind": "ntlm", "domain": "EXAMPLE", "username": "svc", "password": PASSWORD}
        self.keeps_to_the_contracts(auth, "--ntlm-users", users)


if __name__ == "__main__":
    unittest.main()
