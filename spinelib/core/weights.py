"""Weights as safetensors files and training state as files that load without running code."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from spinelib.core import files
from spinelib.core.errors import BadInput


def save_weights(model: nn.Module | dict[str, Tensor], path: Path | str) -> None:
    """Write parameters and buffers to a safetensors file, whole or not at all."""
    state = model.state_dict() if isinstance(model, nn.Module) else model
    # Own contiguous copies: the format takes neither shared nor channels-last tensors.
    tensors = {name: value.detach().cpu().clone(memory_format=torch.contiguous_format) for name, value in state.items()}
    with files.replace(path) as temporary:
        save_file(tensors, temporary)


def load_weights(model: nn.Module, path: Path | str) -> nn.Module:
    """Load a safetensors file into `model` (on its device) and return it.

    Raises BadInput when the file is missing or damaged, or holds the weights of another architecture.
    """
    state = read_weights(path)
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        reason = "holds the weights of another network: " + " ".join(str(error).split())[:200]
        raise BadInput(path, reason, "Build the method, variant, width and channels it was trained with.") from error
    return model


def read_weights(path: Path | str) -> dict[str, Tensor]:
    """The tensors of a safetensors file by name, on the CPU. Raises BadInput when it is missing or damaged."""
    try:
        return load_file(path)
    except FileNotFoundError as error:
        raise BadInput(path, "there are no weights here", "Train this run first.") from error
    except (SafetensorError, OSError) as error:
        raise BadInput(path, f"cannot be read ({error})", "Delete it and train this run again.") from error


def save_state(state: dict[str, Any], path: Path | str) -> None:
    """Write a training state (tensors, numbers, strings, lists, dicts) whole or not at all."""
    with files.replace(path) as temporary:
        torch.save(state, temporary)


def load_state(path: Path | str) -> dict[str, Any]:
    """Read what `save_state` wrote, to the CPU. Raises BadInput when the file cannot be read."""
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, OSError, EOFError, pickle.UnpicklingError) as error:
        remedy = "Delete it; training then starts from the beginning."
        raise BadInput(path, f"cannot be read ({type(error).__name__})", remedy) from error
