"""Every attack that docs/how-to/reliability.md lists: ``python -m tests.attacks``, which is `make attacks`."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "reliability.md"
PROMISE = re.compile(r"^\| (?!Promise|---)(.*) \| (.*) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py(?:::\w+)?)`")


def promises() -> dict[str, list[str]]:
    """The tests of each promise on the page, as pytest takes them."""
    return {words: TEST.findall(tests) for words, tests in PROMISE.findall(PAGE.read_text(encoding="utf-8"))}


if __name__ == "__main__":
    listed = sorted({test for tests in promises().values() for test in tests})
    sys.exit(pytest.main([*listed, "-m", "slow or not slow", *sys.argv[1:]]))
