"""How many requests a pass costs, as the simulated hosts count them."""

import collections
import unittest

from harness import EndToEnd, policy


def fleet(vms, security="{tpmEnabled: true}", host="firstAnswer: one"):
    return f"""hosts:
  - name: hv-%d
    repeat: 2
    {host}
    vms:
      - {{name: "vm-%04d", repeat: {vms}, keyProtector: local, security: {security}}}
"""


class Requests(EndToEnd):
    def requests_of_a_check(self, vms, **more):
        """The number of requests of each kind that one check sends to each host."""
        simulator = self.simulate(fleet(vms, **more))
        self.declare_hosts(simulator)
        self.declare("policy.yaml", policy())
        run = self.check()
        self.assert_code(run, 0)
        self.assertEqual(len(run.vms()), 2 * vms)
        hosts = collections.defaultdict(collections.Counter)
        for entry in simulator.log():
            hosts[entry["host"]][entry["operation"]] += 1
        self.assertEqual(hosts["hv-1"], hosts["hv-2"])
        return hosts["hv-1"]

    def test_a_pass_costs_the_same_whatever_the_number_of_vms(self):
        for host in ("firstAnswer: one", "firstAnswer: all"):
            with self.subTest(host):
                # As long as the answers fit the envelope, so it is a large one.
                host += "\n    maxEnvelopeSize: 8000000"
                few = self.requests_of_a_check(10, host=host)
                many = self.requests_of_a_check(400, host=host)
                self.assertEqual(few, many)
                self.assertLessEqual(sum(many.values()), 8)

    def test_a_fleet_in_sync_is_never_invoked(self):
        simulator = self.simulate(fleet(20))
        self.declare_hosts(simulator)
        self.declare("policy.yaml", policy())
        self.assert_code(self.check(), 0)
        self.assert_code(self.apply(), 0)
        self.assertEqual([e for e in simulator.log() if e["operation"] == "invoke"], [])

    def test_check_and_plan_never_change_a_thing(self):
        simulator = self.simulate(fleet(20, security="{tpmEnabled: false}"))
        self.declare_hosts(simulator)
        self.declare("policy.yaml", policy())
        self.assert_code(self.check(), 2)
        self.assert_code(self.hvsec("plan"), 2)
        methods = {e["method"] for e in simulator.log() if e["operation"] == "invoke"}
        self.assertLessEqual(methods, {"GetKeyProtector"})

    def test_no_more_changes_are_in_flight_than_the_host_allows(self):
        simulator = self.simulate(
            "hosts: [{name: hv, jobSeconds: 0.3, vms: "
            "[{name: vm-%d, repeat: 6, keyProtector: local}]}]"
        )
        self.declare_hosts(simulator, "  limits: {concurrentJobs: 2}\n")
        self.declare("policy.yaml", policy())
        run = self.apply()
        self.assert_code(run, 0)
        # Three rounds of two jobs: less would mean that more than two ran side by side.
        self.assertGreaterEqual(run.seconds, 0.9)


if __name__ == "__main__":
    unittest.main()
