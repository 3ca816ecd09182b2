"""The units at work under a real systemd, with all that they are denied: booted in a container."""

import os
import shutil
import tempfile
import unittest
from pathlib import Path

from harness import host_manifest, policy
from system_copy import SystemCopy, make_package

FLEET = """hosts:
  - name: hv
    vms: [{name: dc-01, keyProtector: local}]
"""
HOST = host_manifest("hv", "http://127.0.0.1:15985/hv/wsman", """  allowUnencrypted: true
  auth: {basic: {username: svc-hvsec, passwordFile: /run/credentials/hvsec.service/password}}
""")
# The service as it is, but for what it does: `apply` ends by itself.
ONCE = """[Service]
Type=oneshot
ExecStart=
ExecStart=/usr/bin/hvsec apply
WatchdogSec=0
Restart=no
"""
# A sanitizer's search for leaks would trace, which no service may.
CREDENTIALS = """[Service]
LoadCredential=password:/etc/hvsec/secrets/password
Environment=ASAN_OPTIONS=detect_leaks=0
"""
BEGIN = """
hvsec-sim --fleet /fleet.yaml --listen 127.0.0.1:15985 --auth svc-hvsec:geheim --state /state.json &
for _ in $(seq 100); do curl -s http://127.0.0.1:15985/ >/dev/null && break; sleep 0.1; done
"""
CHECK = """
sed -i s/hvsec.service/hvsec-check.service/ /etc/hvsec/manifests/hosts.yaml
systemctl start hvsec-check.service || true
journalctl --sync
journalctl -o cat --no-pager -u hvsec-check.service
systemctl show hvsec-check.service -P ExecMainStatus -P ActiveState
"""


@unittest.skipUnless(os.geteuid() == 0, "only root can boot a container")
class Booted(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = Path(tempfile.mkdtemp(prefix="hvsec-package-"))
        cls.addClassCleanup(shutil.rmtree, folder)
        cls.package = make_package(folder)

    def setUp(self):
        self.system = SystemCopy(self, self.package)
        self.system.install()
        self.system.write("fleet.yaml", FLEET)
        self.system.write("etc/hvsec/manifests/hosts.yaml", HOST)
        self.system.write("etc/hvsec/manifests/policy.yaml", policy())
        self.system.write("etc/hvsec/secrets/password", "geheim\n")
        self.system.shell("chmod 700 /etc/hvsec/secrets")
        for unit in ("hvsec", "hvsec-check"):
            self.system.write(f"etc/systemd/system/{unit}.service.d/test.conf", CREDENTIALS)
        self.system.write("etc/systemd/system/hvsec.service.d/once.conf", ONCE)

    def test_changes_are_made_and_recorded_and_nothing_else_is_written(self):
        log = self.system.boot(BEGIN + """
systemctl start hvsec.service
journalctl --sync
journalctl -o cat --no-pager -u hvsec.service
stat -c 'owner %u mode %a' /var/lib/private/hvsec/ledger.db
hvsec history --ledger /var/lib/hvsec/ledger.db
""" + CHECK)
        self.assertIn("tpmEnabled: false → true  corrected", log)
        self.assertIn("1 change\n", log)
        self.assertRegex(log, r"owner 6[0-9]{4} mode 600\n")
        self.assertIn("1 VM on 1 host: 1 in sync", log)
        self.assertIn("\n0\ninactive\n", log)

    def test_drift_fails_the_check_and_its_metrics_are_for_the_exporter(self):
        drop_in = Path(__file__).parents[2] / "examples/daemon/node-exporter.conf"
        self.system.write("etc/systemd/system/hvsec-check.service.d/node-exporter.conf",
                          drop_in.read_text(encoding="utf-8"))
        log = self.system.boot("""
install -d -o prometheus -g prometheus -m 0775 /var/lib/prometheus/node-exporter
""" + BEGIN + CHECK + """
runuser -u prometheus -- cat /var/lib/prometheus/node-exporter/hvsec.prom
""")
        self.assertIn("\n2\nfailed\n", log)
        self.assertIn('hvsec_vms{host="hv",verdict="drifted"} 1', log)

    def test_without_its_credential_the_secret_cannot_be_read(self):
        self.system.write("etc/hvsec/manifests/hosts.yaml", HOST.replace(
            "/run/credentials/hvsec.service/", "/etc/hvsec/secrets/"))
        log = self.system.boot(BEGIN + CHECK)
        self.assertIn("Permission denied", log)
        self.assertIn("\n4\nfailed\n", log)


if __name__ == "__main__":
    unittest.main()
