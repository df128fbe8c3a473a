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
from spinelib.runs.tables import CASE_COLUMNS, check_cases
from spinelib.spinefm.evaluate import corners_of, reading_rows, unions
from spinelib.spinefm.read import read_films
from tests.prediction.made import leave
from tests.spinefm.films import column
from tests.spinefm.made import coronal
from tests.spinefm.made_readers import Standing, built, complete, distinct, read


@pytest.fixture
def lateral():
    return column(3)


@pytest.fixture
def standing():
    return distinct(coronal(3))


PARAMETERS = {"method": "spinefm", "variant": "full", "width": 1.0, "recipe": "common", "fold": 0}
PARAMETERS |= {"trained_on": "d", "tested_on": ["d"]}


@pytest.fixture
def run(standing, tmp_path, monkeypatch):
    """A finished run whose stages know the truth."""
    reader = built(standing, Standing)
    monkeypatch.setattr("spinelib.spinefm.loading.load_reader", lambda card, folder: reader)
    leave(tmp_path / "run", reader, Card("spinefm", "full", 1.0, 1, standing.classes, standing.grid, standing.grid))
    return Run(tmp_path / "run", PARAMETERS | {"grid": list(standing.grid)}, 0, "cpu", 1)


def test_the_pipeline_in_the_folder_is_scored_and_its_maps_are_those_of_the_predictor(run, standing):
    rows, results, clock = spinefm.evaluate_pipeline(run, {"d": standing})
    kept = load_predictions(run.folder / "predictions" / "d.npz")
    assert np.array_equal(kept.labels, Predictor.from_folder(run.folder, "cpu").labels(standing))
    assert kept.labels.any(axis=(1, 2)).all()
    assert kept.corners.shape == (3, 17, 4, 2)
    assert list(kept.cases) == standing.table["case"].tolist()
    assert set(rows["method"] + "/" + rows["variant"]) == {"spinefm/full"}
    assert (results["d"].dice > 0.9).all()
    assert results["d"].references.max() == 17
    assert clock.calls["all"] == 3
    assert (run.folder / "cases.csv").exists()
    assert run.facts["reading"]["calls"]["all"] == 3


def test_a_run_that_is_not_trained_and_data_without_a_test_film_are_refused(run, standing, tmp_path):
    with pytest.raises(BadInput, match="has no test film"):
        spinefm.evaluate_pipeline(run, {"d": replace(standing, table=standing.table.assign(split="train"))})
    other = Run(tmp_path / "other", run.parameters, 0, "cpu", 1)
    with pytest.raises(BadInput, match="is no folder"):
        spinefm.evaluate_pipeline(other, {"d": standing})


def test_perfect_standing_films_have_an_outline_corners_and_vertebrae(standing):
    films = read(standing, Standing)
    rows, corners = reading_rows(films, standing)
    assert corners.shape == (3, 17, 4, 2)
    single = rows[rows["case"] != "all"].groupby(["structure", "metric"])["value"].mean()
    assert single["spine", "dice"] > 0.9
    assert single["vertebrae", "identified"] == 1
    assert single["vertebrae", "false_detections"] == 0
    assert single["spine", "cobb_error"] < 3
    assert single["corners", "cobb_error"] < 3
    assert rows["structure"].iloc[0] == "spine"
    assert "level_accuracy" not in set(rows["metric"])
    assert len(check_cases(complete(rows), "rows")[CASE_COLUMNS]) == len(rows)


def test_lateral_films_are_scored_by_vertebra_alone(lateral):
    rows, corners = reading_rows(read(lateral), lateral)
    assert corners is None
    assert set(rows["structure"]) == {"vertebrae", "C2", "C3", "C4", "L4", "L5", "S1"}
    accuracy = rows[(rows["structure"] == "vertebrae") & (rows["metric"] == "level_accuracy_pooled")]["value"]
    # Of six vertebrae counted from both ends each half is named from its own end.
    assert accuracy.tolist() == [1.0]


def test_films_where_nothing_is_found_count_as_missed(standing):
    nothing = built(standing, Standing)
    nothing.pipeline.detector.rough = lambda centres: []
    films = read_films(nothing, standing.images)
    rows, corners = reading_rows(films, standing)
    assert corners.shape == (3, 1, 4, 2)
    assert np.isnan(corners).all()
    assert not unions(films, standing).any()
    assert set(rows.loc[(rows["structure"] == "corners"), "status"]) == {"few_vertebrae"}
    dice = rows[(rows["structure"] == "vertebrae") & (rows["metric"] == "dice")]["value"]
    assert (dice == 0).all()


def test_corners_follow_the_vertebrae(standing):
    films = read(standing, Standing)
    found = corners_of(films, standing)
    np.testing.assert_allclose(found.mean(2), standing.landmarks.mean(2), atol=1.0)
