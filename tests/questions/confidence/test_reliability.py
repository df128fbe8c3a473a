"""Confidence and accuracy of single maps, where both are known."""

import numpy as np
import pytest

from spinelib.questions.confidence.reliability import BINS, binned_error, map_confidence, near, separation

ALL = np.ones((64, 64), bool)


def made(rng, chance, share):
    """A map that is `chance` sure of the structure in a square, where a `share` of the pixels is the structure."""
    reference = np.zeros((64, 64), np.uint8)
    reference[16:48, 16:48] = rng.random((32, 32)) < share
    p = np.zeros((64, 64))
    p[16:48, 16:48] = chance
    return np.stack([1 - p, p]), reference


KNOWN = [(0.8, 0.8, 0, 0), (0.9, 0.6, 0.3, 0.3), (0.6, 0.9, 0.3, -0.3)]


@pytest.mark.parametrize(("chance", "share", "error", "over"), KNOWN)
def test_the_error_is_the_distance_of_confidence_and_accuracy(chance, share, error, over):
    chances, reference = made(np.random.default_rng(0), chance, share)
    inside = np.zeros_like(ALL)
    inside[16:48, 16:48] = True
    found = map_confidence(chances, reference, inside)
    assert binned_error(found.bins) == pytest.approx((error, over), abs=0.04)
    assert found.bins[:, 0].sum() == inside.sum()
    assert found.brier == pytest.approx(2 * (share * (1 - chance) ** 2 + (1 - share) * chance**2), abs=0.04)


def test_a_map_that_is_sure_and_right_has_no_error_no_entropy_and_nothing_to_find():
    _, reference = made(np.random.default_rng(1), 1, 1)
    found = map_confidence(np.stack([1 - reference, reference]).astype(float), reference, ALL)
    assert binned_error(found.bins) == (0, 0)
    assert (found.entropy, found.brier) == pytest.approx((0, 0), abs=1e-9)
    assert np.isnan(found.separation)


def test_far_background_does_not_count_and_a_case_with_nothing_near_has_no_confidence():
    reference = np.zeros((64, 64), np.uint8)
    reference[30:34, 30:34] = 1
    found = map_confidence(np.stack([1 - reference, reference]).astype(float), reference, ALL)
    assert found.bins[:, 0].sum() == near(reference > 0, reference > 0).sum() < 100
    assert map_confidence(np.stack([np.ones(ALL.shape), np.zeros(ALL.shape)]), 0 * reference, ALL) is None


def test_entropy_that_is_larger_where_the_map_is_wrong_finds_all_of_it():
    right = np.array([True, True, False, False])
    assert separation(np.array([0.1, 0.2, 0.3, 0.4]), right) == 1
    assert separation(np.array([0.4, 0.3, 0.2, 0.1]), right) == 0
    assert separation(np.full(4, 0.3), right) == 0.5


def test_structures_that_a_volume_does_not_label_count_as_background():
    reference = np.zeros((2, 32, 32), np.uint8)
    reference[:, 8:24, 8:24] = 1
    chances = np.zeros((3, 2, 32, 32))
    chances[1] = reference
    chances[2, :, :8] = 1
    chances[0] = 1 - chances[1:].sum(0)
    sure = map_confidence(chances, reference, np.ones((2, 32, 32), bool), np.array([True, False]))
    assert binned_error(sure.bins) == (0, 0)
    wrong = map_confidence(chances, reference, np.ones((2, 32, 32), bool), np.array([True, True]))
    assert binned_error(wrong.bins)[0] > 0.1
    assert sure.bins.shape == (BINS, 3)
