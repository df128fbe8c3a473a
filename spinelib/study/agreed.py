"""What a study agrees on before its first run: its comparisons, its test sets, and the recipe of every run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from spinelib.core.files import digest
from spinelib.runs.given_files import HOLDS, OPTIONS, held_by
from spinelib.runs.parameters import Parameter, read_parameters
from spinelib.study.jobs import REPORTS, Job, Study

# Where things lie and what they run on decides no score; a study's own lists of data are parts of their own.
PLACES = ("out", "data", "results", "study", "sources", "grids", "device", "hours", "comparisons")
SOURCE = "source"  # of data: where somebody keeps them
NAMES = ("development",)  # lists of films, of which a digest is kept


def agreed_on(study: Study) -> dict[str, dict[str, dict[str, Any]]]:
    """Comparisons, test sets and recipes of a study, by part and name, as `spinelib.runs.frozen` keeps them.

    A recipe holds every parameter of the run's notebook, also those that the study leaves as they are; of files of a
    user's what they hold.
    """
    pairs = {" against ".join(pair): {"named": True} for pair in study.comparisons}
    tests = {
        name: {key: value for key, value in options.items() if key != SOURCE} for name, options in study.data.items()
    }
    usual = {path: read_parameters(path) for path in {job.notebook for job in study.runs.values()}}
    recipes = {name: _recipe(job, usual[job.notebook]) for name, job in study.runs.items()}
    return {"comparisons": pairs, "test sets": tests, "recipes": recipes}


def _recipe(job: Job, usual: Mapping[str, Parameter]) -> dict[str, Any]:
    given = {name: item.default for name, item in usual.items()} | job.parameters
    return recipe_of(given, held_by(given, REPORTS))


def recipe_of(given: Mapping[str, Any], held: Mapping[str, str]) -> dict[str, Any]:
    """The part of a run's parameters that decides its scores; of lists of films a digest, of files those in `held`."""
    kept = {name: value for name, value in sorted(given.items()) if name not in PLACES}
    kept |= {name: {HOLDS: mark} for name, mark in held.items() if name in kept}
    if OPTIONS in kept:
        kept[OPTIONS] = [_held_option(str(option), held) for option in kept[OPTIONS]]
    return kept | {name: digest(json.dumps(kept[name])) for name in NAMES if kept.get(name)}


def _held_option(option: str, held: Mapping[str, str]) -> str:
    """An option NAME=VALUE as it is; of one that names a file, what the file holds."""
    name = option.partition("=")[0]
    mark = held.get(f"{OPTIONS}.{name}")
    return f"{name}={HOLDS} {mark}" if mark else option
