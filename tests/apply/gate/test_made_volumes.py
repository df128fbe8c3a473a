"""The volumes of the gate for lumbar MR: every kind, with what is true of it."""

import numpy as np
import pytest

from spinelib.apply.gate.answers import VOLUME_ANSWER
from spinelib.apply.gate.made import Amounts, MadePicture
from spinelib.apply.gate.made_volumes import (
    NO_SPINE_VOLUMES,
    SPOILED_VOLUMES,
    UNSEEN_VOLUMES,
    draw_volume,
    made_volumes,
    spoil_volume,
)
from spinelib.corruptions import chosen

VOXELS = np.arange(6 * 30 * 20).reshape(6, 30, 20).astype(np.uint8)


@pytest.mark.slow
def test_every_kind_is_there_with_what_is_true_of_it(tmp_path):
    pictures = list(made_volumes(tmp_path, 5, Amounts(1, 1, 1, 0, 0)))
    corruptions = {corruption.name for corruption in chosen((), 3)}
    kinds = {VOLUME_ANSWER.good, *corruptions, *SPOILED_VOLUMES, *NO_SPINE_VOLUMES}
    assert {picture.kind for picture in pictures} == kinds
    good = pictures[0]
    assert good.kind == VOLUME_ANSWER.good
    assert good.labels.shape == good.pixels.shape
    assert len(np.unique(good.labels)) > 8
    assert good.pixels.min() >= 1
    assert good.spacing[0] > good.spacing[1]
    for picture in pictures:
        assert picture.pixels.ndim == 3
        labelled = picture.kind == VOLUME_ANSWER.good or picture.severity > 0
        assert (picture.labels is not None) == labelled
        assert labelled or picture.readable is False
    assert {p.kind for p in pictures if p.unseen} == set(UNSEEN_VOLUMES)


def spoiled(kind, seed=0):
    volume = MadePicture("volume", "p", VOXELS, True, labels=VOXELS, spacing=(4.0, 1.0, 2.0))
    return spoil_volume(kind, volume, np.random.default_rng(seed))


@pytest.mark.parametrize("kind", SPOILED_VOLUMES)
def test_a_spoiled_volume_is_not_to_be_answered_and_depends_on_its_seed_alone(kind):
    one, again = spoiled(kind), spoiled(kind)
    assert (one.kind, one.readable, one.labels) == (kind, False, None)
    assert np.array_equal(one.pixels, again.pixels)
    assert not np.array_equal(one.pixels, VOXELS)


def test_spoiled_volumes_hold_the_volumes_own_voxels():
    assert np.array_equal(spoiled("upside down").pixels[:, ::-1], VOXELS)
    assert np.array_equal(255 - spoiled("inverted").pixels, VOXELS)
    assert spoiled("a third").pixels.shape == (6, 10, 20)
    shapes = {(p.pixels.shape, p.spacing) for p in (spoiled("wrong axes", seed) for seed in range(20))}
    assert shapes == {
        ((6, 20, 30), (4.0, 2.0, 1.0)),
        ((30, 6, 20), (1.0, 4.0, 2.0)),
        ((20, 30, 6), (2.0, 1.0, 4.0)),
    }


@pytest.mark.parametrize("kind", NO_SPINE_VOLUMES)
def test_a_kind_is_drawn_anew_from_every_seed_and_the_same_from_one(kind):
    one, again, other = (draw_volume(kind, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert (one.dtype, one.min(), one.max()) == (np.uint8, 0, 255)
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
