"""The judgement of an answer: status, the sign that decided in words, confidence."""

from types import SimpleNamespace

import pytest

from spinelib.apply.gate.answers import FILM_ANSWER
from spinelib.apply.gate.judge import UNJUDGED, judge_answer, judge_signs, reason_of
from spinelib.measures.cobb.reading import empty_reading

from ..made import finished
from .gates import GOOD, gate


def found(reading=None, film=(400, 200)):
    return SimpleNamespace(reading=reading, film=SimpleNamespace(place=SimpleNamespace(film=film)))


def test_a_good_answer_is_given_without_a_word():
    given = judge_signs(FILM_ANSWER, gate(), GOOD, found())
    assert (given.status, given.reason) == ("ok", "")
    assert given.confidence == pytest.approx(0.88, abs=0.01)


@pytest.mark.parametrize(("bodies", "status"), [(9, "refused"), (11, "doubtful"), (16, "ok")])
def test_the_sign_that_decided_is_named(bodies, status):
    given = judge_signs(FILM_ANSWER, gate(), GOOD | {"bodies": bodies}, found())
    assert given.status == status
    assert given.reason == ("" if status == "ok" else f"{bodies} vertebral bodies found, where a whole spine has 17")


def test_an_answer_that_is_rather_wrong_than_right_is_doubtful_and_says_so():
    given = judge_signs(FILM_ANSWER, gate(), GOOD | {"alone": 0.3}, found())
    assert given.status == "doubtful"
    assert "within 5 degrees with a probability of only 4%" in given.reason
    assert "run into each other" in given.reason


def test_where_nothing_was_read_the_answer_is_refused():
    nothing = judge_signs(FILM_ANSWER, gate(), None, found(empty_reading("the mask is empty")))
    assert (nothing.status, nothing.reason) == ("refused", "no column of vertebrae: 0 bodies found")
    assert nothing.confidence == 0
    lying = judge_signs(FILM_ANSWER, gate(), None, found(empty_reading("the mask is empty"), (200, 400)))
    assert "wider than high" in lying.reason
    absurd = judge_signs(
        FILM_ANSWER, gate(), None, found(empty_reading("an angle of 170 degrees is beyond 120", "out_of_range"))
    )
    assert "170 degrees" in absurd.reason


def test_reasons_name_the_sign_that_speaks_most_against_a_film():
    assert "4 vertebral bodies" in reason_of(FILM_ANSWER, gate().readable, GOOD | {"bodies": 4})


def test_a_network_without_a_gate_is_not_judged(tmp_path):
    from spinelib.prediction.predictor import Predictor

    assert judge_answer(Predictor.from_folder(finished(tmp_path), "cpu"), found()) is UNJUDGED
