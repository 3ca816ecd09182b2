"""The daemon over real connections: what drifts is corrected, what is declared anew is in force soon,
what is wrong is refused, and other commands work beside it."""

import signal
import time
import unittest

from daemon import DaemonTest, is_in_sync
from harness import eventually, host_manifest, policy

FLEET = """hosts:
  - name: hv-%d
    repeat: 2
    jobSeconds: 0.02
    vms:
      - {name: dc-01, keyProtector: local, security: {tpmEnabled: true}}
      - {name: web-01, keyProtector: local}
"""

# What a busy machine may add to an interval.
LEEWAY = 20


class Corrections(DaemonTest):
    def begin(self, *args, fleet=FLEET, more="", sim=(), **options):
        self.simulator = self.simulate(fleet, *sim)
        self.declare_hosts(self.simulator, more)
        self.declare("policy.yaml", policy())
        return self.run_daemon(*args, **options)

    def tpm(self, vm, host="hv-1"):
        return self.simulator.security(host, vm)["tpmEnabled"]

    def test_what_drifts_is_corrected_within_the_interval(self):
        daemon = self.begin()
        daemon.until_in_sync()
        self.assertTrue(self.tpm("web-01"))
        for host, vm in (("hv-1", "dc-01"), ("hv-2", "web-01")):
            began = time.monotonic()
            self.simulator.set_security(host, vm, tpmEnabled=False)
            eventually(lambda host=host, vm=vm: self.tpm(vm, host), f"{vm} is corrected")
            self.assertLess(time.monotonic() - began, 2 * 1.05 + LEEWAY)
        eventually(lambda: len(daemon.records("was false and is true as declared")) == 4, "told")
        said = daemon.records("was false and is true as declared")[-1]
        self.assertEqual((said["host"], said["vm"]), ("hv-2", "web-01"))
        self.assertEqual(self.simulator.needless_modifications(), [])
        self.assertEqual(len(self.simulator.modifications()), 4)
        self.assert_ends_well(daemon)
        changes = self.history()["changes"]
        self.assertEqual(len(changes), 4)
        self.assertIn(said["run"], {change["run"] for change in changes})
        for change in changes:
            # The log has what became of a change under the same run as the ledger.
            for said in daemon.records(change["id"]):
                self.assertEqual((said["run"], said["vm"]), (change["run"], change["vm"]["name"]))

    def test_what_is_in_sync_is_only_read(self):
        daemon = self.begin()
        daemon.until_in_sync()
        sent, records = len(self.simulator.modifications()), len(daemon.log())
        first = daemon.host("hv-1")["lastPass"]
        for _ in range(3):
            daemon.until_host("hv-1", lambda host: host["lastPass"] > first, "another pass")
            first = daemon.host("hv-1")["lastPass"]
        self.assertEqual(len(self.simulator.modifications()), sent)
        self.assertEqual(len(daemon.log()), records, "nothing happens, so there is nothing to say")

    def test_a_running_vm_is_corrected_when_it_is_next_seen_off(self):
        daemon = self.begin()
        daemon.until_in_sync()
        self.simulator.set_power("hv-1", "web-01", "running")
        self.simulator.set_security("hv-1", "web-01", tpmEnabled=False)
        host = daemon.until_host("hv-1", lambda host: host["notInSync"], "it differs")
        (vm,) = host["notInSync"]
        self.assertEqual((vm["name"], vm["verdict"]), ("web-01", "deferred"))
        self.simulator.set_power("hv-1", "web-01", "off")
        eventually(lambda: self.tpm("web-01"), "it is corrected")

    def test_a_host_that_is_away_holds_up_no_other_and_comes_back(self):
        daemon = self.begin()
        daemon.until_in_sync()
        self.simulator.add_fault("hv-1", "httpStatus", code=503)
        host = daemon.until_host("hv-1", lambda host: host["attempt"] >= 2, "it is tried again")
        self.assertIn(host["phase"], ("retrying", "working"))
        self.assertEqual(host["error"]["kind"], "transient")
        self.assertIn("busy or stopped", host["error"]["detail"])
        self.simulator.set_security("hv-2", "dc-01", tpmEnabled=False)
        eventually(lambda: self.tpm("dc-01", "hv-2"), "the other is corrected")
        self.simulator.clear_faults("hv-1")
        host = daemon.until_host("hv-1", is_in_sync, "it is reachable again")
        self.assertEqual((host["attempt"], host["error"]), (0, None))
        self.assertEqual(len(daemon.records("busy or stopped")), 1, "it is said once")
        daemon.has_said("it can be read again")

    def test_a_wrong_password_is_sent_once_until_it_is_mended(self):
        password = self.folder / "password"
        password.write_text("wrong\n", encoding="utf-8")
        password.chmod(0o600)
        auth = "{basic: {username: svc, passwordFile: ../password}}"
        daemon = self.begin(more=f"  allowUnencrypted: true\n  auth: {auth}\n",
                            sim=("--auth", "svc:right"))
        for name in ("hv-1", "hv-2"):
            host = daemon.until_host(name, lambda host: host["phase"] == "stalled", "it stalls")
            self.assertEqual((host["error"]["kind"], host["nextPass"]), ("terminal", None))
        refused = self.refusals()
        daemon.signal(signal.SIGHUP)
        eventually(lambda: self.refusals() > refused, "it is tried because of the signal")
        daemon.until(lambda status: {host["phase"] for host in status["hosts"]} == {"stalled"},
                     "it stalls again")
        self.assertEqual(self.refusals(), 2 * refused)
        password.write_text("right\n", encoding="utf-8")
        daemon.until_in_sync()
        self.assertTrue(self.tpm("web-01"))

    def refusals(self):
        return len([entry for entry in self.simulator.log() if entry["status"] == 401])

    def test_the_pages_are_there_before_any_host_was_seen(self):
        self.simulator = self.simulate(FLEET)
        self.simulator.add_fault("hv-1", "neverAnswers", when="before")
        self.simulator.add_fault("hv-2", "neverAnswers", when="before")
        self.declare_hosts(self.simulator)
        self.declare("policy.yaml", policy())
        daemon = self.run_daemon("--request-timeout", "300s", "--host-timeout", "300s")
        eventually(lambda: daemon.get("readyz")[0] == 200, "manifests are in force")
        daemon.until_host("hv-1", lambda host: host["phase"] == "working", "it is asked")
        host = daemon.host("hv-1")
        self.assertEqual([one["status"] for one in host["conditions"]], ["Unknown", "Unknown"])
        self.assertEqual(daemon.get("healthz"), (200, "ok\n"))
        self.assertEqual(daemon.get("nothing")[0], 404)
        self.assertIn("/status.json", daemon.page(""))
        self.assert_ends_well(daemon)


