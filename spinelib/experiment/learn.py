"""Divide and build as the parameters of a run say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import yaml

from spinelib.cases import CaseArrays, check_disjoint, folds
from spinelib.cases.splits import SCHEMES, validating
from spinelib.errors import BadInput
from spinelib.experiment.fitting import local_contrast
from spinelib.files import digest
from spinelib.models import METHODS, build_model
from spinelib.models.method import check_name
from spinelib.runs import Run
from spinelib.runs.names import entry

if TYPE_CHECKING:
    import torch
    from torch import nn


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
    validate. Cases that were `added` only train, and the others are repeated until they are about as many (C). Raises
    BadInput when a patient is in train and test, for an unknown fold or view, more films than there are, or an empty
    side.
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


def method_of(run: Run) -> tuple[str, str]:
    """Method and variant of a run as its rows name them (`spinelib.runs.names`)."""
    return entry(run.parameters)


def options_of(run: Run) -> dict[str, Any]:
    """The run's `options` (texts like "steps=3") as keyword arguments; raises BadInput for anything else."""
    found: dict[str, Any] = {}
    for text in run.parameters.get("options", []):
        name, separator, value = text.partition("=")
        if not separator or not name.strip().isidentifier():
            raise BadInput("options", f"{text!r} is no option", "Write 'name=value', as in 'steps=3'.")
        found[name.strip()] = yaml.safe_load(value)
    return found


def channels(run: Run, arrays: CaseArrays) -> int:
    """Channels of the network's input."""
    from spinelib.augment import input_channels

    return input_channels(arrays.images.shape[1], local_contrast(run))


def model(run: Run, arrays: CaseArrays) -> nn.Module:
    """The network of the run's method, variant, width and options, untrained, on the run's device."""
    import torch

    method, variant, width = (run.parameters[name] for name in ("method", "variant", "width"))
    check_name(method, METHODS, "method")
    _check_dims(METHODS[method].dims, method, arrays)
    torch.manual_seed(run.seed)
    network = build_model(method, variant, channels(run, arrays), len(arrays.classes), width, **options_of(run))
    return network.to(run.device)


def _check_dims(dims: int, method: str, arrays: CaseArrays) -> None:
    kinds = {2: "films", 3: "volumes"}
    if dims != len(arrays.grid):
        reason = f"{method} is made for {kinds[dims]}, and these data are {kinds[len(arrays.grid)]}"
        names = ", ".join(name for name, entry in METHODS.items() if entry.dims == len(arrays.grid))
        raise BadInput("method", reason, f"Use one of {names}.")


def example(arrays: CaseArrays, index: np.ndarray, count: int = 3) -> np.ndarray:
    """Up to `count` films of one patient among `index`, one per view where there are several."""
    rows = arrays.table.iloc[index]
    patient = rows.groupby("patient")["view"].nunique().idxmax()
    return rows[rows["patient"] == patient].drop_duplicates("view").index.to_numpy()[:count]


def inputs(run: Run, arrays: CaseArrays, index: np.ndarray) -> torch.Tensor:
    """What the network sees of the films at `index`: float32 [n,C,H,W] on the run's device."""
    import torch

    from spinelib.augment import normalise

    images = torch.as_tensor(np.ascontiguousarray(arrays.images[index])).to(run.device)
    return normalise(images, local_contrast(run))


def present(network: nn.Module, names: Iterable[str]) -> list[str]:
    """Those of `names` that are blocks of this variant, in order; plain connections (identity) are left out."""
    from torch.nn import Identity

    modules = dict(network.named_modules())
    return [name for name in names if name in modules and not isinstance(modules[name], Identity)]


def stage_probabilities(network: nn.Module, images: torch.Tensor) -> dict[str, np.ndarray]:
    """Probability [n,H,W] from every head of a cascade, coarse first, for inputs [n,C,H,W]."""
    import torch

    was_training = network.training
    network.eval()
    with torch.inference_mode():
        heads = network.heads(images)  # type: ignore[operator]
    network.train(was_training)
    names = {"coarse": "coarse network", "logits": "fine network" if "coarse" in heads else "network"}
    return {names[k]: torch.sigmoid(heads[k][:, 0]).float().cpu().numpy() for k in names if k in heads}
