"""Seeded 3-D patients: one set of numbers from which every modality is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from spinelib.phantom import curves, organs
from spinelib.phantom.morphometry import LEVELS, SIZES, column


@dataclass(frozen=True)
class Anatomy:
    """N patients; every array has a leading patient axis, which `anatomy[i]` drops.

    key uint64 [N] seeds everything random that is drawn later for the patient. Sizes [N,23] are mm for C3..S1;
    sagittal [N,23]: forward lean (radians) of each level, standing; curve_* and flexibility [N,4] and bend [N,2]
    as in `curves.sample`; axial_ratio: axial rotation per coronal curvature; wedge_share: share of the curvature
    that the bodies take; balance: T1 left of S1 in mm; turn: rotation of the whole body, radians.
    """

    key: np.ndarray
    scale: np.ndarray
    upper_width: np.ndarray
    lower_width: np.ndarray
    upper_depth: np.ndarray
    lower_depth: np.ndarray
    height: np.ndarray
    disc_below: np.ndarray
    sagittal: np.ndarray
    curve_kind: np.ndarray
    curve_angle: np.ndarray
    curve_apex: np.ndarray
    curve_extent: np.ndarray
    flexibility: np.ndarray
    bend: np.ndarray
    axial_ratio: np.ndarray
    wedge_share: np.ndarray
    balance: np.ndarray
    pelvic_tilt: np.ndarray
    turn: np.ndarray
    organs: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.key)

    def __getitem__(self, index: int | slice | Sequence[int] | np.ndarray) -> Anatomy:
        chosen = {f.name: getattr(self, f.name)[index] for f in fields(self) if f.name != "organs"}
        return Anatomy(**chosen, organs={name: values[index] for name, values in self.organs.items()})


def sample_anatomy(count: int, seed: int = 0, first: int = 0) -> Anatomy:
    """`count` patients, numbers `first` to `first + count - 1` of the endless series that `seed` names.

    A patient depends on `seed` and its own number alone, so any split into batches gives the same patients.
    Raises ValueError for a count below 1.
    """
    if count < 1:
        raise ValueError(f"count is {count}: at least one patient is needed")
    patients = [sample_patient(seed, number) for number in range(first, first + count)]
    plain = {f.name: np.stack([getattr(p, f.name) for p in patients]) for f in fields(Anatomy) if f.name != "organs"}
    parts = {name: np.stack([p.organs[name] for p in patients]) for name in patients[0].organs}
    return Anatomy(**plain, organs=parts)


def sample_patient(seed: int, number: int) -> Anatomy:
    """Patient `number` of series `seed`, without patient axis."""
    draw = np.random.default_rng([abs(int(seed)), int(seed < 0), number])
    curve = curves.sample_curves(draw)
    # Series are mostly adolescents: 0.92 of adult size.
    scale = float(np.clip(draw.normal(0.92, 0.07), 0.72, 1.12))
    degrees = np.radians(draw.normal((0.45, 0.35, 0.0, 0.0), (0.12, 0.12, 3.0, 4.0)))
    return Anatomy(
        key=np.array(draw.integers(2**63, dtype=np.uint64)),
        scale=np.array(scale),
        **sizes(draw, scale),
        sagittal=sagittal_profile(draw, abs(curve["angle"][1])),
        curve_kind=curve["kind"],
        curve_angle=curve["angle"],
        curve_apex=curve["apex"],
        curve_extent=curve["extent"],
        flexibility=curve["flexibility"],
        bend=curve["bend"],
        axial_ratio=np.clip(np.degrees(degrees[0]), 0.1, 0.9),
        wedge_share=np.clip(np.degrees(degrees[1]), 0.0, 0.7),
        balance=draw.normal(0, 14) * np.array(scale),
        pelvic_tilt=np.degrees(degrees[2]),
        turn=degrees[3],
        organs=organs.sample_organs(draw, scale),
    )


def sizes(draw: np.random.Generator, scale: float) -> dict[str, np.ndarray]:
    """Sizes [23] in mm of one patient: table values times patient, direction and level factors."""
    broad, deep, tall, disc = np.clip(draw.normal(1, (0.09, 0.06, 0.05, 0.16)), 0.6, 1.4)
    factor = {
        "upper_width": broad,
        "lower_width": broad,
        "upper_depth": deep,
        "lower_depth": deep,
        "height": tall,
    }
    factor["disc_below"] = disc
    levels = {
        name: np.clip(draw.normal(1, 0.025, len(LEVELS)), 0.9, 1.1) for name in ("width", "depth", "height", "disc")
    }
    return {
        name: column(name) * scale * factor[name] * next(v for key, v in levels.items() if key in name)
        for name in SIZES
    }


def sagittal_profile(draw: np.random.Generator, thoracic_curve: float) -> np.ndarray:
    """Forward lean [23] in radians of C3..S1, standing.

    Sacral slope, lordosis and kyphosis as in Roussouly et al., Spine 30:346-353, 2005; thoracic scoliosis
    flattens the kyphosis.
    """
    slope = draw.normal(38, 7)
    lordosis = slope + draw.normal(17, 6)
    kyphosis = max(draw.normal(40, 9) - 0.2 * thoracic_curve, 8)
    lower = slope - lordosis  # lean at the thoracolumbar junction
    upper = lower + kyphosis
    knots = {
        "C3": upper - 22,
        "C7": upper,
        "T1": upper,
        "T6": lower + 0.55 * kyphosis,
        "T12": lower,
        "L1": lower,
    }
    knots |= {"L3": lower * 0.35, "L5": slope * 0.6, "S1": slope}
    return np.radians(np.interp(np.arange(len(LEVELS)), [LEVELS.index(k) for k in knots], list(knots.values())))
