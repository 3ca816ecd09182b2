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
    jobSeconds: 2
    vms: [{name: dc-01, keyProtector: local}]
"""
HOST = host_manifest("hv", "http://127.0.0.1:15985/hv/wsman", """  allowUnencrypted: true
  auth: {basic: {username: svc-hvsec, passwordFile: /run/credentials/hvsec.service/password}}
""")
# A sanitizer's search for leaks would trace, which no service may.
CREDENTIALS = """[Service]
LoadCredential=password:/etc/hvsec/secrets/password
Environment=ASAN_OPTIONS=detect_leaks=0
"""
# Nobody waits five minutes in a test.
HURRY = """[Service]
Environment=HVSEC_INTERVAL=1s HVSEC_UNSAFE_INTERVAL=true
WatchdogSec=4s
"""
BEGIN = """
# The words to run again until they succeed.
await() {
  for _ in $(seq 600); do if sh -c "$1"; then return; fi; sleep 0.1; done 2>/dev/null
  echo "never: $1"; journalctl -o cat --no-pager -u hvsec.service; return 1
}
changes() { hvsec history --ledger /var/lib/hvsec/ledger.db | tail -n 1; }
drift() {
  curl -sS -d '{"tpmEnabled": false}' http://127.0.0.1:15985/control/hosts/hv/vms/dc-01/security >/dev/null
}
hvsec-sim --fleet /fleet.yaml --listen 127.0.0.1:15985 --auth svc-hvsec:geheim --state /state.json &
await 'curl -s http://127.0.0.1:15985/ >/dev/null'
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
        self.system.write("etc/systemd/system/hvsec.service.d/hurry.conf", HURRY)

    def test_the_daemon_keeps_what_is_declared_until_it_is_stopped(self):
        log = self.system.boot(BEGIN + """
systemctl start hvsec.service
systemctl show hvsec.service -P ActiveState -P NotifyAccess
curl -sS --retry 9 --retry-connrefused http://127.0.0.1:9477/healthz
await 'systemctl show hvsec.service -P StatusText | grep -x "1 of 1 VM in sync on 1 host"'
curl -sS http://127.0.0.1:9477/readyz
echo "first: $(changes)"

drift
await 'hvsec history --ledger /var/lib/hvsec/ledger.db | grep -x "2 changes"'
await 'curl -sS http://127.0.0.1:9477/metrics | grep "^hvsec_corrections_total.*corrective.* 1$"'

pid=$(systemctl show hvsec.service -P MainPID)
mv /etc/hvsec/manifests/policy.yaml /policy.yaml
await 'systemctl show hvsec.service -P StatusText | grep "in sync on 1 host; newer manifests were refused$"'
mv /policy.yaml /etc/hvsec/manifests/policy.yaml
systemctl reload hvsec.service
await 'systemctl show hvsec.service -P ActiveState | grep -x active'
await 'systemctl show hvsec.service -P StatusText | grep -x "1 of 1 VM in sync on 1 host"'
systemctl kill --signal=USR1 hvsec.service
test "$pid" = "$(systemctl show hvsec.service -P MainPID)"

drift
await 'curl -sS http://127.0.0.1:9477/status.json | grep "openChanges.: 1"'
systemctl stop hvsec.service
systemctl show hvsec.service -P Result -P ExecMainStatus -P NRestarts
echo "last: $(changes)"
hvsec history --ledger /var/lib/hvsec/ledger.db --verify
stat -c 'owner %u mode %a' /var/lib/private/hvsec/ledger.db
echo "kept: $(ls -xA /var/lib/private/hvsec)"
journalctl --sync
journalctl -o cat --no-pager -u hvsec.service
""" + CHECK)
        for line in ("active", "ok", "first: 1 change", "last: 3 changes", "success"):
            self.assertIn(f"\n{line}\n", log)
        self.assertEqual(log.count("dc-01: tpmEnabled was false and is true as declared"), 3)
        self.assertIn("would leave no virtual machine managed", log)
        self.assertRegex(log, r"\nowner 6[0-9]{4} mode 600\n")
        self.assertRegex(log, r"\nkept: ledger.db +ledger.db.lock\n")
        self.assertRegex(log, r"\nStopped hvsec.service")
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
