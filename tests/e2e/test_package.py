"""The package of Debian: what is in it, and that it comes and goes without a trace."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from harness import BIN
from system_copy import SystemCopy, make_package, output


def setUpModule():
    folder = Path(tempfile.mkdtemp(prefix="hvsec-package-"))
    unittest.addModuleCleanup(shutil.rmtree, folder)
    Package.package = make_package(folder)


class Package(unittest.TestCase):
    package = None

    def field(self, name):
        return output("dpkg-deb", "--field", self.package, name).strip()

    def contents(self):
        with tempfile.TemporaryDirectory() as folder:
            output("dpkg-deb", "--extract", self.package, folder)
            files = [path for path in Path(folder).rglob("*") if path.is_file()]
            return {str(path.relative_to(folder)) for path in files}

    def test_it_says_what_it_is_and_needs(self):
        version = output(BIN / "hvsec", "version").split()[1]
        self.assertEqual(self.field("Version"), f"{version}-1")
        self.assertEqual(self.package.name, f"hvsec_{version}-1_{self.field('Architecture')}.deb")
        for library in ("libyaml-cpp0.7", "libsqlite3-0", "libgit2-1.5", "libssl3", "libgssapi-krb5-2",
                        "libcurl4", "libsystemd0"):
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
class Life(unittest.TestCase):
    """From the installation to the purge."""

    def setUp(self):
        self.system = SystemCopy(self, Package.package)
        self.system.install()

    def test_what_it_installs_works(self):
        self.assertIn("hvsec ", self.system.inside("/usr/bin/hvsec", "version"))
        self.assertIn("valid\n", self.system.inside(
            "/usr/bin/hvsec", "validate", "-m", "/usr/share/hvsec/examples/baseline"))
        self.assertIn("--max-changes", self.system.inside("man", "-P", "cat", "hvsec"))
        self.assertEqual(self.system.inside("dpkg", "--verify", "hvsec"), "")

    def test_nothing_is_enabled_before_somebody_wants_it(self):
        self.assertNotIn("etc/systemd/system/multi-user.target.wants/hvsec.service", self.system.files())
        self.system.shell("systemctl --root=/ enable hvsec.service hvsec-check.timer")
        wanted = {"etc/systemd/system/multi-user.target.wants/hvsec.service",
                  "etc/systemd/system/timers.target.wants/hvsec-check.timer"}
        self.assertLessEqual(wanted, self.system.files())
        self.system.install()
        self.assertLessEqual(wanted, self.system.files())

    def test_settings_outlast_an_upgrade_and_a_removal(self):
        self.system.shell("echo HVSEC_INTERVAL=10m >/etc/hvsec/hvsec.env")
        self.system.install()
        self.system.inside("dpkg", "--remove", "hvsec")
        self.assertEqual(self.system.shell("cat /etc/hvsec/hvsec.env"), "HVSEC_INTERVAL=10m\n")
        self.assertNotIn("usr/bin/hvsec", self.system.files())

    def test_a_purge_leaves_nothing(self):
        self.system.shell("systemctl --root=/ enable hvsec.service hvsec-check.timer")
        self.system.inside("dpkg", "--purge", "hvsec")
        self.assertEqual(self.system.left(), set())
        self.assertEqual(self.system.shell("ls -d /etc/hvsec /usr/share/hvsec 2>/dev/null || true"), "")

    def test_a_purge_leaves_the_ledger_and_what_the_administrator_wrote(self):
        self.system.shell("mkdir -p /etc/hvsec/manifests /var/lib/hvsec"
                   " && touch /etc/hvsec/manifests/mine.yaml /var/lib/hvsec/ledger.db")
        said = self.system.inside("dpkg", "--purge", "hvsec")
        self.assertIn("the ledger stays in /var/lib/hvsec", said)
        self.assertEqual(self.system.left(),
                         {"etc/hvsec/manifests/mine.yaml", "var/lib/hvsec/ledger.db"})


if __name__ == "__main__":
    unittest.main()
