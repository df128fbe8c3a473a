"""Whether a difference between two methods is more than chance, and how well the machinery that says so works.

Built on `spinelib.stats`: the patient is the unit, effects and intervals come before p-values, Holm adjusts over the
comparisons that a study names beforehand.
"""

from spinelib.intervals import DEFAULT, METHODS, TITLES, mean_interval
from spinelib.significance.calibration import calibrate, like, ranking, verdicts, wide
from spinelib.significance.equivalence import Equivalence, tost
from spinelib.significance.friedman import Friedman, critical_difference, friedman
from spinelib.significance.mixed import Mixed, by_view
from spinelib.significance.power import (
    patients_for_equivalence,
    patients_needed,
    power_of,
    power_table,
    smallest_effect,
)
from spinelib.significance.summary import fold_tests, plan, tost_table, view_table
from spinelib.significance.table import (
    all_tests,
    better,
    differences,
    interval_table,
    rank_table,
    ready,
    rows_of,
    view_differences,
)
from spinelib.significance.tests import corrected_test, permutation_test, rank_biserial, t_test, wilcoxon_test
from spinelib.significance.wrong import wrong_analyses

__all__ = [
    "DEFAULT",
    "METHODS",
    "TITLES",
    "Equivalence",
    "Friedman",
    "Mixed",
    "all_tests",
    "better",
    "by_view",
    "calibrate",
    "corrected_test",
    "critical_difference",
    "differences",
    "fold_tests",
    "friedman",
    "interval_table",
    "like",
    "mean_interval",
    "patients_for_equivalence",
    "patients_needed",
    "permutation_test",
    "plan",
    "power_of",
    "power_table",
    "rank_biserial",
    "rank_table",
    "ranking",
    "ready",
    "rows_of",
    "smallest_effect",
    "t_test",
    "tost",
    "tost_table",
    "verdicts",
    "view_differences",
    "view_table",
    "wide",
    "wilcoxon_test",
    "wrong_analyses",
]
