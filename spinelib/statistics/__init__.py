"""Intervals, tests, mixed models and agreement of readings, and how far all of them can be trusted."""

from spinelib.statistics.calibration import calibrate, like, ranking, wide, with_verdicts
from spinelib.statistics.friedman_test import Friedman, critical_difference, friedman
from spinelib.statistics.intervals import DEFAULT_INTERVAL, INTERVAL_METHODS, INTERVAL_TITLES, mean_interval
from spinelib.statistics.mixed import Mixed, view_model
from spinelib.statistics.paired_tests import corrected_test, permutation_test, rank_biserial, t_test, wilcoxon_test
from spinelib.statistics.power import patients_for_equivalence, patients_needed, power_of, power_table, smallest_effect
from spinelib.statistics.wrong_analysis_rates import wrong_analyses

__all__ = [
    "DEFAULT_INTERVAL",
    "INTERVAL_METHODS",
    "INTERVAL_TITLES",
    "Friedman",
    "Mixed",
    "calibrate",
    "corrected_test",
    "critical_difference",
    "friedman",
    "like",
    "mean_interval",
    "patients_for_equivalence",
    "patients_needed",
    "permutation_test",
    "power_of",
    "power_table",
    "rank_biserial",
    "ranking",
    "smallest_effect",
    "t_test",
    "view_model",
    "wide",
    "wilcoxon_test",
    "with_verdicts",
    "wrong_analyses",
]
