"""Build the network that a run's configuration names, and what it sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spinelib.cases import CaseArrays
from spinelib.core.errors import BadInput
from spinelib.models import NETWORKS, build_model
from spinelib.models.method import check_choice
from spinelib.protocol.config import RunConfig
from spinelib.runs import Run

if TYPE_CHECKING:
    import torch
    from torch import nn


def input_shape(run: Run, arrays: CaseArrays) -> tuple[int, ...]:
    """Channels of the network's input, then its rows and columns (slices before them)."""
    from spinelib.prediction.normalisation import input_channels

    config = RunConfig.of(run)
    return input_channels(arrays.images.shape[1], config.local_contrast), *config.input_grid


def model(run: Run, arrays: CaseArrays, seed: int | None = None) -> nn.Module:
    """The network of the run's method, variant, width and options, untrained, on the run's device.

    seed: of its first weights; None: the run's.
    """
    import torch

    config = RunConfig.of(run)
    check_choice(config.method, NETWORKS, "method")
    _check_dims(NETWORKS[config.method].dims, config.method, arrays)
    torch.manual_seed(run.seed if seed is None else seed)
    shape = input_shape(run, arrays)[0], len(arrays.classes), config.width
    return build_model(config.method, config.variant, *shape, **config.keywords).to(run.device)


def _check_dims(dims: int, method: str, arrays: CaseArrays) -> None:
    kinds = {2: "films", 3: "volumes"}
    if dims != len(arrays.grid):
        reason = f"{method} is made for {kinds[dims]}, and these data are {kinds[len(arrays.grid)]}"
        names = ", ".join(name for name, entry in NETWORKS.items() if entry.dims == len(arrays.grid))
        raise BadInput("method", reason, f"Use one of {names}.")


def inputs(run: Run, arrays: CaseArrays, index: np.ndarray) -> torch.Tensor:
    """What the network sees of the films at `index`: float32 [n,C,H,W] on the run's device."""
    import torch

    from spinelib.prediction.normalisation import normalise

    images = torch.as_tensor(np.ascontiguousarray(arrays.images[index])).to(run.device)
    return normalise(images, RunConfig.of(run).local_contrast)