class Manifests(DaemonTest):
    def begin(self, **options):
        self.simulator = self.simulate(FLEET)
        self.declare_hosts(self.simulator)
        self.declare("policy.yaml", policy())
        daemon = self.run_daemon(**options)
        daemon.until_in_sync()
        return daemon

    def digest(self, daemon):
        return daemon.status()["inForce"]["digest"]

    def test_what_is_declared_anew_is_in_force_at_once(self):
        daemon = self.begin(interval="10m")
        self.declare("policy.yaml", policy(settings="{tpmEnabled: true, ksdEnabled: true}"))
        eventually(lambda: self.simulator.security("hv-2", "web-01")["ksdEnabled"],
                   "it is declared anew")
        self.declare("more.yaml", host_manifest("hv-3", "http://127.0.0.1:9/wsman"))
        host = daemon.until_host("hv-3", lambda host: host["error"], "the new host is looked at")
        self.assertEqual(host["error"]["kind"], "transient")
        (self.manifests / "more.yaml").unlink()
        daemon.until(lambda status: len(status["hosts"]) == 2, "the host is not declared any more")

    def test_what_is_wrong_is_refused_and_the_last_good_stays(self):
        daemon = self.begin()
        good = self.digest(daemon)
        self.declare("wrong.yaml", policy("other", settings="{tpmEnabeld: true}"))
        status = daemon.until(lambda status: status["refused"], "it is refused")
        (mistake,) = status["refused"]["mistakes"]
        self.assertRegex(mistake, r"wrong\.yaml:\d+:\d+: .*tpmEnabeld")
        self.assertEqual(status["inForce"]["digest"], good)
        said = daemon.has_said("wrong.yaml:")
        self.assertEqual((said["message"], said["level"]), (mistake, "error"))
        daemon.has_said("is refused, the manifests in force stay:")
        self.simulator.set_security("hv-1", "dc-01", tpmEnabled=False)
        eventually(lambda: self.simulator.security("hv-1", "dc-01")["tpmEnabled"],
                   "it is corrected by the last good manifests")
        self.assertEqual(daemon.get("readyz")[0], 200)
        (self.manifests / "wrong.yaml").unlink()
        daemon.until(lambda status: status["refused"] is None, "the manifests are good again")
        daemon.has_said("the manifests are valid again")
        self.assertEqual(self.digest(daemon), good)

    def test_it_starts_with_what_is_wrong_and_waits_for_what_is_good(self):
        self.simulator = self.simulate(FLEET)
        self.declare_hosts(self.simulator)
        self.declare("policy.yaml", "kind: Nonsense\n")
        daemon = self.run_daemon()
        status = daemon.until(lambda status: status["refused"], "it is refused")
        self.assertIsNone(status["inForce"])
        self.assertEqual(daemon.get("readyz"), (503, "no manifests are in force yet\n"))
        self.assertEqual(daemon.get("healthz")[0], 200)
        self.assertEqual(self.simulator.log(), [])
        self.declare("policy.yaml", policy())
        daemon.until_in_sync()

    def test_manifests_that_manage_nothing_are_refused_unless_they_are_meant(self):
        daemon = self.begin()
        good = self.digest(daemon)
        self.declare("policy.yaml", policy(select="{vms: {names: [nothing-like-it]}}"))
        status = daemon.until(lambda status: status["refused"], "it is refused")
        self.assertIn("--allow-empty", status["refused"]["mistakes"][0])
        self.assertEqual(status["inForce"]["digest"], good)
        (self.manifests / "policy.yaml").unlink()
        (self.manifests / "hosts.yaml").unlink()
        daemon.until(lambda status: len(status["hosts"]) == 2 and status["refused"],
                     "it is still refused")
        self.assertEqual(self.digest(daemon), good)
        self.assert_ends_well(daemon)
        self.declare_hosts(self.simulator)
        daemon = self.run_daemon("--allow-empty")
        status = daemon.until(lambda status: status["inForce"], "it is taken")
        self.assertEqual(status["inForce"]["policies"], 0)

    def test_a_folder_that_goes_is_no_reason_to_let_go(self):
        daemon = self.begin()
        good = self.digest(daemon)
        away = self.folder / "away"
        self.manifests.rename(away)
        status = daemon.until(
            lambda status: status["refused"] or status["sourceError"], "it is noticed")
        self.assertEqual(status["inForce"]["digest"], good)
        away.rename(self.manifests)
        status = daemon.until(
            lambda status: not status["refused"] and not status["sourceError"], "it is back")
        self.assertEqual(status["inForce"]["digest"], good)


