"""What makes a training this training and no other: recipe, seed, data, split, starting weights, code."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import nn

from spinelib.core import files
from spinelib.core.errors import BadInput
from spinelib.training.code import code_of
from spinelib.training.recipe import Recipe

if TYPE_CHECKING:
    from spinelib.cases import CaseArrays


def identify(
    model: nn.Module,
    objective: Any,
    data: CaseArrays,
    train: np.ndarray,
    validation: np.ndarray,
    recipe: Recipe,
    seed: int,
) -> dict[str, Any]:
    """Everything that decides the trained weights, as JSON values; large parts as hashes."""
    state = model.state_dict()
    tensors = b"".join(value.cpu().contiguous().numpy().tobytes() for value in state.values())
    fields = {f"recipe.{name}": value for name, value in asdict(recipe).items()}
    # As it was written when it could only be on or off, so that those trainings stay themselves.
    fields["recipe.compile"] = {"": False, "default": True}.get(recipe.compile, recipe.compile)
    identity = {
        # Some options of a network leave its weights as they are.
        "network": getattr(model, "built_as", type(model).__name__),
        **fields,
        "seed": seed,
        "data": data.digest,
        "training cases": files.digest(train.tobytes()),
        "validation cases": files.digest(validation.tobytes()),
        "starting weights": files.digest(",".join(state), tensors),
        "objective": _name(objective),
        "criterion": _name(getattr(objective, "criterion", None)),
        "code": code_of(model, objective),
    }
    return json.loads(json.dumps(identity))


def check_same(path: Path, saved: dict[str, Any], now: dict[str, Any]) -> bool:
    """Whether a checkpoint's training is this one; False if only the code has changed since.

    Raises BadInput naming what differs otherwise.
    """
    different = [name for name in now if saved.get(name) != now[name]]
    if different in ([], ["code"]):
        return not different
    reason = "is of a training with other " + ", ".join(name for name in different if name != "code")
    raise BadInput(path, reason, "Give another folder, or resume=False to start this training afresh.")


def check_split(train: np.ndarray, validation: np.ndarray, count: int) -> None:
    """Raise BadInput unless both sides have cases, share none and lie within the `count` cases."""
    for name, side in (("training", train), ("validation", validation)):
        if len(side) == 0:
            raise BadInput(f"{name} cases", "there are none", "Use more cases or a smaller number of folds.")
        if side.min() < 0 or side.max() >= count:
            raise BadInput(f"{name} cases", f"lie outside 0..{count - 1}", "Split the data given here.")
    shared = np.intersect1d(train, validation)
    if len(shared):
        raise BadInput("validation cases", f"{len(shared)} also serve for training", "Split them by patient.")


def _name(thing: Any) -> str:
    """Name of a function, or of the class of an object; where it is written says its code."""
    return str(getattr(thing, "__qualname__", type(thing).__qualname__))
