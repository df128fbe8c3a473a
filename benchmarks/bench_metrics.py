"""HD95, ASSD and NSD of one case against MONAI, surface-distance and, where it is installed, MedPy, on the CPU.

`measure` computes six overlap metrics and boundary F1 besides, for every structure. Class maps are split into one mask
per structure for the peers beforehand, outside the time. Before the clock runs, all must agree: with MONAI, whose
definitions are ours, to rounding; MedPy pools both directions before it takes the 95th percentile; surface-distance
places surfaces between pixels, so that its distances differ by up to a pixel. MedPy has no NSD, is GPL and no
dependency; in a volume it is so slow that two structures stand for twenty.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import surface_distance
import torch
from monai.metrics import compute_average_surface_distance, compute_hausdorff_distance, compute_surface_dice
from scipy import ndimage

from benchmarks import peers
from benchmarks.common import Row, against, race
from benchmarks.synthetic import Map, spine
from spinelib.measures import measure
from spinelib.measures.scoring import NSD_TOLERANCE

# HD95, ASSD and, but for MedPy, NSD of every structure, [structures, 2 or 3].
Found = list[tuple[float, ...]]
SPACING = (3.3, 0.6, 0.6)
# How far a peer's values may lie from ours: distances in pixels of the coarsest axis, NSD.
APART = {"MONAI": (1e-4, 1e-6), "surface-distance": (1.0, 0.2), "MedPy": (1.0, 0.0)}


@dataclass(frozen=True)
class Case:
    """A prediction and its reference as class maps, with what the peers need of them."""

    name: str
    prediction: Map
    reference: Map
    structures: int
    spacing: tuple[float, ...]
    repeats: int

    @cached_property
    def masks(self) -> list[tuple[Map, Map]]:
        """Prediction and reference of every structure, boolean."""
        return [(self.prediction == k + 1, self.reference == k + 1) for k in range(self.structures)]

    @cached_property
    def reach(self) -> list[float]:
        """The NSD's tolerance of every structure in mm: `measure` takes a share of the reference's diagonal."""
        boxes = ndimage.find_objects(self.reference)
        sides = [[s.stop - s.start for s in box] for box in boxes]
        lengths = (float(np.hypot.reduce(np.multiply(side, self.spacing))) for side in sides)
        return [max(NSD_TOLERANCE * length, min(self.spacing)) for length in lengths]


def rows() -> Iterator[Row]:
    """Yield one row per case and peer."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    for case in _cases():
        calls: dict[str, Callable[[], Any]] = {"ours": _ours(case), "MONAI": _monai(case)}
        calls["surface-distance"] = _deepmind(case)
        yield from _raced(case, calls, "HD95, ASSD, NSD")
    for case in _cases(for_medpy=True):
        if peers.installed("medpy"):
            yield from _raced(case, {"ours": _ours(case), "MedPy": _medpy(case)}, "HD95, ASSD")
        else:
            print(f"metrics HD95, ASSD: {case.name}, against MedPy: not installed, left out", flush=True)


def _cases(for_medpy: bool = False) -> Iterator[Case]:
    """Shifted copies of synthetic spines; for MedPy two of a volume's structures, the large volume left out."""
    pair = spine(256, 128, 0.0), spine(256, 128, 2.0)
    yield Case("one spine 256x128", *pair, 1, (1.0, 1.0), 20)
    film = vertebrae((1, 512, 256), 20)[0]
    yield Case("20 structures 512x256", moved(film, 2), film, 20, (1.0, 1.0), 5)
    volume = vertebrae((20, 512, 512), 20)
    if for_medpy:
        volume = np.where(volume < 3, volume, 0).astype(np.uint8)
    structures = 2 if for_medpy else 20
    yield Case(f"{structures} structures 20x512x512", moved(volume, 1), volume, structures, SPACING, 3)
    if not for_medpy:
        volume = vertebrae((256, 256, 256), 20)
        yield Case("20 structures 256^3", moved(volume, 1), volume, 20, (1.0,) * 3, 2)


