"""The pictures that a gate is made from: every kind, with what is true of it."""

import numpy as np
import pytest

from spinelib.apply.gate.answers import FILM_ANSWER
from spinelib.apply.gate.made import Amounts, made_pictures
from spinelib.apply.gate.pictures import NO_SPINE, UNSEEN
from spinelib.apply.gate.spoiled import SPOILED, STILL_FILMS
from spinelib.corruptions import SEVERITIES, chosen

FILM = FILM_ANSWER.good


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return list(made_pictures(tmp_path_factory.mktemp("films"), 5, Amounts(3, 1, 1, 1, 1)))


def test_every_kind_is_there(pictures):
    kinds = {picture.kind for picture in pictures}
    corruptions = {corruption.name for corruption in chosen((), 2)}
    assert kinds == {FILM, *corruptions, *SPOILED, *NO_SPINE, "from the side", "MR slice"}
    for name in corruptions:
        assert [p.severity for p in pictures if p.kind == name] == list(SEVERITIES)


def test_what_ought_to_be_answered_is_a_film_or_one_a_little_worse(pictures):
    for picture in pictures:
        if picture.kind == FILM:
            assert picture.readable
        elif picture.severity:
            assert picture.readable is (True if picture.severity <= 2 else None)
        elif picture.kind in STILL_FILMS:
            assert picture.readable is None
        else:
            assert picture.readable is False
    assert {p.kind for p in pictures if p.unseen} == set(UNSEEN)


def test_films_have_their_patients_angle_and_spine(pictures):
    films = {p.patient: p for p in pictures if p.kind == FILM}
    assert len(films) == 3
    for film in films.values():
        assert film.labels.shape == film.pixels.shape
        assert 0.02 < film.labels.mean() < 0.3
    for picture in pictures:
        if picture.kind in (*STILL_FILMS, "crop", "rotation"):
            assert picture.angle == films[picture.patient].angle
    rotated = next(p for p in pictures if p.kind == "rotation" and p.severity == 5)
    assert not np.array_equal(rotated.labels, films[rotated.patient].labels)


def test_a_share_of_every_amount_leaves_some_of_each():
    assert Amounts().scaled(0.001) == Amounts(2, 2, 2, 2, 1)
    assert Amounts().scaled(1) == Amounts()
    assert Amounts(others=0).scaled(0.5).others == 0
