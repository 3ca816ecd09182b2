"""hvsec is killed at random moments, over hosts that go on, and is started again."""

import concurrent.futures
import os
import random
import time
import unittest

from aftermath import Site
from harness import EndToEnd, policy

ROUNDS = int(os.environ.get("HVSEC_KILL_ROUNDS", "200"))
SEED = int(os.environ.get("HVSEC_KILL_SEED", str(random.SystemRandom().randrange(10**9))))

VMS = 50


def group(seconds):
    faults = f"[{{fault: jobSeconds, seconds: {seconds}}}]"
    return f"""
      - {{name: "vm-{seconds}-%02d", repeat: {VMS // 5}, keyProtector: local, faults: {faults}}}"""


FLEET = "hosts:\n  - name: hv\n    vms:" + "".join(map(group, (0.15, 0.2, 0.25, 0.3, 0.4)))


class Kill(EndToEnd):
    def site(self):
        more = "  limits: {concurrentJobs: 16, concurrentRequests: 8}\n"
        return Site(self.environment, FLEET, policy(), host_more=more)

    def undisturbed_seconds(self):
        with self.site() as site:
            start = time.monotonic()
            self.assert_code(site.apply(), 0)
            self.assertEqual(site.defects(), [])
            return time.monotonic() - start

    def kill_once(self, site, moment):
        """Whether it was still running at that moment."""
        with site.start() as process:
            time.sleep(moment)
            killed = process.poll() is None
            process.kill()
            process.communicate()
        return killed

    def round(self, number, seconds):
        """How often it was killed, and what was wrong in the end."""
        chance = random.Random(f"{SEED}/{number}")
        with self.site() as site:
            kills = 0
            for _ in range(chance.choice((1, 1, 1, 2, 2, 3))):
                kills += self.kill_once(site, chance.uniform(0, seconds))
            run = site.apply()
            found = site.defects() if site.ledger.exists() else ["there is no ledger"]
            if run.code != 0 or set(run.verdicts().values()) - {"inSync", "corrected"}:
                found.append(f"exit code {run.code}: {run.err}{run.out}")
            return kills, [f"round {number}: {one}" for one in found]

    def test_killed_at_any_moment_it_comes_back_to_the_truth(self):
        print(f"HVSEC_KILL_SEED={SEED} HVSEC_KILL_ROUNDS={ROUNDS}", flush=True)
        seconds = self.undisturbed_seconds()
        with concurrent.futures.ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
            results = list(pool.map(lambda number: self.round(number, seconds), range(ROUNDS)))
        self.assertEqual([one for _, found in results for one in found], [], f"seed {SEED}")
        kills = sum(kills for kills, _ in results)
        print(f"{kills} kills in {ROUNDS} rounds", flush=True)
        self.assertGreater(kills, ROUNDS // 2)


if __name__ == "__main__":
    unittest.main()
