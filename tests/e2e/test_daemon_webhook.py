"""What the daemon tells a webhook: each transition once, signed, and never so that it waits."""

import datetime
import json
import re
import signal
import sys
import threading
import time
import unittest

import jsonschema

from daemon import DaemonTest, validator
from harness import ROOT, eventually, policy
from prometheus import parse

sys.path.insert(0, str(ROOT / "tests" / "webhook"))
from receiver import Receiver  # noqa: E402  pylint: disable=wrong-import-position

SECRET = "a-story-about-a-key"
FLEET = """hosts:
  - name: hv
    jobSeconds: 0.02
    vms:
      - {name: dc-01, keyProtector: local, security: {tpmEnabled: true}}
      - {name: web-01, keyProtector: local, security: {tpmEnabled: true}}
"""


def documented_verify():
    """The function that the README gives receivers."""
    readme = (ROOT / "src" / "webhook" / "README.md").read_text(encoding="utf-8")
    names = {}
    head = ("import hashlib, hmac, json\nfrom datetime import datetime, timedelta\n")
    exec(head + re.search(r"```python\n(.*?)```", readme, re.S)[1], names)  # pylint: disable=exec-used
    return names["verify"]


class Webhook(DaemonTest):
    def begin(self, *script):
        self.simulator = self.simulate(FLEET)
        self.declare_hosts(self.simulator)
        self.declare("policy.yaml", policy())
        secret = self.folder / "secret"
        secret.touch(mode=0o600)
        secret.write_text(SECRET + "\n", encoding="utf-8")
        self.receiver = Receiver(script)
        self.addCleanup(self.receiver.close)
        self.verify = documented_verify()
        self.daemon = self.run_daemon(
            "--webhook", self.receiver.url(), "--webhook-secret-file", secret)

    def begin_with_a_silent_receiver(self):
        over = threading.Event()
        self.addCleanup(over.set)
        self.begin(lambda _: over.wait())
        eventually(lambda: self.receiver.requests, "it is told")
        self.daemon.until_in_sync()

    def events(self):
        """What has arrived, each verified as a receiver should."""
        now = datetime.datetime.now(datetime.timezone.utc)
        events = [self.verify(SECRET.encode(), fields["X-Hvsec-Signature"], body, now)
                  for fields, body in list(self.receiver.requests)]
        for event in events:
            validator("event").validate(event)
        return events

    def types(self):
        return [event["type"] for event in self.events()]

    def until_told(self, *types):
        eventually(lambda: self.types() == list(types), f"{types} are told")
        return self.events()[-1]

    def more_passes(self, count=3):
        for _ in range(count):
            seen = self.daemon.host("hv")["lastPass"]
            self.daemon.until_host("hv", lambda host: host["lastPass"] > seen, "another pass")

    def notifications(self):
        said = parse(self.daemon.metrics())
        counts = {key[1]: value for key, value in said.items()
                  if key[0] == "hvsec_webhook_notifications_total"}
        return {**counts, "waiting": said[("hvsec_webhook_waiting_notifications",)]}

    def test_transitions_are_told_once(self):
        self.begin()
        told = ["revisionApplied"]
        event = self.until_told(*told)
        self.assertEqual(event["digest"], self.daemon.status()["inForce"]["digest"])
        self.daemon.until_in_sync()

        self.simulator.set_power("hv", "dc-01", "running")
        self.simulator.set_security("hv", "dc-01", tpmEnabled=False)
        told.append("driftFound")
        event = self.until_told(*told)
        self.assertEqual((event["host"], event["vm"], event["setting"]), ("hv", "dc-01", "tpmEnabled"))
        self.more_passes()
        self.assertEqual(self.types(), told, "it is no news that it still differs")
        self.simulator.set_power("hv", "dc-01", "off")
        told.append("driftCorrected")
        event = self.until_told(*told)
        self.assertEqual(event["severity"], "info")
        self.assertIn(event["run"], [change["run"] for change in self.history()["changes"]])

        self.simulator.add_fault("hv", "httpStatus", code=500)
        told.append("hostUnreachable")
        self.assertEqual(self.until_told(*told)["severity"], "warning")
        self.daemon.until_host("hv", lambda host: host["attempt"] >= 2, "it is tried again")
        self.simulator.clear_faults("hv")
        told.append("hostReachable")
        self.until_told(*told)

        self.declare("wrong.yaml", "kind: Nonsense\n")
        told.append("revisionRefused")
        self.assertIn("wrong.yaml:1:", self.until_told(*told)["message"])
        self.more_passes()
        self.assertEqual(self.types(), told)
        self.assertEqual(self.notifications(),
                         {"delivered": len(told), "failed": 0, "dropped": 0, "waiting": 0})
        self.assertEqual(len({event["id"] for event in self.events()}), len(told))
        self.assert_ends_well(self.daemon)

    def test_a_changed_signature_or_body_is_noticed(self):
        self.begin()
        self.until_told("revisionApplied")
        (fields, body), = self.receiver.requests
        now = datetime.datetime.now(datetime.timezone.utc)
        for secret, text in ((SECRET, body + b" "), (SECRET[:-1], body)):
            with self.assertRaises(ValueError):
                self.verify(secret.encode(), fields["X-Hvsec-Signature"], text, now)
        broken = {**json.loads(body), "type": "nothing"}
        with self.assertRaises(jsonschema.ValidationError):
            validator("event").validate(broken)

    def test_a_receiver_that_is_away_holds_nothing_up(self):
        self.begin(*[503] * 2)
        eventually(lambda: self.notifications()["failed"] >= 1, "an attempt fails")
        self.assertGreaterEqual(self.notifications()["waiting"], 1)
        self.simulator.set_security("hv", "dc-01", tpmEnabled=False)
        eventually(lambda: self.simulator.security("hv", "dc-01")["tpmEnabled"], "it is corrected")
        eventually(lambda: self.notifications()["delivered"] == 2, "it is delivered in the end")
        delivered = self.types()[2:]
        self.assertEqual(delivered, ["revisionApplied", "driftCorrected"])
        self.assertEqual(len({event["id"] for event in self.events()[:3]}), 1, "sent again")

    def test_what_a_receiver_refuses_is_dropped_and_counted(self):
        self.begin(410)
        eventually(lambda: self.notifications()["dropped"] == 1, "it is dropped")
        self.daemon.has_said("410")
        self.simulator.set_security("hv", "dc-01", tpmEnabled=False)
        eventually(lambda: self.notifications()["delivered"] == 1, "the next one is taken")
        log = self.daemon.log_file.read_text(encoding="utf-8")
        self.assertNotIn(SECRET, log)
        self.assertNotIn("a-token", log)

    def test_the_end_does_not_wait_long_for_a_receiver_that_is_silent(self):
        self.begin_with_a_silent_receiver()
        self.assertEqual(self.notifications()["waiting"], 1)
        began = time.monotonic()
        self.assert_ends_well(self.daemon)
        self.assertLess(time.monotonic() - began, 30)

    def test_a_second_signal_does_not_wait_for_a_silent_receiver(self):
        self.begin_with_a_silent_receiver()
        self.daemon.signal(signal.SIGTERM)
        self.daemon.has_said("stopping")

        def is_gone():
            # The first may come while it still settles; who waits for the receiver must hear one.
            self.daemon.signal(signal.SIGTERM)
            return self.daemon.process.poll() is not None

        eventually(is_gone, "it ends")
        self.assertEqual(self.daemon.wait(), 128 + signal.SIGTERM)


if __name__ == "__main__":
    unittest.main()
