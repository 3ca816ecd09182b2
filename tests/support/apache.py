"""Apache with mod_auth_gssapi in front of another server: a Negotiate acceptor that is not ours.

    with Apache(server_certificate, f"http://{sim.address}/", keytab=keytab, environment=...) as web:
        client.connect(web.url + "/hv/wsman")

mod_auth_gssapi knows no message encryption, so it is https only. Debian: apache2
libapache2-mod-auth-gssapi.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile

import processes

MODULES_FOLDER = pathlib.Path("/usr/lib/apache2/modules")
MODULES = (
    "mpm_event authn_core authz_core authz_user auth_gssapi headers proxy proxy_http rewrite ssl"
).split()

# A client that logs on before it has anything to say posts an empty body, which WinRM answers by
# itself; so does this.
CONF = """
ServerRoot {folder}
ServerName localhost
PidFile {folder}/pid
ErrorLog {folder}/error.log
LogLevel info auth_gssapi:debug
Listen 127.0.0.1:{port}
{user}
{modules}
StartServers 1
KeepAliveTimeout 60
MaxKeepAliveRequests 0
SSLEngine on
SSLCertificateFile {certificate.file}
SSLCertificateKeyFile {certificate.key_file}
<Location />
  AuthType GSSAPI
  AuthName "hvsec test"
  GssapiConnectionBound On
  GssapiAllowedMech {mechanisms}
  Require valid-user
  RewriteEngine On
  RewriteCond "%{{HTTP:Content-Length}}" "=0"
  RewriteRule "^" "-" [R=200]
</Location>
ProxyPass / {backend}
RequestHeader unset Authorization
"""


def missing():
    """What this machine lacks for it; empty: nothing."""
    if not shutil.which("apache2"):
        return "apache2"
    lacking = [name for name in MODULES if not (MODULES_FOLDER / f"mod_{name}.so").exists()]
    return " ".join(f"mod_{name}" for name in lacking)


class Apache:
    """A running Apache. `keytab` lets Kerberos in; `ntlm_users` (DOMAIN:user:password, one to a
    line) lets NTLM in. `environment` is that of its realm."""

    def __init__(self, certificate, backend, *, environment=None, keytab=None, ntlm_users=None):
        self._certificate = certificate
        self._backend = backend
        self._environment = {**os.environ, **(environment or {})}
        self._mechanisms = ["krb5"] * bool(keytab) + ["ntlmssp"] * bool(ntlm_users)
        self._files = {
            "KRB5_CONFIG": self._environment.get("KRB5_CONFIG"),
            "KRB5_KTNAME": keytab,
            "NTLM_USER_FILE": ntlm_users,
        }
        self._folder = None
        self._process = None
        self._port = None

    def __enter__(self):
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="hvsec-apache-"))
        # It drops root's rights and then has to read what is here.
        self._folder.chmod(0o755)
        self._copy_files()
        try:
            self._process, self._port = processes.start_listening(self._start, "apache2")
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        return self

    def __exit__(self, *_):
        try:
            processes.stop(self._process)
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
        return False

    @property
    def url(self):
        return f"https://localhost:{self._port}"

    @property
    def error_log(self):
        return (self._folder / "error.log").read_text(encoding="utf-8", errors="replace")

    def _copy_files(self):
        for variable, source in self._files.items():
            if source:
                copy = self._folder / variable
                copy.write_bytes(pathlib.Path(source).read_bytes())
                copy.chmod(0o644)
                self._environment[variable] = str(copy)
        self._environment["KRB5RCACHENAME"] = "none:"

    def _start(self, port):
        modules = "\n".join(
            f"LoadModule {name}_module {MODULES_FOLDER}/mod_{name}.so" for name in MODULES
        )
        text = CONF.format(
            folder=self._folder,
            port=port,
            user="User www-data\nGroup www-data" if os.geteuid() == 0 else "",
            modules=modules,
            certificate=self._certificate,
            mechanisms=" ".join(self._mechanisms),
            backend=self._backend,
        )
        conf = self._folder / "apache.conf"
        conf.write_text(text, encoding="utf-8")
        return subprocess.Popen(
            ["apache2", "-f", conf, "-D", "FOREGROUND"],
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
