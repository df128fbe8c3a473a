"""The checkpoint of a training in progress, and the one before it, which stands in where the newest is damaged."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

from torch import Tensor

from spinelib.core import files
from spinelib.core.errors import BadInput
from spinelib.core.layout import EARLIER_STATE
from spinelib.core.weights import load_state, read_weights, save_state
from spinelib.training.identity import check_same
from spinelib.training.state import Counters

# What every checkpoint holds; the words are those of the first ones.
PARTS = ("identity", "standing", "rows", "model", "optimiser", "average", "plateau", "random", "cuda_random")


def store(state: dict[str, Any], newest: Path) -> None:
    """Write a checkpoint to the file `newest`; the one that lay there becomes the one before."""
    _sweep(newest)
    with files.replace(newest) as temporary:
        save_state(state, temporary)
        if newest.exists():
            os.replace(newest, _earlier(newest))


def recall(newest: Path, identity: dict[str, Any], weights: Mapping[str, Tensor], kept: Path) -> dict[str, Any]:
    """The newest checkpoint of this training that can be gone on from; empty without one.

    weights: of its model, for names and shapes; kept: file of the best weights so far, without which a checkpoint that
    has validated is of no use. Warns of a checkpoint that is damaged or of another training, with what is done instead.
    """
    refused: list[BadInput] = []
    for path in (newest, _earlier(newest)):
        if not path.exists():
            continue
        try:
            found = _read(path, identity, weights, kept)
        except BadInput as error:
            refused.append(error)
            continue
        if path != newest:
            os.replace(path, newest)
        _warn(refused, f"The training goes on from the checkpoint before, step {found['standing']['step']}.")
        return found
    _warn(refused, "The training begins again.")
    remove_checkpoints(newest)
    return {}


def remove_checkpoints(newest: Path) -> None:
    """Remove both checkpoints, and their folder where nothing else lies in it."""
    _sweep(newest)
    for path in (newest, _earlier(newest)):
        path.unlink(missing_ok=True)
    with suppress(OSError):
        newest.parent.rmdir()


def _earlier(newest: Path) -> Path:
    return newest.with_name(EARLIER_STATE)


def _sweep(newest: Path) -> None:
    """Remove what a process that was killed while writing a checkpoint left of it."""
    for path in newest.parent.glob(f".*{newest.suffix}"):
        path.unlink(missing_ok=True)


def _read(path: Path, identity: dict[str, Any], weights: Mapping[str, Tensor], kept: Path) -> dict[str, Any]:
    saved = load_state(path)
    missing = [name for name in PARTS if name not in saved]
    if missing:
        raise BadInput(path, f"is no checkpoint of a training: it holds no {missing[0]}", "Delete it.")
    same = check_same(path, saved["identity"], identity)
    if saved["standing"].keys() != {one.name for one in fields(Counters)}:
        raise BadInput(path, "is of another version of this library", "Delete it.")
    _check_fits(path, saved["model"], weights)
    if saved["standing"]["best_epoch"] >= 0:
        _check_fits(kept, read_weights(kept), weights)
    saved["standing"]["mixed_code"] |= not same
    saved["standing"]["resumed"] += 1
    return saved


def _check_fits(path: Path, found: Mapping[str, Tensor], weights: Mapping[str, Tensor]) -> None:
    shapes, own = ({name: value.shape for name, value in state.items()} for state in (found, weights))
    if shapes != own:
        raise BadInput(path, "holds the weights of another network", "Delete it.")


def _warn(refused: list[BadInput], instead: str) -> None:
    if refused:
        # What is wrong with both is said once.
        reasons = {error.reason: error.file for error in reversed(refused)}
        said = "; ".join(f"{file}: {reason}" for reason, file in reversed(reasons.items()))
        warnings.warn(f"{said}. {instead}", stacklevel=4)
