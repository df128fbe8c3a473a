"""T2-like sagittal volumes of patients with the labels of the 19 structures: the main door.

Each slice is painted as several thin sub-slices through its thickness: the signal is their mean (partial volume), the
label of a voxel the majority of the labels at its centre. Vertebra labels hold body and arch, sacrum labels its wings;
`bodies_only` labels bodies alone, as the open lumbar volumes do. What MRSpineSeg's label files hold beyond the names is
not written where we could read it, hence the switch (C, our choice).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from spinelib.phantom.anatomy import Anatomy
from spinelib.phantom.film_phantom import one_thread
from spinelib.phantom.mr.arch import make_arches
from spinelib.phantom.mr.artefacts import acquire, sample_acquisition
from spinelib.phantom.mr.canal import make_canal
from spinelib.phantom.mr.canvas import Canvas, sample_contrast
from spinelib.phantom.mr.chain import Chain, lying_chain
from spinelib.phantom.mr.courses import make_courses
from spinelib.phantom.mr.discs import make_discs
from spinelib.phantom.mr.marrow import make_marrow
from spinelib.phantom.mr.sampling import Grid, sample_grid
from spinelib.phantom.mr.shapes import make_bodies
from spinelib.phantom.mr.surroundings import surrounding_signal
from spinelib.phantom.mr.textures import sized

SUB_SLICES = 5  # odd: the middle one decides a tie
STREAM = 19  # keeps these draws apart from those of the films


@dataclass(frozen=True)
class Scan:
    """One volume.

    image int16 [D,H,W] (right to left, downwards, to the back), labels uint8 [D,H,W] (numbers of
    `spinelib.core.structures`), spacing float32 [3] mm.
    """

    image: NDArray[np.int16]
    labels: NDArray[np.uint8]
    spacing: NDArray[np.float32]


def scan(
    patient: Anatomy,
    seed: int = 0,
    size: tuple[int, int] | None = None,
    slices: int | None = None,
    limit: int = 512,
    bodies_only: bool = False,
) -> Scan:
    """The volume of one patient (an Anatomy without patient axis).

    `size` (H,W) px and `slices` are drawn unless given; `limit` bounds drawn sizes, px. Depends on patient, seed and
    these options alone. Raises ValueError for a size under 32 px or fewer than 3 slices.
    """
    if (size and min(size) < 32) or limit < 32 or (slices is not None and slices < 3):
        raise ValueError(f"size {size}, limit {limit}, slices {slices}: at least 32 px and 3 slices are needed")
    draw = np.random.default_rng([int(patient.key), abs(int(seed)), STREAM])
    generator = torch.Generator().manual_seed(int(draw.integers(2**62)))
    age = float(draw.uniform(18, 82))
    chain = lying_chain(patient, draw, age)
    grid = sample_grid(draw, chain, size, slices, limit)
    with one_thread(), torch.no_grad():
        image, labels = _render(patient, chain, grid, age, bodies_only, draw, generator)
    return Scan(image, labels, np.array(grid.spacing, np.float32))


def _render(
    patient: Anatomy,
    chain: Chain,
    grid: Grid,
    age: float,
    bodies_only: bool,
    draw: np.random.Generator,
    g: torch.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Image and labels on `grid`."""
    c = sample_contrast(draw, age)
    bodies = make_bodies(chain, grid, draw)
    way = make_courses(patient, chain, bodies, grid, draw)
    marrow = make_marrow(bodies, chain.label, chain.wear, c, grid, draw, g)
    discs = make_discs(chain, bodies, c, grid, draw, g)
    grain = 0.15 * sized(grid.shape, grid.spacing, (9, 6, 6), g)
    arches = make_arches(chain, bodies, grid, c.marrow, c.fatty, not bodies_only, draw, grain)
    canal = make_canal(way, chain, bodies, grid, c, draw, g)
    far, far_fat = surrounding_signal(grid, c, way, draw, g)
    signal, fat = torch.zeros(grid.shape), torch.zeros(grid.shape)
    stack = torch.empty((SUB_SLICES, *grid.shape), dtype=torch.uint8)
    offsets = (np.arange(SUB_SLICES) - (SUB_SLICES - 1) / 2) / SUB_SLICES * grid.thick
    for k, offset in enumerate(offsets):
        canvas = Canvas(grid, far.clone(), far_fat.clone(), stack[k].zero_(), float(offset), 0.35 * grid.spacing[2])
        canal.paint(canvas)
        if arches:
            arches.paint(canvas, c.fibre)
        for disc in discs:
            disc.paint(canvas)
        for body in marrow:
            body.paint(canvas, c.fibre)
        signal += canvas.signal
        fat += canvas.fat
    signal /= SUB_SLICES
    fat /= SUB_SLICES
    a = sample_acquisition(draw, grid.spacing[2])
    fluid = (signal - fat - 0.55).clamp_min(0)
    image = acquire(signal, fat, fluid, grid, way, a, g)
    image = (image.clamp_min(0).pow(a.power) + a.floor) * a.gain
    return image.round().clamp(0, 32767).to(torch.int16).numpy(), majority(stack).numpy()


def majority(stack: torch.Tensor) -> torch.Tensor:
    """The commonest label [D,H,W] of [K,D,H,W] at each voxel; the middle one decides a tie."""
    middle = len(stack) // 2
    order = [middle, *(k for k in range(len(stack)) if k != middle)]
    best = stack[middle].clone()
    votes = (stack == best).sum(0, dtype=torch.uint8)
    for k in order[1:]:
        count = (stack == stack[k]).sum(0, dtype=torch.uint8)
        more = count > votes
        best[more] = stack[k][more]
        votes = torch.maximum(votes, count)
    return best
