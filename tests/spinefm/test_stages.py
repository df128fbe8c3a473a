"""Every stage learns alone on a few films, from what it needs and nothing else (resuming: tests/training/test_loop)."""

import copy

import numpy as np
import pytest
import torch

from spinelib.core.errors import BadInput
from spinelib.spinefm.detector import Detector
from spinelib.spinefm.ends import BACKGROUND, CLASSES, EndClassifier
from spinelib.spinefm.labelled import Labelled
from spinelib.spinefm.predictor import PointPredictor, windows
from spinelib.spinefm.recipe import SCRATCH, StageRecipe
from spinelib.spinefm.sam import build_sam
from spinelib.spinefm.segmenter import Segmenter
from spinelib.spinefm.stage import load_stage
from spinelib.spinefm.stage_ends import CLASS_PROBABILITIES, EndsStage, background_points
from spinelib.spinefm.stages import DetectorStage, PredictorStage, SegmenterStage, target
from spinelib.training import fit

from .films import films, geometry

TRAIN, VALIDATION = np.arange(6), np.arange(6, 8)
QUIET = {"device": "cpu", "progress": False}


@pytest.fixture(scope="module")
def data():
    return films(8)


def quick(optimiser, rate, batch, epochs, **how):
    return StageRecipe(optimiser, rate, batch, epochs, **{"clip": 1.0, "warmup": 5, "checks": 2, **how})


def make(kind, data, seed=0, **how):
    """A small stage of each kind, a few seconds long."""
    torch.manual_seed(seed)
    side = geometry(data)
    model, stage, recipe = {
        "detector": (lambda: Detector(side, width=0.125), DetectorStage, quick("sgd", 0.01, 2, 2)),
        "segmenter": (lambda: Segmenter(side, "tiny"), SegmenterStage, quick("adam", 2e-3, 12, 20)),
        "predictor": (PointPredictor, PredictorStage, quick("adam", 1e-3, 0, 300)),
        "ends": (lambda: EndClassifier(side, width=0.125), EndsStage, quick("adam", 2e-3, 16, 10)),
    }[kind]
    return stage(model(), data, TRAIN, VALIDATION, how.pop("recipe", recipe), seed)


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


def test_the_end_classifier_learns_ends_and_background(data, tmp_path):
    stage = make("ends", data)
    history = fit(stage, tmp_path, **QUIET)
    assert history.facts["best_score"] > 0.9
    points = np.concatenate([data.centres[6], [[4.0, 64.0]]])
    which = torch.zeros(len(points), dtype=torch.int64)
    found = stage.model.classify(torch.from_numpy(data.films[6:7]), which, torch.tensor(points, dtype=torch.float32))
    expected = ["upper end", *["vertebra"] * 4, "lower end", "background"]
    assert np.mean([CLASSES[k] == name for k, name in zip(found.tolist(), expected, strict=True)]) > 0.8


def test_validation_chooses_the_weights(data, tmp_path):
    stage = make("predictor", data, recipe=quick("adam", 1e-3, 0, 8, checks=4))
    scores, kept = iter([0.1, 0.9, 0.5, 0.2]), []

    def measure():
        kept.append(copy.deepcopy(stage.model.state_dict()))
        return {"loss": 1.0, "score": next(scores)}

    stage.measure = measure
    history = fit(stage, tmp_path, **QUIET)
    assert history.facts["best_score"] == 0.9
    assert list(history.table["validation_score"]) == [0.1, 0.9, 0.5, 0.2]
    torch.testing.assert_close(stage.model.state_dict(), kept[1])


def test_only_what_was_trained_is_written_for_a_network_with_a_checkpoint(data, tmp_path):
    torch.manual_seed(3)
    torch.save(build_sam("tiny").state_dict(), tmp_path / "sam.pth")
    side, recipe = geometry(data), quick("adam", 1e-3, 4, 0.2, checks=1)

    def segmenter():
        return Segmenter(side, "tiny", str(tmp_path / "sam.pth"))

    stage = SegmenterStage(segmenter(), data, TRAIN, VALIDATION, recipe)
    fit(stage, tmp_path / "out", **QUIET)
    written = tmp_path / "out" / "model.safetensors"
    fresh = load_stage(segmenter(), written)
    torch.testing.assert_close(fresh.state_dict(), stage.model.state_dict())
    with pytest.raises(BadInput, match="holds the weights of another network"):
        load_stage(Segmenter(side, "tiny"), written)
    assert written.stat().st_size < (tmp_path / "sam.pth").stat().st_size


def test_all_windows_of_four_in_both_directions_and_mirrored():
    chain = np.stack([np.linspace(0.2, 0.4, 5), np.linspace(0.1, 0.9, 5)], 1)
    found = windows([chain, chain[:3]], mirror=False)
    assert found.shape == (4, 4, 2)
    np.testing.assert_allclose(found[0], chain[:4])
    np.testing.assert_allclose(found[2], chain[:4][::-1])
    both = windows([chain])
    assert len(both) == 8
    np.testing.assert_allclose(both[4:, :, 0], 1 - found[..., 0])
    chain[2] = np.nan
    assert len(windows([chain])) == 0
    assert sum(p.numel() for p in PointPredictor().parameters()) == 452


def test_targets_of_the_detector_are_tight_boxes_and_masks(data):
    found = target(data.numbers[0])
    assert found["boxes"].shape == (6, 4)
    sides = found["boxes"][:, 2:] - found["boxes"][:, :2]
    assert (sides == 12).all()
    assert found["masks"].sum() == (data.numbers[0] > 0).sum()
    assert (found["labels"] == 1).all()


def test_background_lies_around_the_chain_and_not_where_it_may_go_on(data):
    side, centres = 12.0, data.centres[0]
    ring = background_points(data, 0, side)
    nearest = np.abs(ring[:, None] - centres).max(2).min(1)
    assert len(ring) > 50
    assert nearest.min() > 6
    # C2 and S1 close the chain: above and below there is background.
    assert (ring[:, 1] < centres[0, 1]).any()
    open_ends = Labelled(data.films, data.numbers, data.centres, np.full_like(data.ends, np.nan), data.closed & False)
    ring = background_points(open_ends, 0, side)
    assert len(ring) > 50
    assert (ring[:, 1] > centres[0, 1] - 12).all()
    assert (ring[:, 1] < centres[-1, 1] + 12).all()


def test_ends_of_the_chain_are_classes_of_their_own(data):
    stage = make("ends", data)
    rows = stage._train
    counts = [int((rows[:, 3] == k).sum()) for k in range(len(CLASSES))]
    assert counts[1:] == [6 * 4, 6, 6]
    assert counts[BACKGROUND] > 100
    _patches, classes = stage.batch(np.arange(400), np.random.default_rng(0))
    drawn = np.bincount(classes.numpy(), minlength=4)
    np.testing.assert_allclose(drawn / 400, CLASS_PROBABILITIES, atol=0.07)


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
