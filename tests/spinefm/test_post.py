"""From logits to masks and centres."""

import numpy as np
import pytest
import torch

from spinelib.spinefm.post import centroid, final_masks


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


def test_the_centre_is_weighted_by_probability_and_unknown_without_any():
    logits = torch.full((2, 50, 30), -4.0)
    logits[0, 10:15, 4:7] = 8.0
    x, y = centroid(logits)[0].tolist()
    # Outside, 1485 pixels of probability 0.018 would pull the centre by four rows.
    assert (x, y) == pytest.approx((5, 12), abs=1e-4)
    assert np.isnan(centroid(logits)[1].numpy()).all()
