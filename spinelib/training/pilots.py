"""The learning rate of a method, picked from the same few values for every method by short pilot trainings."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from torch import nn

from spinelib import files
from spinelib.errors import BadInput
from spinelib.precision import Loss
from spinelib.training.fit import fit
from spinelib.training.guard import Diverged
from spinelib.training.identity import identify
from spinelib.training.recipe import Recipe

if TYPE_CHECKING:
    from spinelib.cases import CaseArrays

LEARNING_RATES = (3e-4, 1e-3, 3e-3)


def pick_learning_rate(
    model: nn.Module,
    loss: Loss,
    data: CaseArrays,
    train: Sequence[int] | np.ndarray,
    validation: Sequence[int] | np.ndarray,
    recipe: Recipe,
    out: Path | str,
    *,
    fraction: float = 0.1,
    seed: int = 0,
    **options: Any,
) -> float:
    """The one of LEARNING_RATES whose pilot scores the highest validation Dice (on a tie the lowest loss).

    A pilot is a whole training, schedule included, of `fraction` of the recipe's length, from the starting
    weights of `model` (which stays as it is). `options` go to `fit`. Writes `out/learning_rates.csv`
    (learning_rate, steps, validation_dice, validation_loss, seconds, chosen, identity); called again with the
    same arguments it reads the choice from there. A pilot that diverges gets empty scores.
    Raises BadInput for a published recipe, whose learning rate is given, and when every pilot diverges.
    """
    if recipe.name == "published":
        raise BadInput(
            "recipe", "a published recipe brings its learning rate", "Pick rates for the common recipe only."
        )
    out = Path(out)
    sides = (np.asarray(train, dtype=np.int64), np.asarray(validation, dtype=np.int64))
    everything = identify(model, data, *sides, replace(recipe, learning_rate=1.0), seed)
    identity = files.digest(repr(sorted(everything.items())), str(fraction), str(LEARNING_RATES))
    table = _read(out / "learning_rates.csv", identity)
    if table is None:
        short = replace(recipe, budget=recipe.budget * fraction, validations=1, patience=0)
        rows = []
        for rate in LEARNING_RATES:
            pilot, folder = replace(short, learning_rate=rate), out / "pilots" / f"{rate:g}"
            row = _score(copy.deepcopy(model), loss, data, sides, pilot, folder, seed=seed, **options)
            rows.append({"learning_rate": rate, **row})
        table = _choose(pd.DataFrame(rows), out).assign(identity=identity)
        files.write_text(out / "learning_rates.csv", table.to_csv(index=False))
        shutil.rmtree(out / "pilots")
    return float(table.loc[table["chosen"], "learning_rate"].iloc[0])


def _score(
    model: nn.Module,
    loss: Loss,
    data: CaseArrays,
    sides: tuple[np.ndarray, np.ndarray],
    recipe: Recipe,
    folder: Path,
    **options: Any,
) -> dict[str, float]:
    steps = recipe.length(len(sides[0]))
    try:
        history = fit(model, loss, data, *sides, recipe, folder, **options)
    except Diverged:
        return {"steps": steps, "validation_dice": np.nan, "validation_loss": np.nan, "seconds": np.nan}
    return {
        "steps": steps,
        "validation_dice": history.facts["best_dice"],
        "validation_loss": history.facts["best_loss"],
        "seconds": history.facts["seconds"],
    }


def _choose(table: pd.DataFrame, out: Path) -> pd.DataFrame:
    scored = table.dropna(subset="validation_dice")
    if scored.empty:
        reason = f"training diverged with every learning rate of {LEARNING_RATES}"
        raise BadInput(out, reason, "Look at the images and labels; try precision float32.")
    order = scored.sort_values(["validation_dice", "validation_loss"], ascending=[False, True])
    return table.assign(chosen=table.index == order.index[0])


def _read(path: Path, identity: str) -> pd.DataFrame | None:
    if not path.exists():
        return None
    table = pd.read_csv(path)
    return table if (table["identity"] == identity).all() else None
