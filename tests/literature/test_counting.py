"""Lines that were decided by the same numbers count once; costs are no accuracy."""

import pandas as pd

from spinelib.literature import claims
from spinelib.literature.counting import counted_lines

USUAL = {
    "rule": "difference",
    "one": "a/full",
    "other": "b/full",
    "dataset": "d",
    "metric": "dice",
    "structure": "spine",
}


def counted(*changes):
    table = pd.DataFrame([{**USUAL, "verdict": "agrees here", **change} for change in changes])
    return counted_lines(table.assign(line=range(len(table))))


def test_the_same_pair_data_and_metric_count_once_whoever_stands_first():
    found = counted({}, {}, {"one": "b/full", "other": "a/full"})
    assert found["line"].tolist() == [0]


def test_another_metric_data_set_or_verdict_counts():
    assert len(counted({}, {"metric": "iou"}, {"dataset": "e"}, {"verdict": "inconclusive"})) == 4


def test_another_question_or_structure_is_other_evidence():
    assert len(counted({}, {"rule": "drop"}, {"rule": "folds"}, {"structure": "S"})) == 4


def test_a_line_that_joins_two_metrics_is_no_evidence_of_its_own():
    both = {"rule": "both", "metric": "dice;miou"}
    assert counted({}, {"metric": "miou"}, both)["line"].tolist() == [0, 1]
    lines = claims.read_claims()
    single = lines[lines["rule"] == "difference"]
    for line in lines[lines["rule"] == "both"].to_dict("records"):
        own = single[(single["one"] == line["one"]) & (single["other"] == line["other"])]
        own = own[own["structure"] == line["structure"]]
        assert set(line["metric"].split(";")) <= set(own["metric"]), line["id"]


def test_what_was_not_tested_stays_line_by_line():
    assert len(counted(*[{"verdict": "not testable here", "dataset": ""}] * 3)) == 3


def test_costs_are_told_apart():
    assert counted({}, {"rule": "cost", "metric": "flops"})["about"].tolist() == ["accuracy", "cost"]
