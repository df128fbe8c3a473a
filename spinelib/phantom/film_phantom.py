"""Radiographs of patients with every label: the room's main door."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch

from spinelib.phantom.anatomy import Anatomy
from spinelib.phantom.bones import draw_girdle, draw_pelvis, draw_ribs, draw_vessels
from spinelib.phantom.clutter import annotate, draw_metal, shutters
from spinelib.phantom.display import develop, retone
from spinelib.phantom.fields import fractal
from spinelib.phantom.morphometry import L5, LABELLED, LEVELS, T1, at_level
from spinelib.phantom.physics import expose
from spinelib.phantom.projection import FilmFrame, frame_film
from spinelib.phantom.spine import SIDES, Spine, cobb_3d, pose
from spinelib.phantom.style import PLAIN, Style
from spinelib.phantom.tissue import Tissue
from spinelib.phantom.trunk import trunk_of
from spinelib.phantom.vertebrae import draw_vertebrae

# Size of a label quadrilateral relative to the body, per level C3..S1 and overall: what the readers of AASCE
# outlined, measured on the development films (see LOG.md).
LABEL_WIDTH = np.interp(np.arange(len(LEVELS)), (T1, T1 + 3, T1 + 8, T1 + 12, L5), (1.20, 1.07, 1.02, 0.94, 0.98))
LABEL_HEIGHT = 0.97
VIEWS = tuple(SIDES)


@dataclass(frozen=True)
class Films:
    """N films of one view with their labels.

    images uint8 [N,H,W]; corners float32 [N,17,4,2] px (x, y; T1..L5; TL, TR, BL, BR; pixel centres at integers;
    left = small x); vertebrae uint8 [N,H,W], 0 or 1..17; cobb float64 [N,3] degrees by the AASCE rule; cobb_3d
    [N,3] degrees from the end-plates in space; apical_translation [N] px; spacing float64 [N] mm per px at the
    spine.
    """

    images: np.ndarray
    corners: np.ndarray
    vertebrae: np.ndarray
    cobb: np.ndarray
    cobb_3d: np.ndarray
    apical_translation: np.ndarray
    spacing: np.ndarray

    def __len__(self) -> int:
        return len(self.images)


def films(
    anatomy: Anatomy,
    view: str = "coronal",
    size: tuple[int, int] = (512, 256),
    seed: int = 0,
    style: Style = PLAIN,
) -> Films:
    """Radiographs of every patient of `anatomy` on an image of `size` (height, width).

    view: coronal, left_bending or right_bending. A film depends on the patient, view, size, seed and style
    alone, not on the others of the batch. Raises ValueError for an unknown view or a size under 32 x 16 px.
    """
    from spinelib.cases import draw_quadrilaterals
    from spinelib.measures.cobb.rules import aasce_angles, apical_translation

    if view not in VIEWS:
        raise ValueError(f"view {view!r} is unknown: choose one of {', '.join(VIEWS)}")
    if size[0] < 32 or size[1] < 16:
        raise ValueError(f"size {size[0]} x {size[1]} px is too small: at least 32 x 16")
    # One film at a time: its fields stay in the processor's cache, and no film can depend on its neighbours.
    with one_thread():
        parts = [film(anatomy[i], view, size, seed, style) for i in range(len(anatomy))]
    images, corners, angles, spacing = (np.stack([part[k] for part in parts]) for k in range(4))
    return Films(
        images=images,
        corners=corners,
        vertebrae=np.stack([draw_quadrilaterals(c, size) for c in corners]),
        cobb=aasce_angles(corners, np.full(len(corners), size[0])),
        cobb_3d=angles,
        apical_translation=apical_translation(corners),
        spacing=spacing,
    )


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch on one thread inside: films this small gain nothing from more, and sums would depend on their number."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def film(
    patient: Anatomy, view: str, size: tuple[int, int], seed: int, style: Style = PLAIN
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """One film: image uint8 [H,W], corners float32 [17,4,2] px, Cobb from end-plates [3], spacing []."""
    draw = np.random.default_rng([int(patient.key), abs(int(seed)), VIEWS.index(view)])
    generator = torch.Generator().manual_seed(int(draw.integers(2**62)))
    # Generators of their own: all else of the film stays as in the plain style.
    key = [int(patient.key), abs(int(seed)), VIEWS.index(view)]
    bones, greys, chest = (np.random.default_rng([*key, k]) for k in (1, 2, 3))
    patient = style.bones(patient, bones) if style.subtle else patient
    patient = style.chest(patient, chest) if style.inlet else patient
    spine = pose(patient, view)
    frame = frame_film(draw, spine, size, style)
    film = frame.film()
    with torch.no_grad():
        attenuation = shadow(patient, spine, film, view, draw, generator, style)
        image = develop(expose(attenuation, film, draw, generator), film, draw)
        image = retone(image, greys) if style.tones and greys.uniform() < style.tones else image
        shutters(image, film, draw)
        annotate(image, film, draw)
    grey = np.zeros(size, np.uint8)
    inside = (slice(frame.top, frame.top + frame.height), slice(frame.left, frame.left + frame.width))
    grey[inside] = (image * 255).round().to(torch.uint8).numpy()
    corners = spine.corners(LABEL_WIDTH * style.label[0], LABEL_HEIGHT * style.label[1])[LABELLED]
    corners = frame.project(corners).astype(np.float32)
    return grey, corners, cobb_3d(spine), np.array(frame.spacing)


def shadow(
    patient: Anatomy,
    spine: Spine,
    frame: FilmFrame,
    view: str,
    draw: np.random.Generator,
    generator: torch.Generator,
    style: Style = PLAIN,
) -> torch.Tensor:
    """Attenuation of patient and clutter along each ray, on the film alone: [frame.height, frame.width]."""
    size = (frame.height, frame.width)
    trunk = trunk_of(patient, spine, view != "coronal")
    total = Tissue(patient, spine, trunk, frame, size, generator).attenuation()
    bone = torch.zeros(size)
    draw_vertebrae(bone, spine, frame, patient)
    draw_ribs(bone, spine, frame, patient, trunk)
    draw_girdle(bone, spine, frame, patient, trunk)
    draw_pelvis(bone, spine, frame, patient, generator)
    bone *= 1 + 0.12 * fractal(size, 80, 2, generator)
    total += bone
    z = at_level(spine.centre[:, 2], T1 + 5.5)
    middle = float(trunk.middle_at(np.array([z]))[0])
    hila = np.array([[middle - 33, z], [middle + 36, z + 8]])
    draw_vessels(total, hila, frame, draw)
    draw_metal(total, spine, frame, draw, style.metal)
    return total
