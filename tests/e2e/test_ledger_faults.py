"""What becomes of a run whose ledger fails: nothing is sent that is not on record, what was sent is
reported truthfully, and `check` goes on."""

import contextlib
import fcntl
import os
import pathlib
import shutil
import sqlite3
import sys
import unittest

from harness import EndToEnd, eventually, policy

FLEET = """
hosts:
  - name: hv
    jobSeconds: 0.05
    vms:
      - {name: vm, keyProtector: local}
      - {name: other, keyProtector: local, security: {tpmEnabled: true}}
"""

# Limits how large a file of the command may grow; root, too, is bound by it. Writing further fails
# as on a full disk.
LIMITED = """
import os, resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
os.execv(sys.argv[2], sys.argv[2:])
"""


def files_limited_to(size):
    return [sys.executable, "-c", LIMITED, str(size)]


class LedgerFaults(EndToEnd):
    def setUp(self):
        super().setUp()
        self.simulator = self.simulate(FLEET)
        self.declare_hosts(self.simulator)
        self.declare("policy.yaml", policy(select="{vms: {names: [vm]}}"))

    def fill(self):
        """A ledger with some history, and its VM drifted anew; not so often as to be contested."""
        for _ in range(2):
            self.simulator.set_security("hv", "vm", tpmEnabled=False)
            self.assert_code(self.apply(), 0)
        self.simulator.set_security("hv", "vm", tpmEnabled=False)
        self.sent = len(self.simulator.modifications())

    def assert_nothing_is_sent(self, *says, wrapper=()):
        """`apply` ends before it changes anything, and says of the ledger all that is given."""
        run = self.apply(wrapper=wrapper)
        self.assert_code(run, 1)
        for words in (str(self.ledger), *says):
            self.assertIn(words, run.err)
        self.assertEqual(len(self.simulator.modifications()), getattr(self, "sent", 0))

    def assert_check_works(self, *says):
        """The drift is found, and where the ledger cannot be read, that is said."""
        run = self.check("--ledger", self.ledger)
        self.assert_code(run, 2)
        for words in says:
            self.assertIn(words, run.err)

    def test_a_full_disk_at_the_start(self):
        self.assert_nothing_is_sent("check the disk", wrapper=files_limited_to(0))
        self.assert_check_works()

    def test_a_full_disk_before_the_intent(self):
        self.fill()
        # There is room to open the ledger, and for none of a new log's records.
        run = self.apply(wrapper=files_limited_to(1024))
        self.assertNotEqual(run.code, 0)
        self.assertEqual(len(self.simulator.modifications()), self.sent)
        self.assertIn(str(self.ledger), run.err + run.out)
        self.assertIn("check the disk", run.err + run.out)
        self.assert_check_works()
        self.assert_code(self.apply(), 0)

    def test_a_full_disk_in_the_middle_is_reported_with_what_was_done(self):
        self.fill()
        original = self.folder / "original.db"
        shutil.copy(self.ledger, original)
        whole = self.log_size_of_a_run()
        sent_but_not_settled = 0
        for size in range(2048, whole, 2048):
            self.restore(original)
            self.simulator.set_security("hv", "vm", tpmEnabled=False)
            before = len(self.simulator.modifications())
            run = self.apply(wrapper=files_limited_to(size))
            sent = len(self.simulator.modifications()) - before
            if run.code == 1 or not sent:
                self.assertEqual(sent, 0)
                continue
            if run.code == 0:
                continue
            sent_but_not_settled += 1
            self.assertTrue(run.code & 4, run.err)
            self.assertIn("check the disk", run.out + run.err)
            live = self.simulator.security("hv", "vm")["tpmEnabled"]
            verdict = run.setting("vm")["verdict"]
            # In sync: the job of the round before, which nobody followed, was still at it.
            # Indeterminate claims nothing: its job may end between hvsec's last look and ours.
            if verdict != "indeterminate":
                self.assertEqual(verdict in ("corrected", "inSync"), live, verdict)
        self.assertGreater(sent_but_not_settled, 0)
        self.assert_code(self.apply(), 0)
        self.assert_code(self.check("--ledger", self.ledger), 0)

    def restore(self, original):
        for suffix in ("-wal", "-shm"):
            pathlib.Path(f"{self.ledger}{suffix}").unlink(missing_ok=True)
        shutil.copy(original, self.ledger)

    def log_size_of_a_run(self):
        """How large the log of one run with one change becomes."""
        reader = sqlite3.connect(self.ledger)
        self.addCleanup(reader.close)
        # As long as somebody reads, a run leaves its log behind.
        reader.execute("SELECT COUNT(*) FROM record").fetchone()
        self.assert_code(self.apply(), 0)
        size = os.stat(f"{self.ledger}-wal").st_size
        reader.close()
        return size

    def test_a_folder_that_is_none(self):
        (self.folder / "file").write_text("")
        self.ledger = self.folder / "file" / "ledger.db"
        self.assert_nothing_is_sent("Not a directory", "check the path")
        self.assert_check_works()

    def test_a_folder_that_may_only_be_read(self):
        self.fill()
        # A folder of the kernel's, which root cannot write either.
        self.ledger = "/proc/ledger.db"
        self.assert_nothing_is_sent("check the path and the rights")
        self.assert_check_works()

    def test_a_damaged_page(self):
        self.fill()
        with open(self.ledger, "r+b") as file:
            size = file.seek(0, os.SEEK_END)
            for page in range(1, size // 4096):
                file.seek(page * 4096)
                file.write(b"\xff" * 64)
        self.assert_nothing_is_sent("damaged", "backup")
        self.assert_check_works("no history", "damaged", "backup")

    def test_a_file_that_was_cut(self):
        self.fill()
        for kept in (100, 4096, 9000):
            with self.subTest(kept=kept):
                whole = self.folder / "whole.db"
                shutil.copy(self.ledger, whole)
                os.truncate(self.ledger, kept)
                self.assert_nothing_is_sent()
                self.assert_check_works("no history", str(self.ledger))
                shutil.move(whole, self.ledger)
        self.assert_code(self.apply(), 0)

    def test_garbage(self):
        self.ledger.write_bytes(os.urandom(100_000))
        self.assert_nothing_is_sent("not a SQLite database")
        self.assert_check_works("no history", "not a SQLite database")

    def test_a_cut_log_loses_no_more_than_what_was_cut(self):
        self.simulator.add_fault("hv", "jobNeverEnds", vm="vm")
        run = self.start("apply", "--ledger", self.ledger, "--job-timeout", "60s")
        eventually(lambda: self.kinds() == ["intent", "dispatched"], "an answer on record")
        run.kill()
        run.wait()
        log = f"{self.ledger}-wal"
        os.truncate(log, os.stat(log).st_size - 100)
        self.assert_check_works()
        self.assertEqual(self.kinds(), ["intent"])

    def kinds(self):
        if not self.ledger.exists():
            return []
        name = f"file:{self.ledger}?mode=ro"
        with contextlib.closing(sqlite3.connect(name, uri=True)) as database:
            if not database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'record'").fetchone():
                return []
            return [kind for (kind,) in database.execute("SELECT kind FROM record")]

    def test_locked_by_another_process(self):
        self.fill()
        with open(f"{self.ledger}.lock", "r+", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            lock.write("process 7 on elsewhere\n")
            lock.flush()
            self.assert_nothing_is_sent("process 7 on elsewhere", "wait until that has ended")
            self.assert_check_works()
        self.assert_code(self.apply(), 0)

    def test_locked_by_a_program_that_knows_nothing_of_the_lock_file(self):
        self.fill()
        other = sqlite3.connect(self.ledger, isolation_level=None)
        self.addCleanup(other.close)
        other.execute("BEGIN IMMEDIATE")
        run = self.apply()
        self.assertNotEqual(run.code, 0)
        self.assertIn("another program keeps it locked", run.err + run.out)
        self.assertEqual(len(self.simulator.modifications()), self.sent)
        self.assert_check_works()
        other.execute("ROLLBACK")
        self.assert_code(self.apply(), 0)

    def test_a_newer_ledger(self):
        self.fill()
        with contextlib.closing(sqlite3.connect(self.ledger)) as database:
            database.execute("PRAGMA user_version = 99")
        self.assert_nothing_is_sent("a newer hvsec wrote it")
        self.assert_check_works("no history", "a newer hvsec wrote it")


if __name__ == "__main__":
    unittest.main()
