"""The pictures of the gate for films from the side: every kind, with what is true of it."""

import numpy as np
import pytest

from spinelib.apply.gate.answers import SIDE_ANSWER
from spinelib.apply.gate.made import Amounts
from spinelib.apply.gate.made_sides import SPOILED_SIDES, WORSE, made_sides
from spinelib.apply.gate.pictures import NO_SPINE, UNSEEN
from spinelib.apply.gate.spoiled import STILL_FILMS
from spinelib.apply.side import NUMBERS
from spinelib.corruptions import chosen


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return list(made_sides(tmp_path_factory.mktemp("films"), 5, Amounts(3, 1, 1, 1, 1)))


def test_every_kind_is_there(pictures):
    kinds = {picture.kind for picture in pictures}
    corruptions = {corruption.name for corruption in chosen((), 2)}
    assert kinds == {SIDE_ANSWER.good, *corruptions, *SPOILED_SIDES, *NO_SPINE, "from the front", "MR slice"}
    for name in corruptions:
        assert [p.severity for p in pictures if p.kind == name] == list(WORSE)
    assert {p.kind for p in pictures if p.unseen} == set(UNSEEN)


def test_films_have_their_vertebrae_by_number_and_are_of_neck_and_loin(pictures):
    films = [p for p in pictures if p.kind == SIDE_ANSWER.good]
    assert len(films) == 3
    for film in films:
        assert film.readable
        assert film.labels.shape == film.pixels.shape
        assert {NUMBERS["C2"], NUMBERS["S1"]} & set(np.unique(film.labels).tolist())
        assert set(np.unique(film.labels)) <= {0, *NUMBERS.values()}
    assert len({film.patient for film in films}) == 2


def test_what_is_no_film_from_the_side_is_not_to_be_answered(pictures):
    for picture in pictures:
        if picture.kind in STILL_FILMS:
            assert picture.readable is None
        elif picture.severity:
            assert picture.labels is not None
        elif picture.kind != SIDE_ANSWER.good:
            assert picture.readable is False
            assert picture.labels is None
            assert np.isnan(picture.angle)
