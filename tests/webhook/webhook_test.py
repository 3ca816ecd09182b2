"""The webhook against a real receiver: what arrives, how it is signed, and what comes of a receiver
that does not take it."""

import collections
import hashlib
import hmac
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from datetime import datetime, timedelta, timezone

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

import certificates  # noqa: E402
import processes  # noqa: E402
from receiver import Receiver, answer  # noqa: E402

SECRET = "c3RvcnkgYWJvdXQgYSBrZXk"
SCHEMA = json.loads((ROOT / "schema/event.v1.schema.json").read_text(encoding="utf-8"))


def documented_verify():
    """The function that the README gives receivers."""
    readme = (ROOT / "src/webhook/README.md").read_text(encoding="utf-8")
    names = {
        "hashlib": hashlib, "hmac": hmac, "json": json,
        "datetime": datetime, "timedelta": timedelta,
    }
    exec(re.search(r"```python\n(.*?)```", readme, re.S)[1], names)  # pylint: disable=exec-used
    return names["verify"]


class Hook:
    """The driver, one command and one answer at a time."""

    def __init__(self, url, **options):
        words = [f"{key}={value}" for key, value in {"url": url, "pause": 1, **options}.items()]
        self.process = subprocess.Popen(
            [os.environ["HVSEC_WEBHOOK_DRIVER"], *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "HVSEC_WEBHOOK_SECRET": SECRET},
        )

    def tell(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def until(self, condition):
        """The state in which `condition` holds for the first time."""
        state = {}

        def holds():
            state.update(self.tell("counts"))
            return condition(collections.namedtuple("State", state)(**state))

        processes.wait_until(holds, self.process, "the webhook")
        return state

    def close(self):
        self.process.stdin.close()
        self.process.wait(processes.STOP_TIMEOUT)
        self.process.stdout.close()


class WebhookTest(unittest.TestCase):
    def receiver(self, *script, **options):
        receiver = Receiver(script, **options)
        self.addCleanup(receiver.close)
        return receiver

    def hook(self, url, **options):
        hook = Hook(url, **options)
        self.addCleanup(hook.close)
        return hook

    def folder(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return folder.name

    def assert_quiet(self, state):
        """Nothing that is secret is said of what went wrong."""
        self.assertNotIn(SECRET, json.dumps(state))
        self.assertNotIn("a-token", json.dumps(state))

    def test_every_event_arrives_in_order_signed_and_as_described(self):
        receiver = self.receiver()
        hook = self.hook(receiver.url())
        hook.tell("notify_all drift on \"dc-1\"")
        types = SCHEMA["properties"]["type"]["enum"]
        state = hook.until(lambda state: state.delivered == len(types))
        self.assertEqual(state["notices"], [])
        verify = documented_verify()
        for kind, (fields, body) in zip(types, receiver.requests, strict=True):
            event = verify(
                SECRET.encode(), fields["X-Hvsec-Signature"], body, datetime.now(timezone.utc)
            )
            jsonschema.Draft202012Validator(SCHEMA).validate(event)
            self.assertEqual(event["type"], kind)
            self.assertEqual(event["message"], "drift on \"dc-1\"")
            self.assertEqual(fields["X-Hvsec-Event"], kind)
            self.assertEqual(fields["X-Hvsec-Delivery"], event["id"])
            self.assertEqual(fields["Content-Type"], "application/json")
        self.assertEqual(len({fields["X-Hvsec-Delivery"] for fields, _ in receiver.requests}), len(types))

    def test_the_documented_check_refuses_what_was_changed_and_what_is_old(self):
        receiver = self.receiver()
        hook = self.hook(receiver.url())
        hook.tell("notify x")
        hook.until(lambda state: state.delivered == 1)
        fields, body = receiver.requests[0]
        verify, signature = documented_verify(), fields["X-Hvsec-Signature"]
        now = datetime.now(timezone.utc)
        for case in (
            (b"another key, of 25 bytes.", signature, body, now),
            (SECRET.encode(), signature, body.replace(b"hv-1", b"hv-2"), now),
            (SECRET.encode(), "sha256=00", body, now),
            (SECRET.encode(), signature, body, now + timedelta(minutes=6)),
        ):
            with self.assertRaises(ValueError):
                verify(*case)

    def test_what_a_receiver_cannot_take_now_is_sent_again_as_the_same_event(self):
        receiver = self.receiver(500, lambda it: answer(it, 429, Retry_After=1), 200)
        hook = self.hook(receiver.url())
        hook.tell("notify first")
        hook.tell("notify second")
        state = hook.until(lambda state: state.delivered == 2)
        self.assertEqual((state["failed"], state["dropped"]), (2, 0))
        messages = [json.loads(body)["message"] for _, body in receiver.requests]
        self.assertEqual(messages, ["first", "first", "first", "second"])
        deliveries = [fields["X-Hvsec-Delivery"] for fields, _ in receiver.requests]
        self.assertEqual(len(set(deliveries[:3])), 1)
        self.assertNotEqual(deliveries[2], deliveries[3])
        self.assertEqual(len(state["notices"]), 2)
        self.assertIn("HTTP 500", state["notices"][0])
        self.assertIn("again; dropped meanwhile: 0", state["notices"][1])
        self.assert_quiet(state)

    def test_what_is_refused_for_good_is_dropped_at_once(self):
        receiver = self.receiver(401, lambda it: answer(it, 302, Location="http://127.0.0.1:1/"))
        hook = self.hook(receiver.url())
        for message in ("one", "two", "three"):
            hook.tell(f"notify {message}")
        state = hook.until(lambda state: state.delivered == 1)
        self.assertEqual((state["failed"], state["dropped"]), (2, 2))
        self.assertEqual(len(receiver.requests), 3)
        self.assertIn("HTTP 401", state["notices"][0])
        self.assertIn("dropped meanwhile: 2", state["notices"][1])
        self.assert_quiet(state)

    def test_a_receiver_that_is_away_costs_bounded_attempts(self):
        hook = self.hook(f"http://127.0.0.1:{processes.free_port()}/hook/a-token", attempts=3)
        hook.tell("notify one")
        hook.tell("notify two")
        state = hook.until(lambda state: state.dropped == 2)
        self.assertEqual((state["failed"], state["delivered"], state["waiting"]), (6, 0, 0))
        self.assertEqual(len(state["notices"]), 2)
        self.assertIn("connect", state["notices"][0])
        self.assert_quiet(state)

    def test_an_event_is_given_up_when_its_time_is_over(self):
        hook = self.hook(
            f"http://127.0.0.1:{processes.free_port()}/", attempts=1_000_000, give_up=200
        )
        hook.tell("notify one")
        state = hook.until(lambda state: state.dropped == 1)
        self.assertGreater(state["failed"], 1)

    def test_a_receiver_that_hangs_costs_no_more_than_an_attempts_time(self):
        released = threading.Event()
        self.addCleanup(released.set)
        receiver = self.receiver(lambda _: released.wait(processes.PATIENCE))
        hook = self.hook(receiver.url(), attempt=100)
        hook.tell("notify one")
        state = hook.until(lambda state: state.delivered == 1)
        self.assertEqual(state["failed"], 1)
        self.assertIn("timed out", state["notices"][0])

    def test_an_answer_without_end_is_no_more_than_its_status(self):
        def endless(handler):
            handler.send_response(200)
            handler.send_header("Transfer-Encoding", "chunked")
            handler.end_headers()
            try:
                while True:
                    handler.wfile.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
            except OSError:
                handler.close_connection = True

        hook = self.hook(self.receiver(endless).url())
        hook.tell("notify one")
        hook.tell("notify two")
        hook.until(lambda state: state.delivered == 2)

    def test_the_end_delivers_what_waits_without_another_pause(self):
        receiver = self.receiver(503)
        hook = self.hook(receiver.url(), pause=3_600_000, give_up=36_000_000)
        for message in ("one", "two", "three"):
            hook.tell(f"notify {message}")
        hook.until(lambda state: state.failed == 1)
        began = time.monotonic()
        state = hook.tell("finish 50000")
        self.assertEqual((state["delivered"], state["dropped"], state["waiting"]), (3, 0, 0))
        self.assertLess(time.monotonic() - began, 50)

    def test_https_is_verified_against_the_given_authorities_alone(self):
        authority = certificates.Authority(self.folder(), "Ours")
        stranger = certificates.Authority(self.folder(), "Theirs")
        receiver = self.receiver(certificate=authority.issue("localhost"))
        trusting = self.hook(receiver.url("localhost"), ca=authority.file)
        trusting.tell("notify one")
        trusting.until(lambda state: state.delivered == 1)
        for options in ({"ca": stranger.file}, {}):
            wary = self.hook(receiver.url("localhost"), attempts=1, **options)
            wary.tell("notify two")
            state = wary.until(lambda state: state.dropped == 1)
            self.assertIn("certificate", state["notices"][0])
            self.assert_quiet(state)
        self.assertEqual(len(receiver.requests), 1)

    def test_https_is_for_whom_the_certificate_names(self):
        authority = certificates.Authority(self.folder(), "Ours")
        other = authority.issue("hooks.example", names=("DNS:hooks.example",))
        receiver = self.receiver(certificate=other)
        hook = self.hook(receiver.url(), ca=authority.file, attempts=1)
        hook.tell("notify one")
        hook.until(lambda state: state.dropped == 1)
        self.assertEqual(receiver.requests, [])


if __name__ == "__main__":
    unittest.main()
