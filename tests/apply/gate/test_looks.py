"""Further looks at a film lie as the film does."""

import numpy as np
import pytest

from spinelib.apply.film import outline_film
from spinelib.apply.gate.looks import take_looks

from ...cases.films import film
from ..made import bright
from .shown import save_film


def test_looks_of_a_network_that_sees_pixel_by_pixel_agree(tmp_path, monkeypatch):
    predictor = bright(tmp_path / "study", monkeypatch, grid=[256, 128], local=False)
    found = outline_film(predictor, save_film(tmp_path / "spine.png", film(640, 300, 3, bend=25)))
    looks = take_looks(predictor, found.image, found.logits)
    assert looks.first.shape == looks.mirrored.shape == looks.turned.shape == (256, 128)
    assert np.array_equal(looks.first >= 0.5, found.logits[0] >= 0)
    for other in (looks.mirrored, looks.turned):
        assert 2 * np.minimum(looks.first, other).sum() / (looks.first + other).sum() > 0.85
    rows, columns = np.indices((256, 128))
    for axis in (rows, columns):
        places = [(axis * look).sum() / look.sum() for look in (looks.first, looks.mirrored, looks.turned)]
        assert places == pytest.approx([places[0]] * 3, abs=1.5)
