"""The signs of a film from the side: of a row that is as it should be, and of one that is not."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from spinelib.apply.film import outline_film
from spinelib.apply.gate.side_signs import SIDE_SIGNS, SIDE_SURE, count_row, measure_side
from spinelib.spinefm.instances import Instance
from spinelib.spinefm.read import FilmReading

from ...spinefm.films import LEVELS
from ..sides import knowing, mirrored_pair, save_sides


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    """A pipeline that knows a film and its mirror image, and what it reads on the film."""
    folder, films = tmp_path_factory.mktemp("sides"), mirrored_pair()
    predictor = knowing(films, folder / "lateral")
    return predictor, outline_film(predictor, save_sides(films, folder / "films") / "0.png")


def changed(answered, change):
    """The signs where the vertebrae were changed by a function of their list."""
    predictor, found = answered
    read = FilmReading(found.walked.reading, change(list(found.walked.vertebrae)))
    return measure_side(predictor, replace(found, walked=read))


def test_every_sign_is_a_number_and_has_words(answered):
    found = measure_side(*answered)
    assert tuple(found) == tuple(SIDE_SIGNS)
    assert np.isfinite(list(found.values())).all()
    assert all(words.format(found[name]) for name, words in SIDE_SIGNS.items())
    assert set(SIDE_SURE) < set(SIDE_SIGNS)


def test_a_row_from_c2_to_the_sacrum_is_even_sure_and_ends_where_it_should(answered):
    found = measure_side(*answered)
    assert found["found"] == len(LEVELS) == count_row(answered[1])
    assert [found[name] for name in ("unnamed", "loose", "misplaced", "unread")] == [0, 0, 0, 0]
    # From C4 to L4.
    assert found["broken"] == 1
    assert found["score"] == pytest.approx(0.88, abs=0.02)
    assert found["spacing"] < 0.1
    assert found["areas"] < 0.1
    assert found["lean"] < 15
    assert found["reach"] == pytest.approx(5 * 17 / 128, abs=0.02)
    assert found["aside"] < 0.15
    assert found["aspect"] == pytest.approx(np.log(2))


def test_the_mirrored_film_is_read_alike_by_a_pipeline_that_knows_it(answered):
    found = measure_side(*answered)
    assert found["mirrored"] > 0.9
    assert found["renamed"] == 0
    other = changed(answered, lambda row: [Instance("C7", one.mask) for one in row])
    assert other["renamed"] == 1
    assert other["broken"] == len(LEVELS) - 1


def test_a_gap_and_vertebrae_without_a_name_are_seen(answered):
    plain = measure_side(*answered)
    gap = changed(answered, lambda row: row[:2] + row[3:])
    assert gap["found"] == len(LEVELS) - 1
    assert gap["spacing"] > plain["spacing"] + 0.1
    # The detector had seen it.
    assert gap["unread"] > 0
    assert changed(answered, lambda row: [Instance("", one.mask) for one in row])["unnamed"] == 1
    small = changed(answered, lambda row: [Instance(row[0].level, _worn(row[0].mask)), *row[1:]])
    assert small["areas"] > plain["areas"] + 0.1


def test_two_vertebrae_are_no_row(answered):
    assert changed(answered, lambda row: row[:2]) is None
    predictor, found = answered
    assert measure_side(predictor, replace(found, walked=None)) is None
    assert count_row(SimpleNamespace(side=())) == 0


def _worn(mask):
    rows, columns = np.nonzero(mask)
    out = np.zeros_like(mask)
    out[rows[: len(rows) // 4], columns[: len(rows) // 4]] = True
    return out
