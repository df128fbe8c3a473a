"""Errors by the number of training films: which runs belong together, and how many films they had."""

import json

import pandas as pd
import pytest

from spinelib.core.errors import BadInput
from spinelib.questions import learning
from spinelib.questions.learning.amounts import training_amounts

GIVEN = {"method": "unet", "variant": "full", "width": 0.25, "trained_on": "aasce", "recipe": "common"}


def write(results, run, films, **changes):
    folder = results / "runs" / run
    folder.mkdir(parents=True)
    facts = {"training": {"steps": 100, "epochs": 100 * 8 / films}, "recipe": {"batch": 8}}
    (folder / "run.json").write_text(json.dumps({"parameters": GIVEN | changes, "facts": facts}))


@pytest.fixture
def results(tmp_path):
    write(tmp_path, "few", 54, train_films=54)
    write(tmp_path, "many", 433)
    write(tmp_path, "warm", 433, pretrained="elsewhere")
    write(tmp_path, "wide", 433, width=0.5)
    return tmp_path


def tables():
    names = ["few", "many", "warm", "wide"]
    rows = pd.DataFrame({"name": names, "run": names})
    board = pd.DataFrame({"name": names, "route": "mask", "smape": [20.0, 12.0, 11.0, 10.0]})
    return rows, board.assign(smape_low=board["smape"] - 1, smape_high=board["smape"] + 2)


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


def test_the_figure_marks_every_amount(results):
    figure = learning.amount_lines(training_amounts(results, *tables(), "smape"), "SMAPE", "%")
    ax = figure.axes[0]
    assert [text.get_text() for text in ax.get_xticklabels()] == ["54", "433"]
    assert ax.get_ylabel() == "SMAPE (%)"
    assert len(ax.containers) == 2
    assert figure.get_size_inches()[0] <= 6.4


def test_no_figure_without_amounts(results):
    rows, board = tables()
    empty = training_amounts(results, rows[1:2], board[1:2], "smape")
    assert empty.empty
    with pytest.raises(ValueError, match="training films"):
        learning.amount_lines(empty, "SMAPE", "%")
