"""Intervals, tests, mixed models and agreement of readings, and how far all of them can be trusted."""

from spinelib.statistics.calibration import broken_promises, calibrate, like, ranking, wide, with_verdicts
from spinelib.statistics.calibration_means import MEAN_TITLES
from spinelib.statistics.calibration_ranks import RANK_TITLES, TAU_TITLES
from spinelib.statistics.friedman_test import Friedman, critical_difference, friedman
from spinelib.statistics.intervals import (
    DEFAULT_INTERVAL,
    INTERVAL_METHODS,
    INTERVAL_TITLES,
    difference_interval,
    mean_interval,
)
from spinelib.statistics.missed import rate_interval
from spinelib.statistics.mixed import Mixed, view_model
from spinelib.statistics.paired_tests import permutation_test, t_test, wilcoxon_test
from spinelib.statistics.power import patients_for_equivalence, patients_needed, power_of, power_table, smallest_effect
from spinelib.statistics.ranks import rank_shares
from spinelib.statistics.whole_calibration import calibrate_all
from spinelib.statistics.within_patients import Alike, films_alike
from spinelib.statistics.wrong_analysis_rates import wrong_analyses

__all__ = [
    "DEFAULT_INTERVAL",
    "INTERVAL_METHODS",
    "INTERVAL_TITLES",
    "MEAN_TITLES",
    "RANK_TITLES",
    "TAU_TITLES",
    "Alike",
    "Friedman",
    "Mixed",
    "broken_promises",
    "calibrate",
    "calibrate_all",
    "critical_difference",
    "difference_interval",
    "films_alike",
    "friedman",
    "like",
    "mean_interval",
    "patients_for_equivalence",
    "patients_needed",
    "permutation_test",
    "power_of",
    "power_table",
    "rank_shares",
    "ranking",
    "rate_interval",
    "smallest_effect",
    "t_test",
    "view_model",
    "wide",
    "wilcoxon_test",
    "with_verdicts",
    "wrong_analyses",
]
