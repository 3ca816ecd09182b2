"""hvsec's parser and the JSON Schema must agree on every manifest.

The schema is judged by python3-jsonschema, over documents that python3-yaml has read by the rules
of YAML 1.2 and of schema/README.md. Every file of the corpus is compared, and then two thousand
variations of the good ones: keys left out, renamed and added, values of other types and at the
edges. What only the parser can know is listed in BEYOND_SCHEMA, and that list is checked too.
"""

import argparse
import copy
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import jsonschema
import yaml

# Bad manifests in which a JSON Schema can see nothing wrong, each with the reason.
BEYOND_SCHEMA = {
    "beyond_schema_host_twice": "a schema sees one document, not the names in the others",
    "beyond_schema_policy_twice": "a schema sees one document, not the names in the others",
    "beyond_schema_waiver_twice": "a schema sees one document, not the names in the others",
    "beyond_schema_window_twice": "a schema sees one document, not the names in the others",
    "beyond_schema_window_never": "which days a month has is beyond a readable pattern",
    "beyond_schema_window_backwards": "which of two values is the larger is beyond a pattern",
    "beyond_schema_window_too_long": "a sum is beyond a pattern",
    "beyond_schema_window_no_such_zone": "which zones there are changes from year to year",
    "beyond_schema_no_leap_day": "which years have a 29 February is beyond a readable pattern",
    "beyond_schema_address_v6": "an IPv6 address is beyond a readable pattern",
}

VARIATIONS = 2000


class NotInManifests:
    """What YAML knows and a manifest does not, such as 4.0, 0x10 and True: of no JSON type."""


class Unreadable(Exception):
    """The text is no YAML as manifests use it."""


class Loader(yaml.SafeLoader):
    """Scalars by the core schema of YAML 1.2; PyYAML's own rules are those of 1.1."""

    yaml_implicit_resolvers = {}


for tag, pattern in (
    ("null", r"^(~|null|Null|NULL|)$"),
    ("bool", r"^(true|false)$"),
    ("int", r"^-?(0|[1-9][0-9]*)$"),
    (
        "other",
        r"^(True|TRUE|False|FALSE|[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"
        r"|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
        r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$",
    ),
):
    Loader.add_implicit_resolver(tag, re.compile(pattern), None)


def scalar(node):
    if node.tag == "null":
        return None
    if node.tag == "bool":
        return node.value == "true"
    if node.tag == "int":
        return int(node.value)
    return NotInManifests() if node.tag == "other" else node.value


def build(node, parents=()):
    if node in parents:
        raise Unreadable("cycle")
    if isinstance(node, yaml.ScalarNode):
        return scalar(node)
    parents = (*parents, node)
    if isinstance(node, yaml.SequenceNode):
        return [build(item, parents) for item in node.value]
    built = {}
    for key, value in node.value:
        name = build(key, parents)
        if not isinstance(name, str) or name in built:
            raise Unreadable("key")
        if name == "<<" and key.style is None:
            raise Unreadable("merge key")
        built[name] = build(value, parents)
    return built


def read(text):
    """The documents of a file that are not empty."""
    if any(getattr(event, "tag", None) not in (None, "!") for event in yaml.parse(text)):
        raise Unreadable("tag")
    documents = [build(node) for node in yaml.compose_all(text, Loader) if node is not None]
    return [document for document in documents if document is not None]


def schema_accepts(validator, text):
    try:
        return all(validator.is_valid(document) for document in read(text))
    except (yaml.YAMLError, Unreadable):
        return False


def parser_verdicts(lint, paths):
    """{path: errors} of each file, by hvsec."""
    verdicts = {}
    for start in range(0, len(paths), 500):
        command = [lint, *map(str, paths[start : start + 500])]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        for line in output.splitlines():
            verdict = json.loads(line)
            verdicts[pathlib.Path(verdict["file"])] = verdict["errors"]
    return verdicts


