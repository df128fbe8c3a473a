"""What the runs of a study hold for a claim: values of the patients, or what the networks cost."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from spinelib.core.layout import StudyFolder
from spinelib.questions.claims.costs import cost_trials
from spinelib.questions.compare.contrasts import Asked, contrasts_in
from spinelib.questions.compare.entry_values import entry_values, value_limits
from spinelib.statistics.contrast import crossed_contrast
from spinelib.statistics.contrast_verdicts import ONE_TRAINING, OPEN

Claim = Mapping[Any, Any]


def registered(results: Path, datasets: Any) -> dict[str, str]:
    """The registered data set behind each name of the study."""
    found = {}
    for name in datasets:
        path = StudyFolder(results).data(str(name)).options
        given = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        found[str(name)] = str(given.get("dataset", name))
    return found


def trials(
    claim: Claim, cases: pd.DataFrame, family: pd.DataFrame, paces: pd.DataFrame, known: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """What the runs hold for a claim: one trial per data set, published recipe before common, widest first.

    A trial names dataset, recipe, width and seeds, and has the fields of a contrast with its verdict, or a `saving`.
    cases: as of `contrasts.tested_rows`, corrupted films too; family: the contrasts; paces: of `training_paces`;
    known: of `registered`.
    """
    if claim["rule"] == "cost":
        yield from cost_trials(claim, paces)
    if claim["rule"] in ("cost", "none"):
        return
    rows = cases[cases["given"].isin([claim["one"], claim["other"]])]
    for dataset, part in rows.groupby("dataset", sort=False):
        if claim["rule"] == "level" and known[str(dataset)] not in claim["paper_data"].split(";"):
            continue
        settings = part[["recipe", "width"]].drop_duplicates().itertuples(index=False, name=None)
        for recipe, width in sorted(settings, key=lambda key: (key[0] != "published", -key[1])):
            found = _found(claim, part[(part["recipe"] == recipe) & (part["width"] == width)], family)
            if found:
                yield {"dataset": dataset, "recipe": recipe, "width": width, **found}
                break


def _found(claim: Claim, rows: pd.DataFrame, family: pd.DataFrame) -> dict[str, Any] | None:
    """The contrast, or for a level the mean with its interval; None without values to judge by."""
    names = dict(zip(rows["given"], rows["method"] + "/" + rows["variant"], strict=True))
    score = str(claim["structure"]), str(claim["metric"]), str(claim["unit"])
    if claim["rule"] == "level":
        return _level(rows[rows["given"] == claim["one"]], *score)
    if not {claim["one"], claim["other"]} <= set(names):
        return None
    asked = Asked(names[claim["one"]], names[claim["other"]], *score, kind=str(claim["rule"]))
    line = contrasts_in(family, rows, str(rows["dataset"].iloc[0]), [asked])
    return dict(line.iloc[0]) if len(line) and line["n"].iloc[0] > 1 else None


def _level(rows: pd.DataFrame, structure: str, metric: str, unit: str) -> dict[str, Any] | None:
    """The mean of one entry over patients and trainings: an estimate, and no contrast."""
    chosen = rows[(rows["structure"] == structure) & (rows["metric"] == metric) & (rows["unit"] == unit)]
    values = entry_values(chosen)
    if len(values) < 2:
        return None
    found = crossed_contrast(values.droplevel(0, axis=1), limits=value_limits(metric, unit))
    verdict = ONE_TRAINING if found.seeds < 2 else OPEN
    return found._asdict() | {"p": np.nan, "p_holm": np.nan, "verdict": verdict}
