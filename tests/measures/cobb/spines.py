"""Spines of known tilts for the tests of this room."""

import numpy as np

from spinelib.cases import draw_quadrilaterals

GRID = (256, 128)


def spine(tilts, step=13.0, width=17.0, height=9.5, top=20.0, x=64.0):
    """Corners [V, 4, 2] of boxes with these tilts (degrees, right end down), stacked square to them."""
    tilts = np.asarray(tilts, float)
    turn = np.radians(tilts)
    right = np.stack([np.cos(turn), np.sin(turn)], 1)
    down = np.stack([-right[:, 1], right[:, 0]], 1)
    between = (down[1:] + down[:-1]) / 2
    centre = np.concatenate([[[x, top]], [x, top] + step * np.cumsum(between, 0)])
    halves = right * width / 2, down * height / 2
    return np.stack([centre + a * halves[0] + b * halves[1] for b in (-1, 1) for a in (-1, 1)], 1)


def c_curve(angle=40.0, count=17):
    """One bend of `angle` degrees."""
    return spine(np.linspace(angle / 2, -angle / 2, count))


def s_curve(angle=40.0, count=17):
    """A bend of `angle` degrees and one of 80 % of it to the other side."""
    return spine(angle / 2 * np.cos(np.linspace(0, 2 * np.pi, count)) * np.linspace(1, 0.6, count))


def mask_of(corners, grid=GRID):
    """The spine mask [H, W] of corners, gaps between vertebrae open."""
    return (draw_quadrilaterals(corners, grid) > 0).astype(np.uint8)
