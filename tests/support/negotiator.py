"""A client of WinRM's Negotiate, made of python3-gssapi and bare HTTP: for tests that have to see,
or to spoil, every step."""

import base64
import http.client
import re
import ssl
import struct

import gssapi

NTLM = gssapi.OID.from_int_seq("1.3.6.1.4.1.311.2.2.10")
KERBEROS = gssapi.MechType.kerberos
SPNEGO = gssapi.OID.from_int_seq("1.3.6.1.5.5.2")
SOAP = "application/soap+xml;charset=UTF-8"
BOUNDARY = "--Encrypted Boundary"


def seal(context, plain, scheme="Negotiate"):
    """A message of a session: its body and its Content-Type."""
    kind = "SPNEGO" if scheme == "Negotiate" else "Kerberos"
    protocol = f"application/HTTP-{kind}-session-encrypted"
    if _is_ntlm(context):
        sealed = context.wrap(plain, True).message
        signature, data, length = sealed[:16], sealed[16:], len(plain)
    else:
        kinds = gssapi.raw.IOVBufferType
        parts = gssapi.raw.IOV(kinds.header, plain, kinds.padding, std_layout=False)
        gssapi.raw.wrap_iov(context, parts, True)
        signature = parts[0].value
        data = parts[1].value + (parts[2].value or b"")
        length = len(data)
    head = (
        f"{BOUNDARY}\r\n\tContent-Type: {protocol}\r\n"
        f"\tOriginalContent: type={SOAP};Length={length}\r\n"
        f"{BOUNDARY}\r\n\tContent-Type: application/octet-stream\r\n"
    )
    body = head.encode() + struct.pack("<I", len(signature)) + signature + data
    body += f"{BOUNDARY}--\r\n".encode()
    return body, f'multipart/encrypted;protocol="{protocol}";boundary="Encrypted Boundary"'


def unseal(context, body):
    """What the message said; raises for one that is not as MS-WSMV describes."""
    form = re.compile(
        rb"--Encrypted Boundary\r\n"
        rb"\tContent-Type: application/HTTP-(?:SPNEGO|Kerberos)-session-encrypted\r\n"
        rb"\tOriginalContent: type=application/soap\+xml;charset=UTF-8;Length=(\d+)\r\n"
        rb"--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n"
        rb"(.{4})(.*)--Encrypted Boundary--\r\n",
        re.DOTALL,
    )
    found = form.fullmatch(body)
    if not found:
        raise ValueError(f"not an encrypted message: {body[:200]!r}")
    length, size, sealed = int(found[1]), struct.unpack("<I", found[2])[0], found[3]
    if size > len(sealed):
        raise ValueError("the signature is longer than the message")
    plain = context.unwrap(sealed)
    if not plain.encrypted or len(plain.message) > length:
        raise ValueError("the message was not sealed, or is longer than it says")
    return plain.message


def _is_ntlm(context):
    """Under SPNEGO a context does not say; but only NTLM's names are DOMAIN\\user."""
    return b"\\" in bytes(context.initiator_name)


class Negotiator:
    """One connection. `answer` is the latest (status, headers, body)."""

    def __init__(self, address, path, cafile=None, client_certificate=None, maximum_tls=None):
        host, _, port = address.rpartition(":")
        self._path = path
        if cafile:
            secure = ssl.create_default_context(cafile=cafile)
            if client_certificate:
                secure.load_cert_chain(*client_certificate)
            if maximum_tls:
                secure.maximum_version = maximum_tls
            self._connection = http.client.HTTPSConnection(
                host, int(port), timeout=20, context=secure
            )
        else:
            self._connection = http.client.HTTPConnection(host, int(port), timeout=20)
        self._scheme = "Negotiate"
        self.context = None
        self.answer = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
        return False

    def close(self):
        self._connection.close()

    def certificate(self):
        """The server's certificate (DER)."""
        if self._connection.sock is None:
            self._connection.connect()
        return self._connection.sock.getpeercert(True)

    def request(self, body=b"", **headers):
        """One POST; gives its status."""
        fields = {"Content-Type": SOAP, **{k.replace("_", "-"): v for k, v in headers.items()}}
        self._connection.request("POST", self._path, body, fields)
        answer = self._connection.getresponse()
        self.answer = (answer.status, answer.headers, answer.read())
        return answer.status

    def schemes(self):
        """What the latest answer asks for."""
        return self.answer[1].get_all("WWW-Authenticate", [])

    def log_on(self, context, body=b"", scheme="Negotiate"):
        """Exchanges tokens until one side has had enough; gives the last status."""
        self.context, self._scheme = context, scheme
        token = context.step()
        for _ in range(10):
            field = f"{scheme} {base64.b64encode(token).decode()}"
            status = self.request(body, Authorization=field)
            offered = [one.partition(" ")[2] for one in self.schemes() if one.startswith(scheme)]
            answer = base64.b64decode(offered[0]) if offered else b""
            if context.complete or not answer:
                return status
            token = context.step(answer)
            if context.complete and not token:
                return status
        raise RuntimeError("the logon does not end")

    def call(self, plain):
        """Sends a message sealed; gives what was answered, unsealed."""
        body, content_type = seal(self.context, plain, self._scheme)
        if self.request(body, Content_Type=content_type) not in (200, 500):
            raise RuntimeError(f"answered {self.answer[0]}: {self.answer[2]!r}")
        return unseal(self.context, self.answer[2])


def ntlm_context(user, bindings=None, mech=SPNEGO):
    """For a user whom the process's NTLM_USER_FILE knows, for example "DOMAIN\\alice"."""
    name = gssapi.Name(user, gssapi.NameType.user)
    credentials = gssapi.Credentials(name=name, usage="initiate", mechs=[NTLM, SPNEGO])
    return _context(credentials, mech, bindings)


def kerberos_context(bindings=None, mech=SPNEGO, service="HTTP@localhost"):
    """For whom the process's credential cache is of."""
    credentials = gssapi.Credentials(usage="initiate", mechs=[KERBEROS, SPNEGO])
    return _context(credentials, mech, bindings, service)


def _context(credentials, mech, bindings, service="HTTP@localhost"):
    flags = gssapi.RequirementFlag
    channel = None
    if bindings is not None:
        channel = gssapi.raw.ChannelBindings(application_data=bindings)
    return gssapi.SecurityContext(
        name=gssapi.Name(service, gssapi.NameType.hostbased_service),
        creds=credentials,
        usage="initiate",
        mech=mech,
        flags=flags.mutual_authentication | flags.confidentiality | flags.integrity,
        channel_bindings=channel,
    )
