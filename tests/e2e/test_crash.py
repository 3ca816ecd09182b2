"""hvsec dies before or after each time that it puts something on record, and is started again."""

import concurrent.futures
import os
import unittest

from aftermath import Site, changes_on_record
from harness import BIN, EndToEnd, policy

CRASHING = BIN / "hvsec-crash"
CRASHED = 3

# Every ending that a change can have.
FLEET = """hosts:
  - name: hv
    jobSeconds: 0.05
    vms:
      - {name: plain, keyProtector: local}
      - {name: at-once, keyProtector: local, faults: [doneAtOnce]}
      - {name: slow, keyProtector: local, faults: [{fault: jobSeconds, seconds: 0.6}]}
      - {name: warned, keyProtector: local, faults: [completedWithWarnings]}
      - {name: forgotten, keyProtector: local, faults: [jobVanishes]}
      - {name: silent, keyProtector: local, faults: [silentNoOp]}
      - {name: failing, keyProtector: local, faults: [jobFails]}
      - {name: in-sync, keyProtector: local, security: {tpmEnabled: true}}
  - name: hv-mute
    jobSeconds: 0.4
    faults: [{fault: drop, when: after, method: ModifySecuritySettings, times: 1}]
    vms: [{name: unanswered, keyProtector: local}]
"""

# The VMs that are never as declared, and what is said of them.
ENDINGS = {"silent": ("notApplied",), "failing": ("failed",)}


class Crash(EndToEnd):
    def site(self):
        return Site(self.environment, FLEET, policy())

    def crash_and_recover(self, call, when):
        """Whether it crashed, and what was wrong after the next run."""
        with self.site() as site:
            first = site.apply(program=CRASHING, CRASH_AT=str(call), CRASH_WHEN=when)
            found = [] if first.code == CRASHED or first.out else [f"{first.code}: {first.err}"]
            second = site.apply()
            for name, verdict in second.verdicts().items():
                if verdict not in ENDINGS.get(name, ("inSync", "corrected")):
                    found.append(f"{name} is {verdict}: {second.vm(name)}")
            found += site.defects(ENDINGS)
            place = f"crashed {when} append {call}: "
            return first.code == CRASHED, [place + one for one in found]

    def appends_of_an_undisturbed_run(self):
        with self.site() as site:
            run = site.apply()
            self.assert_code(run, 4)
            self.assertEqual(site.defects(ENDINGS), [])
            return sum(len(records) for records in changes_on_record(site.ledger).values())

    def test_whenever_it_dies_nothing_is_lost_and_nothing_is_sent_twice(self):
        # No more than there are records; those that are appended together are one call.
        moments = [
            (call, when)
            for call in range(1, self.appends_of_an_undisturbed_run() + 1)
            for when in ("before", "after")
        ]
        with concurrent.futures.ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
            results = list(pool.map(lambda moment: self.crash_and_recover(*moment), moments))
        self.assertEqual([one for _, found in results for one in found], [])
        # An intent and an end for each of the eight changes at least.
        self.assertGreaterEqual(sum(crashed for crashed, _ in results), 2 * 16)

    def test_it_dies_while_recovering_too(self):
        with self.site() as site:
            for call in range(1, 100):
                run = site.apply(program=CRASHING, CRASH_AT=str(call), CRASH_WHEN="before")
                if run.code != CRASHED:
                    break
            self.assert_code(run, 4)
            self.assertEqual(site.defects(ENDINGS), [])


if __name__ == "__main__":
    unittest.main()
