"""What the tests of authentication share: a realm, an authority, an account, and every way to use
them."""

import base64
import dataclasses
import json
import pathlib
import re
import shutil
import tempfile
import typing
import unittest

from harness import EndToEnd  # First: it finds tests/support.

import kdc
import processes
from certificates import Authority

USER = "svc-hvsec"
PASSWORD = "Correct-Horse-9-Battery"
KEY_PASSWORD = "Sesame-4-Opens-Keys"
DOMAIN = "HVSECNT"
SERVICE = "HTTP/localhost"

# What no eavesdropper may read: a piece of SOAP, of a class's name, of a method's and a VM's.
VM = "payroll-dc"
SOAP = (b"Envelope", b"Msvm_", b"ModifySecuritySettings", VM.encode())

FLEET = f"""hosts:
  - name: hv
    jobSeconds: 0.05
    vms:
      - {{name: {VM}-%d, repeat: 3, keyProtector: local}}
      - {{name: well, security: {{tpmEnabled: true}}}}
"""


class World:
    """A running realm, and below `folder` every file that a program may be given."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.kdc = kdc.Kdc()

    def __enter__(self):
        self.kdc.__enter__()
        self.kdc.add_user(USER, PASSWORD)
        self.service_keytab = self.kdc.add_service(SERVICE)
        self.user_keytab = self.kdc.keytab(USER)
        self.cache = self.kdc.ticket(USER, PASSWORD)
        self.authority = Authority(self.folder, "hvsec test")
        self.server = self.authority.issue("localhost")
        self.client = self.client_certificate(self.authority)
        self.locked_client = self.client_certificate(self.authority, key_password=KEY_PASSWORD)
        self.ntlm_users = self.write("ntlm-users", f"{DOMAIN}:{USER}:{PASSWORD}\n")
        self.password = self.write("password", PASSWORD + "\n")
        self.wrong_password = self.write("wrong-password", "not-" + PASSWORD + "\n")
        self.key_password = self.write("key-password", KEY_PASSWORD + "\n")
        return self

    def __exit__(self, *error):
        return self.kdc.__exit__(*error)

    def write(self, name, text):
        file = self.folder / name
        file.write_text(text, encoding="utf-8")
        file.chmod(0o600)
        return file

    def client_certificate(self, authority, **more):
        upn = f"otherName:1.3.6.1.4.1.311.20.2.3;UTF8:{USER}@localhost"
        return authority.issue(USER, usage="clientAuth", names=(upn,), **more)

    # --- Flags of hvsec-sim ---------------------------------------------------------------------

    def tls(self, certificate=None):
        certificate = certificate or self.server
        return ("--tls", "--cert", certificate.file, "--key", certificate.key_file)

    def kerberos(self):
        return ("--kerberos-keytab", self.service_keytab)

    def ntlm(self):
        return ("--ntlm-users", self.ntlm_users)

    def basic(self):
        return ("--auth", f"{USER}:{PASSWORD}")

    def client_ca(self):
        return ("--client-ca", self.authority.file)


@unittest.skipIf(kdc.missing(), f"not installed: {kdc.missing()}")
class AuthenticationTest(EndToEnd):
    """Tests that share a world, and whose programs know its realm."""

    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="hvsec-auth-"))
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        cls.world = cls.enterClassContext(World(folder))

    def setUp(self):
        super().setUp()
        self.environment.update(self.world.kdc.environment)


STRICT = ("--channel-binding", "strict")


def auth(kind, **keys):
    """Of a Host's spec. JSON is YAML, too."""
    return f"  auth: {json.dumps({kind: keys}, default=str)}\n"


def trust(authority):
    return f"  tls: {{caFile: {authority.file}}}\n"


def basic(world, password=None):
    return auth("basic", username=USER, passwordFile=password or world.password)


def kerberos_by_password(world, password=None):
    return auth("kerberos", principal=USER, passwordFile=password or world.password)


def ntlm(world, password=None):
    return auth("ntlm", domain=DOMAIN, username=USER, passwordFile=password or world.password)


def certificate(client, **more):
    return auth("certificate", certificateFile=client.file, keyFile=client.key_file, **more)


def endpoint(simulator, host="hv"):
    """By the name that certificates and Kerberos know."""
    return simulator.endpoint(host).replace("127.0.0.1", "localhost")


