"""What the end classifier learns: ends, vertebrae, and where background may lie."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.stats import norm

from spinelib.core.errors import BadInput
from spinelib.spinefm.ends import BACKGROUND, CLASSES, VERTEBRA, EndClassifier
from spinelib.spinefm.labelled import Labelled
from spinelib.spinefm.patches import PatchSizes
from spinelib.spinefm.recipe import PUBLISHED
from spinelib.spinefm.stage_ends import CLASS_PROBABILITIES, EndsStage, background_points, blurred_ring
from spinelib.training import fit

from .films import geometry
from .made_stages import QUIET, TRAIN, VALIDATION, make


def test_the_end_classifier_learns_ends_and_background(data, tmp_path):
    stage = make("ends", data)
    history = fit(stage, tmp_path, **QUIET)
    assert history.facts["best_score"] > 0.9
    points = np.concatenate([data.centres[6], [[4.0, 64.0]]])
    which = torch.zeros(len(points), dtype=torch.int64)
    found = stage.model.classify(torch.from_numpy(data.films[6:7]), which, torch.tensor(points, dtype=torch.float32))
    expected = ["upper end", *["vertebra"] * 4, "lower end", "background"]
    assert np.mean([CLASSES[k] == name for k, name in zip(found.tolist(), expected, strict=True)]) > 0.8


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


def published(data, classes=4, sizes=None, **films):
    net = EndClassifier(sizes or geometry(data), width=0.125, classes=classes)
    how = {"augment": False, "jitter": 0.0, "balanced": False, "ring": "blur", "extrapolated": False}
    return EndsStage(net, replace(data, **films), TRAIN, VALIDATION, PUBLISHED["ends"], **how)


def test_the_published_classifier_sees_every_vertebra_once_and_as_much_background(data):
    stage = published(data)
    _, classes = stage.batch(np.arange(stage.items), np.random.default_rng(0))
    assert np.bincount(classes.numpy()).tolist() == [36, 24, 6, 6]
    once, again = (stage.batch(np.arange(3), np.random.default_rng(seed))[0] for seed in (0, 1))
    assert torch.equal(once, again), "nothing is moved, mirrored or varied"


def test_without_a_labelled_end_there_is_none_and_with_two_classes_it_is_a_vertebra(data):
    beyond = published(data, closed=data.closed & False)
    assert set(beyond._train[:, 3]) == {BACKGROUND, VERTEBRA}
    two = published(data, classes=2)
    assert (two._train[:, 3] == VERTEBRA).sum() == 36
    answers = two.measure()
    assert set(answers) == {"loss", "score", "background", "vertebra"}
    shares = [(two._checks[:, 3] == k).mean() for k in (BACKGROUND, VERTEBRA)]
    assert answers["score"] == pytest.approx(np.dot(shares, [answers["background"], answers["vertebra"]]))


def test_films_that_a_patch_leaves_no_background_are_refused_in_words(data):
    with pytest.raises(BadInput, match=r"no background around a patch of this size.*patch=300"):
        published(data, sizes=PatchSizes(data.grid, 12.0, 200.0))


def test_the_published_ring_lies_around_the_vertebrae():
    taken = np.zeros((200, 120), bool)
    taken[60:140, 50:70] = True
    ring = blurred_ring(taken, 120)
    # Beside a broad bar a blur leaves a tenth so many deviations (here 8 px, then 10 px) from its edge.
    beside = ring[(ring[:, 1] == 100) & (ring[:, 0] < 60), 0]
    inner = 50 + 8 * norm.ppf(0.1)
    assert (beside.min(), beside.max()) == pytest.approx((inner + 10 * norm.ppf(0.1), inner), abs=2)
    assert not taken[ring[:, 1].astype(int), ring[:, 0].astype(int)].any()
    assert (ring[:, 1] < 60).any()


def test_ends_of_the_chain_are_classes_of_their_own(data):
    stage = make("ends", data)
    rows = stage._train
    counts = [int((rows[:, 3] == k).sum()) for k in range(len(CLASSES))]
    assert counts[1:] == [6 * 4, 6, 6]
    assert counts[BACKGROUND] > 100
    _patches, classes = stage.batch(np.arange(400), np.random.default_rng(0))
    drawn = np.bincount(classes.numpy(), minlength=4)
    np.testing.assert_allclose(drawn / 400, CLASS_PROBABILITIES, atol=0.07)
