"""How far tests and intervals can be trusted, from the published simulation."""

import pytest

from spinelib.core.errors import BadInput
from spinelib.report.results.calibration import (
    calibration_table,
    core_minutes,
    not_kept,
    repetitions,
    shares,
    span,
    wrong,
)
from tests.report.results.made import write

SHARES = [
    ("normal", "t", 10, 0.0482),
    ("normal", "t", 64, 0.051),
    ("skewed", "t", 10, 0.0976),
    ("skewed", "t", 64, 0.07),
]


@pytest.fixture
def folder(tmp_path):
    rows = [
        {
            "kind": "rejection",
            "of": "differences",
            "used": tool == "t",
            "shape": shape,
            "tool": tool,
            "n": n,
            "value": value,
            "repetitions": 10000,
        }
        | {"verdict": "holds" if value < 0.06 else "off"}
        for shape, tool, n, value in SHARES
    ]
    rows.append(rows[0] | {"kind": "coverage", "tool": "bca", "used": False, "value": 0.9449})
    rows.append(rows[0] | {"kind": "coverage", "of": "means", "tool": "misses", "value": 0.98, "verdict": "too much"})
    analyses = [("paired t", True, 0.05), ("films as patients", False, 0.2345)]
    judged = [{"analysis": name, "right": right, "n": 20, "rejection": share} for name, right, share in analyses]
    return write(tmp_path, calibration=rows, wrong=judged, seconds=[{"core_seconds": 90}]).folder


def test_shares_stand_in_per_cent_by_number_of_patients(folder):
    assert shares(folder, "rejection").splitlines() == [
        "| differences | tool | 10 patients | 64 patients |",
        "| --- | --- | --- | --- |",
        "| normal | **t** | 4.8 | 5.1 |",
        "| skewed | **t** | 9.8 | 7.0 |",
    ]
    assert shares(folder, "coverage").splitlines()[2:] == ["| normal | bca | 94.5 |"]
    assert shares(folder, "coverage", "means").splitlines()[2:] == ["| normal | **misses** | 98.0 |"]


def test_wrong_analyses_come_first(folder):
    lines = wrong(folder).splitlines()
    assert lines[2:] == ["| wrong | films as patients | 23.4 |", "| right | paired t | 5.0 |"]


def test_spans_minutes_and_repetitions(folder):
    assert span(folder, "rejection", "t", "skewed") == "7.0 to 9.8"
    assert span(folder, "coverage", "bca", "normal") == "94.5"
    assert core_minutes(folder) == "1.5"
    assert repetitions(folder) == "10,000"


def test_tools_in_use_that_are_off_are_named(folder):
    assert not_kept(folder).splitlines()[2:] == [
        "| differences | skewed | t | test | off | 10, 64 | 7.0 to 9.8 |",
        "| means | normal | misses | interval | too much | 10 | 98.0 |",
    ]


def test_what_was_not_simulated_is_named_with_the_remedy(folder, tmp_path):
    for call in (lambda: span(folder, "rejection", "bca", "normal"), lambda: calibration_table(tmp_path, "none.csv")):
        with pytest.raises(BadInput, match="make calibration"):
            call()
