"""Which cases train and which validate, as the parameters of a run say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spinelib.cases import CaseArrays, check_disjoint, folds
from spinelib.cases.splits import SCHEMES, validating
from spinelib.core.errors import BadInput
from spinelib.core.files import digest

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class Division:
    """Positions of the films that train and of those that validate; `digest` identifies the split."""

    train: np.ndarray
    validation: np.ndarray
    digest: str

    def __str__(self) -> str:
        """Counts, as shown in a notebook."""
        different = len(np.unique(self.train))
        times = "" if different == len(self.train) else f" ({len(self.train)} with repeats)"
        return f"{different} cases train{times}, {len(self.validation)} validate (split {self.digest})"


def divide(
    arrays: CaseArrays,
    fold: int,
    count: int,
    seed: int = 0,
    views: Sequence[str] = (),
    films: int = 0,
    scheme: str = "split",
) -> Division:
    """Part `fold` of `count` of the training patients validates, the others train; test films are in neither.

    Patients never cross sides; near-duplicates are one patient. `views` keeps only these views, in training and in
    validation. `films` keeps whole patients until about so many films train (0: all); a smaller choice lies within a
    larger one. The folds depend on the films alone, not on the run's seed, unless `seed` is given.

    Under the schemes "cross" and "published" the fold decides what is tested (`load`), and a few of the other patients
    validate. Cases that were `added` only train, and the others are repeated until they are about as many (C, our
    choice). Raises BadInput when a patient is in train and test, for an unknown fold or view, more films than there
    are, or an empty side.
    """
    check_disjoint(arrays.table)
    if not 0 <= fold < count:
        raise BadInput("fold", f"{fold} of {count}", f"Choose 0 to {count - 1}.")
    unknown = set(views) - set(arrays.table["view"])
    if unknown:
        known = ", ".join(sorted(set(arrays.table["view"])))
        raise BadInput("views", f"no film shows {', '.join(sorted(unknown))}", f"These data have: {known}.")
    added = _added(arrays)
    more = np.flatnonzero(added)
    pool = np.flatnonzero((arrays.table["split"].to_numpy() != "test") & ~added)
    train, validation = _sides(arrays.table.iloc[pool], fold, count, seed, scheme)
    train, validation = pool[train], pool[validation]
    if views:
        keep = arrays.table["view"].isin(list(views)).to_numpy()
        train, validation, more = train[keep[train]], validation[keep[validation]], more[keep[more]]
    if not len(train) or not len(validation):
        raise BadInput("views", "leave no film to train or to validate on", "Use more views or fewer folds.")
    if films:
        train = _some(arrays, train, films, seed)
    cases = arrays.table["case"].to_numpy(str)
    if len(more):
        train = np.concatenate([np.tile(train, max(1, round(len(more) / len(train)))), more])
    mark = digest(*("\n".join(sorted(cases[part])) for part in (train, validation)))
    return Division(train, validation, mark)


def _added(arrays: CaseArrays) -> np.ndarray:
    """Which cases were added to train on only, bool [N]."""
    column = arrays.table.get("added")
    return np.zeros(len(arrays), bool) if column is None else column.to_numpy(bool)


def _sides(table: pd.DataFrame, fold: int, count: int, seed: int, scheme: str) -> tuple[np.ndarray, np.ndarray]:
    """Positions in `table`, which has no test case, of those that train and of those that validate."""
    if scheme == "split":
        return folds(table, count, seed)[fold]
    if scheme not in SCHEMES:
        raise BadInput("scheme", f"{scheme!r} is not known", f"Use split, {' or '.join(SCHEMES)}.")
    held = validating(table, seed)
    return np.setdiff1d(np.arange(len(table)), held), held


def _some(arrays: CaseArrays, train: np.ndarray, films: int, seed: int) -> np.ndarray:
    """Whole patients of `train`, in an order that `seed` draws, until they have at least `films` films."""
    if not 0 < films <= len(train):
        reason, remedy = f"{films} of {len(train)} training films", f"Choose 1 to {len(train)}, or 0 for all."
        raise BadInput("train_films", reason, remedy)
    patients = arrays.table["patient"].to_numpy(str)[train]
    drawn = np.random.default_rng(seed).permutation(np.unique(patients))
    counts = np.cumsum([(patients == name).sum() for name in drawn])
    kept = drawn[: int(np.searchsorted(counts, films)) + 1]
    return train[np.isin(patients, kept)]
