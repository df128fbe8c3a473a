"""Errors by the number of training films: which runs belong together, and how many films they had."""

import pytest

from spinelib.core.errors import BadInput
from spinelib.questions.learning.amounts import training_amounts
from tests.questions.learning.made import tables


def test_a_family_differs_in_its_films_or_its_start_alone(results):
    found = training_amounts(results, *tables(), "smape")
    assert set(found["family"]) == {"unet/full width 0.25 on aasce"}
    assert found[["start", "training films", "value"]].to_numpy().tolist() == [
        ["from scratch", 54, 20.0],
        ["from scratch", 433, 12.0],
        ["pretrained", 433, 11.0],
    ]
    assert found["high"].tolist() == [22.0, 14.0, 13.0]


def test_a_run_without_its_record_is_named(results):
    (results / "runs" / "few" / "run.json").write_text("{}")
    with pytest.raises(BadInput, match="few"):
        training_amounts(results, *tables(), "smape")
