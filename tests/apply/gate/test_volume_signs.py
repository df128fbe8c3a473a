"""The signs of a volume: what each says of a column that is as it should be, and of one that is not."""

import numpy as np
import pytest

from spinelib.apply.gate.volume_signs import VOLUME_SIGNS, VOLUME_SURE, count_structures, measure_volume
from spinelib.apply.volume import OutlinedVolume

from ...cases.volumes import lumbar
from .answered import boxes


def signs(labels=None, **how):
    return measure_volume(None, boxes(labels, **how))


def changed(change):
    """The boxes with a change of their labels [D, H, W]."""
    labels = lumbar()[1].copy()
    change(labels)
    return signs(labels)


def test_every_sign_is_a_number_and_has_words():
    found = signs()
    assert tuple(found) == tuple(VOLUME_SIGNS)
    assert np.isfinite(list(found.values())).all()
    assert all(words.format(found[name]) for name, words in VOLUME_SIGNS.items())
    assert set(VOLUME_SURE) < set(VOLUME_SIGNS)


def test_a_column_as_it_should_be_is_whole_even_and_in_order():
    found = signs()
    assert found["structures"] == 12
    assert [found[name] for name in ("missing", "swapped", "lowest")] == [0, 0, 2]
    assert found["lean"] == pytest.approx(0, abs=1)
    assert max(found[name] for name in ("sizes", "discs", "spacing")) < 0.2
    assert np.exp(found["pitch"]) == pytest.approx(0.9 * 60 / 6 * 1.5, rel=0.1)
    assert found["inside"] == pytest.approx(0.95)
    assert np.exp(found["pieces"]) < 1e-3
    assert np.exp(found["away"]) < 1e-3
    assert found["aside"] < 0.01


def test_a_column_on_its_head_runs_upwards_and_against_its_order():
    labels = np.ascontiguousarray(lumbar()[1][:, ::-1])
    found = signs(labels)
    assert found["lean"] == pytest.approx(180, abs=1)
    assert found["swapped"] == 1


def test_what_is_wrong_with_one_structure_is_seen():
    plain = signs()

    def lost(labels):
        labels[labels == 4] = 0

    def in_pieces(labels):
        labels[:, :3, :6] = 3

    def thin(labels):
        labels[3:][labels[3:] == 5] = 0

    def swap(labels):
        third, fifth = labels == 3, labels == 5
        labels[third], labels[fifth] = 5, 3

    assert changed(lost)["missing"] == 1
    assert changed(in_pieces)["pieces"] > plain["pieces"] + 2
    assert changed(in_pieces)["away"] > plain["away"] + 2
    assert changed(thin)["sizes"] > plain["sizes"] + 0.1
    assert changed(swap)["swapped"] > 0
    assert signs(chance=0.5)["edges"] > plain["edges"] + 2


def test_nothing_and_two_vertebrae_are_no_column():
    def all_but_two(labels):
        labels[~np.isin(labels, (2, 3))] = 0

    assert changed(all_but_two) is None
    assert signs(np.zeros_like(lumbar()[1])) is None
    assert count_structures(boxes()) == 12
    unknown = boxes()
    assert measure_volume(None, OutlinedVolume(unknown.volume, unknown.labels)) is None
