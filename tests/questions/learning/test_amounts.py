"""Errors by the number of training films: which runs belong together, and how many films they had."""

import json

import pandas as pd
import pytest

from spinelib.core.errors import BadInput
from spinelib.questions.learning.amounts import training_amounts
from tests.questions.learning.made import GIVEN, tables, write


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


def test_a_released_network_stands_with_no_film_in_the_families_that_start_from_it(tmp_path):
    write(tmp_path, "few", 54, pretrained="film")
    write(tmp_path, "other", 54, pretrained="elsewhere", width=0.5)
    write(tmp_path, "released", 1)
    record = {"parameters": GIVEN | {"method": "released"}, "facts": {"released": {"network": "film"}}}
    (tmp_path / "runs" / "released" / "run.json").write_text(json.dumps(record))
    # What masks of another program took is not known.
    write(tmp_path, "masks", 1)
    (tmp_path / "runs" / "masks" / "run.json").write_text(json.dumps({"parameters": GIVEN, "facts": {"masks": {}}}))
    names = ["few", "other", "released", "masks"]
    board = pd.DataFrame(
        {"name": names, "route": "mask", "dice": [0.8, 0.7, 0.6, 0.9], "dice_low": 0.5, "dice_high": 0.9}
    )
    found = training_amounts(tmp_path, pd.DataFrame({"name": names, "run": names}), board, "dice")
    assert set(found["family"]) == {"unet/full width 0.25 on aasce"}
    assert found[["start", "training films", "value"]].to_numpy().tolist() == [
        ["pretrained", 0, 0.6],
        ["pretrained", 54, 0.8],
    ]
