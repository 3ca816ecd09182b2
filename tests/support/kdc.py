"""A private Kerberos realm for a test: an MIT KDC on loopback that nobody else knows of.

    with Kdc() as kdc:
        kdc.add_user("alice", "password")
        keytab = kdc.add_service("HTTP/localhost")
        cache = kdc.ticket("alice", "password")
        run(program, env={**os.environ, **kdc.environment, "KRB5CCNAME": cache})

Everything is in a temporary folder. Debian: krb5-kdc krb5-admin-server krb5-user libfaketime.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile

import processes

REALM = "HVSEC.TEST"

# The linker knows which folder of libraries is the program's.
FAKETIME = "/usr/$LIB/faketime/libfaketime.so.1"

KRB5_CONF = """[libdefaults]
  default_realm = {realm}
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
  udp_preference_limit = 1
  kdc_timesync = {timesync}
[realms]
  {realm} = {{
    kdc = 127.0.0.1:{port}
  }}
[domain_realm]
  localhost = {realm}
"""

KDC_CONF = """[kdcdefaults]
  kdc_listen = ""
  kdc_tcp_listen = 127.0.0.1:{port}
[realms]
  {realm} = {{
    database_name = {folder}/principal
    key_stash_file = {folder}/stash
    acl_file = {folder}/acl
    max_life = 1d
    max_renewable_life = 0s
  }}
[logging]
  kdc = FILE:{folder}/kdc.log
"""


def environment_of(folder):
    """What makes a program know the realm of `folder`'s krb5.conf, and nobody's tickets or keys."""
    return {
        "KRB5_CONFIG": f"{folder}/krb5.conf",
        "KRB5CCNAME": f"FILE:{folder}/nobody",
        "KRB5_CLIENT_KTNAME": f"FILE:{folder}/nothing",
        "KRB5RCACHEDIR": str(folder),
    }


def missing():
    """What this machine lacks for a KDC; empty: nothing."""
    programs = ("krb5kdc", "kdb5_util", "kadmin.local", "kinit")
    return " ".join(program for program in programs if not shutil.which(program))


class Kdc:
    """A running KDC.

    `clock` shifts the KDC's clock as libfaketime words it, for example "-1h"; its clients then
    keep to their own clock.
    """

    def __init__(self, clock=None):
        self._clock = clock
        self._folder = None
        self._process = None
        self._count = 0

    def __enter__(self):
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="hvsec-kdc-"))
        try:
            self._configure(port=0)
            self._tool("kdb5_util", "create", "-s", "-P", "master")
            self._process, _ = processes.start_listening(self._start, "krb5kdc")
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
    def environment(self):
        """For every program that is to know this realm, and no ticket of the user's own."""
        return environment_of(self._folder)

    def add_user(self, name, password):
        """A user NAME@REALM."""
        self._administrate("addprinc", "+requires_preauth", "-pw", password, name)

    def add_service(self, *names):
        """Services such as HTTP/localhost with random keys. Gives the keytab that has them all."""
        for name in names:
            self._administrate("addprinc", "-randkey", name)
        return self.keytab(*names)

    def keytab(self, *names):
        """The present keys of users or services, in a new file."""
        file = self._new_file("keytab")
        for name in names:
            self._administrate("ktadd", "-k", file, "-norandkey", name)
        return file

    def ticket(self, name, password, lifetime="1h"):
        """Logs a user on, at the KDC's time; gives the credential cache with the ticket."""
        file = self._new_file("cache")
        env = {**self._tool_environment(), **self._own_time()}
        command = ["kinit", "-l", lifetime, "-c", file, name]
        processes.run(command, env=env, text=password + "\n")
        return file

    def has_valid_ticket(self, cache):
        """Whether the tickets in a credential cache can still be used."""
        command = ["klist", "-s", "-c", str(cache)]
        return subprocess.run(command, env=self._tool_environment(), check=False).returncode == 0

    def refused_passwords(self):
        """How often somebody came with a wrong one."""
        log = (self._folder / "kdc.log").read_text(encoding="utf-8")
        return log.count(" PREAUTH_FAILED: ")

    # --- Inside ---------------------------------------------------------------------------------

    def _new_file(self, kind):
        self._count += 1
        return self._folder / f"{kind}-{self._count}"

    def _configure(self, port):
        values = {
            "realm": REALM,
            "folder": self._folder,
            "port": port,
            "timesync": 0 if self._clock else 1,
        }
        (self._folder / "krb5.conf").write_text(KRB5_CONF.format(**values), encoding="utf-8")
        (self._folder / "kdc.conf").write_text(KDC_CONF.format(**values), encoding="utf-8")

    def _start(self, port):
        self._configure(port)
        return subprocess.Popen(
            ["krb5kdc", "-n"],
            env={**self._tool_environment(), **self._own_time()},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _own_time(self):
        return {"LD_PRELOAD": FAKETIME, "FAKETIME": self._clock} if self._clock else {}

    def _tool_environment(self):
        own = {"KRB5_KDC_PROFILE": str(self._folder / "kdc.conf"), "LC_ALL": "C.UTF-8"}
        return {**os.environ, **self.environment, **own}

    def _tool(self, program, *args, text=None):
        return processes.run([program, *args], env=self._tool_environment(), text=text)

    def _administrate(self, *command):
        self._tool("kadmin.local", *command)
