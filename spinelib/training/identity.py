"""The identity of a training: recipe, seed, data, split, starting weights, code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import nn

from spinelib.core import files
from spinelib.core.errors import BadInput
from spinelib.training.base_recipe import BaseRecipe
from spinelib.training.code import code_of


def identify(
    model: nn.Module, recipe: BaseRecipe, seed: int, others: Mapping[str, Any], parts: tuple[Any, ...]
) -> dict[str, Any]:
    """Everything that decides the trained weights, as JSON values.

    others: further values that do, by name. parts: the objects whose code decides beside that of `model` (`code_of`).
    """
    identity = {
        # Some options of a network leave its weights as they are.
        "network": getattr(model, "built_as", type(model).__name__),
        **{f"recipe.{name}": value for name, value in recipe.described.items()},
        "seed": seed,
        **others,
        "code": code_of(model, *parts),
    }
    return json.loads(json.dumps(identity))


def weights_digest(model: nn.Module, *others: str) -> str:
    """16 hex digits over names and values of all weights of `model`, and over `others`."""
    state = model.state_dict()
    tensors = b"".join(value.cpu().contiguous().numpy().tobytes() for value in state.values())
    return files.digest(",".join(state), *others, tensors)


def check_same(path: Path, saved: dict[str, Any], now: dict[str, Any]) -> bool:
    """Whether a checkpoint's training is this one; False if only the code has changed since.

    Raises BadInput naming what differs otherwise.
    """
    different = [name for name in now if saved.get(name) != now[name]]
    if different in ([], ["code"]):
        return not different
    reason = "is of a training with other " + ", ".join(name for name in different if name != "code")
    raise BadInput(path, reason, "Give another folder, or resume=False to start this training afresh.")
