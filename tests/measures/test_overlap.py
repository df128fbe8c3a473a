"""Overlap metrics against hand counts, published figures and MONAI."""

import numpy as np
import pytest
import torch
from monai.metrics import compute_dice, compute_iou

from spinelib.measures import overlap
from tests.measures.masks import pairs


def test_counts_by_hand():
    reference = np.array([[0, 0, 1, 1], [2, 2, 2, 0]], np.uint8)
    prediction = np.array([[0, 1, 1, 2], [2, 2, 0, 0]], np.uint8)
    assert overlap.count(prediction, reference, 3).tolist() == [[1, 1, 1, 5], [2, 1, 1, 4], [0, 0, 0, 8]]


def test_scores_by_hand():
    values = {name: v[0] for name, v in overlap.scores(np.array([[6, 2, 1, 11]])).items()}
    assert values == pytest.approx(
        {
            "dice": 12 / 15,
            "iou": 6 / 9,
            "miou": (6 / 9 + 11 / 14) / 2,
            "sensitivity": 6 / 7,
            "precision": 6 / 8,
            "pixel_accuracy": 17 / 20,
        }
    )


def test_the_published_confusion_matrix_example():
    """Dice 0.8986 and accuracy 0.9682 pooled leave IoU 0.816 and mIoU 0.889 (dossier, MDWC-Net)."""
    error = 0.0318
    hit = 0.8986 * error / (2 * (1 - 0.8986))
    values = overlap.scores(np.array([hit, error / 2, error / 2, 1 - error - hit]))
    assert float(values["dice"]) == pytest.approx(0.8986)
    assert float(values["iou"]) == pytest.approx(0.816, abs=5e-4)
    assert float(values["miou"]) == pytest.approx(0.889, abs=5e-4)


@pytest.mark.parametrize("name", pairs((40, 31)))
def test_dice_and_iou_equal_monai(name):
    prediction, reference = pairs((40, 31))[name]
    tensors = [torch.from_numpy(m)[None, None].float() for m in (prediction, reference)]
    values = overlap.scores(overlap.count(prediction.astype(np.uint8), reference.astype(np.uint8), 1))
    assert values["dice"][0] == pytest.approx(compute_dice(*tensors).item(), rel=1e-6)
    assert values["iou"][0] == pytest.approx(compute_iou(*tensors).item(), rel=1e-6)


@pytest.mark.parametrize(("structures", "shape"), [(1, (30, 20)), (20, (12, 30, 20)), (200, (50, 50))])
def test_counts_of_random_maps(structures, shape):
    rng = np.random.default_rng(structures)
    prediction, reference = (rng.integers(0, structures + 1, shape, dtype=np.uint8) for _ in range(2))
    counts = overlap.count(prediction, reference, structures)
    for k in range(structures):
        p, r = prediction == k + 1, reference == k + 1
        assert counts[k].tolist() == [(p & r).sum(), (p & ~r).sum(), (~p & r).sum(), (~p & ~r).sum()]


def test_cropping_keeps_every_structure():
    reference = np.zeros((20, 30), np.uint8)
    prediction = reference.copy()
    reference[3, 7] = prediction[11, 2] = 1
    one, other = overlap.crop_to_structures(prediction, reference)
    assert one.shape == other.shape == (9, 6)
    assert one.sum() == other.sum() == 1
    assert overlap.crop_to_structures(np.zeros_like(reference), np.zeros_like(reference))[0].shape == (1, 1)


def test_wrong_maps_are_refused():
    empty = np.zeros((4, 4), np.uint8)
    with pytest.raises(ValueError, match="differ in shape"):
        overlap.count(empty, np.zeros((4, 5), np.uint8), 1)
    with pytest.raises(ValueError, match="class 2 in a map of 1"):
        overlap.count(empty, empty + 2, 1)
