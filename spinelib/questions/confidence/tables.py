"""Calibration of every entry by patient, and whether a map's entropy tells where and when it is wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from spinelib.questions.confidence.asked import SUMS
from spinelib.questions.confidence.reliability import BINS, binned_error
from spinelib.statistics.intervals import mean_interval

REPLICATES = 2000
# Scores with the least and the largest value that they can have.
SCORES = {"calibration_error": (0, 1), "overconfidence": (-1, 1), "brier": (0, 2), "separation": (0, 1)}


def patient_confidence(asked: pd.DataFrame) -> pd.DataFrame:
    """A row per entry and patient of `ask_confidence`: SCORES (0 to 1), dice and entropy; seeds are averaged.

    The bins of all cases of a patient are one set, of each run apart.
    """
    keys = ["dataset", "name", "run", "patient"]
    sums = asked.groupby(keys, sort=False)[SUMS].sum()
    errors = np.array([binned_error(row.reshape(3, BINS).T) for row in sums.to_numpy(float)]).reshape(-1, 2)
    table = asked.groupby(keys, sort=False)[["dice", "entropy", "separation", "brier"]].mean()
    table[["calibration_error", "overconfidence"]] = errors
    return table.groupby(["dataset", "name", "patient"], sort=False).mean().reset_index()


def confidence_board(patients: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """The entries of a data set, the best calibrated first; each score "score", "score_low", "score_high".

    patients: of `patient_confidence`. rank_correlation: Spearman's, over patients, of mean entropy and 1 - Dice.
    """
    rows = []
    for name, own in patients[patients["dataset"] == dataset].groupby("name", sort=False):
        line: dict[str, object] = {"name": name, "patients": len(own)}
        for score, limits in SCORES.items():
            values = own[score].dropna().to_numpy()
            found = mean_interval(values, limits=limits) if len(values) else None
            line |= _ends(score, (found.mean, found.low, found.high) if found else (np.nan,) * 3)
        line |= _ends("rank_correlation", rank_correlation(own["entropy"], 1 - own["dice"]))
        rows.append(line)
    scores = (*SCORES, "rank_correlation")
    columns = ["name", "patients", *(f"{score}{end}" for score in scores for end in ("", "_low", "_high"))]
    return pd.DataFrame(rows, columns=columns).sort_values("calibration_error", ignore_index=True)


def _ends(score: str, values: Sequence[object]) -> dict[str, object]:
    return {f"{score}{end}": value for end, value in zip(("", "_low", "_high"), values, strict=True)}


def rank_correlation(one: ArrayLike, other: ArrayLike, seed: int = 0) -> tuple[float, float, float]:
    """Spearman's correlation of values of n patients with its 95 % interval, by resampling patients (percentiles).

    NaN for fewer than four patients, and where one side is the same for all.
    """
    from scipy.stats import spearmanr

    values = np.stack([np.asarray(one, float), np.asarray(other, float)])
    values = values[:, np.isfinite(values).all(0)]
    if values.shape[1] < 4 or (np.ptp(values, axis=1) == 0).any():
        return float("nan"), float("nan"), float("nan")
    rng = np.random.default_rng(seed)
    drawn = (values[:, rng.integers(0, values.shape[1], values.shape[1])] for _ in range(REPLICATES))
    several = [float(spearmanr(*each).statistic) for each in drawn if (np.ptp(each, axis=1) > 0).all()]
    low, high = np.percentile(several, (2.5, 97.5))
    return float(spearmanr(*values).statistic), float(low), float(high)


def shown_board(board: pd.DataFrame) -> pd.DataFrame:
    """A board of `confidence_board` to read: means with intervals, errors in per cent."""
    titles = {
        "calibration_error": ("calibration error %", 100, 1),
        "overconfidence": ("confidence - accuracy %", 100, 1),
        "brier": ("Brier score", 1, 3),
        "separation": ("entropy finds wrong pixels (AUC)", 1, 2),
        "rank_correlation": ("entropy and 1 - Dice (Spearman)", 1, 2),
    }
    shown = pd.DataFrame({"patients": board["patients"].to_numpy()}, index=pd.Index(board["name"], name="entry"))
    for score, (title, factor, digits) in titles.items():
        parts = [factor * board[f"{score}{end}"] for end in ("", "_low", "_high")]
        texts = (f"{m:.{digits}f} [{a:.{digits}f}, {b:.{digits}f}]" for m, a, b in zip(*parts, strict=True))
        shown[title] = list(texts)
    return shown


def told(board: pd.DataFrame, dataset: str) -> str:
    """What a board of `confidence_board` says, in a sentence."""
    if board.empty:
        return f"{dataset}: no network could be asked again."
    best, over = board.iloc[0], int((board["overconfidence_low"] > 0).sum())
    tells = int((board["rank_correlation_low"] > 0).sum())
    error = f"{100 * best['calibration_error']:.1f} %"
    return (
        f"{dataset}: near the structures {best['name']} is calibrated best (expected calibration error {error}); "
        f"{over} of {len(board)} entries are surer than they are right; in {tells} of {len(board)} the mean entropy of "
        f"a patient's maps rises with their error (interval of the rank correlation above 0)."
    )
