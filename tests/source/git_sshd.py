"""OpenSSH's server on loopback, for whoever runs it.

    git_sshd.py FOLDER

makes host keys and a user's keys in FOLDER (user, its encrypted twin, and stranger), and FOLDER/
known_hosts. Says its port once it listens. Each connection gets a server process of its own.
"""

import getpass
import os
import pathlib
import socket
import subprocess
import sys

SSHD = "/usr/sbin/sshd"

CONF = """HostKey {folder}/host_ed25519
HostKey {folder}/host_ecdsa
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
AllowUsers {user}
LogLevel QUIET
"""


def make_key(folder, name, kind, passphrase=""):
    subprocess.run(
        ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", name, "-f", folder / name],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def main():
    folder = pathlib.Path(sys.argv[1])
    for name, kind in (("host_ed25519", "ed25519"), ("host_ecdsa", "ecdsa")):
        make_key(folder, name, kind)
    for name in ("user", "stranger"):
        make_key(folder, name, "ed25519")
    make_key(folder, "locked", "ed25519", "open sesame")
    keys = [(folder / f"{name}.pub").read_text() for name in ("user", "locked")]
    (folder / "authorized_keys").write_text("".join(keys))
    conf = folder / "sshd.conf"
    conf.write_text(CONF.format(folder=folder, user=getpass.getuser()))
    if os.geteuid() == 0:
        os.makedirs("/run/sshd", exist_ok=True)  # As the system's own service does.
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        kind_and_key = (folder / "host_ecdsa.pub").read_text().rsplit(" ", 1)[0]
        (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {kind_and_key}\n")
        print(port, flush=True)
        while True:
            connection, _ = server.accept()
            with connection:
                subprocess.Popen(
                    [SSHD, "-i", "-f", conf],
                    stdin=connection,
                    stdout=connection,
                    stderr=subprocess.DEVNULL,
                )


if __name__ == "__main__":
    main()
