"""A real Active Directory for a test: Samba as domain controller, in namespaces of its own.

    with SambaDc() as dc:
        dc.add_user("alice", "Passw0rd!")
        keytab = dc.add_service("hypervisor", f"HTTP/{dc.HOST}")
        with dc.network():
            subprocess.run([*dc.inside, program, f"http://{dc.HOST}:5985/wsman"])

Network, mounts, host name and process numbers are its own: nothing outside sees its ports or its
files, and all of it is gone with its first process. That takes root. Debian: samba-ad-dc and what
src/packaging/debian.sh lists beside it.
"""

import contextlib
import ctypes
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import kdc
import processes

CLONE_NEWNET = 0x40000000

# It makes a whole domain before it starts.
PATIENCE = 600

# Arguments: the folder that replaces Samba's own, host, address, realm, domain, password.
START = r"""
set -eu
folder=$1 host=$2 address=$3 realm=$4 domain=$5 password=$6
ip link set lo up
ip address add "$address/24" dev lo
hostname "$host"
for path in /var/lib/samba /var/cache/samba /var/log/samba /run/samba /etc/samba; do
  mkdir -p "$path" "$folder$path"
  mount --bind "$folder$path" "$path"
done
mkdir /var/lib/samba/private
mount -t tmpfs -o mode=0700 none /var/lib/samba/private  # Its databases insist on every byte.
mount --bind "$folder/hosts" /etc/hosts
mount --bind "$folder/resolv.conf" /etc/resolv.conf
samba-tool domain provision --realm="$realm" --domain="$domain" --adminpass="$password" \
  --server-role=dc --dns-backend=SAMBA_INTERNAL --host-name="$host" --host-ip="$address" \
  --option="interfaces = lo" --option="bind interfaces only = yes"
exec samba --foreground --no-process-group --model=prefork
"""

KRB5_CONF = """[libdefaults]
  default_realm = {realm}
  dns_lookup_kdc = true
  dns_lookup_realm = false
  rdns = false
"""


def missing():
    """Why this machine cannot run it; empty: it can."""
    if os.geteuid() != 0:
        return "namespaces of its own take root"
    programs = ("samba", "samba-tool", "wbinfo", "ip", "nsenter", "unshare")
    lacking = [program for program in programs if not shutil.which(program)]
    if lacking:
        return "not installed: " + " ".join(lacking)
    may = subprocess.run(["unshare", "-n", "-m", "-u", "-p", "-f", "true"], check=False)
    return "" if may.returncode == 0 else "this machine does not let root make namespaces"


class SambaDc:
    """A running domain controller."""

    REALM = "AD.HVSEC.TEST"
    DOMAIN = "HVSECAD"
    ADDRESS = "10.53.57.1"
    HOST = "dc1.ad.hvsec.test"

    ADMINISTRATOR = ("Administrator", "Of-this-realm-0nly")

    def __init__(self):
        self._folder = None
        self._process = None

    def __enter__(self):
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="hvsec-ad-"))
        try:
            self._write_files()
            self._process = self._start()
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self._process:
            # The first process of the namespaces goes with it, and all others with that one.
            self._process.kill()
            self._process.communicate()
        shutil.rmtree(self._folder, ignore_errors=True)
        return False

    @property
    def inside(self):
        """The beginning of a command that is to run on the domain controller's machine."""
        return ["nsenter", "--target", str(self._process.pid), "--net", "--mount", "--uts"]

    @property
    def environment(self):
        """For programs that are to know this realm, and no ticket of the user's own."""
        return kdc.environment_of(self._folder)

    @contextlib.contextmanager
    def network(self):
        """Lets this thread, and what it starts, speak with the machine."""
        libc = ctypes.CDLL(None, use_errno=True)

        def enter(namespace):
            if libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "cannot enter a network namespace")

        with open("/proc/thread-self/ns/net", "rb") as here:
            with open(f"/proc/{self._process.pid}/ns/net", "rb") as there:
                enter(there)
            try:
                yield
            finally:
                enter(here)

    def add_user(self, name, password):
        """A user of the domain."""
        self._tool("samba-tool", "user", "create", name, password)

    def add_service(self, account, *names):
        """An account that has the given service names; gives its keytab."""
        keytab = self._folder / f"{account}.keytab"
        self._tool("samba-tool", "user", "create", account, "--random-password")
        for name in names:
            self._tool("samba-tool", "spn", "add", name, account)
            self._tool(
                *("samba-tool", "domain", "exportkeytab", keytab),
                *("--principal", f"{name}@{self.REALM}"),
            )
        return keytab

    def lock_accounts_after(self, wrong_passwords):
        """From then on the domain counts them."""
        policy = f"--account-lockout-threshold={wrong_passwords}"
        self._tool("samba-tool", "domain", "passwordsettings", "set", policy)

    def wrong_passwords(self, user):
        """How often in a row the domain was given a wrong one for a user."""
        shown = self._tool("samba-tool", "user", "show", user, "--attributes=badPwdCount")
        return int(re.search(r"badPwdCount: (\d+)", shown)[1])

    # --- Inside ---------------------------------------------------------------------------------

    def _write_files(self):
        name, domain = self.HOST.split(".", 1)
        files = {
            "hosts": f"127.0.0.1 localhost\n{self.ADDRESS} {self.HOST} {name}\n",
            "resolv.conf": f"search {domain}\nnameserver {self.ADDRESS}\n",
            "krb5.conf": KRB5_CONF.format(realm=self.REALM),
            "start": START,
        }
        for file, text in files.items():
            (self._folder / file).write_text(text, encoding="utf-8")

    def _start(self):
        with open(self._folder / "log", "wb") as log:
            return subprocess.Popen(
                [
                    *("unshare", "--net", "--mount", "--uts", "--pid", "--fork", "--kill-child"),
                    *("bash", self._folder / "start", self._folder, self.HOST.split(".")[0]),
                    *(self.ADDRESS, self.REALM, self.DOMAIN, self.ADMINISTRATOR[1]),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _wait(self):
        """Until it vouches for a password, by Kerberos and by NTLM."""
        user, password = self.ADMINISTRATOR

        def ready():
            logged_on = self._try("kinit", "-c", self._folder / "probe", user, text=password)
            return logged_on and self._try("wbinfo", "-a", f"{self.DOMAIN}\\{user}%{password}")

        try:
            processes.wait_until(ready, self._process, "samba", PATIENCE, interval=0.5)
        except processes.NotReady as error:
            log = (self._folder / "log").read_text(encoding="utf-8", errors="replace")
            raise processes.NotReady(f"{error}: {log[-4000:]}") from None

    def _tool(self, *command, text=None):
        env = {**os.environ, **self.environment, "LC_ALL": "C.UTF-8"}
        return processes.run([*self.inside, *command], env=env, text=text)

    def _try(self, *command, text=None):
        try:
            self._tool(*command, text=text)
        except RuntimeError:
            return False
        return True