def vertebrae(shape: tuple[int, int, int], count: int) -> Map:
    """`count` rounded boxes of about 8,000 voxels (in one slice: 600) in a column along axis 1, as class map."""
    labels = np.zeros(shape, np.uint8)
    z, y, x = np.ogrid[: shape[0], : shape[1], : shape[2]]
    depth = min(shape[0] * 0.4, 10.0)
    half = np.sqrt(8000 / (2 * depth) / 4) if shape[0] > 1 else 12.0
    pitch = shape[1] / count
    for k in range(count):
        tall = min(half, pitch / 2.2)
        centre = (shape[0] - 1) / 2, (k + 0.5) * pitch, shape[2] / 2 + 10 * np.sin(k / 3)
        distance = ((z - centre[0]) / depth) ** 4 + ((y - centre[1]) / tall) ** 4
        labels[distance + ((x - centre[2]) / (half * half / tall)) ** 4 < 1] = k + 1
    return labels


def moved(labels: Map, rows: int) -> Map:
    """The class map so many rows further along axis 1, background behind it."""
    further = np.roll(labels, rows, 1)
    further[:, :rows] = 0
    return further


def _raced(case: Case, calls: dict[str, Callable[[], Any]], what: str) -> Iterator[Row]:
    own = values(calls["ours"]())
    for peer, call in list(calls.items())[1:]:
        agree(peer, own, call(), max(case.spacing))
    # The check has warmed all of them up.
    times = race(calls, case.repeats, warm_ups=0)
    for peer in list(calls)[1:]:
        yield against(f"metrics {what}: {case.name}, against {peer}", times, "ours", peer)


def values(rows: list[dict]) -> Found:
    """HD95 and ASSD in mm and NSD of every structure, from the rows of `measure`."""
    wanted = (("hd95", "mm"), ("assd", "mm"), ("nsd", "1"))
    found = {(row["structure"], row["metric"], row["unit"]): row["value"] for row in rows}
    names = dict.fromkeys(row["structure"] for row in rows)
    return [tuple(found[name, *key] for key in wanted) for name in names]


def agree(peer: str, ours: Found, theirs: Found, pixel: float) -> None:
    """Raises AssertionError where a peer's values lie further from ours than its definitions explain."""
    distance, share = APART[peer]
    allowed = np.array([distance * pixel, distance * pixel, share])
    for mine, other in zip(ours, theirs, strict=True):
        apart = np.abs(np.subtract(mine[: len(other)], other))
        assert (apart <= allowed[: len(other)]).all(), f"{peer} finds {other} where ours are {mine}"


def _ours(case: Case) -> Callable[[], object]:
    names = [f"s{k}" for k in range(case.structures)]
    return lambda: measure(case.prediction, case.reference, names, case.spacing)


def _monai(case: Case) -> Callable[[], Found]:
    masks = [[torch.from_numpy(m)[None, None].to(torch.uint8) for m in pair] for pair in case.masks]

    def one(mine: torch.Tensor, true: torch.Tensor, reach: float) -> tuple[float, ...]:
        hd95 = compute_hausdorff_distance(mine, true, True, percentile=95, spacing=case.spacing)
        assd = compute_average_surface_distance(mine, true, True, symmetric=True, spacing=case.spacing)
        nsd = compute_surface_dice(mine, true, [reach], True, spacing=case.spacing)
        return float(hd95), float(assd), float(nsd)

    return lambda: [one(mine, true, reach) for (mine, true), reach in zip(masks, case.reach, strict=True)]


def _deepmind(case: Case) -> Callable[[], Found]:
    def one(prediction: Map, reference: Map, reach: float) -> tuple[float, ...]:
        found = surface_distance.compute_surface_distances(reference, prediction, case.spacing)
        hd95 = surface_distance.compute_robust_hausdorff(found, 95)
        assd = np.mean(surface_distance.compute_average_surface_distance(found))
        return hd95, float(assd), surface_distance.compute_surface_dice_at_tolerance(found, reach)

    return lambda: [one(*pair, reach) for pair, reach in zip(case.masks, case.reach, strict=True)]


def _medpy(case: Case) -> Callable[[], Found]:
    from medpy.metric import binary

    return lambda: [(binary.hd95(*pair, case.spacing), binary.assd(*pair, case.spacing)) for pair in case.masks]
