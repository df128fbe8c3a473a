"""Every promise names tests that there are, `make attacks` finds them all, and no attack is left out."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.docs.test_protocol import check, defined, named

ROOT = Path(__file__).parents[2]
PAGE = "docs/how-to/reliability.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / PAGE).read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and "tested by" not in line
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:60])
def test_every_promise_names_its_tests(row):
    promise, tests = row
    assert promise.endswith(".")
    for test in named(tests):
        assert "::" in test
        check(test)


def test_the_command_runs_every_test_that_is_named():
    line = next(line for line in (ROOT / "Makefile").read_text().splitlines() if "grep" in line and PAGE in line)
    command = re.search(r"\$\$\((.+)\)", line)[1].replace("$$", "$")
    found = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert set(found) == {test for _, tests in ROWS for test in named(tests)}


def test_every_attack_on_a_whole_study_is_named():
    told = {test for _, tests in ROWS for test in named(tests)}
    files = [path.relative_to(ROOT).as_posix() for path in (ROOT / "tests" / "attacks").glob("test_*.py")]
    assert {f"{file}::{name}" for file in files for name in defined(file)} <= told
