"""Lines that were decided by the same numbers count once; costs are no accuracy."""

import pandas as pd

from spinelib.literature.counting import counted_lines

USUAL = {"rule": "difference", "one": "a/full", "other": "b/full", "dataset": "d", "metric": "dice"}


def counted(*changes):
    table = pd.DataFrame([{**USUAL, "verdict": "agrees here", **change} for change in changes])
    return counted_lines(table.assign(line=range(len(table))))


def test_the_same_pair_data_and_metric_count_once_whoever_stands_first():
    found = counted({}, {}, {"one": "b/full", "other": "a/full"})
    assert found["line"].tolist() == [0]


def test_another_metric_data_set_or_verdict_counts():
    assert len(counted({}, {"metric": "iou"}, {"dataset": "e"}, {"verdict": "inconclusive"})) == 4


def test_what_was_not_tested_stays_line_by_line():
    assert len(counted(*[{"verdict": "not testable here", "dataset": ""}] * 3)) == 3


def test_costs_are_told_apart():
    assert counted({}, {"rule": "cost", "metric": "flops"})["about"].tolist() == ["accuracy", "cost"]
