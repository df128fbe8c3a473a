"""The tests that need a graphics card (marked `card`), and how many of them pass there."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.common import Row, device_and_card, kinds, told, where

HOME = Path(__file__).parents[1]
# Where such tests stand: to collect all others would take most of the time, and needs packages that a card does not.
PLACES = ("tests/training", "tests/benchmarks/test_matrix.py")


def rows() -> Iterator[Row]:
    """Yield the row of every card; none where no test ran, as in a dry run. Raises RuntimeError where one failed."""
    for kind in [kind for kind in kinds() if kind != "cpu"]:
        with tempfile.TemporaryDirectory() as place:
            report = Path(place) / "tests.xml"
            words = ["-q", "-ra", "-p", "no:cacheprovider", "-m", "card", f"--junitxml={report}", *PLACES]
            status = subprocess.run([sys.executable, "-m", "pytest", *words], cwd=HOME, check=False).returncode
            passed, ran = passed_of(report)
        if ran:
            row = told("tests on a graphics card, passed of those that ran", passed, ran, passed / ran, "tests")
            yield replace(row, where=where(device_and_card(kind)[1]))
        if status:
            raise RuntimeError(f"pytest ended with {status}")


def passed_of(report: Path) -> tuple[int, int]:
    """How many tests of a JUnit file passed, and how many ran: all but those skipped."""
    suite = ElementTree.parse(report).getroot().find("testsuite")
    assert suite is not None
    tests, failures, errors, skipped = (int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped"))
    return tests - skipped - failures - errors, tests - skipped
