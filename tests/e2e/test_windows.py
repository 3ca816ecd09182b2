"""Change windows: nothing is changed outside of them."""

import datetime
import unittest

from harness import EndToEnd, policy

FLEET = """hosts:
  - name: hv
    jobSeconds: 0.05
    vms: [{name: dc, keyProtector: local}]
"""

ALWAYS = '{kind: allow, schedule: "* * * * *", duration: 1h}'


def later():
    """A schedule that is half a day away, and when that is."""
    start = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=12)
    return f'"{start.minute} {start.hour} * * *"', start.strftime("%Y-%m-%d %H:%M UTC")


def common(name, kind, schedule, more=""):
    return f"""---
apiVersion: hvsec/v1
kind: ChangeWindow
metadata: {{name: {name}}}
spec: {{kind: {kind}, schedule: {schedule}, duration: 1h{more}}}
"""


class Windows(EndToEnd):
    def begin(self, *windows, own=""):
        simulator = self.simulate(FLEET)
        self.declare_hosts(simulator)
        self.declare("policy.yaml", policy(more=own and f"  change: {{windows: [{own}]}}\n"))
        self.declare("windows.yaml", *windows)
        return simulator

    def assert_closed(self, simulator, *words):
        ledger = ("--ledger", self.ledger)
        for command in ("check", "plan", "apply"):
            run = self.hvsec(command, "--output", "json", *ledger)
            self.assert_code(run, 2)
            setting = run.setting("dc")
            self.assertEqual(
                (setting["verdict"], setting["reason"]), ("deferred", "outsideWindow")
            )
            for word in words:
                self.assertIn(word, setting["detail"])
        self.assertEqual(simulator.modifications(), [])
        self.assertFalse(simulator.security("hv", "dc")["tpmEnabled"])
        self.assertEqual(self.hvsec("history", "--output", "json", *ledger, manifests=False)
                         .report["changes"], [])

    def test_outside_the_window_nothing_is_sent(self):
        schedule, opens = later()
        simulator = self.begin(common("nightly", "allow", schedule))
        self.assert_closed(simulator, f"opens at {opens}")
        text = self.hvsec("apply", "--ledger", self.ledger)
        self.assertIn(f"Opens at {opens}", text.out)

    def test_inside_the_window_it_is_corrected(self):
        simulator = self.begin(common("open", "allow", '"* * * * *"', ", timeZone: Asia/Kathmandu"))
        run = self.apply()
        self.assert_code(run, 0)
        self.assertEqual(run.verdicts(), {"dc": "corrected"})
        self.assertEqual(len(simulator.modifications()), 1)

    def test_a_freeze_outdoes_what_a_policy_allows(self):
        simulator = self.begin(common("freeze", "deny", '"* * * * *"'), own=ALWAYS)
        self.assert_closed(simulator, "closed by freeze (", "windows.yaml:4:", "no opening was found")

    def test_a_policys_own_window_stands_in_for_the_common_one(self):
        schedule, _ = later()
        self.begin(common("nightly", "allow", schedule), own=ALWAYS)
        run = self.apply()
        self.assert_code(run, 0)
        self.assertEqual(run.verdicts(), {"dc": "corrected"})

    def test_a_window_that_cannot_be_is_refused_before_any_host_is_asked(self):
        simulator = self.begin(common("never", "allow", '"0 0 30 2 *"'))
        for command in ("validate", "apply"):
            run = self.hvsec(command)
            self.assert_code(run, 1)
            self.assertIn("windows.yaml:5:", run.err)
            self.assertIn("never comes", run.err)
        self.assertEqual(simulator.log(), [])

    def test_a_system_without_time_zones_says_so(self):
        self.declare("windows.yaml", common("a", "allow", '"0 0 * * *"', ", timeZone: Europe/Rome"))
        run = self.hvsec("validate", env={"TZDIR": str(self.folder / "nowhere")})
        self.assert_code(run, 1)
        self.assertIn("has no time zone data (install the package tzdata", run.err)
        run = self.hvsec("validate")
        self.assert_code(run, 0)
        self.assertIn("1 change window", run.out)


if __name__ == "__main__":
    unittest.main()
