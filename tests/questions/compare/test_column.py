"""The column with its gaps closed: what a closing fills, what it leaves, and the command on a finished run's folder."""

import json

import numpy as np
import pytest

from spinelib.core.errors import BadInput
from spinelib.questions.compare import column
from spinelib.runs.predictions import save_predictions
from tests.conftest import make_cases


def bodies(gap, height=256, width=40, body=12):
    film = np.zeros((height, width), np.uint8)
    for top in range(0, height - body, body + gap):
        film[top : top + body, 10:30] = 1
    return film


def test_discs_are_closed_and_missing_vertebrae_are_not():
    tight, wide = column.closed(bodies(6)), column.closed(bodies(14))
    assert tight[:240, 10:30].all()
    assert not tight[:, :10].any()
    assert (wide == (bodies(14) > 0)).all(), "a gap as long as a body is a missed body"


def test_what_touches_the_edge_stays():
    full = np.ones((64, 8), np.uint8)
    assert column.closed(full).all()


def test_a_perfect_outline_of_bodies_reaches_one(tmp_path, monkeypatch):
    run = tmp_path / "study" / "runs" / "a"
    run.mkdir(parents=True)
    (run / "run.json").write_text(json.dumps({"parameters": {"tested_on": ["films"], "grid": [256, 40]}}))
    films = make_cases(count=3, height=256, width=40)
    outline = np.stack([bodies(6)] * 3)
    outline[2] = 0
    true = np.zeros_like(outline)
    true[:, :246, 10:30] = 1
    films.table["split"], films.table["patient"] = "test", ["p", "p", "q"]
    films.extra["spine_column"] = true
    monkeypatch.setattr(column, "load_arrays", lambda folder, grid: films)
    save_predictions(run / "predictions" / "films.npz", list(films.table["case"]), outline)
    ((name, split, dice),) = column.column_dice(run)
    assert (name, split) == ("films", "test")
    assert dice["p"] == pytest.approx(1.0, abs=0.02)
    assert dice["q"] == 0.0
    assert column.main([str(run)]) == 0


def test_a_folder_without_a_run_is_named(tmp_path, capsys):
    with pytest.raises(BadInput, match="no finished run"):
        list(column.column_dice(tmp_path))
    assert column.main([str(tmp_path)]) == 2
    assert str(tmp_path) in capsys.readouterr().err
