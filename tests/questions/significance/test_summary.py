"""Equivalence, patients needed and views of all named pairs."""

from spinelib.questions.significance.summary import plan, tost_table, view_table
from spinelib.questions.significance.table import (
    interval_table,
    rank_table,
    rows_of_metric,
)
from spinelib.statistics.intervals import INTERVAL_METHODS
from tests.questions.significance.made import PAIRS, cases


class TestOtherTables:
    def test_intervals_equivalence_plan_and_ranks(self):
        rows = rows_of_metric(cases(), "dice")
        assert len(interval_table(rows, PAIRS)) == len(PAIRS) * len(INTERVAL_METHODS)
        assert tost_table(rows, PAIRS, 0.04)["verdict"].tolist() == ["not shown", "equivalent"]
        once = rows_of_metric(cases(seeds=(0,)), "dice")
        assert tost_table(once, PAIRS, 0.04)["verdict"].tolist() == ["one training", "one training"]
        needs = plan(rows, PAIRS, 0.01)
        assert (needs["detectable"] < needs["detectable_all"]).all()
        assert needs["needed"].iloc[0] < 16
        assert rank_table(rows, ["good/full", "base/full"]).shape == (16, 2)

    def test_views_with_the_patient_as_random_effect(self):
        table = view_table(rows_of_metric(cases(), "dice"), PAIRS)
        first = table[table["one"] == "good/full"].set_index("view")
        assert list(first.index) == ["coronal", "left", "all"]
        assert (first["low"] > 0).all()
        assert view_table(rows_of_metric(cases(views=("coronal",)), "dice"), PAIRS).empty