VALUES = [
    None, True, False, 0, 1, -1, 64, 65, 1000000, 1000001, 1.5, 1.0, "", "a", "-a", "a-", "a b",
    "a\n", "true", "1", "x" * 253, "x" * 254, "ü" * 253, "\u0007", [], ["a"], [1], [[]], {},
    {"a": "b"}, {"a": 1}, "hvsec/v1", "Host", "VmSecurity", "Waiver", "ChangeWindow", "enforce", "audit",
    "tpmEnabled", ["tpmEnabled"], ["tpmEnabled", "tpmEnabled"], ["ksdEnabled"],
    ["shieldingRequested", "tpmEnabled"], "https://h", "http://h", "http://localhost",
    "http://LocalHost:1/a", "http://127.0.0.1", "http://127.0.0.256", "http://127.0.0.01",
    "http://127.1", "http://[::1]:5985/wsman", "https://[::]", "https://[g]", "https://h:0",
    "https://h:00080", "https://h:65535", "https://h:65536", "https://h:99999", "https://h/",
    "https://h/a%20b", "https://h/a%2", "https://h/a b", "https://h/?q", "https://h\n",
    "https://u@h", "https://h/u@h", "https:///a", "https://-h", "https://h-", "https://h.", "HTTPS://h",
    "https://" + "h" * 253, "https://" + "h" * 254, "https://h/" + "a" * 2038,
    "https://h/" + "a" * 2039, "0a" * 32, "0A:" * 31 + "0A", "0a" * 31, "0a:" * 32,
    "4b1c8f0e-5c0d-4e0a-9c63-0d6b8c1d2e3f", ["4b1c8f0e-5c0d-4e0a-9c63-0d6b8c1d2e3f"],
    ["{4B1C8F0E-5C0D-4E0A-9C63-0D6B8C1D2E3F}"], ["{4B1C8F0E-5C0D-4E0A-9C63-0D6B8C1D2E3F"],
    "A_1", "1A", "a.b", "report", "hold", " ", "  a", "x" * 1000, "x" * 1001, "2027-01-31",
    "2028-02-29", "2027-02-30", "2027-04-31", "2027-00-10", "1999-12-31", "2200-01-01",
    "2027-01-31T00:00:00Z", "2027-01-31T00:00:00", "2027-01-31T00:00:00.5+23:59",
    "http://10.0.0.7:5985/wsman", "https://10.0.0.7", "https://10.0.0.256", "https://010.0.0.7",
    "https://[2001:db8::7]", "a:b", "a\\b", "a@B", "a@B@C", "a@", "HTTP/h", "HTTP/h@B", "HTTP/",
    "/h", "HTTP/h/h", "FILE:/a", "KCM:", "file:/a", ":a", {"kerberos": {}},
    {"ntlm": {"username": "a", "passwordEnv": "A"}},
    {"basic": {"username": "a", "passwordEnv": "A"}}, {"basic": {}}, {"kerberos": {}, "ntlm": {}},
    {"certificate": {"certificateFile": "a", "keyFile": "b"}},
    "allow", "deny", "* * * * *", "0 22 * * 1-5", "*/15 0-23/2 1,31 JAN,feb-12 SUN,7", "0 0 * * 8",
    "60 0 * * *", "0 0 0 * *", "0 0 * * MONDAY", "*/0 0 * * *", "*/59 0 * * *", "*/60 0 * * *",
    "5/2 0 * * *", " 00 00 01 01 00 ", "0 0 * *", "0 0 * * * *", "1,,2 0 * * *", "-1 0 * * *",
    "6h", "31d", "32d", "744h", "745h", "44640m", "44641m", "1d1h1m", "1h1d", "06h", "0m", "6 h",
    "UTC", "Europe/Amsterdam", "europe/amsterdam", "/etc/passwd", "../UTC", "Etc/GMT+1", "Etc//UTC",
    [{"kind": "allow", "schedule": "0 0 * * *", "duration": "1h"}], [{"kind": "deny"}],
    "2027-01-31T00:00:00+1:00", "2027-01-31T23:59:60Z", "2027-01-31 00:00:00Z", "2027-1-31",
]  # fmt: skip

