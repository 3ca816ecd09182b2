"""The package of Debian: what is in it, and that it comes and goes without a trace.

It is installed into a copy of this very system, of which only a mount namespace knows: an overlay
whose upper layer is thrown away. That takes root and a kernel that lets root mount overlays.
"""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from harness import BIN

# What dpkg itself and the helpers of systemd note of every package that was ever there.
NOTED = ("var/lib/dpkg/", "var/log/", "var/cache/", "var/lib/systemd/deb-systemd-helper-enabled")

MOUNT = """
set -e
mount -t tmpfs hvsec "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay hvsec -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
for place in dev proc; do
  mkdir -p "$1/root/$place"
  mount --rbind "/$place" "$1/root/$place"
done
echo ready
read -r _
"""


def output(*command):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout


def setUpModule():
    folder = Path(tempfile.mkdtemp(prefix="hvsec-package-"))
    unittest.addModuleCleanup(shutil.rmtree, folder)
    output("cpack", "--config", BIN.parent / "CPackConfig.cmake", "-B", folder)
    (Package.package,) = folder.glob("*.deb")


class PackageTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="hvsec-package-"))
        self.addCleanup(shutil.rmtree, self.folder)


class Package(PackageTest):
    package = None

    def field(self, name):
        return output("dpkg-deb", "--field", self.package, name).strip()

    def contents(self):
        output("dpkg-deb", "--extract", self.package, self.folder)
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return {str(path.relative_to(self.folder)) for path in files}

    def test_it_says_what_it_is_and_needs(self):
        version = output(BIN / "hvsec", "version").split()[1]
        self.assertEqual(self.field("Version"), f"{version}-1")
        self.assertEqual(self.package.name, f"hvsec_{version}-1_{self.field('Architecture')}.deb")
        for library in ("libyaml-cpp0.7", "libsqlite3-0", "libgit2-1.5", "libssl3", "libgssapi-krb5-2"):
            self.assertIn(library, self.field("Depends"))
        self.assertIn("gss-ntlmssp", self.field("Recommends"))

    def test_everything_is_where_debian_expects_it(self):
        contents = self.contents()
        for file in (
            "etc/hvsec/hvsec.env",
            "usr/bin/hvsec",
            "usr/bin/hvsec-sim",
            "usr/lib/systemd/system/hvsec.service",
            "usr/lib/systemd/system/hvsec-check.service",
            "usr/lib/systemd/system/hvsec-check.timer",
            "usr/share/bash-completion/completions/hvsec",
            "usr/share/doc/hvsec/README.md",
            "usr/share/doc/hvsec/changelog.gz",
            "usr/share/doc/hvsec/copyright",
            "usr/share/fish/vendor_completions.d/hvsec.fish",
            "usr/share/hvsec/examples/quickstart/fleet.yaml",
            "usr/share/hvsec/schema/manifest.v1.schema.json",
            "usr/share/man/man1/hvsec.1.gz",
            "usr/share/man/man1/hvsec-sim.1.gz",
            "usr/share/zsh/vendor-completions/_hvsec",
        ):
            self.assertIn(file, contents)
        outside = [file for file in contents if not file.startswith(("etc/hvsec/", "usr/"))]
        self.assertEqual(outside, [])

    def test_lintian_finds_nothing(self):
        # That tag is about the archive of Debian, to which nobody uploads this.
        run = subprocess.run(
            ["lintian", "--allow-root", "--fail-on", "error,warning",
             "--suppress-tags", "initial-upload-closes-no-bugs", self.package],
            capture_output=True, text=True, check=False,
        )
        self.assertEqual((run.returncode, run.stdout), (0, ""), run.stderr)


