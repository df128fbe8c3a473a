"""The gates that come with the project, on pictures of seeds that neither it nor its network has met."""

import numpy as np
import pandas as pd
import pytest

from spinelib.apply.gate.answers import FILM_ANSWER, answer_type
from spinelib.apply.gate.made import Amounts, made_pictures
from spinelib.apply.gate.made_sides import made_sides
from spinelib.apply.gate.made_volumes import made_volumes
from spinelib.apply.gate.outcomes import with_outcomes
from spinelib.apply.gate.pictures import NO_SPINE
from spinelib.apply.gate.record import AnswerGate
from spinelib.apply.gate.trial import measure_pictures
from spinelib.core.layout import GATE
from spinelib.prediction.predictor import Predictor
from spinelib.prediction.released import RELEASED, find_weights

pytestmark = pytest.mark.slow
SEED = 7301
MILD, WORST = 1, 5  # severities of corruptions
KINDS = (*NO_SPINE, FILM_ANSWER.good, "lying", "thorax", "a part", "upside down", "from the side", "MR slice")


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    """What becomes of a few pictures of each kind."""
    predictor = Predictor.from_folder(find_weights("film"), "cpu")
    gate = AnswerGate.read(predictor.folder, predictor.card.weights, FILM_ANSWER.signs)
    amounts = Amounts(films=30, corrupted=1, each=4, others=4, volumes=1)
    pictures = made_pictures(tmp_path_factory.mktemp("films"), SEED, amounts)
    asked = (each for each in pictures if each.kind in KINDS or each.severity in (MILD, WORST))
    return with_outcomes(gate, measure_pictures(predictor, asked))


def shares(answered, *kinds):
    return answered[answered["kind"].isin(kinds)]["status"].value_counts(normalize=True)


def test_good_films_are_answered(answered):
    found = shares(answered, FILM_ANSWER.good)
    assert found["ok"] > 0.75
    assert found.get("refused", 0.0) < 0.1


def test_what_is_no_film_of_a_whole_spine_is_not(answered):
    assert shares(answered, *NO_SPINE).get("ok", 0.0) == 0
    assert shares(answered, *NO_SPINE)["refused"] > 0.9
    assert shares(answered, "lying", "thorax", "a part", "from the side", "MR slice").get("ok", 0.0) < 0.1


def test_most_films_on_their_head_are_found_out(answered):
    assert shares(answered, "upside down").get("ok", 0.0) <= 0.5


def test_confidence_falls_as_films_get_worse(answered):
    good = answered[answered["kind"] == FILM_ANSWER.good]["confidence"].mean()
    worse = answered.groupby("severity")["confidence"].mean()
    assert good > worse[MILD] > worse[WORST]


def test_the_surest_answers_are_the_right_ones(answered):
    films = answered[answered["kind"] == FILM_ANSWER.good].sort_values("confidence")
    half = len(films) // 2
    assert isinstance(answered, pd.DataFrame)
    assert np.nanmean(films["error"][half:]) < np.nanmean(films["error"][:half])


@pytest.mark.parametrize(
    ("name", "make", "amounts"),
    [("lateral", made_sides, Amounts(12, 0, 1, 6, 1)), ("mr", made_volumes, Amounts(5, 0, 1, 0, 0))],
)
def test_the_other_networks_answer_what_they_read_and_nothing_else(name, make, amounts, tmp_path):
    if not RELEASED[name].there or not (RELEASED[name].folder / GATE).is_file():
        pytest.skip(f"this copy of the project has no network {name} with a gate")
    predictor = Predictor.from_folder(find_weights(name), "cpu")
    answers = answer_type(predictor.card)
    gate = AnswerGate.read(predictor.folder, predictor.card.weights, answers.signs)
    rows = with_outcomes(gate, measure_pictures(predictor, make(tmp_path, SEED, amounts)))
    good, none = rows[rows["kind"] == answers.good], rows[rows["readable"].eq(False)]
    assert (good["status"] == "refused").mean() < 0.2
    assert (none["status"] == "ok").mean() < 0.1
