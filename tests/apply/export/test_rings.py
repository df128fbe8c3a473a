"""Rings around regions: filled again they are the region, with few points."""

import numpy as np

from spinelib.apply.export.rings import SMALLEST, region_rings, vertebra_ring
from spinelib.cases.drawing import fill_polygon

from .made import moved_by


def filled(rings, shape):
    out = np.zeros(shape, np.uint8)
    for ring in rings:
        fill_polygon(out, ring - 0.5, 1)
    return out.astype(bool)


def disc(shape, centre, radius):
    rows, columns = np.indices(shape)
    return (rows - centre[0]) ** 2 + (columns - centre[1]) ** 2 <= radius**2


def test_regions_come_back_within_a_pixel_with_few_points():
    region = disc((90, 120), (40, 30), 25) | disc((90, 120), (50, 90), 12)
    rings = region_rings(region)
    assert len(rings) == 2
    assert all(len(ring) < 40 for ring in rings)
    assert moved_by(filled(rings, region.shape), region) <= 1
    assert (filled(rings, region.shape) != region).sum() < 0.02 * region.sum()


def test_a_box_is_four_points_on_the_edges_of_its_pixels_also_at_the_border():
    region = np.zeros((20, 30), bool)
    region[0:8, 4:11] = True
    (ring,) = region_rings(region)
    assert (ring.min(0) >= [4, 0]).all()
    assert (ring.max(0) <= [11, 8]).all()
    assert np.array_equal(filled([ring], region.shape), region)


def test_holes_are_filled_and_specks_have_no_ring():
    region = disc((60, 60), (30, 30), 20)
    region[28:32, 28:32] = False
    region[0, : SMALLEST - 1] = True
    (ring,) = region_rings(region)
    assert moved_by(filled([ring], region.shape), disc((60, 60), (30, 30), 20)) <= 1


def test_a_vertebra_goes_around_on_the_edges():
    quad = np.array([[0, 0], [10, 1], [0, 5], [10, 6]], float)
    assert vertebra_ring(quad).tolist() == [[0.5, 0.5], [10.5, 1.5], [10.5, 6.5], [0.5, 5.5]]
