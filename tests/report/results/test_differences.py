"""Paired differences in words."""

import pytest

from spinelib.report.results.differences import lies
from tests.report.results.made import changed


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.01, 0.03, "lies 0.020 [0.010, 0.030] above"),
        (-0.03, -0.01, "lies 0.020 [0.010, 0.030] below"),
        (-0.01, 0.05, "cannot be told from"),
    ],
)
def test_the_direction_of_a_sentence_follows_the_interval(study, low, high, words):
    place = "questions/60_significance/tests_phantom_lateral.csv"
    changed(study, place, mean=(low + high) / 2, low=low, high=high)
    one, other = "spinefm/full", "spinefm/no_predictor_pretrained"
    assert words in lies(study, "phantom_lateral", one, other)
    turned = {"above": "below", "below": "above"}
    back = lies(study, "phantom_lateral", other, one)
    assert words.rpartition(" ")[0] in back
    assert turned.get(words.split()[-1], "cannot be told from") in back
