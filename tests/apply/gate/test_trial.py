"""Measured answers: a row for every picture, whatever it shows."""

import numpy as np
import pytest

from spinelib.apply.gate.made import MadePicture
from spinelib.apply.gate.signs import SIGNS
from spinelib.apply.gate.trial import FACTS, measure_pictures
from spinelib.cases.drawing import draw_quadrilaterals
from spinelib.measures.cobb.reading import from_corners

from ...cases.films import spine
from ..made import bright


def test_films_have_errors_and_dice_and_what_shows_nothing_has_neither(tmp_path, monkeypatch):
    predictor = bright(tmp_path / "study", monkeypatch, grid=[320, 160], evaluation=(320, 160), local=False)
    corners = spine(640, 300, 60)
    mask = (draw_quadrilaterals(corners, (640, 300)) > 0).astype(np.uint8)
    angle = float(from_corners(corners, (0.0, 640.0)).angles[0])
    air = np.random.default_rng(0).integers(20, 40, mask.shape)
    pictures = [
        MadePicture("film", "p1", np.where(mask, 250, air).astype(np.uint8), True, angle=angle, labels=mask),
        MadePicture("one grey", "", np.full((400, 200), 7, np.uint8), False),
    ]
    film, grey = measure_pictures(predictor, pictures).to_dict("records")
    assert {*film} == {*FACTS, *SIGNS}
    assert film["answered"]
    assert film["dice"] > 0.85
    assert film["error"] == pytest.approx(0, abs=8)
    assert not grey["answered"]
    assert np.isnan([grey["error"], grey["dice"], grey["bodies"]]).all()
