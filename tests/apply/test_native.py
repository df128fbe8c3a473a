"""Logits on a grid as classes of a film's own pixels."""

import numpy as np

from spinelib.apply.native import native_map
from spinelib.cases.frame import letterbox


def test_the_native_map_follows_a_ramp_of_logits_exactly():
    frame = letterbox((100, 50), (20, 10))
    # Logits that are 0 at the native row 40.
    rows = np.arange(20.0)[:, None] * np.ones(10)
    scores = (rows - (40 * frame.scale + frame.offset_y))[None].astype(np.float32)
    labels = native_map(scores, frame)
    assert labels[41:].all()
    assert not labels[:40].any()


def test_several_classes_are_told_apart_in_strips_as_at_once(monkeypatch):
    scores = np.random.default_rng(0).normal(size=(4, 20, 10)).astype(np.float32)
    frame = letterbox((97, 41), (20, 10))
    whole = native_map(scores, frame)
    monkeypatch.setattr("spinelib.apply.native.HELD", 41 * 4 * 3)
    assert np.array_equal(whole, native_map(scores, frame))
    assert set(np.unique(whole)) == {0, 1, 2, 3}
