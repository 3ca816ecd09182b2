"""A WinRM service that knows nothing but log-ons with message encryption, and Identify.

It has no line in common with hvsec or hvsec-sim, so that a mistake that those two share shows. Run
as a program it prints its port and serves until it is ended; KRB5_KTNAME and NTLM_USER_FILE are
where its keys and users are. Debian: python3-gssapi.
"""

import base64
import http.server
import re
import struct
import subprocess
import sys

import gssapi
from gssapi.raw import IOV, IOVBufferType, unwrap_iov, wrap_iov

import processes

# By the scheme that the peer offers.
PROTOCOLS = {
    "Negotiate": "application/HTTP-SPNEGO-session-encrypted",
    "Kerberos": "application/HTTP-Kerberos-session-encrypted",
}
SOAP = "application/soap+xml;charset=UTF-8"
KERBEROS = gssapi.MechType.kerberos
IDENTIFY = "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"
VENDOR = "hvsec test peer"
VERSION = "OS: 10.0.26100 SP: 0.0 Stack: 3.0"
ANSWER = f"""<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:i="{IDENTIFY}">
<s:Body><i:IdentifyResponse>
<i:ProtocolVersion>http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd</i:ProtocolVersion>
<i:ProductVendor>{VENDOR}</i:ProductVendor>
<i:ProductVersion>{VERSION}</i:ProductVersion>
</i:IdentifyResponse></s:Body></s:Envelope>"""


def seal(context, plain):
    """The signature and the sealed data."""
    if context.mech == KERBEROS:
        iov = IOV(IOVBufferType.header, plain, IOVBufferType.padding, std_layout=False)
        wrap_iov(context, iov, confidential=True)
        return iov[0].value, iov[1].value + (iov[2].value or b"")
    token = context.wrap(plain, True).message
    return token[:16], token[16:]


def unseal(context, signature, sealed):
    if context.mech != KERBEROS:
        result = context.unwrap(signature + sealed)
        assert result.encrypted
        return result.message
    iov = IOV((IOVBufferType.header, False, signature), sealed, std_layout=False)
    assert unwrap_iov(context, iov).encrypted
    return iov[1].value


def pack(context, protocol, text):
    plain = text.encode()
    signature, sealed = seal(context, plain)
    head = (
        "--Encrypted Boundary\r\n"
        f"\tContent-Type: {protocol}\r\n"
        f"\tOriginalContent: type={SOAP};Length={len(plain)}\r\n"
        "--Encrypted Boundary\r\n"
        "\tContent-Type: application/octet-stream\r\n"
    )
    length = struct.pack("<I", len(signature))
    return head.encode() + length + signature + sealed + b"--Encrypted Boundary--\r\n"


def unpack(context, protocol, body):
    boundary = b"--Encrypted Boundary"
    assert f"Content-Type: {protocol}\r\n".encode() in body
    start = body.index(b"application/octet-stream\r\n") + len(b"application/octet-stream\r\n")
    assert body.startswith(boundary + b"\r\n") and body.endswith(boundary + b"--\r\n")
    sealed = body[start : -len(boundary) - 4]
    (length,) = struct.unpack("<I", sealed[:4])
    plain = unseal(context, sealed[4 : 4 + length], sealed[4 + length :])
    (announced,) = re.findall(rb"OriginalContent: type=[^\r]*;Length=(\d+)\r\n", body[:start])
    assert int(announced) == len(plain), f"{announced} announced, {len(plain)} came"
    return plain.decode()


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection, with the log-on that belongs to it."""

    protocol_version = "HTTP/1.1"
    offered = "Negotiate"
    context = None

    @property
    def protocol(self):
        return PROTOCOLS[self.offered]

    def do_POST(self):  # pylint: disable=invalid-name
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if scheme == self.offered:
            self.log_on(base64.b64decode(token))
        elif self.context and self.context.complete and body:
            self.serve(body)
        else:
            self.answer(401, self.offered)

    def log_on(self, token):
        self.context = self.context or gssapi.SecurityContext(usage="accept")
        try:
            back = self.context.step(token) or b""
        except gssapi.exceptions.GSSError:
            self.context = None
            self.answer(401, self.offered)
            return
        field = f"{self.offered} " + base64.b64encode(back).decode() if back else None
        self.answer(200 if self.context.complete else 401, field)

    def serve(self, body):
        known = IDENTIFY in unpack(self.context, self.protocol, body)
        content_type = f'multipart/encrypted;protocol="{self.protocol}";boundary="Encrypted Boundary"'
        answer = pack(self.context, self.protocol, ANSWER if known else "<not-known/>")
        self.answer(200 if known else 500, None, answer, content_type)

    def answer(self, status, authenticate, body=b"", content_type=None):
        self.send_response(status)
        if authenticate:
            self.send_header("WWW-Authenticate", authenticate)
        if content_type:
            self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class WinrmPeer:
    """Runs it for a test: `url` is where it is. It offers the one scheme."""

    def __init__(self, environment, scheme="Negotiate"):
        self._scheme = scheme
        self._environment = environment
        self._process = None
        self.url = None

    def __enter__(self):
        self._process = subprocess.Popen(
            [sys.executable, __file__, self._scheme],
            stdout=subprocess.PIPE,
            text=True,
            env=self._environment,
        )
        port = self._process.stdout.readline()
        if not port:
            self._process.communicate()
            raise processes.NotReady("the peer ended before it was ready")
        self.url = f"http://localhost:{port.strip()}/wsman"
        return self

    def __exit__(self, *_):
        processes.stop(self._process)
        return False


if __name__ == "__main__":
    Handler.offered = sys.argv[1]
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        print(server.server_port, flush=True)
        server.serve_forever()
