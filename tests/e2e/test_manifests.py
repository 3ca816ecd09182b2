"""Many manifests, and hostile ones: each is read or refused, soon."""

import os
import unittest

from harness import EndToEnd, host_manifest, policy

# Soon, even under a sanitizer on a busy machine. The figures themselves are printed.
SOON = 20


def alias_bomb():
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(1, 12):
        levels.append(f"a{level}: &a{level} [" + ", ".join([f"*a{level - 1}"] * 10) + "]")
    return "\n".join(levels) + "\n"


HOSTILE = {
    "random bytes": lambda: os.urandom(10_000_000),
    "a comma": lambda: b",",
    "a comma and a map": lambda: b", a: 1",
    "two maps in one": lambda: b"{a: 1}, b",
    "open brackets": lambda: b"[" * 100_000,
    "closed brackets": lambda: b"[" * 100_000 + b"]" * 100_000,
    "nested lists": lambda: b"- " * 100_000,
    "nested maps": lambda: b"{a: " * 100_000,
    "a cycle": lambda: b"a: &a [*a]\n",
    "an alias bomb": lambda: alias_bomb().encode(),
    "a NUL": lambda: b"apiVersion: hvsec/v1\0\n",
    "not UTF-8": lambda: b"apiVersion: \xff\xfe\n",
    "one long line": lambda: b"a" * 10_000_000,
    "many documents": lambda: b"---\n" * 1_000_000 + b"a: 1\n",
    "many keys": lambda: b"".join(b"key%d: 1\n" % i for i in range(200_000)),
    "nothing at all": lambda: b"",
}


class Manifests(EndToEnd):
    def test_hostile_files_are_refused_soon(self):
        for name, content in HOSTILE.items():
            with self.subTest(name):
                (self.manifests / "hostile.yaml").write_bytes(content())
                run = self.hvsec("validate")
                print(f"{name}: {run.seconds:.2f} s", flush=True)
                self.assert_code(run, 1)
                self.assertTrue(run.err.strip())
                self.assertLess(len(run.err), 1_000_000)
                self.assertLess(run.seconds, SOON)

    def documents(self, count):
        half = count // 2
        for i in range(half):
            yield host_manifest(f"hv-{i}", f"https://hv-{i}.example.com:5986/wsman")
            yield policy(f"policy-{i}", select=f"{{hosts: {{names: [hv-{i}]}}}}")

    def measure(self, shape):
        run = self.hvsec("validate")
        self.assert_code(run, 0)
        self.assertIn("10000 documents", run.out.replace(",", ""))
        print(f"10,000 documents in {shape}: {run.seconds:.2f} s", flush=True)
        self.assertLess(run.seconds, SOON)

    def test_ten_thousand_documents_in_one_file(self):
        self.declare("all.yaml", *self.documents(10_000))
        self.measure("one file")

    def test_ten_thousand_documents_in_as_many_files(self):
        for i, document in enumerate(self.documents(10_000)):
            self.declare(f"{i}.yaml", document)
        self.measure("10,000 files")

    def test_every_mistake_of_every_file_is_told(self):
        self.declare("one.yaml", policy().replace("tpmEnabled", "tpmEnbled"))
        unknown_key = policy("x", more="  nonsense: 1\n")
        self.declare("two.yaml", policy().replace("true", "yes"), unknown_key)
        run = self.hvsec("validate")
        self.assert_code(run, 1)
        for words in ("one.yaml:8:", "tpmEnabled", "two.yaml:8:", "nonsense"):
            self.assertIn(words, run.err)

    def test_nothing_to_do_is_never_green(self):
        self.declare("policy.yaml", policy())
        for command in ("check", "plan", "apply"):
            run = self.hvsec(command)
            self.assert_code(run, 1)
            self.assertIn("Host", run.err)


if __name__ == "__main__":
    unittest.main()
