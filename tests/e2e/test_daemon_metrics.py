"""What the daemon tells Prometheus while it works, as Prometheus judges it."""

import time
import unittest

from daemon import DaemonTest
from harness import eventually, host_manifest, policy
from prometheus import MISSING, PROMTOOL, judged

FLEET = """
hosts:
  - name: hv-1
    jobSeconds: 0.02
    vms:
      - {name: fine, keyProtector: local, security: {tpmEnabled: true}}
      - {name: off, keyProtector: local}
      - {name: busy, power: running, keyProtector: local}
  - name: hv-2
    jobSeconds: 0.02
    vms:
      - {name: "other-%d", repeat: 5, keyProtector: local, security: {tpmEnabled: true}}
"""
NOBODY = "http://127.0.0.1:9/wsman"


class Metrics(DaemonTest):
    def setUp(self):
        super().setUp()
        self.assertIsNotNone(PROMTOOL, MISSING)

    def begin(self, *args):
        self.simulator = self.simulate(FLEET)
        self.declare_hosts(self.simulator)
        self.declare("policy.yaml", policy())
        self.daemon = self.run_daemon(*args)

    def scrape(self):
        return judged(self.daemon.metrics())

    def until(self, name, *labels, value):
        """The first scrape in which a sample has this value."""
        found = {}

        def holds():
            found.clear()
            found.update(self.scrape())
            return found.get((name, *labels)) == value

        eventually(holds, f"{name} {labels} is {value}")
        return found

    def test_every_scrape_tells_what_is_the_case(self):
        self.begin()
        self.declare("gone.yaml", host_manifest("hv-3", NOBODY))
        self.until("hvsec_host_reachable", "hv-3", value=0)
        self.until("hvsec_vms", "hv-2", "inSync", value=5)
        said = self.until("hvsec_vms", "hv-1", "inSync", value=2)
        self.assertEqual(said[("hvsec_vms", "hv-1", "deferred")], 1)
        self.assertEqual(said[("hvsec_host_reachable", "hv-1")], 1)
        self.assertNotIn(("hvsec_vms", "hv-3", "inSync"), said)
        self.assertEqual(said[("hvsec_property_drifted_vms", "hv-1", "tpmEnabled")], 1)
        self.assertEqual(said[("hvsec_corrections_total", "tpmEnabled", "unknown")], 1)
        self.assertEqual(said[("hvsec_job_total", "Completed")], 1)
        self.assertEqual(said[("hvsec_hosts",)], 3)
        self.assertEqual(said[("hvsec_rollout_state", "open")], 1)
        in_sync = {key[2]: value for key, value in said.items() if key[0] == "hvsec_vm_in_sync"}
        self.assertEqual(in_sync, {"fine": 1, "off": 1, "busy": 0} | {f"other-{i}": 1 for i in range(1, 6)})
        self.assertNotIn(("hvsec_webhook_notifications_total", "delivered"), said)

    def test_drift_shows_from_when_it_is_found_until_it_is_over(self):
        self.begin()
        self.until("hvsec_vms", "hv-2", "inSync", value=5)
        self.simulator.set_power("hv-2", "other-1", "running")
        self.simulator.set_security("hv-2", "other-1", tpmEnabled=False)
        said = self.until("hvsec_vms", "hv-2", "deferred", value=1)
        drift = [value for key, value in said.items()
                 if key[0] == "hvsec_property_drift" and key[1:3] == ("hv-2", "other-1")]
        self.assertEqual(drift, [1])
        before = self.ended_drift(said)
        self.simulator.set_power("hv-2", "other-1", "off")
        said = self.until("hvsec_vms", "hv-2", "inSync", value=5)
        self.assertEqual(said[("hvsec_vms", "hv-2", "deferred")], 0)
        self.assertGreater(self.ended_drift(said), before)

    def ended_drift(self, said):
        """How often drift has ended."""
        return sum(value for key, value in said.items() if key[0] == "hvsec_drift_seconds_count")

    def test_a_host_that_goes_and_comes_back(self):
        self.begin()
        self.until("hvsec_vms", "hv-2", "inSync", value=5)
        self.simulator.add_fault("hv-2", "httpStatus", code=500)
        said = self.until("hvsec_host_reachable", "hv-2", value=0)
        self.assertNotIn(("hvsec_vms", "hv-2", "inSync"), said)
        since = said[("hvsec_host_last_success_timestamp_seconds", "hv-2")]
        self.assertLessEqual(since, time.time())
        self.assertGreater(said[("hvsec_workqueue_retries_total",)], 0)
        self.simulator.clear_faults("hv-2")
        said = self.until("hvsec_vms", "hv-2", "inSync", value=5)
        self.assertGreater(said[("hvsec_host_last_success_timestamp_seconds", "hv-2")], since)
        self.declare("hosts.yaml", host_manifest("hv-1", self.simulator.endpoint("hv-1")))
        self.until("hvsec_hosts", value=1)
        self.assertNotIn("hv-2", self.daemon.metrics())

    def test_manifests_that_are_refused_and_suspensions_are_counted(self):
        self.begin()
        self.until("hvsec_revisions_refused_total", value=0)
        self.declare("wrong.yaml", "kind: Nonsense\n")
        said = self.until("hvsec_revisions_refused_total", value=1)
        self.assertLessEqual(said[("hvsec_revision_last_refused_timestamp_seconds",)], time.time())
        self.assertEqual(said[("hvsec_hosts",)], 2, "the last good manifests")
        self.assert_code(self.ledger_command("suspend", "hv-1", "--reason", "new firmware"), 0)
        self.until("hvsec_suspensions", value=1)
        self.until("hvsec_findings", "suspension", value=1)

    def test_few_vms_have_series_of_their_own_those_that_differ_first(self):
        self.begin("--vm-series", "2")
        self.until("hvsec_vms", "hv-2", "inSync", value=5)
        said = self.until("hvsec_vms", "hv-1", "deferred", value=1)
        series = [key for key in said if key[0] == "hvsec_vm_in_sync"]
        self.assertEqual(len(series), 2)
        self.assertEqual(series[0][1:3], ("hv-1", "busy"))
        self.assertEqual(said[("hvsec_vm_series_omitted",)], 6)


if __name__ == "__main__":
    unittest.main()
