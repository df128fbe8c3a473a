"""The scores of a run as its notebook shows them, on rows made up by hand."""

import pandas as pd
import pytest

from spinelib.measures import registry
from spinelib.measures.metric import Table
from spinelib.protocol.scores import score_table

ABOUT = {"dataset": "a", "split": "test", "view": "coronal", "structure": "spine", "unit": "1", "status": "ok"}


def rows(metric, *values, **changes):
    cases = [f"case{i}" for i in range(len(values))]
    return [{**ABOUT, "case": c, "metric": metric, "value": v, **changes} for c, v in zip(cases, values, strict=True)]


def test_means_with_penalties_and_how_many_were_missed():
    made = pd.DataFrame(rows("dice", 0.9, 0.8) + rows("hd95", 2.0, 4.5, unit="px"))
    made = pd.concat([made, pd.DataFrame(rows("dice", 0.0, status="empty_prediction")).assign(case="missed")])
    line = score_table(made).loc[("a", "test", "spine")]
    assert (line["cases"], line["missed"]) == (3, 1)
    assert line["dice"] == pytest.approx(1.7 / 3, abs=5e-4)
    assert line["hd95 px"] == 3.25


def test_pooled_rows_and_structures_that_are_nowhere_do_not_count():
    made = pd.DataFrame(rows("dice", 0.5, 0.7))
    absent = pd.DataFrame(rows("dice", float("nan"), status="absent")).assign(case="none")
    pooled = pd.DataFrame(rows("dice", 0.1)).assign(case="all")
    pd.testing.assert_frame_equal(score_table(pd.concat([made, absent, pooled])), score_table(made))


def test_each_group_has_a_line_and_only_registered_metrics_a_column():
    made = pd.DataFrame(rows("dice", 0.5) + rows("dice", 0.7, structure="lung") + rows("loudness", 3.0))
    table = score_table(made)
    assert list(table.index) == [("a", "test", "spine"), ("a", "test", "lung")]
    assert list(table) == ["cases", "missed", "dice"]
    assert list(score_table(made, by=["split"]).index.names) == ["split", "structure"]


def test_columns_stand_in_the_order_of_the_registry():
    shown = [(metric, unit) for metric, unit in registry.columns(Table.SCORES)]
    made = pd.DataFrame([row for metric, unit in reversed(shown) for row in rows(metric, 1.0, unit=unit)])
    assert list(score_table(made))[2:] == [registry.heading(metric, unit) for metric, unit in shown]


def test_two_views_of_a_case_are_two():
    made = pd.DataFrame(rows("dice", 0.5) + rows("dice", 0.7, view="left_bending"))
    assert score_table(made).loc[("a", "test", "spine"), "cases"] == 2
