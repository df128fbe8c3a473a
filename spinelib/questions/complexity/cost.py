"""What trainings cost and how they went, from the records of the runs, and which entries nobody beats at their cost.

(C, our choice) Core-seconds are the seconds of training and validation times the threads used, on a card seconds of
that card. The trials of the learning-rate search are counted apart: they are the price of the recipe, not of the
network. A run that starts from the weights of an earlier one is charged for both ("in all"). Costs compare only on the
same device with nothing else running; seconds of a busy machine are upper bounds.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from spinelib.core.layout import RunFolder, StudyFolder
from spinelib.protocol.config import RunConfig
from spinelib.questions.compare.boards import COMMON, board, board_metrics, first_structure
from spinelib.questions.complexity.networks import run_names, size_text
from spinelib.runs.history import read_history
from spinelib.runs.named import finished_runs
from spinelib.runs.training_cost import core_seconds, training_threads

COST = (
    *("name", "run", "trained on", "recipe", "width", "input", "million parameters", "GMACs", "steps", "images seen"),
    *("core-seconds", "pilot core-seconds", "core-seconds per 1000 images", "threads", "precision", "device"),
    *("started from", "core-seconds in all"),
)
# A validation Dice so near a run's own best counts as there.
NEAR = 0.02


def training_costs(results: Path | str) -> pd.DataFrame:
    """One row of COST per finished training of a study, GMACs at its own input; a stage or reader without one has none.

    Raises BadInput when no run has finished.
    """
    rows = [_cost(name, record) for name, record, _ in _trainings(results)]
    table = pd.DataFrame(rows, columns=list(COST[:-1]))
    own = dict(zip(table["run"], table["core-seconds"], strict=True))
    # Of weights from elsewhere nobody knows the price.
    earlier = table["started from"].map(lambda run: own.get(run, np.nan) if run else 0.0)
    return table.assign(**{COST[-1]: table["core-seconds"] + earlier})


def _trainings(results: Path | str) -> Iterator[tuple[str, dict[str, Any], RunFolder]]:
    """Name of the entry, record and folder of every run that trained one network."""
    finished = {files.root.name: (files, record) for files, record in finished_runs(results)}
    for run, name in run_names(results).items():
        files, record = finished.get(run, (StudyFolder(Path(results)).run(run), {}))
        if {"training", "recipe", "params", "flops"} <= set(record.get("facts", {})):
            yield name, {**record, "run": run}, files


def _cost(name: str, record: dict[str, Any]) -> tuple[Any, ...]:
    facts, given = record["facts"], record["parameters"]
    training, batch = facts["training"], facts["recipe"].get("batch", float("nan"))  # stages have batches of their own
    images, spent = training["steps"] * batch, core_seconds(record)
    seen = size_text(RunConfig.of(given).input_grid)
    # Trials are about as quick a step as the training that follows them.
    trials = sum(trial["steps"] for trial in facts.get("pilots", ())) * spent / max(training["steps"], 1)
    return (
        *(name, record["run"], given["trained_on"], given.get("recipe", COMMON), given["width"], seen),
        *(facts["params"] / 1e6, facts["flops"] / 2e9, training["steps"], images),
        *(spent, trials, 1e3 * spent / max(images, 1), training_threads(record)),
        *(training.get("precision", ""), training.get("device", ""), Path(given.get("pretrained", "")).name),
    )


def courses(results: Path | str) -> pd.DataFrame:
    """Validation Dice along every training: name, run, trained on, recipe, step, core-seconds, dice.

    Raises BadInput when no run has finished.
    """
    parts = []
    for name, record, files in _trainings(results):
        rows, cost = read_history(files.history), _cost(name, record)
        if rows.empty:
            continue
        share = rows["seconds"].cumsum() / rows["seconds"].sum()
        about = dict(zip(("name", "run", "trained on", "recipe"), cost, strict=False))
        spent = share * cost[COST.index("core-seconds")]
        rows = pd.DataFrame({"step": rows["step"], "core-seconds": spent, "dice": rows["validation_dice"]})
        parts.append(pd.concat([pd.DataFrame(about, index=rows.index), rows], axis=1))
    columns = ["name", "run", "trained on", "recipe", "step", "core-seconds", "dice"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def convergence(table: pd.DataFrame) -> pd.DataFrame:
    """How soon and how steadily each training of `courses` converged, best first: one row per run.

    "best": highest validation Dice; "steps to best", "core-seconds to best": until Dice is within 0.02 of that for the
    first time; "mean": Dice averaged over the validations, high for one that is good early; "setback": mean fall from
    one validation to the next (0 for one that only rises), a measure of unsteadiness (C).
    """
    lines = []
    for run, rows in table.groupby("run", sort=False):
        dice = rows["dice"].to_numpy(float)
        known = np.flatnonzero(np.isfinite(dice))
        if not len(known):
            continue
        there = rows.iloc[known[int(np.argmax(dice[known] >= dice[known].max() - NEAR))]]
        falls = np.maximum(-np.diff(dice[known]), 0)
        about = {key: rows[key].iloc[0] for key in ("name", "trained on", "recipe")}
        lines.append(
            {
                **about,
                "run": run,
                "best": dice[known].max(),
                "steps to best": there["step"],
                "core-seconds to best": there["core-seconds"],
                "mean": dice[known].mean(),
                "setback": falls.mean() if len(falls) else 0.0,
            }
        )
    found = pd.DataFrame(lines)
    return found.sort_values("best", ascending=False, kind="stable", ignore_index=True) if lines else found


def pareto(cost: ArrayLike, score: ArrayLike) -> NDArray[np.bool_]:
    """Which entries no other beats: none is as cheap and as good, and cheaper or better. NaN is never on the front.

    cost, score: [n], lower and higher is better.
    """
    spent, good = np.asarray(cost, float), np.asarray(score, float)
    if spent.shape != good.shape or spent.ndim != 1:
        raise ValueError(f"costs {spent.shape} and scores {good.shape} need one shape [n]")
    cheap, better = spent[:, None] <= spent, good[:, None] >= good
    strictly = (spent[:, None] < spent) | (good[:, None] > good)
    beaten = (cheap & better & strictly).any(axis=0)
    return ~beaten & np.isfinite(spent) & np.isfinite(good)


def frontier(
    cases: pd.DataFrame, summary: pd.DataFrame, dataset: str, costs: pd.DataFrame, cost: str, recipe: str = COMMON
) -> pd.DataFrame:
    """Score and cost of every entry of a data set's board, cheapest first: name, score, low, high, cost, front.

    cases: of `study_cases`, summary: `stats.summarise` of them. costs: columns run and `cost`, averaged over an entry's
    runs. Score is the first metric of `board_metrics` on the test cases. An entry without a cost has no row.
    """
    structure = first_structure(summary, dataset)
    metric, unit = board_metrics(summary, dataset, structure)[0]
    table = board(summary, dataset, structure, metric, unit, "all", recipe)
    table = table.rename(columns={"mean": "score"})[["name", "score", "low", "high"]]
    runs = cases[cases["dataset"] == dataset].drop_duplicates(["run", "method", "variant"])
    runs = runs.assign(name=runs["method"] + "/" + runs["variant"])[["name", "run"]].merge(costs[["run", cost]])
    table = table.assign(cost=table["name"].map(runs.groupby("name")[cost].mean())).dropna(subset=["cost", "score"])
    table = table.sort_values(["cost", "score"], ascending=[True, False], ignore_index=True)
    return table.assign(front=pareto(table["cost"], table["score"]))
