"""The same answer for every film: what a board of angles is held against, and entries that are no better.

(C, our choice) The answer is the mean of the three angles over the training films of a data set, whatever run is beside
it. An entry by a route learned nothing where the major angles of a run lie within one degree, a missed film counting as
straight, or where its SMAPE is larger than that of the one answer; it is named below the board and goes no further.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from spinelib.cases import CaseArrays
from spinelib.measures.cobb.errors import image_errors
from spinelib.measures.cobb.table import ANGLES, ERROR_UNITS
from spinelib.protocol.signs import training_angles
from spinelib.runs.learned import answer_reasons

GUESS_ENTRY, GUESS = "same answer for every film", "mean of training"
TRUE = tuple(f"true_{name}" for name in ANGLES)


def with_errors(rows: pd.DataFrame) -> pd.DataFrame:
    """`rows` of angles an1..an3 and true_an1.. in degrees with their errors, and the major angle of each side.

    Angles that there are none of count as a straight spine.
    """
    counted, truth = rows[list(ANGLES)].fillna(0.0).to_numpy(float), rows[list(TRUE)].to_numpy(float)
    off = np.abs(counted - truth)
    rows = rows.assign(**{name: values for name, values in image_errors(counted, truth).items() if name in ERROR_UNITS})
    rows = rows.assign(**{f"mae_{name}": off[:, k] for k, name in enumerate(ANGLES)})
    return rows.assign(major=counted.max(1), true_major=truth.max(1))


def guess_rows(arrays: CaseArrays, floor: pd.DataFrame) -> pd.DataFrame:
    """Rows as of `floor` (those of the reference masks) with the mean of the training angles for every film.

    arrays: all films of the data set, of which only the labels of the training side are looked at. No row without any.
    """
    mean = training_angles(arrays)
    if not np.isfinite(mean).all():
        return floor.head(0)
    same = floor.assign(**dict(zip(ANGLES, mean, strict=True)), name=GUESS_ENTRY, route=GUESS, read_from=GUESS)
    same = same.assign(vertebrae=0, upper=-1, lower=-1, confidence=np.nan, status="ok", reason="")
    return with_errors(same)[list(floor.columns)]


def unlearned_answers(rows: pd.DataFrame, guess: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Entries by route that learned nothing, with the reason; rows: all runs, guess: of `guess_rows`."""
    limit = {"smape_guess": float(guess["smape"].mean())} if len(guess) else {}
    found = {}
    for (name, route), own in rows.groupby(["name", "route"], sort=False):
        runs = own.groupby("run")["major"]
        spread = {"spread": float((runs.max() - runs.min()).min())} if runs.size().min() > 1 else {}
        if reasons := answer_reasons({"smape": float(own["smape"].mean()), **limit, **spread}):
            found[str(name), str(route)] = "; ".join(reasons)
    return found


def learned_answers(rows: pd.DataFrame, unlearned: dict[tuple[str, str], str]) -> pd.DataFrame:
    """The rows of all other entries; all of them where none would be left."""
    kept = rows[~pd.MultiIndex.from_frame(rows[["name", "route"]]).isin(list(unlearned))] if unlearned else rows
    return kept.reset_index(drop=True) if len(kept) else rows
