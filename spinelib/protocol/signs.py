"""Signs that a network has learned something: what its test cases and its training say, noted with every scoring.

(C, our choice) Two guesses that need no image: the one mask that fits the training films best, and the mean of their
Cobb angles. Only labels of the training side go into them. `spinelib.runs.learned` says what is too
little.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spinelib.cases import CaseArrays
from spinelib.measures.cobb.errors import image_errors
from spinelib.measures.cobb.table import ANSWERS, true_angles
from spinelib.measures.tables import ALL
from spinelib.measures.volumes import GROUPS
from spinelib.runs.history import read_history

# Shares of the training films in which a pixel is spine, from which on it belongs to the one mask.
SHARES = np.linspace(0.05, 0.65, 13)
ENOUGH = 500  # films that the one mask is made from: it hardly changes with more
Signs = dict[str, float]
Floats = NDArray[np.float64]


def scoring_signs(
    rows: pd.DataFrame, films: CaseArrays, source: CaseArrays, angles: NDArray[np.floating] | None = None
) -> Signs:
    """Signs of the test cases of one data set by name; those that cannot be told are left out.

    rows: case table of `films`, those that were scored; source: all cases of the data that the run learned from;
    angles: [n,3] degrees, where the network answers them. empty: share of the cases in which nothing was predicted;
    dice and dice_guess: means of the network and of the one mask, of films with one structure; spread: degrees from the
    smallest to the largest major angle answered; smape and smape_guess: means of the answers and of the mean angles.
    """
    tested = (films.table["split"] == "test").to_numpy()
    rows = rows[(rows["case"] != ALL) & (rows["split"] == "test")]
    # The mean over the structures of a case is there whatever was predicted.
    known = rows[(rows["metric"] == "dice") & (rows["status"] != "absent") & ~rows["structure"].isin([*GROUPS, ALL])]
    signs = {"empty": float((~(known["status"] == "ok").groupby(known["case"]).any()).mean())}
    if len(films.grid) == 2 and films.classes == source.classes and len(films.classes) == 1:
        signs |= {"dice": float(known.loc[known["structure"] == films.classes[0], "value"].mean())}
    if "dice" in signs and len(_taught(source)) and source.grid == films.grid:
        signs["dice_guess"] = float(dices(films.labels[tested] > 0, training_mask(source)).mean())
    if angles is not None and tested.any():
        signs |= _answer_signs(rows, true_angles(films)[tested], source, np.asarray(angles, float)[tested])
    return {name: value for name, value in signs.items() if np.isfinite(value)}


def _answer_signs(rows: pd.DataFrame, truth: Floats, source: CaseArrays, angles: Floats) -> Signs:
    own = rows[(rows["structure"] == ANSWERS) & (rows["metric"] == "smape")]["value"]
    mean, truth = training_angles(source), truth[np.isfinite(truth).all(1)]
    guess = (
        image_errors(np.broadcast_to(mean, truth.shape), truth)["smape"].mean() if np.isfinite(mean).all() else np.nan
    )
    # One film alone has no spread.
    spread = np.ptp(angles.max(1)) if len(angles) > 1 else np.nan
    return {"spread": float(spread), "smape": float(own.mean()), "smape_guess": float(guess)}


def _taught(source: CaseArrays) -> NDArray[np.intp]:
    """Positions of the training side; taking these cases as `subset` does would copy every image."""
    return np.flatnonzero(source.table["split"].to_numpy() == "train")


def training_mask(source: CaseArrays) -> NDArray[np.bool_]:
    """The one mask [H,W] that fits the labels of the training films best by mean Dice."""
    index = _taught(source)
    labels = np.asarray(source.labels[index[:: max(1, len(index) // ENOUGH)]]) > 0
    share = labels.mean(0)
    return max((share >= part for part in SHARES), key=lambda mask: float(dices(labels, mask).mean()))


def dices(labels: NDArray[np.bool_], mask: NDArray[np.bool_]) -> Floats:
    """Dice [n] of one mask [H,W] with each of the labels [n,H,W]; 0 where both are empty."""
    both, sizes = labels[:, mask].sum(1), labels.sum((1, 2)) + mask.sum()
    return np.asarray(2 * both / np.maximum(sizes, 1), np.float64)


def training_angles(source: CaseArrays) -> Floats:
    """Mean of the three Cobb angles [3] of the training films, degrees; NaN where none has corners."""
    angles = true_angles(source)[_taught(source)]
    known = angles[np.isfinite(angles).all(1)]
    return np.asarray(known.mean(0)) if len(known) else np.full(3, np.nan)


def course_signs(history: Path) -> Signs:
    """best_dice and last_dice of the validations in a run's history.csv; nothing where it has no Dice."""
    table = read_history(history)
    if "validation_dice" not in table or table["validation_dice"].isna().all():
        return {}
    dice = table["validation_dice"].dropna()
    return {"best_dice": float(dice.max()), "last_dice": float(dice.iloc[-1])}
