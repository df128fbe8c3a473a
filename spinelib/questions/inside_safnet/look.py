"""Look into networks of volumes: which voxels to ask, where each of them looks, what the shares come to.

Yilizati-Yilihamu et al. 2023 (SAFNet). (A) Its position attention mixes all voxels of the smallest features, its
channel attention all channels. (C) What is measured of that, and for which voxels, is our choice.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spinelib.cases import CaseArrays
from spinelib.protocol.building import inputs
from spinelib.runs import Run

if TYPE_CHECKING:
    import torch
    from torch import nn

Array = np.ndarray
Voxel = tuple[int, int, int]


def queries(arrays: CaseArrays, case: int) -> dict[str, Voxel]:
    """Voxels (d, h, w) of one volume to ask by name: in a vertebra, in a disc, and in front of the spine.

    The vertebra and the disc are those nearest to the middle of the labels; all three lie in the slice that shows the
    most of them. Structures are told by their names: a disc's has a stroke. Empty without labels.
    """
    labels = arrays.labels[case]
    if not labels.any():
        return {}
    d = int(np.argmax((labels > 0).sum(axis=(1, 2))))
    rows, _ = np.nonzero(labels[d])
    middle = (rows.min() + rows.max()) / 2
    found: dict[str, Voxel] = {}
    for stroke in (False, True):
        numbers = [k for k, name in enumerate(arrays.classes, 1) if ("/" in name) is stroke and (labels[d] == k).any()]
        if numbers:
            centres = {k: np.argwhere(labels[d] == k).mean(axis=0) for k in numbers}
            best = min(numbers, key=lambda k: abs(centres[k][0] - middle))
            inside = np.argwhere(labels[d] == best)
            h, w = inside[np.argmin(((inside - centres[best]) ** 2).sum(axis=1))]
            found[arrays.classes[best - 1]] = (d, int(h), int(w))
    h, w = next(iter(found.values()))[1:]
    # Columns run from front to back.
    empty = np.flatnonzero(labels[d, h, :w] == 0)
    if len(empty):
        found["in front of the spine"] = (d, h, int(empty[len(empty) // 2]))
    return found


def with_norm_statistics(network: nn.Module, volumes: torch.Tensor) -> nn.Module:
    """A copy of an untrained network that can be looked at: its batch normalisations know the inputs `volumes`.

    `network` and the random numbers stay as they are.
    """
    import torch

    one = copy.deepcopy(network).train()
    for part in one.modules():
        if isinstance(part, torch.nn.modules.batchnorm._BatchNorm):
            part.momentum = 1.0
    with torch.random.fork_rng(devices=[volumes.device] if volumes.is_cuda else []), torch.no_grad():
        one(volumes)
    return one.train(network.training)


def voxel_looks(
    run: Run, network: nn.Module, arrays: CaseArrays, case: int, voxels: Mapping[str, Voxel]
) -> dict[str, Array]:
    """Where each of `voxels` of one volume looks in the position attention: maps [D,h,w] summing to 1, by name.

    Empty for a network without position attention.
    """
    from spinelib.models.safnet import position_map
    from spinelib.models.safnet_blocks import PositionAttention

    if not isinstance(getattr(network, "position", None), PositionAttention):
        return {}
    volume = inputs(run, arrays, np.array([case]))
    return {name: _array(position_map(network, volume, voxel))[0] for name, voxel in voxels.items()}


def channel_looks(run: Run, network: nn.Module, arrays: CaseArrays, case: int) -> Array | None:
    """Share of each channel in each, [C,C], for one volume in the channel attention; None for a network without."""
    from spinelib.models.safnet import channel_map
    from spinelib.models.safnet_blocks import ChannelAttention

    if not isinstance(getattr(network, "channel", None), ChannelAttention):
        return None
    return _array(channel_map(network, inputs(run, arrays, np.array([case]))))[0]


def channel_gates(run: Run, network: nn.Module, arrays: CaseArrays, cases: Array) -> Array | None:
    """Weight of each channel in the spliced features for each of `cases`, [n,C] in 0..1; None without a gate."""
    from spinelib.models.safnet import gate_values

    if "splicing.gate" not in dict(network.named_modules()):
        return None
    return np.concatenate([_array(gate_values(network, inputs(run, arrays, np.array([i])))) for i in cases])


def factors(network: nn.Module) -> dict[str, float]:
    """The learned factors of the attentions that a network has, by name."""
    from spinelib.models.safnet_blocks import ChannelAttention, PositionAttention

    parts = {
        name: part for name, part in network.named_modules() if isinstance(part, PositionAttention | ChannelAttention)
    }
    return {f"{name} attention": float(part.factor.detach()) for name, part in parts.items()}


def look_table(
    arrays: CaseArrays, case: int, voxels: Mapping[str, Voxel], moments: Mapping[str, Mapping[str, Array]]
) -> pd.DataFrame:
    """What the maps of `voxel_looks` come to, one row per voxel and moment ("before training": maps by voxel).

    Each figure is a ratio to what an even map would give, so that 1 knows nothing: attention on the voxel's own
    structure, on all of the spine and in its own slice, and the mean distance (by the spacing, mm) to what it looks at.
    cells: how many an even map of the same entropy would cover, of how many.
    """
    from spinelib.models.safnet import SAFNet

    # Every cell of a map stands for a block of the grid, which the network pads to whole blocks.
    lines, block = [], SAFNet.multiple
    for moment, maps in moments.items():
        for name, look in maps.items():
            d, h, w = voxels[name]
            labels = arrays.labels[case]
            parts = {"own structure": labels == labels[d, h, w], "spine": labels > 0}
            ratios = {key: _ratio(look, _shares(part, block, look.shape)) for key, part in parts.items()}
            slices = np.zeros(look.shape)
            slices[d] = 1
            far = _distances(look.shape, block, (d, h, w), arrays.spacing[case])
            ratios |= {"own slice": _ratio(look, slices), "distance": _ratio(look, far)}
            words = {key: round(value, 2) for key, value in ratios.items()}
            cells = f"{np.exp(-(look * np.log(look + 1e-12)).sum()):.0f} of {look.size}"
            lines.append({"voxel in": name, "moment": moment, **words, "cells": cells})
    return pd.DataFrame(lines)


def _shares(part: Array, block: tuple[int, ...], cells: tuple[int, ...]) -> Array:
    """Share of a mask [D,H,W] in each cell [D,h,w]; what pads the grid is outside the mask."""
    room = [(0, size * count - have) for size, count, have in zip(block, cells, part.shape, strict=True)]
    a, b, c = cells
    return np.pad(part, room).reshape(a, block[0], b, block[1], c, block[2]).mean(axis=(1, 3, 5))


def _distances(cells: tuple[int, ...], block: tuple[int, ...], voxel: Voxel, spacing: Array) -> Array:
    """Distance of each cell's centre from a voxel; in mm, or in voxels where the spacing is unknown."""
    mm = np.where(np.isfinite(spacing), spacing, 1.0)
    axes: list[Any] = [
        ((np.arange(count) + 0.5) * size - 0.5 - at) * length
        for count, size, at, length in zip(cells, block, voxel, mm, strict=True)
    ]
    a, b, c = np.meshgrid(*axes, indexing="ij")
    return np.sqrt(a**2 + b**2 + c**2)


def _ratio(look: Array, values: Array) -> float:
    even = float(values.mean())
    return float((look * values).sum() / look.sum()) / even if even else float("nan")


def _array(values: torch.Tensor) -> Array:
    return values.float().cpu().numpy()
