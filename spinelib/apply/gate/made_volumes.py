"""The volumes that the gate of a network for lumbar MR volumes is made from and tested on; no real volume.

MR volumes of the digital patient, good, corrupted and spoiled, and drawings that show no spine. (C, our choice) Kinds
of UNSEEN_VOLUMES are kept for testing: no rule is fitted to them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from spinelib.apply.gate.answers import VOLUME_ANSWER
from spinelib.apply.gate.made import Amounts, MadePicture, corrupted_pictures
from spinelib.apply.gate.made_sides import WORSE
from spinelib.cases.manifest import read_manifest
from spinelib.cases.readers.picture import eight_bit
from spinelib.cases.volume import read_volume
from spinelib.sources.phantom_mr import prepare_phantom_mr

Voxels = NDArray[np.uint8]
Numbers = NDArray[np.float64]
Draw = np.random.Generator
Sizes = tuple[float, float, float]
# As the released network for volumes was trained, seeds apart.
STYLE_MR = {"limit": 256, "bodies_only": True}
# Slices, rows and columns of the drawings, and the size of their voxels, mm.
DRAWN, DRAWN_MM = (14, 192, 192), (4.5, 1.4, 1.4)


def made_volumes(folder: Path, seed: int, amounts: Amounts) -> Iterator[MadePicture]:
    """All volumes of one `seed`, good ones first; `folder` takes those that are made on the way."""
    good = _good(folder, seed, amounts.films)
    yield from good
    yield from corrupted_pictures(good, seed, amounts.corrupted, WORSE)
    for number, kind in enumerate(SPOILED_VOLUMES):
        for k in range(amounts.each):
            one = good[(number * amounts.each + k) % len(good)]
            yield spoil_volume(kind, one, np.random.default_rng([seed, 42, number, k]))
    for number, kind in enumerate(NO_SPINE_VOLUMES):
        for k in range(amounts.each):
            voxels = draw_volume(kind, np.random.default_rng([seed, 41, number, k]))
            yield MadePicture(kind, f"{kind} {k}", voxels, False, unseen=kind in UNSEEN_VOLUMES, spacing=DRAWN_MM)


def _good(folder: Path, seed: int, count: int) -> list[MadePicture]:
    """Volumes of `count` digital patients with their structures, greys as 8 bits."""
    prepare_phantom_mr(None, folder, count, seed, 0.0, **STYLE_MR)  # type: ignore[arg-type]
    found = []
    for case in read_manifest(folder):
        volume, labels = (read_volume(folder / str(path)) for path in (case.image, case.mask))
        # 0 is what lies outside of a volume.
        grey, marked = np.maximum(eight_bit(volume.array), 1), labels.array.astype(np.uint8)
        good = MadePicture(VOLUME_ANSWER.good, case.patient, grey, True, labels=marked, spacing=volume.spacing)
        found.append(good)
    return found


def spoil_volume(kind: str, volume: MadePicture, draw: Draw) -> MadePicture:
    """A volume as one of SPOILED_VOLUMES has it, which nobody ought to read as it lies."""
    voxels, spacing = SPOILED_VOLUMES[kind](volume.pixels, volume.spacing, draw)
    return replace(volume, kind=kind, pixels=np.ascontiguousarray(voxels), spacing=spacing, readable=False, labels=None)


def draw_volume(kind: str, draw: Draw) -> Voxels:
    """Voxels uint8 [D, H, W] of one of NO_SPINE_VOLUMES."""
    values = NO_SPINE_VOLUMES[kind](draw)
    low, high = float(values.min()), float(values.max())
    return np.rint(255 * (values - low) / max(high - low, 1e-6)).astype(np.uint8)


def _upside_down(voxels: Voxels, spacing: Sizes, draw: Draw) -> tuple[Voxels, Sizes]:
    return voxels[:, ::-1], spacing


def _wrong_axes(voxels: Voxels, spacing: Sizes, draw: Draw) -> tuple[Voxels, Sizes]:
    """Slices, rows and columns in another order than the header says."""
    order = [(0, 2, 1), (1, 0, 2), (2, 1, 0)][int(draw.integers(3))]
    return voxels.transpose(order), (spacing[order[0]], spacing[order[1]], spacing[order[2]])


def _third(voxels: Voxels, spacing: Sizes, draw: Draw) -> tuple[Voxels, Sizes]:
    """A third of the height: two vertebrae or three."""
    high = voxels.shape[1] // 3
    top = int(draw.integers(voxels.shape[1] - high + 1))
    return voxels[:, top : top + high], spacing


def _inverted(voxels: Voxels, spacing: Sizes, draw: Draw) -> tuple[Voxels, Sizes]:
    return 255 - voxels, spacing


SPOILED_VOLUMES: dict[str, Callable[[Voxels, Sizes, Draw], tuple[Voxels, Sizes]]] = {
    "upside down": _upside_down, "wrong axes": _wrong_axes, "a third": _third, "inverted": _inverted,
}  # fmt: skip


def _places() -> tuple[Numbers, Numbers, Numbers]:
    """Coordinates of every voxel, -1 to 1 along each axis, broadcast."""
    deep, down, back = (np.linspace(-1, 1, size) for size in DRAWN)
    return deep[:, None, None], down[None, :, None], back[None, None]


def _ball(centre: Numbers, radii: Numbers) -> Numbers:
    """Distance of every voxel from a centre [3], 1 on the ellipsoid of these radii [3]."""
    parts = [((at - c) / r) ** 2 for at, c, r in zip(_places(), centre, radii, strict=True)]
    return np.asarray(np.sqrt(parts[0] + parts[1] + parts[2]))


def _smooth(draw: Draw, px: float) -> Numbers:
    field = ndimage.gaussian_filter(draw.normal(size=DRAWN), (px / 3, px, px))
    return np.asarray(field / max(float(field.std()), 1e-9))


def _noise(draw: Draw) -> Numbers:
    return draw.normal(size=DRAWN)


def _clouds(draw: Draw) -> Numbers:
    return sum((_smooth(draw, px) * px**0.5 for px in (2, 6, 18)), np.zeros(DRAWN))


def _head(draw: Draw) -> Numbers:
    """Roughly a head: bright scalp, dark bone, a folded brain with bright water around it and in its middle."""
    away = _ball(draw.uniform(-0.08, 0.08, 3), draw.uniform(0.75, 0.95, 3))
    brain = 1.0 + 0.5 * np.tanh(3 * _smooth(draw, draw.uniform(2, 4)))
    values = np.where(away < 0.85, brain, np.where(away < 0.9, 2.5, np.where(away < 0.96, 0.2, 1.8)))
    water = _ball(draw.uniform(-0.05, 0.05, 3), draw.uniform(0.15, 0.3, 3)) < 1
    values = np.where(water, 2.8, values) * (away < 1.03)
    return values + draw.normal(0, 0.12, DRAWN)


def _blobs(draw: Draw) -> Numbers:
    """Ellipsoids anywhere, bright and dark."""
    values = 0.3 * _smooth(draw, 12)
    for _ in range(int(draw.integers(4, 20))):
        inside = _ball(draw.uniform(-0.9, 0.9, 3), draw.uniform(0.05, 0.5, 3)) < 1
        values = np.where(inside, draw.uniform(-1, 3), values)
    return values + draw.normal(0, 0.15, DRAWN)


def _trunk(draw: Draw) -> Numbers:
    """A trunk without a spine: a rim of bright fat, darker muscle, bright bowel."""
    _, _, back = _places()
    rim = np.abs(back - 0.1 * _smooth(draw, 30)) > draw.uniform(0.6, 0.85)
    bowel = (_smooth(draw, 8) > 1) & (back < 0)
    return np.where(rim, 2.5, 0.8) + 1.2 * bowel + 0.3 * _smooth(draw, 4) + draw.normal(0, 0.1, DRAWN)


def _knee(draw: Draw) -> Numbers:
    """Two thick bones end to end with a dark line between them, fat before and behind."""
    deep, down, back = _places()
    joint = draw.uniform(-0.2, 0.2)
    bone = np.hypot(deep / 0.9, back - draw.uniform(-0.2, 0.2)) < 0.35 + 0.25 * np.exp(-(((down - joint) / 0.3) ** 2))
    gap = np.abs(down - joint) < 0.03
    return np.where(gap, 0.1, np.where(bone, 1.6, 0.7)) + 0.2 * _smooth(draw, 5) + draw.normal(0, 0.1, DRAWN)


def _bricks(draw: Draw) -> Numbers:
    """Bodies one above the other with bright gaps between them, as wide as the volume."""
    _, down, back = _places()
    step = draw.uniform(0.08, 0.35)
    gap = ((down / step) % 1 < 0.2) | ((back / (2 * step) + (down // step) % 2 / 2) % 1 < 0.1)
    return np.where(gap, 2.0, 1.0) + 0.2 * _smooth(draw, 3) + draw.normal(0, 0.1, DRAWN)


NO_SPINE_VOLUMES: dict[str, Callable[[Draw], Numbers]] = {
    "noise": _noise, "clouds": _clouds, "head-like": _head, "blobs": _blobs, "trunk without a spine": _trunk,
    "knee-like": _knee, "bricks": _bricks,
}  # fmt: skip
UNSEEN_VOLUMES = ("knee-like", "bricks")
