#!/usr/bin/env python3
"""Prints each test that failed, with the end of what it printed.

usage: tests/failed_tests.py FILE...     FILE: what ctest --output-junit has written
"""

import pathlib
import sys
import xml.etree.ElementTree

MOST_LINES = 40


def failures(path):
    """The failed tests of one file: (name, lines of what it printed)."""
    for test in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
        if test.get("status") == "fail":
            yield test.get("name"), (test.findtext("system-out") or "").rstrip().splitlines()


def main():
    for path in map(pathlib.Path, sys.argv[1:]):
        for name, lines in failures(path):
            print(f"\n---- failed: {name} ({path.parent.name})")
            if len(lines) > MOST_LINES:
                print(f"({len(lines) - MOST_LINES} lines before these)")
            print("\n".join(lines[-MOST_LINES:]))


if __name__ == "__main__":
    main()
