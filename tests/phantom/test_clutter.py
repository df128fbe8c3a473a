"""Markers, shutters and metal: what they change, and that it stays on the film."""

import numpy as np
import pytest
import torch

from spinelib.phantom import clutter
from spinelib.phantom.clutter import annotate, brace, buckles, draw_metal, rods, shutters, stamp, wire
from spinelib.phantom.projection import FilmFrame
from spinelib.phantom.spine import pose

from .made import film, patient

FRAME = FilmFrame(1.0, (-40.0, 60.0), 10, 8, 100, 60, (0.0, 0.0), 1500.0, 0.0)
SIZE = (120, 76)


def outside():
    mask = torch.ones(SIZE, dtype=torch.bool)
    mask[10:110, 8:68] = False
    return mask


def test_a_stamp_is_as_high_as_asked_and_has_ink():
    for height in (8, 20, 40):
        letters = stamp("L", height)
        assert letters.shape[0] == pytest.approx(height, rel=0.35)
        assert letters.min() == 0
        assert 0.9 < letters.max() <= 1
    assert stamp("ERECT", 20).shape[1] > 3 * stamp("L", 20).shape[1]


def test_words_only_brighten_and_stay_on_the_film():
    written = 0
    for seed in range(12):
        image = torch.full(SIZE, 0.3)
        annotate(image, FRAME, np.random.default_rng(seed))
        assert image.min() == torch.tensor(0.3)
        assert image.max() <= 1
        assert (image[outside()] == torch.tensor(0.3)).all()
        written += bool((image > 0.3001).any())
    assert 5 <= written <= 12, "three films in ten have no word"


def test_markers_of_a_side_stand_on_it_on_films_from_the_front(monkeypatch):
    found = []
    monkeypatch.setattr(clutter, "stamp", lambda word, height: found.append(word) or torch.full((3, 3), 0.9))
    for sided in (True, False):
        found.clear()
        wrong = 0
        for seed in range(150):
            image, before = torch.zeros(SIZE), len(found)
            annotate(image, FRAME, np.random.default_rng(seed), sided)
            words = [word for word in found[before:] if word[0] in "LR"]
            if len(found) - before == len(words) == 1 and image.any():
                on_right = np.flatnonzero(image.any(0).numpy()).mean() > FRAME.left + FRAME.width / 2
                wrong += on_right != words[0].startswith("L")
        assert (wrong == 0) == sided


def test_shutters_cover_a_border_of_one_value_and_leave_the_middle():
    closed = 0
    for seed in range(80):
        image = torch.full(SIZE, 0.4)
        shutters(image, FRAME, np.random.default_rng(seed))
        changed = image != torch.tensor(0.4)
        closed += bool(changed.any())
        assert len(image[changed].unique()) <= 1
        assert not changed[outside()].any()
        # A third of the width at most on either side.
        assert not changed[20:100, 28:48].any()
    assert 3 <= closed <= 20


@pytest.mark.parametrize("thing", [buckles, brace, wire])
@pytest.mark.parametrize("seed", range(3))
def test_things_add_attenuation_and_take_none_away(thing, seed):
    canvas = torch.full(SIZE, 0.5)
    thing(canvas, FRAME, np.random.default_rng(seed))
    assert canvas.min() >= 0.5 - 1e-6
    assert canvas.max() > 0.5


def test_rods_run_along_the_spine():
    spine = pose(patient())
    frame = film(spine.centre, (160, 120), room=60)
    canvas = torch.zeros(160, 120)
    rods(canvas, spine, frame, np.random.default_rng(0))
    rows, columns = (canvas > 0.5).nonzero().T.numpy()
    centre = frame.project(spine.centre)
    column = np.interp(rows, centre[:, 1], centre[:, 0])
    assert np.abs(columns - column).max() * frame.spacing < 45
    assert len(set(rows)) > 15


def test_metal_is_as_frequent_as_asked():
    spine = pose(patient())
    frame = film(spine.centre, (96, 72), room=60)
    shown = {}
    for often in (0.0, 1.0, 20.0):
        canvases = [torch.zeros(96, 72) for _ in range(20)]
        for seed, canvas in enumerate(canvases):
            draw_metal(canvas, spine, frame, np.random.default_rng(seed), often)
        shown[often] = sum(bool(canvas.any()) for canvas in canvases)
    assert shown[0.0] == 0 < shown[1.0] < shown[20.0] == 20
