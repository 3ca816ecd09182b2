"""A copy of this very system to install packages into, of which nothing else knows.

It is an overlay of `/` in a mount namespace of its own, whose upper layer is thrown away. That takes
root and a kernel that lets root mount overlays.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from harness import BIN, PATIENCE

# What dpkg itself and the helpers of systemd note of every package that was ever there.
NOTED = ("var/lib/dpkg/", "var/log/", "var/cache/", "var/lib/systemd/deb-systemd-helper-enabled")

MOUNT = """
set -e
mount -t tmpfs hvsec "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay hvsec -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
echo ready
read -r _
"""

# What systemd runs as its one task.
TASK = """[Service]
Type=oneshot
ExecStart=/bin/sh -ec '/bin/sh -ex /task.sh && echo TASK ENDED WELL'
ExecStopPost=/bin/sh -c 'systemctl poweroff --force --force >/dev/null'
StandardOutput=append:/task.log
StandardError=inherit
"""


def output(*command):
    run = subprocess.run(
        [str(word) for word in command], check=True, capture_output=True, text=True)
    return run.stdout


def make_package(folder):
    """The package of this build."""
    output("cpack", "--config", BIN.parent / "CPackConfig.cmake", "-B", folder)
    (package,) = Path(folder).glob("*.deb")
    return package


class SystemCopy:
    def __init__(self, test, package):
        self.test = test
        place = Path(tempfile.mkdtemp(prefix="hvsec-system-"))
        test.addCleanup(shutil.rmtree, place)
        self.holder = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", MOUNT, "sh", place],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        test.addCleanup(self.holder.communicate)
        test.assertEqual(self.holder.stdout.readline(), "ready\n", "no overlay could be mounted")
        self.upper = place / "upper"
        self.root = place / "root"
        self.outside("cp", package, self.root / "hvsec.deb")
        self.before = self.files()

    def _run(self, *command, **more):
        return subprocess.run(
            ["nsenter", "--mount", f"--target={self.holder.pid}", "--", *map(str, command)],
            capture_output=True, text=True, check=False, timeout=PATIENCE,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}, **more,
        )

    def outside(self, *command, **more):
        """Runs a command where the copy is mounted."""
        run = self._run(*command, **more)
        self.test.assertEqual(run.returncode, 0, f"{command}: {run.stdout}{run.stderr}")
        return run.stdout + run.stderr

    def inside(self, *command):
        """Runs a command in the copy."""
        # A process namespace of its own, for a /proc that goes with it.
        return self.outside("unshare", "--mount", "--pid", "--fork", "--propagation", "private", "sh",
                            "-ec", 'mount --rbind /dev "$0/dev"; mount -t proc proc "$0/proc";'
                            ' exec chroot "$0" "$@"', self.root, *command)

    def shell(self, script):
        return self.inside("sh", "-ec", script)

    def write(self, file, text):
        self.outside("sh", "-c", 'mkdir -p "${0%/*}" && cat >"$0"', f"{self.root}/{file}", input=text)

    def install(self):
        # Needs that are not met fail it. Other packages' triggers would index the whole system anew.
        return self.inside("dpkg", "--no-triggers", "--force-confold", "--install", "/hvsec.deb")

    def files(self):
        """What differs from the system, without the notes of dpkg and systemd."""
        found = self.outside(
            "find", self.upper, "-mindepth", "1", "!", "-type", "d", "-printf", "%P\\n")
        return {file for file in found.splitlines() if not file.startswith(NOTED)}

    def left(self):
        """What has been added since the beginning."""
        return self.files() - self.before

    def boot(self, script):
        """Boots systemd in a container, lets it run the script, and returns what that printed."""
        self.write("task.sh", script)
        self.write("etc/systemd/system/task.service", TASK)
        self._run("systemd-nspawn", "--quiet", f"--directory={self.root}", "--register=no",
                  "--keep-unit", "--private-network", "--link-journal=no", "--console=pipe", "--boot",
                  "--", "--unit=task.service", stdin=subprocess.DEVNULL)
        log = self.outside("cat", self.root / "task.log")
        self.test.assertIn("TASK ENDED WELL\n", log)
        return log
