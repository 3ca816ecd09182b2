"""What --report prometheus:FILE writes, and the alert rules of the README, as Prometheus judges them."""

import os
import re
import unittest

from harness import ROOT, EndToEnd, host_manifest, policy
from prometheus import MISSING, PROMTOOL, judged, promtool

FLEET = """
hosts:
  - name: hv-1
    jobSeconds: 0.05
    vms:
      - {name: fine, keyProtector: local, security: {tpmEnabled: true}}
      - {name: off, keyProtector: local}
      - {name: busy, power: running, keyProtector: local}
  - name: hv-2
    vms:
      - {name: other, keyProtector: local}
"""

WAIVER = """---
apiVersion: hvsec/v1
kind: Waiver
metadata: {name: legacy}
spec:
  select: {vms: {names: [busy]}}
  settings: [tpmEnabled]
  effect: report
  reason: waits for its migration
  until: "2199-12-31"
"""

class Metrics(EndToEnd):
    def setUp(self):
        super().setUp()
        self.assertIsNotNone(PROMTOOL, MISSING)
        self.file = self.folder / "hvsec.prom"
        self.report = ("--report", f"prometheus:{self.file}")

    def declare_fleet(self):
        simulator = self.simulate(FLEET)
        self.declare_hosts(simulator)
        self.declare("policy.yaml", policy())
        return simulator

    def scrape(self):
        """What is in the file, once promtool has found nothing to say about it."""
        return judged(self.file.read_text(encoding="utf-8"))

    def test_a_check_tells_of_each_host_and_vm(self):
        self.declare_fleet()
        self.declare("gone.yaml", host_manifest("hv-3", "http://127.0.0.1:9/wsman"))
        self.declare("waiver.yaml", WAIVER)
        run = self.check(*self.report)
        self.assert_code(run, 6)
        said = self.scrape()
        reachable = {host: said[("hvsec_host_reachable", host)] for host in ("hv-1", "hv-2", "hv-3")}
        self.assertEqual(reachable, {"hv-1": 1, "hv-2": 1, "hv-3": 0})
        self.assertEqual(said[("hvsec_vms", "hv-1", "inSync")], 1)
        self.assertEqual(said[("hvsec_vms", "hv-1", "drifted")], 1)
        self.assertEqual(said[("hvsec_vms", "hv-1", "waived")], 1)
        self.assertEqual(said[("hvsec_property_drifted_vms", "hv-1", "tpmEnabled")], 1)
        self.assertNotIn(("hvsec_vms", "hv-3", "inSync"), said)
        in_sync = {key[2]: value for key, value in said.items() if key[0] == "hvsec_vm_in_sync"}
        self.assertEqual(in_sync, {"fine": 1, "off": 0, "busy": 1, "other": 0})
        vm_id = run.vm("off")["id"]
        self.assertEqual(said[("hvsec_property_drift", "hv-1", "off", vm_id, "tpmEnabled")], 1)
        self.assertEqual(said[("hvsec_waivers", "active")], 1)
        self.assertEqual(said[("hvsec_waiver_expiry_timestamp_seconds", "legacy")], 7_258_118_400)
        self.assertEqual(said[("hvsec_manifest_info", "", run.report["manifestDigest"])], 1)
        self.assertIn(("hvsec_host_last_success_timestamp_seconds", "hv-1"), said)
        self.assertNotIn(("hvsec_host_last_success_timestamp_seconds", "hv-3"), said)

    def test_an_apply_tells_what_it_corrected(self):
        self.declare_fleet()
        self.assert_code(self.apply(*self.report), 2)
        said = self.scrape()
        self.assertEqual(said[("hvsec_corrections_total", "tpmEnabled", "unknown")], 2)
        self.assertEqual(said[("hvsec_job_total", "Completed")], 2)
        self.assertEqual(said[("hvsec_job_duration_seconds_count",)], 2)
        self.assertEqual(said[("hvsec_vms", "hv-1", "corrected")], 1)
        self.assertEqual(said[("hvsec_vms", "hv-1", "deferred")], 1)
        self.assert_code(self.apply(*self.report), 2)
        self.assertEqual(self.scrape()[("hvsec_corrections_total", "tpmEnabled", "unknown")], 0)

    def test_a_plan_and_a_wrong_format(self):
        self.declare_fleet()
        self.assert_code(self.hvsec("plan", *self.report), 2)
        self.assertEqual(self.scrape()[("hvsec_vms", "hv-2", "drifted")], 1)
        wrong = self.hvsec("plan", "--report", "prom:x")
        self.assert_code(wrong, 1)
        self.assertIn("prometheus:hvsec.prom", wrong.err)
        self.assert_code(self.hvsec("plan", "--output", "prometheus"), 1)

    def test_the_file_is_replaced_as_a_whole_and_for_all_to_read(self):
        self.declare_fleet()
        old_mask = os.umask(0o022)
        self.addCleanup(os.umask, old_mask)
        self.check(*self.report)
        with self.file.open(encoding="utf-8") as before:
            before.readline()
            first = self.file.stat()
            self.check(*self.report)
            rest = before.read()  # Still the first file, whatever has taken its name.
        self.assertIn("\nhvsec_vm_series_omitted 0\n", rest)
        second = self.file.stat()
        self.assertNotEqual(first.st_ino, second.st_ino)
        self.assertEqual(second.st_mode & 0o777, 0o644)
        self.assertEqual([name for name in os.listdir(self.folder) if "prom" in name], ["hvsec.prom"])

    def test_hosts_that_are_no_longer_declared_vanish(self):
        simulator = self.declare_fleet()
        self.check(*self.report)
        self.assertIn(("hvsec_host_reachable", "hv-2"), self.scrape())
        self.declare("hosts.yaml", host_manifest("hv-1", simulator.endpoint("hv-1")))
        self.check(*self.report)
        self.assertNotIn("hv-2", self.file.read_text(encoding="utf-8"))
        self.assertIn(("hvsec_host_reachable", "hv-1"), self.scrape())

    def test_names_that_hosts_choose_break_nothing(self):
        names = ['a"b', "back\\slash", '"} 1', "two words", "ünïcödé", "x" * 10_000, "web", "web"]
        quoted = "".join(f"      - {{name: '{name}'}}\n" for name in names)
        hostile = '      - {name: "line\\nbreak"}\n      - {name: "\\u202eturned"}\n'
        simulator = self.simulate(f"hosts:\n  - name: hv\n    vms:\n{quoted}{hostile}")
        self.declare_hosts(simulator)
        self.declare("policy.yaml", policy())
        self.assert_code(self.check(*self.report), 2)
        said = self.scrape()
        self.assertEqual(sum(key[0] == "hvsec_vm_in_sync" for key in said), 10)
        self.assertLess(max(map(len, self.file.read_text(encoding="utf-8").splitlines())), 700)


