"""Whether two data sets put the methods in the same order.

(C, our choice) An order holds where Kendall's tau is HOLDS at least, its interval leaves out 0, and every method was
trained twice on both sides: an order of single trainings is one of trainings, not of methods.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import kendalltau

from spinelib.questions.compare.entry_values import without_twins
from spinelib.questions.generalisation.entry_standings import ENTRY, Gathered, metric_rows
from spinelib.statistics import comparison
from spinelib.statistics.contrast_verdicts import ONE_TRAINING_ORDER
from spinelib.statistics.ranks import mean_replicates, tau_ends

REPLICATES = 4000
LEVEL = 0.05
HOLDS = 0.8  # tau of at least: of ten pairs of five methods at most one changes places
FEWEST = 5  # with four methods, even the very same order has p = 2/4! = 0.083


def order_agreement(gathered: Gathered, table: pd.DataFrame, metric: str, unit: str = "1") -> pd.DataFrame:
    """Kendall's tau between the orders on every two data sets, over the ranked methods that both have.

    table: from `ranked`. Columns one, other, methods (how many), tau (tau-b of the means), p (two-sided), low, high
    (95 %, of `ranks.tau_ends`, the patients and trainings of both data sets redrawn), trainings (of the method with
    fewest), reading in words. No row for one data set.
    """
    names = [str(name) for name in table["data"].unique()]
    values = {name: _patient_table(gathered.of(name), table[table["data"] == name], metric, unit) for name in names}
    lines = []
    for one, other in combinations(names, 2):
        shared = [name for name in _methods(values[one]) if name in _methods(values[other])]
        means = [table[table["data"] == data].set_index("method")["mean"][shared] for data in (one, other)]
        tau, p = kendalltau(*means) if len(shared) > 1 else (np.nan, np.nan)
        low, high = _tau_interval(float(tau), [values[data] for data in (one, other)], shared)
        seeds = min(_trainings(gathered.of(data), table[table["data"] == data], shared) for data in (one, other))
        words = _reading(len(shared), seeds, float(tau), float(p), low, high)
        lines.append((one, other, len(shared), float(tau), low, high, float(p), seeds, words))
    columns = ["one", "other", "methods", "tau", "low", "high", "p", "trainings", "reading"]
    return pd.DataFrame(lines, columns=columns)


def _patient_table(cases: pd.DataFrame, entries: pd.DataFrame, metric: str, unit: str) -> pd.DataFrame:
    """Value of every patient, [patients, (method, seed)], of the ranked entries of one data set."""
    rows = without_twins(metric_rows(cases, metric, unit)).merge(entries[ENTRY], on=ENTRY)
    return comparison.patient_values(rows, ["method", "seed"])


def _methods(values: pd.DataFrame) -> list[str]:
    return [str(name) for name in dict.fromkeys(values.columns.get_level_values("method"))]


def _trainings(cases: pd.DataFrame, entries: pd.DataFrame, methods: list[str]) -> int:
    """Trainings of the method that has fewest of them on one data set, 0 without a method."""
    rows = cases.merge(entries[ENTRY], on=ENTRY)
    counts = rows[rows["method"].isin(methods)].groupby("method")["seed"].nunique()
    return int(counts.min()) if len(counts) else 0


def _tau_interval(tau: float, sides: list[pd.DataFrame], methods: list[str]) -> tuple[float, float]:
    """95 % interval of tau between the mean orders of two data sets, each of values [patients, (method, seed)].

    NaN for fewer than two methods, or two patients whom every training of them was tested on.
    """
    known = [side.loc[:, side.columns.get_level_values("method").isin(methods)].dropna() for side in sides]
    if len(methods) < 2 or min(map(len, known)) < 2:
        return np.nan, np.nan
    drawn = []
    # Other patients and trainings on either side: the two are drawn apart.
    for seed, side in enumerate(known):
        owners = side.columns.get_level_values("method")
        places = [np.flatnonzero(owners == name) for name in methods]
        drawn.append(mean_replicates(side.to_numpy(float), places, REPLICATES, seed))
    return tau_ends(tau, *drawn)


def _reading(methods: int, trainings: int, tau: float, p: float, low: float, high: float) -> str:
    if methods < FEWEST:
        return "too few methods to tell"
    if trainings < 2:
        return ONE_TRAINING_ORDER
    if not (low > 0 or high < 0):
        return "open, the interval holds 0"
    # Rounding must not decide on which side a tau of 0.8 lies.
    if abs(tau) < HOLDS - 1e-9:
        return f"alike in part, tau is below {HOLDS:g}" if tau > 0 else f"opposed in part, tau is above -{HOLDS:g}"
    words = "the order holds" if tau > 0 else "the order turns round"
    return words if p < LEVEL else f"{words}, but so few methods could do so by chance"


def place_of(table: pd.DataFrame, method: str) -> list[str]:
    """One sentence per data set: where `method` ranks among the ranked methods, or that it did not run."""
    found = []
    for data, rows in table.groupby("data", sort=False):
        own = rows.loc[rows["method"] == method, "rank"]
        place = f"has rank {own.iloc[0]} of {len(rows)}" if len(own) else f"is not among the {len(rows)} ranked methods"
        found.append(f"{data}: {method} {place}")
    return found
