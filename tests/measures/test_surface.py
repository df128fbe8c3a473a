"""Boundary distances against MONAI, surface-distance, hand counts and brute force."""

import numpy as np
import pytest
import surface_distance
import torch
from monai.metrics import (
    compute_average_surface_distance,
    compute_hausdorff_distance,
    compute_surface_dice,
)
from scipy import ndimage
from scipy.spatial.distance import cdist

from spinelib.measures import surface
from tests.measures.masks import box, pairs

SHAPES = {"2-D": ((40, 31), (1.0, 1.0)), "2-D mm": ((33, 24), (0.7, 1.3)), "3-D mm": ((9, 20, 17), (3.3, 0.6, 0.6))}
SOLID = [name for name in pairs((9, 9)) if name not in ("noise", "random")]
CASES = [(shape, name) for shape, (size, _) in SHAPES.items() for name in pairs(size)]
every = pytest.mark.parametrize(("shape", "name"), CASES, ids=["-".join(case) for case in CASES])


def masks(shape, name):
    size, spacing = SHAPES[shape]
    return *pairs(size)[name], spacing


@every
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_values_equal_monai(shape, name):
    prediction, reference, spacing = masks(shape, name)
    found = surface.boundary_distances(prediction, reference, spacing)
    tensors = [torch.from_numpy(m)[None, None].float() for m in (prediction, reference)]
    options = {"include_background": True, "spacing": spacing}
    expected = [
        compute_hausdorff_distance(*tensors, percentile=95, **options),
        compute_average_surface_distance(*tensors, symmetric=True, **options),
        compute_surface_dice(*tensors, [1.25], **options),
    ]
    values = [surface.hd95(found), surface.assd(found), surface.nsd(found, 1.25)]
    np.testing.assert_allclose(values, [e.item() for e in expected], rtol=1e-5, atol=1e-6)


@every
def test_both_searches_equal_brute_force(shape, name):
    prediction, reference, spacing = masks(shape, name)
    edges = surface.boundary(prediction), surface.boundary(reference)
    points = [np.argwhere(edge) * spacing for edge in edges]
    table = cdist(*points)
    for search in (surface._by_tree, surface._by_transform):
        one, other = search(edges, spacing)
        np.testing.assert_allclose(one, table.min(axis=1), atol=1e-9)
        np.testing.assert_allclose(other, table.min(axis=0), atol=1e-9)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", SOLID)
def test_surface_distance_is_close_on_solid_masks(shape, name):
    """It puts elements between pixels and weights them by area: another definition, a pixel's diagonal away."""
    prediction, reference, spacing = masks(shape, name)
    ours = surface.boundary_distances(prediction, reference, spacing)
    theirs = surface_distance.compute_surface_distances(reference, prediction, spacing)
    diagonal = float(np.hypot.reduce(spacing))
    robust = surface_distance.compute_robust_hausdorff(theirs, 95)
    assert surface.hd95(ours) == pytest.approx(robust, abs=diagonal)
    means = surface_distance.compute_average_surface_distance(theirs)
    assert [d.mean() for d in ours[::-1]] == pytest.approx(means, abs=diagonal)


@every
def test_boundary_is_what_erosion_removes(shape, name):
    for mask in masks(shape, name)[:2]:
        assert np.array_equal(surface.boundary(mask), mask ^ ndimage.binary_erosion(mask))


def test_distances_by_hand():
    # Two 1-pixel-high bars, 3 rows apart, the second 2 columns longer.
    one, two = box((8, 12), (1, 2), (2, 6)), box((8, 12), (4, 5), (2, 8))
    found = surface.boundary_distances(one, two, (1, 1))
    np.testing.assert_allclose(found.of_prediction, [3, 3, 3, 3])
    np.testing.assert_allclose(found.of_reference, [3, 3, 3, 3, 10**0.5, 13**0.5])
    assert surface.assd(found) == pytest.approx((24 + 10**0.5 + 13**0.5) / 10)
    # 0.95 * 5 = 4.75: a quarter of the way back from the largest
    assert surface.hd95(found) == pytest.approx(13**0.5 - 0.25 * (13**0.5 - 10**0.5))
    assert surface.nsd(found, 3) == pytest.approx(8 / 10)
    assert surface.boundary_f1(found, 3) == pytest.approx(2 * (4 / 6) / (1 + 4 / 6))
    assert surface.boundary_f1(found, 1) == 0


def test_percentile_is_numpys_linear_one():
    for n in (1, 2, 3, 20, 21, 101):
        values = np.random.default_rng(n).normal(size=n)
        assert surface._percentile95(values) == pytest.approx(np.percentile(values, 95))


def test_spacing_scales_every_distance():
    prediction, reference, _ = masks("2-D", "random")
    one, three = (surface.boundary_distances(prediction, reference, (s, s)) for s in (1.0, 3.0))
    for a, b in zip(one, three, strict=True):
        np.testing.assert_allclose(3 * a, b)