class Rules(EndToEnd):
    """The README's alert rules are rules, and fire when they should."""

    def setUp(self):
        super().setUp()
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        section = readme.split("\n## Metrics\n", 1)[1].split("\n## ", 1)[0]
        (rules,) = re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)
        self.rules = self.folder / "rules.yaml"
        self.rules.write_text(rules, encoding="utf-8")

    def test_they_are_rules(self):
        run = promtool("check", "rules", "--lint=all", "--lint-fatal", str(self.rules))
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_they_fire(self):
        tests = self.folder / "tests.yaml"
        tests.write_text(RULE_TESTS, encoding="utf-8")
        run = promtool("test", "rules", str(tests))
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)


RULE_TESTS = """
rule_files: [rules.yaml]
evaluation_interval: 5m
tests:
  - interval: 5m
    input_series:
      - {series: 'hvsec_vms{host="hv-1",verdict="drifted"}', values: '2x60'}
      - {series: 'hvsec_vms{host="hv-1",verdict="inSync"}', values: '9x60'}
      - {series: 'hvsec_vms{host="hv-2",verdict="inSync"}', values: '9x60'}
      - {series: 'hvsec_host_reachable{host="hv-1"}', values: '1x60'}
      - {series: 'hvsec_host_reachable{host="hv-2"}', values: '0x60'}
    alert_rule_test:
      - {eval_time: 30m, alertname: HvsecVmsDiffer, exp_alerts: []}
      - eval_time: 2h
        alertname: HvsecVmsDiffer
        exp_alerts:
          - exp_labels: {host: hv-1, severity: warning}
            exp_annotations: {summary: 2 VMs of hv-1 are not as declared}
      - eval_time: 2h
        alertname: HvsecHostUnreadable
        exp_alerts:
          - exp_labels: {host: hv-2, severity: warning}
            exp_annotations: {summary: hv-2 cannot be read}
"""


if __name__ == "__main__":
    unittest.main()
