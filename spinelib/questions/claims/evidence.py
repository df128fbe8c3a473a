"""What the runs of a study hold for a claim: values of the patients, or what the networks cost."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from spinelib.core.layout import StudyFolder
from spinelib.literature.claims import own_data
from spinelib.questions.claims.alike import differing, uneven_steps
from spinelib.questions.claims.costs import cost_trials
from spinelib.questions.claims.courses import COLUMNS, course_trials
from spinelib.questions.claims.values import TESTS, Claim, fewest_films
from spinelib.runs.named import finished_runs


def registered(results: Path, datasets: Any) -> dict[str, str]:
    """The registered data set behind each name of the study."""
    found = {}
    for name in datasets:
        path = StudyFolder(results).data(str(name)).options
        given = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        found[str(name)] = str(given.get("dataset", name))
    return found


def run_parameters(results: Path) -> dict[str, Mapping[str, Any]]:
    """The parameters of every finished run by its name."""
    return {folder.root.name: record.get("parameters", {}) for folder, record in finished_runs(results)}


def run_steps(results: Path) -> dict[str, float]:
    """How many steps every finished run was trained for, all its stages together, by its name; 0: not recorded."""
    found = {folder.root.name: record.get("facts", {}).get("training", {}) for folder, record in finished_runs(results)}
    return {name: float(training.get("steps", 0)) for name, training in found.items()}


@dataclass(frozen=True)
class Held:
    """What a study holds: cases as of `contrasts.tested_rows`, corrupted films too; its family of contrasts.

    paces: of `training_paces`; known: of `registered`; parameters: of every run by its name; courses: of
    `training_courses`; films: how many test films every data set has; steps: of `run_steps`; unlearned: of
    `lacking.unlearned_entries`.
    """

    cases: pd.DataFrame
    family: pd.DataFrame
    paces: pd.DataFrame
    known: Mapping[str, str]
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    films: Mapping[str, int] = field(default_factory=dict)
    courses: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(COLUMNS)))
    steps: Mapping[str, float] = field(default_factory=dict)
    unlearned: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["given", "structure", "reason"]))


def trials(claim: Claim, held: Held) -> Iterator[dict[str, Any]]:
    """What the runs hold for a claim: one trial per data set, published recipe before common, widest first.

    A trial names dataset, recipe, width and seeds, and has the fields of a contrast with its verdict, or a `saving`,
    or, where the runs of both sides are no fair pair, says so in `unlike`.
    """
    if claim["rule"] == "cost":
        yield from cost_trials(claim, held.paces)
    elif claim["rule"] in ("course", "course_level"):
        yield from course_trials(claim, held.courses)
    elif claim["rule"] in TESTS:
        yield from _score_trials(claim, held)


def _score_trials(claim: Claim, held: Held) -> Iterator[dict[str, Any]]:
    for dataset, part in held.cases.groupby("dataset", sort=False):
        if claim["rule"] == "level" and held.known[str(dataset)] not in own_data(claim):
            continue
        asked = part[part["given"].isin([claim["one"], claim["other"]])]
        settings = asked[["recipe", "width"]].drop_duplicates().itertuples(index=False, name=None)
        trial: dict[str, Any] = {}
        for recipe, width in sorted(settings, key=lambda key: (key[0] != "published", -key[1])):
            rows = part[(part["recipe"] == recipe) & (part["width"] == width)]
            found = TESTS[claim["rule"]](claim, rows, held.family)
            if found:
                reason = _unlike(claim, rows, held)
                about = {"dataset": dataset, "recipe": recipe, "width": width}
                about |= {"films": held.films.get(str(dataset), 0)}
                if not reason:
                    trial = about | found
                    break
                trial = trial or about | {"unlike": reason}
        # A setting in which the pair is no fair one tells why, where there is none in which it is.
        if trial:
            yield trial


def _unlike(claim: Claim, rows: pd.DataFrame, held: Held) -> str:
    """Why the runs of both sides are no fair pair, in words; empty where they are one."""
    sides = [str(claim[side]) for side in ("one", "other")]
    one, other = (rows[rows["given"] == side] for side in sides)
    reason = differing(str(claim["alike"]), one, other, held.parameters)
    if reason or claim["rule"] != "fewer_films":
        return reason
    return uneven_steps(rows, dict(zip(sides, fewest_films(claim, rows), strict=True)), held.steps)
