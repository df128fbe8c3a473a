"""Build the network that a run's parameters name, and what it sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

from spinelib.cases import CaseArrays
from spinelib.core.errors import BadInput
from spinelib.core.names import entry
from spinelib.models import METHODS, build_model
from spinelib.models.method import check_name
from spinelib.protocol.recipes import local_contrast
from spinelib.runs import Run

if TYPE_CHECKING:
    import torch
    from torch import nn


def method_of(run: Run) -> tuple[str, str]:
    """Method and variant of a run as its rows name them (`spinelib.core.names`)."""
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
    from spinelib.prediction.normalisation import input_channels

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


def inputs(run: Run, arrays: CaseArrays, index: np.ndarray) -> torch.Tensor:
    """What the network sees of the films at `index`: float32 [n,C,H,W] on the run's device."""
    import torch

    from spinelib.prediction.normalisation import normalise

    images = torch.as_tensor(np.ascontiguousarray(arrays.images[index])).to(run.device)
    return normalise(images, local_contrast(run))
