"""How far tests and intervals can be trusted, from the published simulation."""

import pytest

from spinelib.core.errors import BadInput
from spinelib.report.results.calibration import (
    calibration_table,
    calibration_verdicts,
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
        {"kind": "rejection", "shape": shape, "tool": tool, "n": n, "value": value, "repetitions": 10000}
        | {"verdict": "holds" if value < 0.06 else "off"}
        for shape, tool, n, value in SHARES
    ]
    rows.append(rows[0] | {"kind": "coverage", "value": 0.9449})
    analyses = [("paired t", True, 0.05), ("films as patients", False, 0.2345)]
    judged = [{"analysis": name, "right": right, "n": 20, "rejection": share} for name, right, share in analyses]
    return write(tmp_path, calibration=rows, wrong=judged).folder


def test_shares_stand_in_per_cent_by_number_of_patients(folder):
    assert shares(folder, "rejection").splitlines() == [
        "| differences | tool | 10 patients | 64 patients |",
        "| --- | --- | --- | --- |",
        "| normal | t | 4.8 | 5.1 |",
        "| skewed | t | 9.8 | 7.0 |",
    ]
    assert shares(folder, "coverage").splitlines()[2:] == ["| normal | t | 94.5 |"]


def test_wrong_analyses_come_first(folder):
    lines = wrong(folder).splitlines()
    assert lines[2:] == ["| wrong | films as patients | 23.4 |", "| right | paired t | 5.0 |"]


def test_spans_counts_and_repetitions(folder):
    assert span(folder, "rejection", "t", "skewed") == "7.0 to 9.8"
    assert span(folder, "coverage", "t", "normal") == "94.5"
    assert calibration_verdicts(folder).splitlines()[2:] == ["| holds | 3 |", "| off | 2 |"]
    assert repetitions(folder) == "10,000"


def test_what_was_not_simulated_is_named_with_the_remedy(folder, tmp_path):
    for call in (lambda: span(folder, "rejection", "bca", "normal"), lambda: calibration_table(tmp_path, "none.csv")):
        with pytest.raises(BadInput, match="make calibration"):
            call()
