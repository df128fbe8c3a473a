"""The protocol promises nothing that no test holds: each rule is one sentence and names tests that there are."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
HEAD = "| rule | held by | tested by |"
COMMENT = re.compile(r"<!-- tested by: (.+?) -->")
TEST = re.compile(r"(tests/[\w/]+\.py)(?:::(\w+))?")
# Lines that say no rule: the meaning of the marks.
OPENING = "Three marks are used here, in docstrings and in notebooks:"


def rules():
    """The sentence and the cells of every row of a table of rules."""
    rows, within = [], False
    for line in TEXT.splitlines():
        within = line == HEAD or (within and line.startswith("|"))
        if within and line != HEAD and not line.startswith("|--"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def paragraphs():
    """Text outside of tables and headings, with the comment behind it."""
    blocks = [block.strip() for block in TEXT.split("\n\n")]
    return [block for block in blocks if block and not block.startswith(("#", "|")) and block != OPENING]


def named(cell):
    return [part.strip("`") for part in re.split(r"<br>|, ", cell)]


@cache
def defined(path):
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def check(test):
    found = TEST.fullmatch(test)
    assert found, f"{test!r} names no test"
    path, name = found.groups()
    assert (ROOT / path).is_file(), f"{path} is not there"
    assert defined(path), f"{path} holds no test"
    assert name is None or name in defined(path), f"{path} holds no {name}"


def test_there_are_rules():
    assert len(rules()) > 40


@pytest.mark.parametrize("row", rules(), ids=lambda row: row[0][:60])
def test_every_rule_is_one_sentence_with_its_tests(row):
    rule, held, tests = row
    assert re.fullmatch(r"[^.!?]*(?:[`(\[][^`)\]]*[`)\]][^.!?]*)*\.", rule), "one sentence a row"
    assert all((ROOT / path).is_file() for path in named(held)), held
    for test in named(tests):
        check(test)


@pytest.mark.parametrize("block", paragraphs(), ids=lambda block: block[:60])
def test_every_other_sentence_names_its_tests(block):
    found = COMMENT.findall(block)
    assert found, "a paragraph that no test holds"
    for test in named(found[0]):
        check(test)


@pytest.mark.parametrize("test", ["tests/docs/test_protocol.py::test_gone", "tests/nowhere.py", "by hand"])
def test_a_test_that_there_is_not_is_noticed(test):
    with pytest.raises(AssertionError):
        check(test)
