"""Claims about the course of trainings, from the histories of a study's runs: a value per training, no patients.

(C, our choice) A validation loss has settled at the first epoch from which on it keeps within a twentieth of its whole
fall from its last value; its wobble is its standard deviation in the second half of the epochs over that fall; the gap
is the validation loss less the training loss at the end. Seeds are trainings; the folds of a seed are averaged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from spinelib.core.layout import RunFolder
from spinelib.core.names import entry
from spinelib.questions.compare.boards import COMMON
from spinelib.runs.history import read_history
from spinelib.runs.named import finished_runs
from spinelib.statistics.contrast_verdicts import ONE_TRAINING, OPEN, contrast_verdict

NEAR = 0.05  # of the fall of the loss
FEWEST = 4  # validations, below which a course has no shape
SETTING = ["dataset", "recipe", "width", "epochs"]
COLUMNS = ("name", *SETTING, "seed", "settled_epoch", "loss_wobble", "loss_gap")


def training_courses(results: Path) -> pd.DataFrame:
    """One row of COLUMNS per run with a history: its entry, what it trained on, and the course of its training.

    settled_epoch and epochs in epochs, loss_wobble as a share, loss_gap in nat.
    """
    rows = []
    for folder, record in finished_runs(results):
        given = record.get("parameters", {})
        shape = course(folder) if "method" in given else None
        if shape:
            about = "/".join(entry({"variant": "full", **given})), given.get("trained_on", "")
            setting = given.get("recipe", COMMON), given.get("width", 1.0), shape[0]
            rows.append((*about, *setting, given.get("seed", 0), *shape[1:]))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def course(folder: RunFolder) -> tuple[float, float, float, float] | None:
    """Length, settled epoch, wobble and gap of the training in a run's folder; None without a whole course.

    None too for a pipeline of several trainings, and where the loss did not fall.
    """
    table, losses = read_history(folder.history), ["train_loss", "validation_loss"]
    if len(table) < FEWEST or not np.isfinite(table[losses].to_numpy(float)).all():
        return None
    epochs, loss = table["epoch"].to_numpy(float), table["validation_loss"].to_numpy(float)
    fall = loss[0] - loss[-1]
    if fall <= 0:
        return None
    away = np.flatnonzero(np.abs(loss - loss[-1]) > NEAR * fall)
    settled = epochs[away[-1] + 1] if len(away) else epochs[0]
    wobble = loss[epochs > epochs[-1] / 2].std(ddof=1) / fall
    return round(epochs[-1]), float(settled), float(wobble), float(loss[-1] - table["train_loss"].iloc[-1])


def course_trials(claim: Mapping[Any, Any], courses: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The trials of a claim by data set, published recipe before common, widest first; courses: `training_courses`.

    With `other` the difference of trainings of equal length (Welch 1947), without it the mean over trainings by the
    published recipe. Fields of a contrast, with `n` unknown: no patients are drawn.
    """
    rows = courses[courses["name"].isin([claim["one"], claim["other"]])].dropna(subset=claim["metric"])
    if not claim["other"]:
        rows = rows[rows["recipe"] == "published"]
    for dataset, part in rows.groupby("dataset", sort=False):
        settings = part[SETTING[1:]].drop_duplicates().itertuples(index=False, name=None)
        for recipe, width, epochs in sorted(settings, key=lambda x: (x[0] != "published", -x[1], -x[2])):
            own = part[(part[SETTING[1:]] == [recipe, width, epochs]).all(axis=1)]
            means = own.groupby(["name", "seed"])[claim["metric"]].mean()
            sides = [means[name].to_numpy() for name in (claim["one"], claim["other"]) if name in means.index]
            if len(sides) == 1 + bool(claim["other"]):
                yield {"dataset": dataset, "recipe": recipe, "width": width} | _judged(claim, recipe, _between(sides))
                break


def _judged(claim: Mapping[Any, Any], recipe: str, found: dict[str, Any]) -> dict[str, Any]:
    """What was found under the names that a study's file has for both sides, with the verdict of an unnamed pair."""
    suffix = "" if recipe == COMMON else f"_{recipe}"
    about = {side: claim[side] + suffix for side in ("one", "other")} | {"metric": claim["metric"], "named": False}
    if claim["other"]:
        return found | about | {"verdict": contrast_verdict({**found, **about, "p_holm": np.nan})}
    return found | about | {"verdict": ONE_TRAINING if found["seeds"] < 2 else OPEN}


def _between(sides: list[np.ndarray]) -> dict[str, Any]:
    """Difference of the means of two sides of trainings, or the mean of one, with its interval and p."""
    mean, seeds = float(sides[0].mean() - (sides[1].mean() if sides[1:] else 0)), min(map(len, sides))
    found = {"mean": mean, "low": np.nan, "high": np.nan, "p": np.nan, "n": np.nan, "seeds": seeds}
    found |= {"patient_sd": np.nan}
    if seeds > 1 and not any(np.ptp(side) for side in sides):
        # Trainings that all came out the same have no spread to go by.
        found |= {"low": mean, "high": mean}
    elif seeds > 1:
        test = stats.ttest_ind(*sides, equal_var=False) if sides[1:] else stats.ttest_1samp(sides[0], 0)
        low, high = test.confidence_interval(0.95)
        found |= {"low": float(low), "high": float(high), "p": float(test.pvalue)}
    return found
