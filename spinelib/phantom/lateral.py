"""Cervical and lumbar lateral radiographs, of the same patients by the same physics as the coronal ones.

Labels are vertebrae one by one: C2..C7 on cervical films, L1..S1 on lumbar ones, a mask each (the outline of the body
in its mid-plane, C2 with its dens, S1 its body alone), corners each (see `sagittal.corners`). Neighbours beyond these
levels are on the film without a label, as on the films of CSXA and NHANES II.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch

from spinelib.cases.drawing import fill_polygon
from spinelib.phantom.anatomy import Anatomy
from spinelib.phantom.cervical import CervicalTissue, draw_jaw
from spinelib.phantom.clutter import annotate, buckles, shutters, wire
from spinelib.phantom.display import develop
from spinelib.phantom.fields import fractal
from spinelib.phantom.film_phantom import one_thread
from spinelib.phantom.lumbar import LumbarTissue, draw_lateral_pelvis, draw_lower_ribs
from spinelib.phantom.physics import expose
from spinelib.phantom.projection import FilmFrame
from spinelib.phantom.sagittal import (
    C2,
    C7,
    L1,
    LATERAL_LEVELS,
    S1,
    T1,
    T12,
    LateralSpine,
    body_ring,
    corners,
    lateral_spine,
)
from spinelib.phantom.side_vertebrae import draw_atlas, draw_lateral_vertebrae, draw_sacrum

LABELLED_LEVELS = {"lateral_cervical": range(C2, C7 + 1), "lateral_lumbar": range(L1, S1 + 1)}
VIEWS = tuple(LABELLED_LEVELS)
# First numbers of the streams of random numbers; those of the coronal films are 0 to 2.
STREAM = {"lateral_cervical": 10, "lateral_lumbar": 11}
# Cervical and lumbar films are taken of people without scoliosis: their curves are this share of the clinic's.
CURVES = 0.2


@dataclass(frozen=True)
class LateralFilms:
    """N lateral films of one view with their labels.

    images uint8 [N,H,W]; vertebrae uint8 [N,H,W], 0 or k + 1 for levels[k]; levels: V names from above; corners
    float32 [N,V,4,2] px (x, y; upper left, upper right, lower left, lower right on the film; pixel centres at
    integers); facing int [N]: 1 where the front is on the right; spacing float64 [N] mm per px at the spine.
    """

    images: np.ndarray
    vertebrae: np.ndarray
    levels: tuple[str, ...]
    corners: np.ndarray
    facing: np.ndarray
    spacing: np.ndarray

    def __len__(self) -> int:
        return len(self.images)


def lateral_films(
    anatomy: Anatomy, view: str = "lateral_cervical", size: tuple[int, int] = (320, 256), seed: int = 0
) -> LateralFilms:
    """Lateral radiographs of every patient of `anatomy` on an image of `size` (height, width).

    view: lateral_cervical or lateral_lumbar. A film depends on the patient, view, size and seed alone. Raises
    ValueError for an unknown view or a size under 64 x 48 px.
    """
    if view not in VIEWS:
        raise ValueError(f"view {view!r} is unknown: choose one of {', '.join(VIEWS)}")
    if size[0] < 64 or size[1] < 48:
        raise ValueError(f"size {size[0]} x {size[1]} px is too small: at least 64 x 48")
    with one_thread():
        parts = [lateral_film(anatomy[i], view, size, seed) for i in range(len(anatomy))]
    images, vertebrae, points, facing, spacing = (np.stack([part[k] for part in parts]) for k in range(5))
    names = tuple(LATERAL_LEVELS[level] for level in LABELLED_LEVELS[view])
    return LateralFilms(images, vertebrae, names, points, facing, spacing)


def straightened(anatomy: Anatomy, share: float = CURVES) -> Anatomy:
    """The same patients with their scoliotic curves reduced to a share: patients of other clinics."""
    return replace(anatomy, curve_angle=anatomy.curve_angle * share)


def lateral_film(
    patient: Anatomy, view: str, size: tuple[int, int], seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """One film: image and label map uint8 [H,W], corners float32 [V,4,2] px, facing [], spacing []."""
    draw = np.random.default_rng([int(patient.key), abs(int(seed)), STREAM[view]])
    generator = torch.Generator().manual_seed(int(draw.integers(2**62)))
    flexion = float(np.clip(draw.normal(0, 0.2), -0.45, 0.45))
    side = lateral_spine(patient, int(draw.choice((-1, 1))), flexion)
    frame = frame_lateral_film(draw, side, view, size)
    inner = frame.film()
    with torch.no_grad():
        shadow = cervical_attenuation if view == "lateral_cervical" else lumbar_attenuation
        attenuation = shadow(patient, side, inner, draw, generator)
        image = develop(expose(attenuation, inner, draw, generator), inner, draw)
        image = automatic_exposure(image, side, inner, view, draw)
        shutters(image, inner, draw)
        annotate(image, inner, draw, sided=False)
    grey = np.zeros(size, np.uint8)
    inside = (slice(frame.top, frame.top + frame.height), slice(frame.left, frame.left + frame.width))
    grey[inside] = (image * 255).round().to(torch.uint8).numpy()
    points = np.stack([frame.project(corners(side, level)) for level in LABELLED_LEVELS[view]]).astype(np.float32)
    return grey, label_map(side, frame, view, size), points, np.array(side.facing), np.array(frame.spacing)


def automatic_exposure(
    image: torch.Tensor, side: LateralSpine, frame: FilmFrame, view: str, draw: np.random.Generator
) -> torch.Tensor:
    """Grey values [H,W] in 0..1 moved towards a window that suits the column: its chamber is what exposes a film.

    How far they move is drawn: on some films the column stays dark or washed out.
    """
    ends = np.concatenate([frame.project(corners(side, level)) for level in LABELLED_LEVELS[view]])
    left, top = np.clip(ends.min(0), 0, None).astype(int)
    right, low = np.ceil(ends.max(0)).astype(int) + 1
    sample = image[top:low, left:right].flatten()[::3]
    dark, bright = (float(torch.quantile(sample, q)) for q in (0.02, 0.98))
    margin = 0.35 * max(bright - dark, 0.05)
    suited = ((image - dark + margin) / (bright - dark + 2 * margin)).clamp(0, 1)
    share = draw.uniform(0.2, 1.0)
    return (1 - share) * image + share * suited


def label_map(side: LateralSpine, frame: FilmFrame, view: str, size: tuple[int, int]) -> np.ndarray:
    """The labelled vertebrae, uint8 [H,W]: 0, or 1 upwards from above."""
    out = np.zeros(size, np.uint8)
    for label, level in enumerate(LABELLED_LEVELS[view], 1):
        fill_polygon(out, frame.project(side.place(level, body_ring(side, level))), label)
    return out


def cervical_attenuation(
    patient: Anatomy, side: LateralSpine, frame: FilmFrame, draw: np.random.Generator, generator: torch.Generator
) -> torch.Tensor:
    """Attenuation of head, neck and shoulders along each ray, [frame.height, frame.width]."""
    organs = _organs(patient)
    total = CervicalTissue(side, frame, organs, draw, generator).attenuation()
    bone = torch.zeros_like(total)
    draw_lateral_vertebrae(bone, side, frame, organs, range(C2, T1 + 3))
    draw_atlas(bone, side, frame, organs)
    draw_jaw(bone, side, frame, organs, draw)
    return _finish(total, bone, frame, draw, generator)


def lumbar_attenuation(
    patient: Anatomy, side: LateralSpine, frame: FilmFrame, draw: np.random.Generator, generator: torch.Generator
) -> torch.Tensor:
    """Attenuation of the trunk along each ray, [frame.height, frame.width]."""
    organs = _organs(patient)
    total = LumbarTissue(side, frame, organs, draw, generator).attenuation()
    bone = torch.zeros_like(total)
    draw_lateral_vertebrae(bone, side, frame, organs, range(T12 - 3, S1 + 1))
    draw_sacrum(bone, side, frame, organs)
    draw_lower_ribs(bone, side, frame, organs, draw)
    draw_lateral_pelvis(bone, side, frame, organs, draw)
    return _finish(total, bone, frame, draw, generator)


def _finish(
    total: torch.Tensor, bone: torch.Tensor, frame: FilmFrame, draw: np.random.Generator, generator: torch.Generator
) -> torch.Tensor:
    size = (total.shape[0], total.shape[1])
    total = total + bone * (1 + 0.12 * fractal(size, 80, 2, generator))
    if draw.uniform() < 0.15:
        buckles(total, frame, draw)
    if draw.uniform() < 0.06:
        wire(total, frame, draw)
    return total


def _organs(patient: Anatomy) -> dict[str, float]:
    return {name: float(values) for name, values in patient.organs.items() if values.ndim == 0}


def frame_lateral_film(draw: np.random.Generator, side: LateralSpine, view: str, size: tuple[int, int]) -> FilmFrame:
    """Choose a film that holds the labelled vertebrae of `view` and letterbox it on an image of `size`.

    Width / height 0.72 to 1.0 (NHANES II: 0.83); cervical films from the skull base to about T1, lumbar ones from T11
    to the sacrum; some films are coned to the column, some show much more.
    """
    levels = LABELLED_LEVELS[view]
    outline = np.concatenate([side.place(level, body_ring(side, level)) for level in levels])
    low, high = outline.min(0), outline.max(0)
    span = high[2] - low[2]
    cervical = view == "lateral_cervical"
    above = span * float(np.clip(draw.normal(0.28 if cervical else 0.22, 0.12), 0.02, 0.7))
    below = span * float(np.clip(draw.normal(0.14 if cervical else 0.16, 0.08), 0.015, 0.5))
    tall = span + above + below
    broad = max(float(draw.uniform(0.72, 1.0)) * tall, (high[0] - low[0]) * 1.15 + 8)
    room = max(broad - (high[0] - low[0]) - 8, 0.0)
    # The column lies a little behind the middle of the film.
    lag = side.facing * broad * float(draw.normal(0.06, 0.07))
    centre = (low[0] + high[0]) / 2 + float(np.clip(lag, -room / 2, room / 2))
    spacing = float(max(tall / size[0], broad / size[1]))
    height, width = min(round(tall / spacing), size[0]), min(round(broad / spacing), size[1])
    top, left = (size[0] - height) // 2, (size[1] - width) // 2
    origin = (centre - spacing * (left + (width - 1) / 2), high[2] + above + spacing * top)
    focus = (centre + draw.normal(0, 12), high[2] - span * draw.uniform(0.35, 0.65))
    return FilmFrame(
        spacing, origin, top, left, height, width, focus, float(draw.uniform(1000, 1900)), float(outline[:, 1].mean())
    )
