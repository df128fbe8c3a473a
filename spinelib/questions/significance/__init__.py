"""Whether a difference between two methods is more than chance, or small enough to be none."""

from spinelib.questions.significance.summary import fold_tests, plan, tost_table, view_table
from spinelib.questions.significance.table import (
    all_tests,
    better,
    differences,
    firm_ranks,
    interval_table,
    rank_table,
    ready_pairs,
    rows_of_metric,
    view_differences,
)
from spinelib.questions.significance.words import compared

__all__ = [
    "all_tests",
    "better",
    "compared",
    "differences",
    "firm_ranks",
    "fold_tests",
    "interval_table",
    "plan",
    "rank_table",
    "ready_pairs",
    "rows_of_metric",
    "tost_table",
    "view_differences",
    "view_table",
]
