"""Scoring a run: the pipeline in its folder reads the films, and what is written is what was read."""

from dataclasses import replace

import numpy as np
import pytest

from spinelib import spinefm
from spinelib.core.errors import BadInput
from spinelib.prediction.card import Card
from spinelib.prediction.predictor import Predictor
from spinelib.runs import Run
from spinelib.runs.predictions import load_predictions
from tests.prediction.made import leave
from tests.spinefm.made import coronal
from tests.spinefm.test_read import Standing, built, distinct

PARAMETERS = {"method": "spinefm", "variant": "full", "width": 1.0, "recipe": "common", "fold": 0}
PARAMETERS |= {"trained_on": "d", "tested_on": ["d"]}


@pytest.fixture
def films():
    return distinct(coronal(3))


@pytest.fixture
def run(films, tmp_path, monkeypatch):
    """A finished run whose stages know the truth."""
    reader = built(films, Standing)
    monkeypatch.setattr("spinelib.spinefm.loading.load_reader", lambda card, folder: reader)
    leave(tmp_path / "run", reader, Card("spinefm", "full", 1.0, 1, films.classes, films.grid, films.grid))
    return Run(tmp_path / "run", PARAMETERS | {"grid": list(films.grid)}, 0, "cpu", 1)


def test_the_pipeline_in_the_folder_is_scored_and_its_maps_are_those_of_the_predictor(run, films):
    rows, results, clock = spinefm.evaluate_pipeline(run, {"d": films})
    kept = load_predictions(run.folder / "predictions" / "d.npz")
    assert np.array_equal(kept.labels, Predictor.from_folder(run.folder, "cpu").labels(films))
    assert kept.labels.any(axis=(1, 2)).all()
    assert kept.corners.shape == (3, 17, 4, 2)
    assert list(kept.cases) == films.table["case"].tolist()
    assert set(rows["method"] + "/" + rows["variant"]) == {"spinefm/full"}
    assert (results["d"].dice > 0.9).all()
    assert results["d"].references.max() == 17
    assert clock.calls["all"] == 3
    assert (run.folder / "cases.csv").exists()
    assert run.facts["reading"]["calls"]["all"] == 3


def test_a_run_that_is_not_trained_and_data_without_a_test_film_are_refused(run, films, tmp_path):
    with pytest.raises(BadInput, match="has no test film"):
        spinefm.evaluate_pipeline(run, {"d": replace(films, table=films.table.assign(split="train"))})
    other = Run(tmp_path / "other", run.parameters, 0, "cpu", 1)
    with pytest.raises(BadInput, match="is no folder"):
        spinefm.evaluate_pipeline(other, {"d": films})
