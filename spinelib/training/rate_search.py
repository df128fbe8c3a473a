"""The learning rate of a method, picked from the same few values for every method by short trial trainings."""

from __future__ import annotations

import copy
import shutil
import warnings
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from spinelib.core import files
from spinelib.core.errors import BadInput
from spinelib.core.layout import RATES
from spinelib.training.fitting import fit
from spinelib.training.guard import Diverged
from spinelib.training.training import Training

LEARNING_RATES = (3e-4, 1e-3, 3e-3)
TRIALS = "trials"  # folder of the trainings while the search runs


def pick_learning_rate(training: Training, out: Path | str, *, fraction: float = 0.1, **options: Any) -> float:
    """The one of LEARNING_RATES whose trial scores highest on validation (on a tie the lowest loss).

    A trial is a whole training, schedule included, of `fraction` of the length of `training`, from its model's
    weights (the model stays as it is). `options` go to `fit`. Writes `out/learning_rates.csv` (learning_rate, steps,
    validation_loss, validation_score, the measures behind it, seconds, chosen, identity); called again with an equal
    training it reads the choice from there. A trial that diverges gets empty scores.
    Raises BadInput for a published recipe, whose learning rate is given, and when every trial diverges.
    """
    recipe, out = training.recipe, Path(out)
    if recipe.name == "published":
        raise BadInput(
            "recipe", "a published recipe brings its learning rate", "Pick rates for the common recipe only."
        )
    everything = replace(training, recipe=replace(recipe, learning_rate=1.0)).identity
    identity = files.digest(repr(sorted(everything.items())), str(fraction), str(LEARNING_RATES))
    table = _read(out / RATES, identity)
    if table is None:
        short = replace(recipe, budget=recipe.budget * fraction, validations=1, patience=0)
        rows = []
        for rate in LEARNING_RATES:
            trial = replace(training, model=copy.deepcopy(training.model), recipe=replace(short, learning_rate=rate))
            rows.append({"learning_rate": rate, **_score(trial, out / TRIALS / f"{rate:g}", **options)})
        table = _choose(pd.DataFrame(rows), out).assign(identity=identity)
        files.write_text(out / RATES, _sealed(table).to_csv(index=False))
        _remove(out / TRIALS)
    return float(table.loc[table["chosen"], "learning_rate"].iloc[0])


def _score(trial: Training, folder: Path, **options: Any) -> dict[str, float]:
    row = {"steps": trial.recipe.length(len(trial.train)), "validation_loss": np.nan, "validation_score": np.nan}
    try:
        history = fit(trial, folder, **options)
    except Diverged:
        return row
    best = max(history.rows, key=lambda row: (row["validation_score"], -row["validation_loss"]), default={})
    scores = {name: value for name, value in best.items() if name.startswith("validation_")}
    return {**row, **scores, "seconds": history.facts["seconds"]}


def _choose(table: pd.DataFrame, out: Path) -> pd.DataFrame:
    scored = table.dropna(subset="validation_score")
    if scored.empty:
        reason = f"training diverged with every learning rate of {LEARNING_RATES}"
        raise BadInput(out, reason, "Look at the images and labels; try precision float32.")
    order = scored.sort_values(["validation_score", "validation_loss"], ascending=[False, True])
    return table.assign(chosen=table.index == order.index[0])


def _sealed(table: pd.DataFrame) -> pd.DataFrame:
    """The table with a digest of it in a last column."""
    return table.assign(digest=files.digest(table.to_csv(index=False)))


def _read(path: Path, identity: str) -> pd.DataFrame | None:
    """The table of an earlier search; None without one, for another training's and, with a warning, a damaged one."""
    if not path.exists():
        return None
    try:
        table = pd.read_csv(path, float_precision="round_trip")
        own = table.drop(columns="digest")
        if not (own["identity"] == identity).all():
            return None
        if table["digest"].eq(files.digest(own.to_csv(index=False))).all():
            return own
    except (ValueError, KeyError):
        pass
    warnings.warn(f"{path}: is damaged, or was edited. The learning rate is searched again.", stacklevel=3)
    return None


def _remove(trials: Path) -> None:
    """Remove the folders of the trials; whatever else lies beside them stays."""
    for rate in LEARNING_RATES:
        shutil.rmtree(trials / f"{rate:g}", ignore_errors=True)
    with suppress(OSError):
        trials.rmdir()
