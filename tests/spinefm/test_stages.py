"""Every stage learns alone on a few films, from what it needs and nothing else (resuming: tests/training/test_loop)."""

import numpy as np
import pytest
import torch

from spinelib.core.errors import BadInput
from spinelib.spinefm.detector import Detector
from spinelib.spinefm.labelled import Labelled
from spinelib.spinefm.predictor import PointPredictor
from spinelib.spinefm.recipe import SCRATCH
from spinelib.spinefm.segmenter import Segmenter
from spinelib.spinefm.stages import DetectorStage, PredictorStage, SegmenterStage, target
from spinelib.training import fit

from .films import films, geometry
from .made_stages import QUIET, TRAIN, VALIDATION, make, quick


def test_the_detector_learns_a_few_squares(tmp_path):
    data = films(8, levels=("C3", "C4", "C5"), side=26, step=34)
    recipe = quick("sgd", 0.01, 2, 16, checks=3, clip=5.0, weight_decay=5e-4)
    stage = make("detector", data, recipe=recipe)
    history = fit(stage, tmp_path, **QUIET)
    assert history.facts["best_score"] > 0.8
    found = stage.model.detect(torch.from_numpy(data.films[6:7]))[0]
    sure = [one for one in found if one.score > 0.6]
    centres = np.array(sorted((one.centre for one in sure), key=lambda point: point[1]))[:3]
    np.testing.assert_allclose(centres, data.centres[6], atol=5)


def test_the_segmenter_learns_the_vertebra_of_its_prompt(data, tmp_path):
    stage = make("segmenter", data)
    history = fit(stage, tmp_path, **QUIET)
    assert history.facts["best_dice"] > 0.8
    point = torch.tensor(data.centres[6][2:3], dtype=torch.float32)
    with torch.no_grad():
        logits = stage.model.segment(torch.from_numpy(data.films[6:7]), torch.tensor([0]), point)
    mask, wanted = logits[0] > 0, torch.from_numpy(data.numbers[6] == 3)
    assert float(2 * (mask & wanted).sum() / (mask.sum() + wanted.sum())) > 0.8


def test_the_predictor_learns_the_next_point(data, tmp_path):
    stage = make("predictor", data, recipe=quick("adam", 3e-3, 0, 600))
    untrained = stage.measure()["miss"]
    history = fit(stage, tmp_path, **QUIET)
    assert history.facts["best_miss"] < 0.4 < untrained
    upward = torch.tensor(data.centres[6][[3, 2, 1]][None], dtype=torch.float32)
    following = stage.model.predict(upward, data.grid).numpy()[0]
    assert np.linalg.norm(following - data.centres[6][0]) < 12


def test_targets_of_the_detector_are_tight_boxes_and_masks(data):
    found = target(data.numbers[0])
    assert found["boxes"].shape == (6, 4)
    sides = found["boxes"][:, 2:] - found["boxes"][:, :2]
    assert (sides == 12).all()
    assert found["masks"].sum() == (data.numbers[0] > 0).sum()
    assert (found["labels"] == 1).all()


def test_films_without_what_a_stage_needs_are_refused(data):
    empty = Labelled(
        data.films, data.numbers * 0, tuple(np.zeros((0, 2)) for _ in range(8)), data.ends * np.nan, data.closed & False
    )
    side = geometry(data)
    with pytest.raises(BadInput, match="training films: have no labelled vertebra"):
        DetectorStage(Detector(side, width=0.125), empty, TRAIN, VALIDATION, SCRATCH["detector"])
    short = films(8, levels=("C2", "C3", "C4"))
    with pytest.raises(BadInput, match="no four successive"):
        PredictorStage(PointPredictor(), short, TRAIN, VALIDATION, SCRATCH["predictor"])
    with pytest.raises(BadInput, match="also serve for training"):
        make("predictor", data).__class__(PointPredictor(), data, TRAIN, TRAIN, SCRATCH["predictor"])


def test_without_augmentation_a_batch_is_what_the_films_show(data):
    side, recipe = geometry(data), SCRATCH["segmenter"]
    plain = DetectorStage(Detector(side, width=0.125), data, TRAIN, VALIDATION, recipe, augment=False)
    shown, targets = plain.batch(np.arange(3), np.random.default_rng(0))
    torch.testing.assert_close(shown, torch.from_numpy(data.films[:3]).float() / 255)
    assert torch.equal(targets[0]["masks"], target(data.numbers[0])["masks"])
    stages = [
        SegmenterStage(Segmenter(side, "tiny"), data, TRAIN, VALIDATION, recipe, jitter=0.0, augment=augment)
        for augment in (False, True)
    ]
    once, other = (stages[0].batch(np.arange(9), np.random.default_rng(seed)) for seed in (0, 1))
    assert torch.equal(once[0], other[0]), "no chance is left"
    varied, _ = stages[1].batch(np.arange(9), np.random.default_rng(0))
    assert not torch.equal(varied, once[0])


def test_the_published_predictor_learns_true_windows_alone(data):
    stages = [
        PredictorStage(PointPredictor(), data, TRAIN, VALIDATION, SCRATCH["predictor"], noise=0.0, mirror=mirror)
        for mirror in (False, True)
    ]
    assert stages[0].items * 2 == stages[1].items
    points, following = stages[0].batch(np.arange(1), np.random.default_rng(0))
    scale = torch.tensor(data.grid[::-1])
    expected = torch.tensor(data.centres[0][:4])
    torch.testing.assert_close((points[0] * scale).double(), expected[:3], rtol=1e-4, atol=1e-3)
    torch.testing.assert_close((following[0] * scale).double(), expected[3], rtol=1e-4, atol=1e-3)


def test_prompts_are_off_by_the_jitter_which_belongs_to_the_training(data):
    side, recipe = geometry(data), SCRATCH["segmenter"]

    def stage(jitter):
        torch.manual_seed(0)
        return SegmenterStage(Segmenter(side, "tiny"), data, TRAIN, VALIDATION, recipe, jitter=jitter)

    def off(jitter):
        _patches, masks = stage(jitter).batch(np.arange(30), np.random.default_rng(0))
        rows = torch.arange(masks.shape[1]).float()
        # Centres of squares of 12 px lie between two pixels, the patch's middle is pixel 16.
        return (masks.sum(2) * rows).sum(1) / masks.sum((1, 2)) - 16

    assert off(0.0).abs().max() <= 0.5
    assert 2 < off(0.3).abs().max() <= 0.3 * 12 + 0.5
    assert stage(0.1).identity != stage(0.3).identity
