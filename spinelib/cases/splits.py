"""Folds and hold-outs grouped by patient, and the check that no patient is on two sides."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spinelib.cases.manifest import Case
from spinelib.core.errors import BadInput
from spinelib.core.files import digest, write_text
from spinelib.core.layout import MANIFEST

Index = NDArray[np.intp]
Cases = Sequence[Case] | pd.DataFrame
# Yilizati-Yilihamu et al. 2023, as stated (A): of 172 patients 138 train, 4 validate and 30 test in each of five folds.
PUBLISHED_FOLDS, PUBLISHED_SHARE = 5, 30 / 172
VALIDATING = 4
SCHEMES = ("cross", "published")


def folds(cases: Cases, k: int, seed: int) -> list[tuple[Index, Index]]:
    """`k` pairs (train, validation) of positions in `cases`; every case validates once, no patient is split.

    Patients are shuffled by `seed`, then dealt to the smallest fold, those with most images first. The result depends
    on the set of cases, not on their order. Raises BadInput with fewer than `k` patients or `k` below 2.
    """
    patients = _column(cases, "patient")
    names, counts = np.unique(patients, return_counts=True)
    if not 2 <= k <= len(names):
        raise BadInput("folds", f"{k} folds of {len(names)} patients", "Use 2 or more folds, at most one per patient.")
    order = np.random.default_rng(seed).permutation(len(names))
    order = order[np.argsort(-counts[order], kind="stable")]
    size = np.zeros(k, int)
    fold_of: dict[str, int] = {}
    for patient in order:
        smallest = int(size.argmin())
        fold_of[names[patient]] = smallest
        size[smallest] += counts[patient]
    member = np.array([fold_of[patient] for patient in patients])
    return [(np.flatnonzero(member != fold), np.flatnonzero(member == fold)) for fold in range(k)]


def holdout(cases: Cases, fraction: float, seed: int) -> tuple[Index, Index]:
    """Positions (rest, held out): whole patients, about `fraction` of the cases, at least one patient on each side.

    Raises BadInput unless 0 < fraction < 1 and there are two patients or more.
    """
    patients = _column(cases, "patient")
    names, counts = np.unique(patients, return_counts=True)
    if not 0 < fraction < 1 or len(names) < 2:
        reason = f"fraction {fraction} of {len(names)} patients cannot be held out"
        raise BadInput("holdout", reason, "Give a fraction between 0 and 1 and two patients or more.")
    order = np.random.default_rng(seed).permutation(len(names))
    total = np.cumsum(counts[order])
    take = int(np.abs(total - fraction * len(patients)).argmin()) + 1
    held = np.isin(patients, names[order[: min(take, len(names) - 1)]])
    return np.flatnonzero(~held), np.flatnonzero(held)


def held_out(cases: Cases, scheme: str, fold: int, k: int, seed: int = 0) -> Index:
    """Positions of the cases that fold `fold` of `k` tests: whole patients; two folds share none.

    scheme "cross": every patient is tested in one fold. "published": the scheme of SAFNet, five test sets of 30 of 172
    patients each, so that the folds do not cover the data. Raises BadInput for another scheme, fold or number.
    """
    if not 0 <= fold < k:
        raise BadInput("fold", f"{fold} of {k}", f"Choose 0 to {k - 1}.")
    if scheme not in SCHEMES:
        raise BadInput("scheme", f"{scheme!r} tells no test cases", f"Use split, {' or '.join(SCHEMES)}.")
    if scheme == "cross":
        return folds(cases, k, seed)[fold][1]
    patients = _column(cases, "patient")
    names = np.unique(patients)
    # Rounding up could take more than a fifth of a few patients.
    size = min(round(len(names) * PUBLISHED_SHARE), len(names) // PUBLISHED_FOLDS)
    if k != PUBLISHED_FOLDS or size < 1:
        reason = f"{k} folds of {len(names)} patients; the published scheme has {PUBLISHED_FOLDS} of 5 patients or more"
        raise BadInput("folds", reason, "Use folds: 5, or scheme: cross.")
    order = np.random.default_rng(seed).permutation(names)
    return np.flatnonzero(np.isin(patients, order[fold * size : (fold + 1) * size]))


def validating(cases: Cases, seed: int = 0) -> Index:
    """Positions of the cases that validate under the schemes of `held_out`: 4 patients, at most a fifth, at least one.

    cases: those that are not tested. Raises BadInput with fewer than two patients.
    """
    patients = _column(cases, "patient")
    names = np.unique(patients)
    if len(names) < 2:
        raise BadInput("folds", f"leave {len(names)} patient to train and to validate", "Use more folds.")
    count = max(1, min(VALIDATING, len(names) // 5))
    drawn = np.random.default_rng(seed).permutation(names)[:count]
    return np.flatnonzero(np.isin(patients, drawn))


def frozen_folds(path: Path | str, cases: Cases, k: int, seed: int) -> tuple[list[tuple[Index, Index]], str]:
    """Folds that are written to `path` (JSON) once and read from then on, and the file's hash.

    Raises BadInput when the file was written for other cases, another `k` or another seed.
    """
    path, names = Path(path), _column(cases, "case")
    key = {
        "k": k,
        "seed": seed,
        "cases": digest("\n".join(sorted(names)), "\n".join(sorted(_column(cases, "patient")))),
    }
    if not path.exists():
        parts = [sorted(names[held]) for _, held in folds(cases, k, seed)]
        write_text(path, json.dumps({**key, "folds": parts}, indent=1, ensure_ascii=False))
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        sides = [set(part) for part in stored.pop("folds")]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(path, "is not a file of folds", "Delete it, and it is written again.") from error
    if stored != key:
        raise BadInput(path, "was written for other cases, folds or seed", "Delete it or name another file.")
    held = [np.array([name in part for name in names]) for part in sides]
    return [(np.flatnonzero(~side), np.flatnonzero(side)) for side in held], digest(path)


def check_disjoint(cases: Cases) -> None:
    """Raise BadInput when a patient is in train and in test without being declared a near-duplicate there."""
    patients, split = _column(cases, "patient"), _column(cases, "split")
    declared = _column(cases, "near_duplicate") != ""
    both = set(patients[split == "train"]) & set(patients[(split == "test") & ~declared])
    if both:
        reason = f"{len(both)} patient(s) in train and in test, the first is {str(min(both))!r}"
        raise BadInput(MANIFEST, reason, "Put all images of a patient on one side, or leave the split empty.")


def _column(cases: Cases, name: str) -> NDArray[np.str_]:
    if isinstance(cases, pd.DataFrame):
        return cases[name].astype(str).to_numpy(str)
    values = [getattr(case, name) for case in cases]
    return np.array([";".join(value) if isinstance(value, tuple) else str(value) for value in values], str)