KEYS = [
    "apiVersion", "kind", "metadata", "name", "labels", "spec", "endpoint", "auth", "basic",
    "certificate", "kerberos", "ntlm", "username", "password", "passwordFile", "passwordEnv",
    "certificateFile", "keyFile", "keyPasswordFile", "keyPasswordEnv", "principal", "keytabFile",
    "credentialCache", "servicePrincipal", "domain", "tls", "caFile",
    "fingerprint", "allowUnencrypted", "limits", "concurrentJobs", "concurrentRequests", "mode",
    "priority", "select", "hosts", "vms", "names", "ids", "except", "settings", "tpmEnabled",
    "ksdEnabled", "TpmEnabled", "change", "allowLoosening", "acknowledge", "effect", "reason", "until", "approvedBy",
    "windows", "schedule", "duration", "timeZone", "", "a",
]  # fmt: skip


def maps_and_lists(value):
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from maps_and_lists(item)
    elif isinstance(value, list):
        yield value
        for item in value:
            yield from maps_and_lists(item)


def vary(document, dice):
    """A copy of `document` with one or two things changed."""
    changed = copy.deepcopy(document)
    for _ in range(dice.choice((1, 1, 1, 2))):
        place = dice.choice(list(maps_and_lists(changed)))
        value = copy.deepcopy(dice.choice(VALUES))
        if isinstance(place, list):
            place.append(value)
            continue
        deed = dice.choice(("replace", "replace", "replace", "add", "remove", "rename"))
        key = dice.choice(list(place)) if place else "a"
        if deed == "add" or not place:
            place[dice.choice(KEYS)] = value
        elif deed == "replace":
            place[key] = value
        elif deed == "remove":
            del place[key]
        else:
            place[dice.choice(KEYS)] = place.pop(key)
    return changed


def variations(corpus, folder):
    """Writes variations of the good manifests into `folder`; always the same ones."""
    dice = random.Random(20260101)
    documents = []
    for path in sorted((corpus / "good").glob("*.yaml")):
        documents += read(path.read_text(encoding="utf-8"))
    for number in range(VARIATIONS):
        text = json.dumps(vary(dice.choice(documents), dice), ensure_ascii=False)
        (folder / f"{number:05}.yaml").write_text(text, encoding="utf-8")
    return sorted(folder.glob("*.yaml"))


def disagreements(validator, lint, paths):
    """Where the two differ; and how many files both accept."""
    verdicts = parser_verdicts(lint, paths)
    found, accepted = [], 0
    for path in paths:
        text = path.read_bytes().decode("utf-8")
        by_schema, errors = schema_accepts(validator, text), verdicts[path]
        accepted += by_schema
        only_parser_knows = path.stem in BEYOND_SCHEMA or any("IPv6" in error for error in errors)
        if by_schema == bool(errors) and not (by_schema and only_parser_knows):
            words = "accepts" if by_schema else "refuses"
            found.append(f"{path}: the schema {words} it, hvsec says {errors}\n{text[:600]}")
        if path.stem in BEYOND_SCHEMA and not (by_schema and errors):
            found.append(f"{path}: no exception any more, take it from the list")
    return found, accepted


def main():
    options = argparse.ArgumentParser()
    for name in ("--schema", "--corpus", "--lint"):
        options.add_argument(name, required=True)
    given = options.parse_args()
    schema = json.loads(pathlib.Path(given.schema).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    corpus = pathlib.Path(given.corpus)

    good = sorted((corpus / "good").glob("*.yaml"))
    bad = sorted((corpus / "bad").glob("*.yaml"))
    found, accepted = disagreements(validator, given.lint, good + bad)
    if accepted != len(good) + len(BEYOND_SCHEMA):
        found.append(f"the schema accepts {accepted} files of the corpus")
    with tempfile.TemporaryDirectory() as folder:
        varied = variations(corpus, pathlib.Path(folder))
        more, varied_accepted = disagreements(validator, given.lint, varied)
        found += more
    if not VARIATIONS / 20 < varied_accepted < VARIATIONS / 2:
        found.append(f"{varied_accepted} of {VARIATIONS} variations accepted: they test little")
    print(*found, sep="\n")
    print(f"{len(good)} good, {len(bad)} bad, {VARIATIONS} variations ({varied_accepted} accepted)")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
