"""One patient in the scanner, on a coarse grid."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from spinelib.phantom.anatomy import Anatomy, sample_anatomy
from spinelib.phantom.lateral import straightened
from spinelib.phantom.mr.canvas import Canvas, Contrast, sample_contrast
from spinelib.phantom.mr.chain import Chain, lying_chain
from spinelib.phantom.mr.courses import Courses, make_courses
from spinelib.phantom.mr.sampling import Grid, sample_grid
from spinelib.phantom.mr.shapes import Body, make_bodies


class Scanned(NamedTuple):
    """What every part of a volume is made from."""

    patient: Anatomy
    chain: Chain
    grid: Grid
    bodies: list[Body]
    c: Contrast
    way: Courses
    draw: np.random.Generator
    g: torch.Generator


def scanned(seed=4, age=40.0, size=(112, 112), slices=17) -> Scanned:
    """A patient with chain, grid, bodies, greys and courses; equal seeds give equal ones.

    The spine is nearly straight, so that all of it lies within the slices.
    """
    draw, patient = np.random.default_rng(seed), straightened(sample_anatomy(1, seed), 0.1)[0]
    chain = lying_chain(patient, draw, age)
    grid = sample_grid(draw, chain, size, slices)
    bodies = make_bodies(chain, grid, draw)
    way = make_courses(patient, chain, bodies, grid, draw)
    return Scanned(
        patient, chain, grid, bodies, sample_contrast(draw, age), way, draw, torch.Generator().manual_seed(seed)
    )


def canvas(grid: Grid, value=0.0, offset=0.0) -> Canvas:
    """An empty sub-slice through every slice, of one grey."""
    labels = torch.zeros(grid.shape, dtype=torch.uint8)
    return Canvas(grid, torch.full(grid.shape, value), torch.zeros(grid.shape), labels, offset, 0.35 * grid.spacing[2])


def voxel(grid: Grid, point: np.ndarray) -> tuple[int, int, int]:
    """The voxel nearest to a point [3] in image mm."""
    d, h, w = np.rint(point / np.array(grid.spacing)).astype(int).tolist()
    return d, h, w