@unittest.skipUnless(os.geteuid() == 0, "only root can install a package")
class Life(PackageTest):
    """From the installation to the purge."""

    def setUp(self):
        super().setUp()
        place = self.folder
        self.holder = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", MOUNT, "sh", place],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        self.addCleanup(self.holder.communicate)
        self.assertEqual(self.holder.stdout.readline(), "ready\n", "no overlay could be mounted")
        self.upper = place / "upper"
        self.root = place / "root"
        self.outside("cp", Package.package, self.root / "hvsec.deb")
        self.before = self.files()

    def outside(self, *command):
        """Runs a command where the copy of the system is mounted."""
        run = subprocess.run(
            ["nsenter", "--mount", f"--target={self.holder.pid}", "--", *map(str, command)],
            capture_output=True, text=True, check=False,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"},
        )
        self.assertEqual(run.returncode, 0, f"{command}: {run.stdout}{run.stderr}")
        return run.stdout + run.stderr

    def inside(self, *command):
        """Runs a command in the copy of the system."""
        return self.outside("chroot", self.root, *command)

    def shell(self, script):
        return self.inside("sh", "-ec", script)

    def install(self):
        # Needs that are not met fail it. Other packages' triggers would index the whole system anew.
        return self.inside("dpkg", "--no-triggers", "--force-confold", "--install", "/hvsec.deb")

    def files(self):
        """What differs from the system, without the notes of dpkg and systemd."""
        found = self.outside("find", self.upper, "-mindepth", "1", "!", "-type", "d", "-printf", "%P\\n")
        return {file for file in found.splitlines() if not file.startswith(NOTED)}

    def test_what_it_installs_works(self):
        self.install()
        self.assertIn("hvsec ", self.inside("/usr/bin/hvsec", "version"))
        self.assertIn("valid\n", self.inside(
            "/usr/bin/hvsec", "validate", "-m", "/usr/share/hvsec/examples/baseline"))
        self.assertIn("--max-changes", self.inside("man", "-P", "cat", "hvsec"))
        self.assertEqual(self.inside("dpkg", "--verify", "hvsec"), "")

    def test_nothing_is_enabled_before_somebody_wants_it(self):
        self.install()
        self.assertNotIn("etc/systemd/system/multi-user.target.wants/hvsec.service", self.files())
        self.shell("systemctl --root=/ enable hvsec.service hvsec-check.timer")
        wanted = {"etc/systemd/system/multi-user.target.wants/hvsec.service",
                  "etc/systemd/system/timers.target.wants/hvsec-check.timer"}
        self.assertLessEqual(wanted, self.files())
        self.install()
        self.assertLessEqual(wanted, self.files())

    def test_settings_outlast_an_upgrade_and_a_removal(self):
        self.install()
        self.shell("echo HVSEC_INTERVAL=10m >/etc/hvsec/hvsec.env")
        self.install()
        self.inside("dpkg", "--remove", "hvsec")
        self.assertEqual(self.shell("cat /etc/hvsec/hvsec.env"), "HVSEC_INTERVAL=10m\n")
        self.assertNotIn("usr/bin/hvsec", self.files())

    def test_a_purge_leaves_nothing(self):
        self.install()
        self.shell("systemctl --root=/ enable hvsec.service hvsec-check.timer")
        self.inside("dpkg", "--purge", "hvsec")
        self.assertEqual(self.files() - self.before, set())
        self.assertEqual(self.shell("ls -d /etc/hvsec /usr/share/hvsec 2>/dev/null || true"), "")

    def test_a_purge_leaves_the_ledger_and_what_the_administrator_wrote(self):
        self.install()
        self.shell("mkdir -p /etc/hvsec/manifests /var/lib/hvsec"
                   " && touch /etc/hvsec/manifests/mine.yaml /var/lib/hvsec/ledger.db")
        said = self.inside("dpkg", "--purge", "hvsec")
        self.assertIn("the ledger stays in /var/lib/hvsec", said)
        self.assertEqual(self.files() - self.before,
                         {"etc/hvsec/manifests/mine.yaml", "var/lib/hvsec/ledger.db"})


if __name__ == "__main__":
    unittest.main()
