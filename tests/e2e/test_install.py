"""`cmake --install` puts a program that works where a packager expects it."""

import os
import subprocess
import unittest

from harness import BIN, ROOT, EndToEnd


class Install(EndToEnd):
    def setUp(self):
        super().setUp()
        self.prefix = self.folder / "prefix"
        environment = {**os.environ, "DESTDIR": ""}
        subprocess.run(
            ["cmake", "--install", BIN.parent, "--prefix", self.prefix],
            check=True, capture_output=True, env=environment,
        )

    def test_every_file_is_where_it_belongs(self):
        for file in (
            "bin/hvsec",
            "bin/hvsec-sim",
            "share/hvsec/examples/authentication/hosts.yaml",
            "share/hvsec/examples/baseline/20-tier-0.yaml",
            "share/hvsec/examples/daemon/alerts.yml",
            "share/hvsec/examples/gitops/.github/workflows/hvsec.yml",
            "share/hvsec/examples/quickstart/fleet.yaml",
            "lib/systemd/system/hvsec.service",
            "share/doc/hvsec/CHANGELOG.md",
            "share/doc/hvsec/LICENSE",
            "share/doc/hvsec/README.md",
            "share/man/man1/hvsec.1",
            "share/man/man1/hvsec-sim.1",
            "share/bash-completion/completions/hvsec",
            "share/zsh/site-functions/_hvsec",
            "share/fish/vendor_completions.d/hvsec.fish",
        ):
            with self.subTest(file):
                self.assertTrue((self.prefix / file).stat().st_size)

    def test_every_schema_is_there(self):
        known = {file.name for file in (ROOT / "schema").glob("*.schema.json")}
        self.assertIn("status.v1.schema.json", known)
        self.assertEqual({file.name for file in (self.prefix / "share/hvsec/schema").iterdir()}, known)

    def test_no_header_library_or_test_comes_along(self):
        names = [path.name for path in self.prefix.rglob("*") if path.is_file()]
        self.assertEqual([n for n in names if n.endswith((".a", ".hpp", ".sh")) or n.startswith("test")], [])

    # An empty entry of a run path stands for the folder that a program is started in.
    def test_libraries_are_looked_for_where_the_system_has_them_alone(self):
        for folder in (BIN, self.prefix / "bin"):
            for program in ("hvsec", "hvsec-sim"):
                dynamic = subprocess.run(["readelf", "--dynamic", folder / program],
                                         capture_output=True, text=True, check=True).stdout
                self.assertIn("(NEEDED)", dynamic)
                self.assertNotRegex(dynamic, r"\((RUN|R)PATH\)")

    def test_the_installed_program_runs(self):
        run = subprocess.run(
            [self.prefix / "bin" / "hvsec", "validate", "--manifests",
             self.prefix / "share/hvsec/examples/baseline"],
            capture_output=True, text=True, cwd=self.folder, env=self.environment, check=False,
        )
        self.assertEqual(run.returncode, 0, run.stderr)

    def test_the_schemas_that_examples_name_are_there(self):
        for file in (self.prefix / "share/hvsec/examples").rglob("*.yaml"):
            for line in file.read_text(encoding="utf-8").splitlines():
                if "$schema=" in line:
                    self.assertTrue((file.parent / line.split("$schema=")[1]).exists(), file)


if __name__ == "__main__":
    unittest.main()
