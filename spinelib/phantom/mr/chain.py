"""The spine of one patient lying in the scanner, as a chain of bodies from the tip of the sacrum upwards.

The bodies and curves are those of the patient's films. Lying down differs from standing (C: a quarter of each curve
goes, a tenth of the sagittal angles), and so do the discs: MR sees their middle, and ageing narrows them. Names count
from below, as MRSpineSeg's numbers do: the lowest vertebra on a whole disc is L5, whatever its ribs would say. In a
patient with a free S1 (six lumbar-type vertebrae) S1 is therefore called L5, in one with L5 grown to the sacrum (four)
L4 is (C, our choice); vertebrae above T9 have no label.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from spinelib.core.structures import DISCS, STRUCTURES, VERTEBRAE
from spinelib.phantom.anatomy import Anatomy
from spinelib.phantom.morphometry import LEVELS, S1, column
from spinelib.phantom.spine import pose

TOP = LEVELS.index("T4")  # the highest vertebra that any field of view can show
WIDTHS = ("upper_width", "lower_width", "upper_depth", "lower_depth")
L5, T12 = S1 - 1, LEVELS.index("T12")
LYING = 0.75  # share of each curve that stays when lying (C)
# Films are of adolescents, lumbar MR is of adults: the same patient grown up. Bodies are outlined with their end-plates
# and so taller than the table's, and lumbar ones a little less deep. Measured on the labels of the open volumes of the
# data set `lumbar`.
GROWN, TALLER, DEEP = 1.15, 1.21, (("T11", "L1"), (1.06, 0.97))
# Disc height in the middle, share of the table's, L5 upwards: from the same volumes' distances between levels.
DISC_SHARE = (0.60, 0.68, 0.74, 0.70, 0.66, 0.72, 0.70, 0.68, 0.66)
# Forward lean (degrees) that lying adds to the levels: a straighter lumbar spine on a steeper sacrum (same volumes).
LEAN_LEVELS, LEANS = ("T9", "T12", "L2", "L4", "L5"), (10.0, 7.5, -0.5, -4.0, -3.0)
SACRUM_LEAN = 12.0
# S2..S5 and the first two of the coccyx: height, half-width and half-depth (mm) and further lean (degrees) from S1.
SACRAL = (
    (25.0, 19.0, 10.0, 4.0),
    (21.0, 16.0, 7.5, -6.0),
    (18.0, 13.0, 6.0, -26.0),
    (15.0, 11.0, 5.0, -48.0),
    (10.0, 7.0, 4.0, -62.0),
    (9.0, 5.0, 3.5, -75.0),
)
SACRAL_WEAR = 0.6  # discs within the sacrum are rests
SACRUM, LOWEST, LOWEST_DISC = (STRUCTURES.index(name) + 1 for name in ("S", "L5", "L5/S"))


@dataclass(frozen=True)
class Chain:
    """n bodies, lowest first. All lengths in mm, patient axes (left, front, up).

    centre [n,3]; frame [n,3,3] unit vectors (rows: left, front, up); half [n,3]: half-width, half-depth, half-height;
    taper [n]: widening downwards; wedge, lean [n]: extra half-height on the left and in front, as fractions; label,
    disc [n]: label numbers of the body and of the disc below it, 0 for none; height [n] of that disc; wear [n] of it,
    0 (young) to 1; sacral [n]: part of the sacrum; level [n]: index in LEVELS (S1 for all below); pedicle [n,2]:
    half-width and half-height.
    """

    centre: np.ndarray
    frame: np.ndarray
    half: np.ndarray
    taper: np.ndarray
    wedge: np.ndarray
    lean: np.ndarray
    label: np.ndarray
    disc: np.ndarray
    height: np.ndarray
    wear: np.ndarray
    sacral: np.ndarray
    level: np.ndarray
    pedicle: np.ndarray

    def __len__(self) -> int:
        return len(self.centre)

    @property
    def first(self) -> int:
        """Index of the lowest free vertebra (labelled L5)."""
        return int(np.argmin(self.sacral))


def lying_chain(patient: Anatomy, draw: np.random.Generator, age: float) -> Chain:
    """The chain of `patient` (without patient axis) at `age` (years, for the wear of the discs)."""
    kind = draw.choice(("usual", "lumbarised", "sacralised"), p=(0.9, 0.05, 0.05))
    wear = _wear(draw, age)
    shares = np.interp(S1 - 1 - np.arange(len(LEVELS)), np.arange(len(DISC_SHARE)), DISC_SHARE)
    narrow = np.interp(wear, (0, 0.55, 0.8, 1), (1, 0.95, 0.75, 0.42))
    discs = patient.disc_below * shares * narrow * GROWN
    scale = float(patient.scale) * GROWN
    if kind == "sacralised":
        discs[L5] = 2.5 * scale
    flat = float(np.clip(draw.normal(0.9, 0.08), 0.7, 1.1))
    more, deep = (_by_level(names, values) for names, values in ((LEAN_LEVELS, LEANS), DEEP))
    more[S1] = SACRUM_LEAN
    lying = replace(
        patient,
        curve_angle=patient.curve_angle * LYING,
        sagittal=patient.sagittal * flat + np.radians(more),
        disc_below=discs,
        height=patient.height * GROWN * np.where(np.arange(len(LEVELS)) < S1, TALLER, 1.0),
        **{name: getattr(patient, name) * GROWN * (deep if "depth" in name else 1.0) for name in WIDTHS},
        balance=patient.balance * 0.3,
        turn=np.array(draw.normal(0, 0.03)),
    )
    spine = pose(lying)
    sizes = np.linalg.norm(spine.axes, axis=-1)
    frame = spine.axes / sizes[..., None]
    order = np.arange(S1, TOP - 1, -1)
    slip = _slip(draw, len(order), frame[order, 1])
    chain = {
        "centre": spine.centre[order] + slip,
        "frame": frame[order],
        "half": sizes[order],
        "taper": spine.taper[order],
        "wedge": spine.wedge[order],
        "lean": np.interp(order, (T12 - 3, T12, L5 - 1, L5, S1), (-0.02, -0.04, 0.03, 0.09, 0.03))
        + draw.normal(0, 0.015, len(order)),
        "height": discs[order],
        "wear": wear[order],
        "level": order,
        "pedicle": np.stack([column("pedicle_width"), column("pedicle_height")], -1)[order] / 2 * scale,
    }
    return _finish(_with_sacrum(chain, draw, scale, kind), kind)


def _by_level(names: tuple[str, ...], values: tuple[float, ...]) -> np.ndarray:
    """A value [23] for each level, straight between the levels with `names`."""
    return np.interp(np.arange(len(LEVELS)), [LEVELS.index(name) for name in names], values)


def _wear(draw: np.random.Generator, age: float) -> np.ndarray:
    """Wear [23] of the disc below each level: grows with age, most in the two lowest discs."""
    levels = np.arange(len(LEVELS))
    usual = (age - 18) / 75 + np.interp(levels, (T12 - 4, T12, L5 - 2, L5 - 1, L5), (0.12, 0.05, 0.05, 0.18, 0.2))
    return np.clip(usual + draw.normal(0, 0.15, len(LEVELS)), 0, 1)


def _slip(draw: np.random.Generator, count: int, front: np.ndarray) -> np.ndarray:
    """Shift [n,3] of the chain S1 upwards: now and then everything above a lower disc has slipped forwards."""
    shift = np.zeros((count, 3))
    if draw.uniform() < 0.06:
        start = 1 + int(draw.integers(0, 3))
        shift[start:] += draw.choice((1, 1, -0.6)) * draw.uniform(2, 8) * front[start]
    return shift


def _with_sacrum(chain: dict[str, np.ndarray], draw: np.random.Generator, scale: float, kind: str) -> dict:
    """The chain with S2..S5 and coccyx put below S1, whose shape is made that of a free body where it is one."""
    # The top of S1 is as deep as L5; below, the sacrum narrows fast.
    chain["half"][0] *= (0.92, 1.13, 0.94) if kind != "lumbarised" else (0.98, 1.18, 0.9)
    rows = np.array(SACRAL) * (scale, scale, scale, 1.0) + draw.normal(0, (1, 0.8, 0.5, 4), (len(SACRAL), 4))
    rests = np.array([2.6, 1.6, 1.0, 0.8, 2.0, 1.0]) * draw.uniform(0.6, 1.5, len(SACRAL))
    if kind == "lumbarised":
        rests[0] = draw.uniform(6, 9) * scale
        rows[0, 1:3] *= 1.35
    left = chain["frame"][0, 0]
    lean = np.arcsin(np.clip(chain["frame"][0, 2, 1], -1, 1))
    centre, up, tall = chain["centre"][0], chain["frame"][0, 2], chain["half"][0, 2]
    below: dict[str, list] = {name: [] for name in ("centre", "frame", "half")}
    for (height, wide, deep, turn), rest in zip(rows, rests, strict=True):
        angle = lean + np.radians(turn)
        front = np.cross(np.array([0.0, np.sin(angle), np.cos(angle)]), left)
        front /= np.linalg.norm(front)
        next_up = np.cross(left, front)
        middle = (up + next_up) / np.linalg.norm(up + next_up)
        centre = centre - up * tall - middle * rest - next_up * height / 2
        below["centre"].append(centre)
        below["frame"].append(np.stack([left, front, next_up]))
        below["half"].append((wide, deep, height / 2))
        up, tall = next_up, height / 2
    count = len(SACRAL)
    parts = {name: np.concatenate([np.array(values[::-1]), chain[name]]) for name, values in below.items()}
    fill = {"taper": -0.12, "wedge": 0.0, "lean": 0.0, "wear": SACRAL_WEAR, "level": S1}
    parts |= {name: np.concatenate([np.full(count, value), chain[name]]) for name, value in fill.items()}
    parts["taper"][count] = -0.22 if kind != "lumbarised" else -0.03
    parts["pedicle"] = np.concatenate([np.repeat(chain["pedicle"][:1], count, 0), chain["pedicle"]])
    # rests[k] lies above the k-th of these bodies, `height` counts the disc below a body.
    heights = np.concatenate([[0.0], rests[::-1], chain["height"][1:]])
    return parts | {"height": heights}


def _finish(parts: dict[str, np.ndarray], kind: str) -> Chain:
    """Number the bodies and discs from below."""
    count = len(parts["centre"])
    first = len(SACRAL) + {"usual": 1, "lumbarised": 0, "sacralised": 2}[str(kind)]
    place = np.arange(count) - first
    label = np.where((place >= 0) & (place < len(VERTEBRAE) - 1), LOWEST + place, 0)
    label[2:first] = SACRUM  # the coccyx has no label
    disc = np.where((place >= 0) & (place < len(DISCS)), LOWEST_DISC + place, 0)
    return Chain(**parts, label=label, disc=disc, sacral=place < 0)