class Beside(DaemonTest):
    """Other commands beside a daemon that holds the ledger."""

    def setUp(self):
        super().setUp()
        self.simulator = self.simulate(FLEET)
        self.declare_hosts(self.simulator)
        self.declare("policy.yaml", policy())
        self.daemon = self.run_daemon()
        self.daemon.until_in_sync()

    def test_a_second_one_is_told_who_holds_the_ledger(self):
        for command in (("run", "--listen", "off"), ("apply",)):
            run = self.hvsec(*command, "--ledger", self.ledger)
            self.assert_code(run, 1)
            self.assertIn(f"process {self.daemon.pid}", run.err)
            self.assertIn("is writing it", run.err)
        self.assert_ends_well(self.daemon)
        self.assert_ends_well(self.run_daemon())

    def test_what_only_reads_works(self):
        self.assert_code(self.check("--ledger", self.ledger), 0)
        self.assert_code(self.hvsec("plan", "--ledger", self.ledger), 0)
        self.assertEqual(len(self.history()["changes"]), 2)
        self.assert_whole()

    def test_a_suspension_is_heeded_and_told_and_lifted(self):
        run = self.ledger_command("suspend", "hv-1", "--reason", "new firmware")
        self.assert_code(run, 0)
        self.simulator.set_security("hv-1", "dc-01", tpmEnabled=False)
        host = self.daemon.until_host("hv-1", lambda host: host["notInSync"], "it is left alone")
        (setting,) = host["notInSync"][0]["settings"]
        self.assertEqual(setting["reason"], "suspended")
        status = self.daemon.until(lambda status: status["suspensions"], "it is shown")
        self.assertEqual(status["suspensions"][0]["reason"], "new firmware")
        self.daemon.has_said("changes of hv-1 are suspended", "new firmware")
        self.assertFalse(self.simulator.security("hv-1", "dc-01")["tpmEnabled"])

        self.assert_code(self.ledger_command("resume", "hv-1"), 0)
        eventually(lambda: self.simulator.security("hv-1", "dc-01")["tpmEnabled"],
                   "it is corrected")
        status = self.daemon.until(lambda status: not status["suspensions"], "none is shown")
        self.daemon.has_said("changes of hv-1 are no longer suspended")

    def test_what_is_changed_back_again_and_again_is_contested(self):
        def corrections():
            said = self.daemon.records("tpmEnabled was false and is true as declared")
            return len([one for one in said if one["vm"] == "dc-01"])

        for number in (1, 2, 3):
            self.simulator.set_security("hv-1", "dc-01", tpmEnabled=False)
            eventually(lambda number=number: corrections() == number, "it is corrected")
        self.simulator.set_security("hv-1", "dc-01", tpmEnabled=False)
        host = self.daemon.until_host(
            "hv-1", lambda host: any(setting["reason"] == "contested" for vm in host["notInSync"]
                                     for setting in vm["settings"]), "it is contested")
        self.assertEqual(host["notInSync"][0]["verdict"], "blocked")
        said = self.daemon.has_said("It was corrected 3 times within 24 hours")
        self.assertEqual((said["level"], said["vm"]), ("error", "dc-01"))
        # Over further passes it is neither changed nor told again.
        seen = host["lastPass"]
        self.daemon.until_host("hv-1", lambda host: host["lastPass"] > seen, "another pass")
        self.assertFalse(self.simulator.security("hv-1", "dc-01")["tpmEnabled"])
        self.assertEqual(len(self.daemon.records("It was corrected 3 times")), 1)
        self.daemon.until(
            lambda status: [one for one in status["findings"] if one["kind"] == "contested"],
            "it is found")


if __name__ == "__main__":
    unittest.main()
