"""HD95, ASSD and NSD of one case against MONAI, surface-distance and, where it is installed, MedPy, on the CPU.

`measure` computes six overlap metrics and boundary F1 besides, for every structure; MedPy has no NSD. Class maps are
split into one mask per structure for the peers beforehand, outside the time. MedPy is GPL and no dependency; its 20
structures take half a minute, so that two stand for them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from importlib.util import find_spec

import numpy as np
import surface_distance
import torch
from monai.metrics import compute_average_surface_distance, compute_hausdorff_distance, compute_surface_dice
from numpy.typing import NDArray

from benchmarks.common import Row, compare
from spinelib.metrics import measure

Map = NDArray[np.uint8]
SPACING = (3.3, 0.6, 0.6)
# Millimetres within which a surface counts as met.
TOLERANCE = 1.0


def rows() -> Iterator[Row]:
    """Yield one row per size and peer."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    for height, width in ((256, 128), (512, 256)):
        pair = spine(height, width, 0.0), spine(height, width, 2.0)
        yield from _against_peers(f"metrics, one spine {height}x{width}", pair, 1, (1.0, 1.0), 30)
        yield from _against_medpy(f"metrics, one spine {height}x{width}", pair, 1, (1.0, 1.0), 10)
    volume = vertebrae((20, 512, 512), 20)
    yield from _against_peers("metrics, 20 structures 20x512x512", (np.roll(volume, 1, 1), volume), 20, SPACING, 3)
    two = np.where(volume < 3, volume, 0).astype(np.uint8)
    yield from _against_medpy("metrics, 2 structures 20x512x512", (np.roll(two, 1, 1), two), 2, SPACING, 2)
    volume = vertebrae((256, 256, 256), 20)
    yield from _against_peers("metrics, 20 structures 256^3", (np.roll(volume, 1, 1), volume), 20, (1.0,) * 3, 2)


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
    for peer, call in (("MONAI", _monai), ("surface-distance", _deepmind)):
        title = f"{name} with NSD, against {peer}"
        yield compare(title, _ours(pair, structures, spacing), call(pair, structures, spacing), repeats)


def _against_medpy(
    name: str, pair: tuple[Map, Map], structures: int, spacing: tuple[float, ...], repeats: int
) -> Iterator[Row]:
    if find_spec("medpy") is None:
        print(f"{name}, against MedPy: not installed, left out", flush=True)
        return
    peer = _medpy(pair, structures, spacing)
    yield compare(f"{name}, against MedPy", _ours(pair, structures, spacing), peer, repeats)


def _ours(pair: tuple[Map, Map], structures: int, spacing: tuple[float, ...]) -> Callable[[], None]:
    names = [f"s{k}" for k in range(structures)]

    def call() -> None:
        measure(*pair, names, spacing)

    return call


def _monai(pair: tuple[Map, Map], structures: int, spacing: tuple[float, ...]) -> Callable[[], None]:
    masks = [[torch.from_numpy(m == k + 1)[None, None].to(torch.uint8) for m in pair] for k in range(structures)]

    def call() -> None:
        for mine, true in masks:
            compute_hausdorff_distance(mine, true, True, percentile=95, spacing=spacing)
            compute_average_surface_distance(mine, true, True, symmetric=True, spacing=spacing)
            compute_surface_dice(mine, true, [TOLERANCE], True, spacing=spacing)

    return call


def _deepmind(pair: tuple[Map, Map], structures: int, spacing: tuple[float, ...]) -> Callable[[], None]:
    masks = [[m == k + 1 for m in pair] for k in range(structures)]

    def call() -> None:
        for prediction, reference in masks:
            found = surface_distance.compute_surface_distances(reference, prediction, spacing)
            surface_distance.compute_robust_hausdorff(found, 95)
            surface_distance.compute_average_surface_distance(found)
            surface_distance.compute_surface_dice_at_tolerance(found, TOLERANCE)

    return call


def _medpy(pair: tuple[Map, Map], structures: int, spacing: tuple[float, ...]) -> Callable[[], None]:
    from medpy.metric import binary

    masks = [[m == k + 1 for m in pair] for k in range(structures)]

    def call() -> None:
        for prediction, reference in masks:
            binary.hd95(prediction, reference, spacing)
            binary.assd(prediction, reference, spacing)

    return call
