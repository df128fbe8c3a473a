"""Metrics of one case against MONAI and surface-distance on the CPU.

`measure` computes six overlap metrics, HD95, ASSD, NSD and boundary F1 for every structure; the peers compute
HD95 and ASSD only. Class maps are split into one mask per structure for the peers beforehand, outside the
time.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator

import numpy as np
import surface_distance
import torch
from monai.metrics import compute_average_surface_distance, compute_hausdorff_distance
from numpy.typing import NDArray

from benchmarks.common import Row, compare
from spinelib.metrics import measure

Map = NDArray[np.uint8]
SPACING = (3.3, 0.6, 0.6)


def rows() -> Iterator[Row]:
    """Yield one row per size and peer."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    for height, width in ((256, 128), (512, 256)):
        pair = spine(height, width, 0.0), spine(height, width, 2.0)
        yield from _against_peers(f"metrics, one spine {height}x{width}", pair, 1, (1.0, 1.0), 30)
    volume = vertebrae((20, 512, 512), 20)
    yield from _against_peers("metrics, 20 structures 20x512x512", (np.roll(volume, 1, 1), volume), 20, SPACING, 5)
    volume = vertebrae((256, 256, 256), 20)
    yield from _against_peers("metrics, 20 structures 256^3", (np.roll(volume, 1, 1), volume), 20, (1.0,) * 3, 3)


def spine(height: int, width: int, shift: float) -> Map:
    """A winding band with vertebra-like waists, as class map [height, width]."""
    y = np.arange(height)[:, None]
    centre = width / 2 + 0.1 * width * np.sin(6 * y / height) + shift + np.sin(y / 3)
    half = 0.1 * width * (1 + 0.15 * np.cos(2 * np.pi * 17 * y / height))
    band = np.abs(np.arange(width)[None] - centre) < half
    return (band & (y > 0.08 * height) & (y < 0.93 * height)).astype(np.uint8)


def vertebrae(shape: tuple[int, int, int], count: int) -> Map:
    """`count` rounded boxes of about 8,000 voxels in a column along axis 1, as class map."""
    labels = np.zeros(shape, np.uint8)
    z, y, x = np.ogrid[: shape[0], : shape[1], : shape[2]]
    depth = min(shape[0] * 0.4, 10.0)
    half = np.sqrt(8000 / (2 * depth) / 4)
    pitch = shape[1] / count
    for k in range(count):
        tall = min(half, pitch / 2.2)
        centre = shape[0] / 2, (k + 0.5) * pitch, shape[2] / 2 + 10 * np.sin(k / 3)
        distance = ((z - centre[0]) / depth) ** 4 + ((y - centre[1]) / tall) ** 4
        labels[distance + ((x - centre[2]) / (half * half / tall)) ** 4 < 1] = k + 1
    return labels


def _against_peers(
    name: str, pair: tuple[Map, Map], structures: int, spacing: tuple[float, ...], repeats: int
) -> Iterator[Row]:
    names = [f"s{k}" for k in range(structures)]

    def ours() -> None:
        measure(*pair, names, spacing)

    for peer, call in (("MONAI", _monai), ("surface-distance", _deepmind)):
        yield compare(f"{name}, against {peer}", ours, call(pair, structures, spacing), repeats)


def _monai(pair: tuple[Map, Map], structures: int, spacing: tuple[float, ...]) -> Callable[[], None]:
    masks = [[torch.from_numpy(m == k + 1)[None, None].to(torch.uint8) for m in pair] for k in range(structures)]

    def call() -> None:
        for mine, true in masks:
            compute_hausdorff_distance(mine, true, True, percentile=95, spacing=spacing)
            compute_average_surface_distance(mine, true, True, symmetric=True, spacing=spacing)

    return call


def _deepmind(pair: tuple[Map, Map], structures: int, spacing: tuple[float, ...]) -> Callable[[], None]:
    masks = [[m == k + 1 for m in pair] for k in range(structures)]

    def call() -> None:
        for prediction, reference in masks:
            found = surface_distance.compute_surface_distances(reference, prediction, spacing)
            surface_distance.compute_robust_hausdorff(found, 95)
            surface_distance.compute_average_surface_distance(found)

    return call
