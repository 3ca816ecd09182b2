"""Certificates for a test, made with the openssl tool.

    authority = Authority(folder, "Test CA")
    server = authority.issue("localhost")
    client = authority.issue("alice", usage="clientAuth", names=(), key_password="secret")
    run(program, "--cert", server.file, "--key", server.key_file, "--ca", authority.file)
"""

import dataclasses
import datetime
import pathlib

import processes

CA_CONF = """[ca]
default_ca = here
[here]
database = {folder}/index.txt
new_certs_dir = {folder}
certificate = {folder}/ca.pem
private_key = {folder}/ca.key
rand_serial = yes
default_md = sha256
unique_subject = no
policy = any
[any]
commonName = supplied
"""

ANY_LOOPBACK = ("DNS:localhost", "IP:127.0.0.1", "IP:::1")


@dataclasses.dataclass(frozen=True)
class Certificate:
    """A certificate and its key, both PEM."""

    file: pathlib.Path
    key_file: pathlib.Path


class Authority:
    """A certificate authority that lives in a new folder below `folder`."""

    def __init__(self, folder, name):
        self._folder = pathlib.Path(folder) / f"ca-{name.replace(' ', '-')}"
        self._folder.mkdir()
        (self._folder / "index.txt").touch()
        (self._folder / "ca.conf").write_text(
            CA_CONF.format(folder=self._folder), encoding="utf-8"
        )
        self._count = 0
        self.file = self._folder / "ca.pem"
        _openssl(
            *("req", "-x509", "-nodes", "-subj", f"/CN={name}", "-days", "30"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-keyout", self._folder / "ca.key", "-out", self.file),
        )

    def issue(
        self, name, *, usage="serverAuth", names=ANY_LOOPBACK, valid_days=(-1, 30), key_password=None
    ):
        """A certificate for `names`, valid from the first to the last of `valid_days` from today.
        With `key_password` its key is encrypted."""
        self._count += 1
        base = self._folder / f"{self._count}"
        request, extensions = base.with_suffix(".csr"), base.with_suffix(".ext")
        made = Certificate(base.with_suffix(".pem"), base.with_suffix(".key"))
        _openssl(
            *("req", "-new", "-nodes", "-subj", f"/CN={name}", "-out", request),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-keyout", made.key_file),
        )
        lines = [f"extendedKeyUsage = {usage}"]
        if names:
            lines.append(f"subjectAltName = {','.join(names)}")
        extensions.write_text("\n".join(lines) + "\n", encoding="utf-8")
        first, last = (_in_days(days) for days in valid_days)
        _openssl(
            *("ca", "-batch", "-notext", "-config", self._folder / "ca.conf"),
            *("-extfile", extensions, "-startdate", first, "-enddate", last),
            *("-in", request, "-out", made.file),
        )
        return _encrypted(made, key_password) if key_password else made


def _encrypted(plain, password):
    encrypted = plain.key_file.with_suffix(".encrypted.key")
    _openssl(
        *("pkcs8", "-topk8", "-v2", "aes-256-cbc", "-passout", "stdin"),
        *("-in", plain.key_file, "-out", encrypted),
        text=password + "\n",
    )
    return Certificate(plain.file, encrypted)


def _in_days(days):
    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    return when.strftime("%Y%m%d%H%M%SZ")


def _openssl(*args, text=None):
    return processes.run(["openssl", *args], text=text)
