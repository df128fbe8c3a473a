"""What the end classifier learns: ends, vertebrae, and where background may lie."""

import numpy as np
import torch

from spinelib.spinefm.ends import BACKGROUND, CLASSES
from spinelib.spinefm.labelled import Labelled
from spinelib.spinefm.stage_ends import CLASS_PROBABILITIES, background_points
from spinelib.training import fit

from .made_stages import QUIET, make


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


def test_ends_of_the_chain_are_classes_of_their_own(data):
    stage = make("ends", data)
    rows = stage._train
    counts = [int((rows[:, 3] == k).sum()) for k in range(len(CLASSES))]
    assert counts[1:] == [6 * 4, 6, 6]
    assert counts[BACKGROUND] > 100
    _patches, classes = stage.batch(np.arange(400), np.random.default_rng(0))
    drawn = np.bincount(classes.numpy(), minlength=4)
    np.testing.assert_allclose(drawn / 400, CLASS_PROBABILITIES, atol=0.07)
