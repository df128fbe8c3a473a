"""Whether a difference between two methods is more than chance, or small enough to be none."""

from spinelib.questions.significance.summary import plan, tost_table, view_table
from spinelib.questions.significance.table import (
    better,
    differences,
    firm_ranks,
    interval_table,
    rank_table,
    ready_pairs,
    rows_of_metric,
    view_differences,
)

__all__ = [
    "better",
    "differences",
    "firm_ranks",
    "interval_table",
    "plan",
    "rank_table",
    "ready_pairs",
    "rows_of_metric",
    "tost_table",
    "view_differences",
    "view_table",
]
