"""What a study lacks for a claim is told by what ran in it."""

import pandas as pd
import pytest

from spinelib.questions.claims.evidence import Held
from spinelib.questions.claims.lacking import lacking
from spinelib.questions.compare import contrasts
from tests.questions.claims.test_evidence import CLAIM, PAIR, rows

NO_RUNS = pd.DataFrame({"name": []})
SILENT = pd.DataFrame([{"given": "b/full", "dataset": "d", "structure": "spine", "reason": "Dice fell to 0"}])


def told(claim, *parts, **held):
    cases = contrasts.tested_rows(pd.concat(parts) if parts else rows({"z/full": [1.0]}))
    usual = {"family": pd.DataFrame(), "paces": NO_RUNS, "courses": NO_RUNS, "known": {}}
    return lacking(CLAIM | claim, Held(cases, **(usual | held)))


def test_what_never_ran_is_named_and_what_learned_nothing_says_why():
    one = rows({"a/full": [0.9, 0.8]})
    assert told({}) == "runs of a/full and b/full"
    assert told({}, one) == "runs of b/full"
    learned = "trainings of b/full that learn, which it finished here without (Dice fell to 0)"
    assert told({}, one, unlearned=SILENT) == learned
    assert told({}, unlearned=SILENT) == f"runs of a/full; {learned}"
    assert told({"rule": "none"}) == ""


def test_what_ran_on_other_structures_is_asked_for_on_these():
    assert told({"structure": "lung"}, rows(PAIR)) == "runs of a/full and b/full scored on lung"
    # Who has angles that tell nothing may have outlines that do.
    assert told({"structure": "angles"}, rows(PAIR), unlearned=SILENT) == "runs of a/full and b/full scored on angles"
    volumes = rows(PAIR, structure="all")
    assert told({"structure": "seventeen"}, volumes) == told({"structure": "each"}, volumes) == ""


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("difference", ""),
        ("fewer_films", "runs of both from fewer films, as many on either side"),
        ("folds", "runs of both in 3 folds or more"),
    ],
)
def test_a_pair_that_ran_lacks_what_its_rule_needs(rule, words):
    assert told({"rule": rule}, rows(PAIR)) == words


def test_a_pair_at_two_widths_is_none():
    parts = rows({"a/full": [0.9, 0.8]}), rows({"b/full": [0.7, 0.7]}, width=0.25)
    assert told({}, *parts) == "runs of both by one recipe and at one width on the same data"


def test_times_and_courses_are_of_trainings_whatever_these_learned():
    ran = pd.DataFrame({"name": ["a/full", "b/full"]})
    cost, course = {"rule": "cost", "metric": "train_seconds"}, {"rule": "course", "metric": "loss_gap"}
    assert told(cost, paces=ran.head(1), unlearned=SILENT) == "runs of b/full"
    assert told(cost, paces=ran).startswith("both trained by one recipe")
    assert told(course, paces=ran) == "runs of a/full and b/full"
    assert told(course, courses=ran) == "trainings of equal length"
    assert told({"rule": "course_level", "other": ""}, courses=ran) == "trainings by the published recipe"
