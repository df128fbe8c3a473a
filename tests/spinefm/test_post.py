"""From logits to masks and centres."""

import numpy as np
import pytest
import torch

from spinelib.spinefm.post import PUBLISHED_SMOOTHING, centroid, final_masks


def test_final_masks_are_certain_pixels_without_specks_and_holes():
    logits = torch.full((1, 40, 40), -5.0)
    logits[0, 10:20, 10:20] = 5.0
    logits[0, 15, 15] = 0.0  # a hole
    logits[0, 30, 30] = 5.0  # a speck
    logits[0, 20:24, 10:20] = 0.5  # likely, not certain: sigmoid 0.62
    mask = final_masks(logits, 60)[0].numpy()
    assert mask[11:19, 11:19].all()
    assert not mask[25:].any()
    assert not mask[21:24].any()
    assert final_masks(logits, 60, 0.5)[0, 21, 15]


def test_the_published_blur_is_counted_in_pixels_whatever_the_patch():
    logits = torch.full((1, 60, 60), -5.0)
    logits[0, 20:32, 20:32] = 5.0
    published = final_masks(logits, 30, 0.9, PUBLISHED_SMOOTHING)
    kernel = np.exp(-(np.arange(-7, 8) ** 2) / (2 * 20.0**2))
    row = np.convolve(np.arange(60) // 12 * 12 == 24, kernel / kernel.sum(), "same")
    expected = np.outer(np.roll(row, -4), np.roll(row, -4)) > 0.5
    np.testing.assert_array_equal(published[0].numpy(), expected)
    assert 0 < published.sum() < final_masks(logits, 30, 0.9).sum() == 144


def test_the_published_centre_counts_every_pixel_and_is_a_whole_one():
    logits = torch.full((2, 50, 30), -4.0)
    logits[0, 10:15, 4:7] = 8.0
    weights = torch.sigmoid(logits[0])
    rows = (weights.sum(1) * torch.arange(50)).sum() / weights.sum()
    found = centroid(logits, likely=False)
    assert found[0, 1] == rows.round() > 12
    assert found[1].tolist() == [round(14.5), round(24.5)], "nothing is seen: the middle"


def test_the_centre_is_weighted_by_probability_and_unknown_without_any():
    logits = torch.full((2, 50, 30), -4.0)
    logits[0, 10:15, 4:7] = 8.0
    x, y = centroid(logits)[0].tolist()
    # Outside, 1485 pixels of probability 0.018 would pull the centre by four rows.
    assert (x, y) == pytest.approx((5, 12), abs=1e-4)
    assert np.isnan(centroid(logits)[1].numpy()).all()
