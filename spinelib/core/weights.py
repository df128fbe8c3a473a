"""Weights as safetensors files and training state as files that load without running code.

Both hold a digest of their content, so that one flipped bit is noticed.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BufferedRandom, BufferedReader
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from spinelib.core import files
from spinelib.core.errors import BadInput

DIGEST = "digest"
# A state begins with these words and 64 hex digits of all bytes after them.
_BEGIN = b"spinelib training state, sha256 "
_LENGTH = len(_BEGIN) + 64


def save_weights(model: nn.Module | dict[str, Tensor], path: Path | str) -> None:
    """Write parameters and buffers to a safetensors file, whole or not at all."""
    state = model.state_dict() if isinstance(model, nn.Module) else model
    # Own contiguous copies: the format takes neither shared nor channels-last tensors.
    tensors = {name: value.detach().cpu().clone(memory_format=torch.contiguous_format) for name, value in state.items()}
    with files.replace(path) as temporary, _full_disk_is_an_error_of_the_system():
        save_file(tensors, temporary, {DIGEST: _digest_of(tensors)})


@contextmanager
def _full_disk_is_an_error_of_the_system() -> Iterator[None]:
    """Both libraries tell a disk that is full by errors of their own."""
    try:
        yield
    except (RuntimeError, SafetensorError) as error:
        raise OSError(None, "is the disk full?") from error


def _digest_of(tensors: Mapping[str, Tensor]) -> str:
    """16 hex digits over names, kinds, shapes and values."""
    total = hashlib.sha256()
    for name, value in sorted(tensors.items()):
        total.update(f"{name} {value.dtype} {tuple(value.shape)} ".encode())
        total.update(value.reshape(-1).view(torch.uint8).numpy().data)
    return total.hexdigest()[:16]


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
    """The tensors of a safetensors file by name, on the CPU.

    Raises BadInput when it is missing or damaged; a file without a digest, from elsewhere, is taken as it is.
    """
    remedy = "Delete it and train this run again."
    try:
        with safe_open(path, "pt") as file:
            kept = (file.metadata() or {}).get(DIGEST)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except FileNotFoundError as error:
        raise BadInput(path, "there are no weights here", "Train this run first.") from error
    except (SafetensorError, OSError) as error:
        raise BadInput(path, f"cannot be read ({error})", remedy) from error
    if kept is not None and kept != _digest_of(tensors):
        raise BadInput(path, "is damaged: the weights are not those that were written", remedy)
    return tensors


def save_state(state: dict[str, Any], path: Path | str) -> None:
    """Write a training state (tensors, numbers, strings, lists, dicts) whole or not at all."""
    told = _full_disk_is_an_error_of_the_system()
    with files.replace(path) as temporary, told, temporary.open("w+b") as file:
        file.write(_BEGIN + b"0" * 64)
        torch.save(state, file)
        total = _rest(file)
        file.seek(len(_BEGIN))
        file.write(total)


def _rest(file: BufferedRandom | BufferedReader) -> bytes:
    """64 hex digits of what follows the beginning of a state."""
    file.seek(_LENGTH)
    return hashlib.file_digest(file, "sha256").hexdigest().encode()


def load_state(path: Path | str) -> dict[str, Any]:
    """Read what `save_state` wrote, to the CPU. Raises BadInput when the file is missing, damaged or another one."""
    try:
        with Path(path).open("rb") as file:
            begin = file.read(_LENGTH)
            if not begin.startswith(_BEGIN):
                raise BadInput(path, "is no training state", "Delete it.")
            if begin[len(_BEGIN) :] != _rest(file):
                raise BadInput(path, "is damaged", "Delete it.")
            file.seek(_LENGTH)
            found = torch.load(file, map_location="cpu", weights_only=True)
    except (RuntimeError, OSError, EOFError, pickle.UnpicklingError) as error:
        raise BadInput(path, f"cannot be read ({type(error).__name__})", "Delete it.") from error
    if not isinstance(found, dict):
        raise BadInput(path, "is no training state", "Delete it.")
    return found
