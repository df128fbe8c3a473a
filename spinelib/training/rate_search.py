"""The learning rate of a method, picked for every method by the same rule: short trial trainings along one ladder.

(C, our choice) Two rates of LADDER are tried first. Then the one beside the best is tried until the best has a worse
one on either side, so that no end of a grid is picked for want of a further value. Every rate is tried with the same
two seeds. Where they disagree by more than TIE, or no trial has learnt anything, trials of twice the length are made,
up to LONGEST of the training. Trainings that differ in their seed alone share a search (`known`).
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from torch import nn

from spinelib.core import files
from spinelib.core.errors import BadInput
from spinelib.core.layout import RATES
from spinelib.training.fitting import fit
from spinelib.training.guard import Diverged
from spinelib.training.rate_table import keep_rates, kept_rates
from spinelib.training.training import Training

LADDER = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
BEGIN = (1e-3, 3e-3)
SEEDS = (0, 1)
FIRST, LONGEST = 0.1, 0.2  # length of a trial, as a share of the training's
TIE = 0.005  # of the validation score
TRIALS = "trials"  # folder of the trainings while the search runs


def pick_learning_rate(
    training: Training,
    out: Path | str,
    *,
    fresh: Callable[[int], nn.Module] | None = None,
    known: Iterable[Path] = (),
    fraction: float = FIRST,
    **options: Any,
) -> float:
    """The rate of LADDER whose trials score highest on validation (on a tie the lowest loss).

    A trial is a whole training, schedule included, of `fraction` of the length of `training`. fresh: gives untrained
    weights for a seed; None: trials begin from the weights of the model, which stays as it is. known: tables of other
    trainings, whose search is taken where it is this one. `options` go to `fit`. Writes `out/learning_rates.csv`: one
    row per trial (learning_rate, pilot: its seed, fraction, steps, validation_loss, validation_score, the measures
    behind it, seconds), chosen, stable (the seeds agree on it), searched_in (the folder whose training searched),
    identity; called again with an equal training it reads the choice from there. A trial that diverges has empty
    scores. Raises BadInput for a published recipe, whose learning rate is given, and when every trial diverges.
    """
    recipe, out = training.recipe, Path(out)
    if recipe.name == "published":
        raise BadInput(
            "recipe", "a published recipe brings its learning rate", "Pick rates for the common recipe only."
        )
    search = Search(training, out, fresh, options)
    identity = search.identity(fraction)
    table = kept_rates((out / RATES, *known), identity)
    if table is None:
        table = search.run(fraction).assign(searched_in=out.name, identity=identity)
        search.remove_trials()
    keep_rates(out / RATES, table)
    return float(table.loc[table["chosen"], "learning_rate"].iloc[0])


@dataclass
class Search:
    """The trials for one training, in a folder of its own below `out`."""

    training: Training
    out: Path
    fresh: Callable[[int], nn.Module] | None
    options: dict[str, Any]
    rows: list[dict[str, Any]] = field(default_factory=list)

    def identity(self, fraction: float) -> str:
        """A digest of everything that decides the search; where weights are fresh, the training's own do not."""
        usual = replace(self.training, recipe=replace(self.training.recipe, learning_rate=1.0), seed=0)
        everything = {
            name: value for name, value in usual.identity.items() if name != "starting weights" or not self.fresh
        }
        return files.digest(repr(sorted(everything.items())), str(fraction), str((LADDER, BEGIN, SEEDS, LONGEST, TIE)))

    def run(self, fraction: float) -> pd.DataFrame:
        """Every trial, those of the last length with the choice."""
        begin: Sequence[float] = BEGIN
        while True:
            table = self._walk(fraction, begin)
            chosen = best_rate(table)
            stable = is_stable(table, chosen)
            if stable or 2 * fraction > LONGEST:
                break
            fraction, begin = 2 * fraction, (chosen,)
        whole = pd.DataFrame(self.rows)
        last = whole["fraction"] == fraction
        return whole.assign(chosen=last & (whole["learning_rate"] == chosen), stable=stable)

    def _walk(self, fraction: float, begin: Sequence[float]) -> pd.DataFrame:
        """Trials of one length, until the best rate has a worse one on either side or the ladder ends."""
        tried, missing = set[float](), list(begin)
        while missing:
            for rate in missing:
                self.rows += [self._trial(rate, seed, fraction) for seed in SEEDS]
            tried |= set(missing)
            table = pd.DataFrame([row for row in self.rows if row["fraction"] == fraction])
            missing = [rate for rate in next_rates(best_rate(table)) if rate not in tried]
        if table["validation_score"].isna().all():
            reason = f"training diverged with every learning rate of {tuple(sorted(tried))}"
            raise BadInput(self.out, reason, "Look at the images and labels; try precision float32.")
        return table

    def _trial(self, rate: float, seed: int, fraction: float) -> dict[str, Any]:
        recipe = self.training.recipe
        short = replace(recipe, budget=recipe.budget * fraction, validations=1, patience=0, learning_rate=rate)
        model = self.fresh(seed) if self.fresh else copy.deepcopy(self.training.model)
        trial = replace(self.training, model=model, recipe=short, seed=seed)
        row = {"learning_rate": rate, "pilot": seed, "fraction": fraction, "steps": short.length(len(trial.train))}
        row |= {"validation_loss": np.nan, "validation_score": np.nan}
        try:
            history = fit(trial, self._folder(rate, seed, fraction), **self.options)
        except Diverged:
            return row
        best = max(history.rows, key=lambda one: (one["validation_score"], -one["validation_loss"]), default={})
        scores = {name: value for name, value in best.items() if name.startswith("validation_")}
        return {**row, **scores, "seconds": history.facts["seconds"]}

    def _folder(self, rate: float, seed: int, fraction: float) -> Path:
        return self.out / TRIALS / f"{rate:g}-{seed}-{fraction:g}"

    def remove_trials(self) -> None:
        """Remove the folders of the trials; whatever else lies beside them stays."""
        for row in self.rows:
            shutil.rmtree(self._folder(row["learning_rate"], row["pilot"], row["fraction"]), ignore_errors=True)
        with suppress(OSError):
            (self.out / TRIALS).rmdir()


def best_rate(trials: pd.DataFrame) -> float:
    """The learning rate with the highest mean validation_score of `trials`, which are of one length.

    Of several that with the lowest validation_loss, then the lowest rate; one that diverged with any seed comes last.
    """
    filled = trials.fillna({"validation_score": -np.inf, "validation_loss": np.inf})
    means = filled.groupby("learning_rate", as_index=False)[["validation_score", "validation_loss"]].mean()
    order = ["validation_score", "validation_loss", "learning_rate"]
    return float(means.sort_values(order, ascending=[False, True, True])["learning_rate"].iloc[0])


def is_stable(trials: pd.DataFrame, chosen: float) -> bool:
    """Whether some trial of one length has learnt, and no seed prefers another rate than `chosen` by more than TIE."""
    scores = trials.pivot(index="learning_rate", columns="pilot", values="validation_score").fillna(-np.inf)
    own, best = scores.loc[chosen].to_numpy(float), scores.to_numpy(float).max(axis=0)
    return bool(own.max() > 0 and (best <= own + TIE).all())


def next_rates(rate: float) -> Iterator[float]:
    """The rates of LADDER next to `rate`, the larger first."""
    place = LADDER.index(rate)
    yield from LADDER[place + 1 : place + 2]
    yield from LADDER[max(place - 1, 0) : place]