@dataclasses.dataclass(frozen=True)
class Kind:
    """A way to authenticate: what the host allows, and what the manifest says."""

    name: str
    flags: typing.Callable  # (world) -> arguments of hvsec-sim
    spec: typing.Callable  # (world) -> of the Host's spec
    auth: str  # As the simulator's log calls it.
    encrypted: bool = False  # Each message, not the connection.
    environment: typing.Callable = lambda _: {}


KINDS = (
    Kind(
        "Basic over TLS",
        lambda w: [*w.tls(), *w.basic()],
        lambda w: trust(w.authority) + basic(w),
        "Basic",
    ),
    Kind(
        "a client certificate",
        lambda w: [*w.tls(), *w.client_ca()],
        lambda w: trust(w.authority) + certificate(w.client),
        "Certificate",
    ),
    Kind(
        "a client certificate with an encrypted key",
        lambda w: [*w.tls(), *w.client_ca()],
        lambda w: (
            trust(w.authority) + certificate(w.locked_client, keyPasswordFile=w.key_password)
        ),
        "Certificate",
    ),
    Kind(
        "Kerberos over HTTP with a credential cache",
        lambda w: w.kerberos(),
        lambda w: auth("kerberos", credentialCache=w.cache),
        "Kerberos",
        encrypted=True,
    ),
    Kind(
        "Kerberos over HTTP with the user's own credential cache",
        lambda w: w.kerberos(),
        lambda w: auth("kerberos"),
        "Kerberos",
        encrypted=True,
        environment=lambda w: {"KRB5CCNAME": f"FILE:{w.cache}"},
    ),
    Kind(
        "Kerberos over HTTP with a keytab",
        lambda w: w.kerberos(),
        lambda w: auth("kerberos", principal=f"{USER}@{kdc.REALM}", keytabFile=w.user_keytab),
        "Kerberos",
        encrypted=True,
    ),
    Kind(
        "Kerberos over HTTP with a password",
        lambda w: w.kerberos(),
        kerberos_by_password,
        "Kerberos",
        encrypted=True,
    ),
    Kind(
        "Kerberos over TLS with strict channel binding",
        lambda w: [*w.tls(), *w.kerberos(), *STRICT],
        lambda w: trust(w.authority) + auth("kerberos", credentialCache=w.cache),
        "Kerberos",
    ),
    Kind("NTLM over HTTP", lambda w: w.ntlm(), ntlm, "NTLM", encrypted=True),
    Kind(
        "NTLM over TLS with strict channel binding",
        lambda w: [*w.tls(), *w.ntlm(), *STRICT],
        lambda w: trust(w.authority) + ntlm(w),
        "NTLM",
    ),
)


# --- Secrets that have no business anywhere ------------------------------------------------------


def nt_hash(password):
    """MD4 of the password, which is as good as the password itself."""
    command = ["openssl", "dgst", "-provider", "legacy", "-provider", "default", "-md4", "-r"]
    said = processes.run(command, text=password.encode("utf-16-le").decode("latin-1"))
    return said.split()[0]


def _pieces(secret):
    """A secret file's bytes as hexadecimal and as base 64, from wherever they may begin."""
    size = 15  # Bytes, which base 64 writes without padding.
    for start in range(max(1, len(secret) - size)):
        piece = secret[start : start + size]
        if len(set(piece)) > size // 2:  # Not just zeros.
            yield piece.hex()
            yield base64.b64encode(piece).decode()


def secrets_in(text, world):
    """The secrets of the world that a text gives away."""
    named = {
        "the password": PASSWORD,
        "the password in base 64": base64.b64encode(PASSWORD.encode()).decode().rstrip("="),
        "user and password in base 64": base64.b64encode(
            f"{USER}:{PASSWORD}".encode()
        ).decode().rstrip("="),
        "the key's password": KEY_PASSWORD,
        "the password's hash": nt_hash(PASSWORD),
        "a token of NTLM": "TlRMTVNTUA",
        "a private key": "PRIVATE KEY",
    }
    found = [what for what, secret in named.items() if secret.lower() in text.lower()]
    if re.search(r"\bY[IG][A-Za-z0-9+/]{60}", text):
        found.append("a token of SPNEGO")
    for file in (world.cache, world.user_keytab, world.client.key_file):
        if any(piece in text for piece in _pieces(file.read_bytes())):
            found.append(f"bytes of {file}")
    return found
