"""What a notebook shows of a pipeline: its walks, its scores, where walks end, what a film costs."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from spinelib.prediction.predictor import Predictor
from spinelib.questions.inside_spinefm.look import (
    decision,
    example_film,
    instance_board,
    level_board,
    reading_size,
    stops,
    time_shares,
    walk_table,
    weakest,
)
from spinelib.spinefm.evaluate import VertebraScores, _dice, reading_rows
from spinelib.spinefm.read import Clock, read_films
from spinelib.spinefm.walk import START, UP, Step
from tests.spinefm.films import column
from tests.spinefm.made_readers import built, complete


def test_tables_of_a_notebook():
    lateral = column(3)
    clock = Clock(torch.device("cpu"))
    films = read_films(built(lateral), lateral.images, clock)
    rows = complete(reading_rows(films, lateral)[0])
    scores = VertebraScores(lateral, films, _dice(rows, lateral))
    board = instance_board(rows)
    assert board.loc["identified"].tolist() == ["1.000 [1.000, 1.000]", "1.000"]
    assert list(level_board(rows, "d").index) == ["C2", "C3", "C4", "L4", "L5", "S1"]
    found = stops({"d": scores})
    assert found.loc[("d", "up"), "upper end"] == 3
    assert found.loc[("d", "down"), "lower end"] == 3
    table = walk_table(films[0])
    assert table["decision"].iloc[-1] == "accept, stop: lower end"
    assert weakest(scores, 2)[0] == int(np.argmin(scores.dice))
    shares = time_shares(clock)
    assert shares.loc["segmenter", "asked per film"] == pytest.approx(6, abs=1)
    assert shares.loc[["detector", "segmenter", "predictor", "ends", "the rest"], "share %"].sum() == pytest.approx(
        100, abs=0.5
    )


def stepped(direction, stop="", accepted=True):
    """A step of a walk at one point."""
    return Step(direction, 1, (3.0, 4.0), accepted=accepted, stop=stop)


def test_a_decision_is_a_word_or_two():
    steps = stepped(START), stepped(UP), stepped(UP, "upper end"), stepped(UP, "background", accepted=False)
    assert [decision(step) for step in steps] == ["start", "go on", "accept, stop: upper end", "stop: background"]


def looked_at(dice, begun, split=None):
    """Scores of films with this Dice, of which the walk of some has begun."""
    table = pd.DataFrame({"split": split or ["test"] * len(dice)})
    readings = [SimpleNamespace(start=0 if b else None, walk=SimpleNamespace(steps=[])) for b in begun]
    read = [SimpleNamespace(reading=reading) for reading in readings]
    return SimpleNamespace(films=SimpleNamespace(table=table), read=read, dice=np.array(dice))


def test_the_example_is_of_middling_dice_among_the_test_films_whose_walk_began():
    dice = [0.9, 0.1, 0.5, 0.7, 0.6]
    assert example_film(looked_at(dice, [True] * 5)) == 4
    assert example_film(looked_at(dice, [True, False, False, True, True])) == 3
    assert example_film(looked_at(dice, [False] * 5)) == 4
    assert example_film(looked_at(dice, [True] * 5, ["train", "test", "test", "train", "train"])) == 2


def test_the_weakest_films_are_those_with_labelled_vertebrae():
    scores = looked_at([0.9, np.nan, 0.5, 0.7], [True] * 4)
    assert weakest(scores) == [2, 3, 0]
    assert weakest(scores, 1) == [2]


def test_a_walk_that_never_began_or_began_at_the_end_is_counted_as_such():
    scores = looked_at([0.5] * 3, [True, False, False], ["test", "test", "train"])
    found = stops({"d": scores})
    assert found.loc[("d", "up")].to_dict() == {"at the start": 1, "no start": 1}
    scores.read[0].reading.walk.steps.append(stepped(UP, "overlap"))
    found = stops({"d": scores})
    assert found.loc[("d", "up")].to_dict() == {"overlap": 1, "at the start": 0, "no start": 1}
    assert found.loc[("d", "down")].to_dict() == {"overlap": 0, "at the start": 1, "no start": 1}


def test_shares_of_time_add_up_to_the_whole():
    clock = Clock(torch.device("cpu"))
    clock.seconds.update({"all": 2.0, "detector": 0.5, "segmenter": 1.0})
    clock.calls.update({"all": 4, "detector": 4, "segmenter": 30})
    table = time_shares(clock)
    assert table["share %"].to_dict() == {
        "detector": 25,
        "segmenter": 50,
        "predictor": 0,
        "ends": 0,
        "the rest": 25,
        "all": 100,
    }
    assert table.loc["segmenter"].tolist() == [7.5, 250.0, 50.0]


def test_the_size_of_a_pipeline_is_that_of_the_stages_it_uses(tmp_path, monkeypatch):
    films = column(1)
    reader = built(films)
    monkeypatch.setattr(Predictor, "from_folder", lambda folder, device: SimpleNamespace(network=reader))
    size = reading_size(tmp_path, films.images[0])
    stages = [reader.stages[name] for name in reader.switches.stages]
    assert size["params"] == sum(value.numel() for stage in stages for value in stage.parameters())
    assert size["flops"] >= 0
