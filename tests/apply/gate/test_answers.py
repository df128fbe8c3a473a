"""The types of answers: which network has which, and what a user is told where there is nothing to judge."""

from types import SimpleNamespace

import numpy as np
import pytest

from spinelib.apply.gate.answers import FILM_ANSWER, SIDE_ANSWER, VOLUME_ANSWER, answer_type
from spinelib.core.structures import STRUCTURES

from ...prediction.made import card

GRID = {"input_grid": (6, 32, 16), "evaluation_grid": (6, 32, 16)}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, FILM_ANSWER),
        ({"classes": ("C2", "C3", "S1"), "pipeline": {"named": True}}, SIDE_ANSWER),
        ({"classes": STRUCTURES, **GRID}, VOLUME_ANSWER),
        ({"classes": ("lung",)}, None),
        ({"classes": ("S", "L5"), **GRID}, None),
    ],
)
def test_what_a_network_outlines_says_of_what_type_its_answers_are(facts, expected):
    assert answer_type(card(**facts)) is expected


@pytest.mark.parametrize("answers", [FILM_ANSWER, SIDE_ANSWER, VOLUME_ANSWER])
def test_signs_that_rules_use_are_measured(answers):
    assert {*answers.sure, answers.own[1]} <= set(answers.signs)
    assert answers.remedy.startswith("Give a ")


def test_what_is_missing_is_said():
    place = SimpleNamespace(place=SimpleNamespace(film=(200, 400)))
    side = SimpleNamespace(side=("a", "b"), film=place)
    assert SIDE_ANSWER.nothing(side).startswith("no row of vertebrae: 2 found; the picture is wider than high")
    volume = SimpleNamespace(labels=np.array([[[0, 3, 3, 7]]], np.uint8))
    assert VOLUME_ANSWER.nothing(volume) == "no column of vertebrae: 2 vertebrae and discs found"
