"""What the runs of a study hold for a claim: values of the patients, or what the networks cost."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from spinelib.core.layout import StudyFolder
from spinelib.literature.claims import PAIRED
from spinelib.measures.registry import higher_is_better
from spinelib.questions.compare.boards import GROUPS
from spinelib.runs.named import finished_runs
from spinelib.statistics import comparison

CONTRAST = ("contrast", "window", "gamma")  # corruptions that change it
Claim = Mapping[Any, Any]


def registered(results: Path, datasets: Any) -> dict[str, str]:
    """The registered data set behind each name of the study."""
    found = {}
    for name in datasets:
        path = StudyFolder(results).data(str(name)).options
        given = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        found[str(name)] = str(given.get("dataset", name))
    return found


def costs(results: Path) -> pd.DataFrame:
    """Of every run: name, width, grid, params, flops, train_seconds (core-seconds per image seen; NaN if unknown)."""
    rows = []
    for _, record in finished_runs(results):
        given, facts = record.get("parameters", {}), record.get("facts", {})
        if {"params", "flops"} <= set(facts) and "method" in given:
            name = f"{given['method']}/{given.get('variant', 'full')}"
            grid = given.get("grid", [])
            numbers = facts["params"], facts["flops"], _pace(facts)
            rows.append((name, given.get("width", 1.0), str(grid), *numbers))
    return pd.DataFrame(rows, columns=["name", "width", "grid", "params", "flops", "train_seconds"])


def _pace(facts: Mapping[str, Any]) -> float:
    """Core-seconds of training, validation included, per image seen."""
    training, batch = facts.get("training", {}), facts.get("recipe", {}).get("batch", 0)
    images = training.get("steps", 0) * batch
    return float(training["seconds"] * training["threads"] / images) if images else float("nan")


def trials(claim: Claim, cases: pd.DataFrame, cost: pd.DataFrame, known: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """What the runs hold for a claim: one trial per data set, published recipe before common, widest first.

    A trial names dataset, recipe, width, seeds and has `values` (arrays [patients], one per structure) or a `saving`.
    cases: clean and corrupted test rows with `name`; cost: of `costs`; known: of `registered`.
    """
    if claim["rule"] == "cost":
        yield from _cost_trials(claim, cost)
    if claim["rule"] in ("cost", "none"):
        return
    rows = cases[(cases["metric"] == claim["metric"]) & (cases["unit"] == claim["unit"])]
    rows = rows[rows["name"].isin([claim["one"], claim["other"]])]
    for dataset, part in rows.groupby("dataset", sort=False):
        if claim["rule"] == "level" and known[str(dataset)] not in claim["paper_data"].split(";"):
            continue
        settings = part.groupby(["recipe", "width"])
        order = sorted(settings.groups, key=lambda key: (key[0] != "published", -key[1]))
        for recipe, width in order:
            group = settings.get_group((recipe, width))
            values = _values(claim, group)
            if values:
                seeds = int(group.groupby("name")["seed"].nunique().min())
                yield {"dataset": dataset, "recipe": recipe, "width": width, "seeds": seeds, "values": values}
                break


def _cost_trials(claim: Claim, costs: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Saving of one against other, per cent of other, at the widest width and input that both ran in."""
    wide = costs.drop_duplicates(["name", "width", "grid"]).pivot(
        index=["width", "grid"], columns="name", values=claim["metric"]
    )
    if {claim["one"], claim["other"]} <= set(wide.columns):
        both = wide[[claim["one"], claim["other"]]].dropna().sort_index()
        if len(both):
            one, other = both.iloc[-1]
            facts = {"dataset": "any", "recipe": "any", "width": both.index[-1][0], "seeds": np.nan}
            yield {**facts, "saving": 100 * (other - one) / other}


def _values(claim: Claim, rows: pd.DataFrame) -> list[np.ndarray]:
    """Values [patients] to judge, one array per structure asked for; empty where a side has none."""
    wanted = rows["structure"] == claim["structure"]
    if claim["structure"] == "each":
        wanted = ~rows["structure"].isin(GROUPS)
        wanted &= bool((rows["structure"] == "all").any())
    found = [_one_structure(claim, part) for _, part in rows[wanted].groupby("structure")]
    return [] if any(values is None for values in found) else [v for v in found if v is not None and len(v) > 1]


def _one_structure(claim: Claim, rows: pd.DataFrame) -> np.ndarray | None:
    """Means or paired differences one - other of the patients; None where a side has no row."""
    clean = (rows["condition"] == "none") & (rows["severity"] == 0)
    table = _patients(rows[clean], worst=claim["rule"] == "worst_view")
    if claim["rule"].startswith("drop"):
        kept = ~clean if claim["rule"] == "drop" else rows["condition"].isin(CONTRAST)
        table = _patients(rows[kept]) - table
    if claim["rule"] == "worst_view" and rows["view"].nunique() < 2:
        return None
    names = [claim["one"], *([claim["other"]] if claim["rule"] in PAIRED else [])]
    if not set(names) <= set(table.columns):
        return None
    values = table[names].dropna()
    found = values[names[0]] - values[names[1]] if len(names) > 1 else values[names[0]]
    return found.to_numpy(float) if len(found) else None


def _patients(rows: pd.DataFrame, worst: bool = False) -> pd.DataFrame:
    """Values [patients, names]: films and seeds averaged, or the worst view of the seeds' means."""
    if not worst:
        return comparison.patient_values(rows, ["name"])
    views = rows.groupby(["patient", "name", "view"])["value"].mean()
    best = not higher_is_better(str(rows["metric"].iloc[0])) if len(rows) else False
    grouped = views.groupby(["patient", "name"])
    return (grouped.max() if best else grouped.min()).unstack()
