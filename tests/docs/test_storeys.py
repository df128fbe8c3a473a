"""The picture of the storeys is that of today's imports."""

import runpy
from pathlib import Path

import pytest

import spinelib

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def script():
    return runpy.run_path(str(DOCS / "storeys.py"))


def test_the_picture_is_up_to_date(script):
    drawn = script["drawing"]()
    assert drawn == (DOCS / "storeys.svg").read_text(encoding="utf-8"), "run: make docs"
    assert all(f">{name}</text>" in drawn for name in spinelib.ROOMS)


def test_a_room_stands_above_all_that_it_imports_from(script):
    floors = script["floors"]({"core": set(), "cases": {"core"}, "measures": {"core", "cases"}, "models": {"core"}})
    assert floors == {"core": 1, "cases": 2, "models": 2, "measures": 3}


def test_what_is_reached_by_way_of_another_room_has_no_line(script):
    found = {name: set() for name in spinelib.ROOMS} | {"cases": {"core"}, "measures": {"core", "cases"}}
    assert script["direct"](found) == [("cases", "core"), ("measures", "cases")]
