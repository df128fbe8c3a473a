"""Which films of a run are scored, and by what its network answers."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from spinelib import protocol
from spinelib.core.errors import BadInput
from spinelib.prediction.card import Card
from spinelib.prediction.predictor import Predictor
from spinelib.protocol import data as data_module
from spinelib.protocol.evaluation import _scored
from spinelib.runs.predictions import load_predictions
from tests.protocol.made import a_run, arrays, predictor_of
from tests.protocol.made_volumes import GRID, Truth, dice_of, evaluated, volume_run


def test_zero_shot_scores_every_film_and_keeps_development_films_apart():
    data = arrays()
    names = list(data.table["case"][-4:-2])
    scored = protocol.scored_films(data, True, names)
    assert len(scored) == len(data)
    assert set(scored.table.query("split == 'development'")["case"]) == set(names)
    assert set(protocol.scored_films(data, False).table["split"]) == {"test"}


def test_a_true_answer_scores_what_the_grid_allows(run, monkeypatch):
    arrays = protocol.load(run, "phantom_mr", GRID)
    films = protocol.scored_films(arrays, zero_shot=False)
    scored = evaluated(run, Truth(films), arrays, monkeypatch)
    rows, result = scored.rows, scored.results["phantom_mr"]
    assert set(rows["unit"]) == {"1", "mm", "%", "levels"}
    assert set(rows["view"]) == {"sagittal"}
    assert (rows.loc[rows["metric"] == "level_shift", "value"] == 0).all()
    assert (result.dice > 0.6).all()
    np.testing.assert_array_equal(result.dice, dice_of(rows, "all"))
    # On the network's grid nothing is lost but what rounding moves.
    assert result.predictions.shape == result.references.shape == (3, *GRID)
    assert result.predictions.dtype == np.uint8
    assert (result.predictions == result.references).mean() > 0.97
    kept = load_predictions(run.folder / "predictions" / "phantom_mr.npz")
    np.testing.assert_array_equal(kept.labels, result.predictions)
    assert list(kept.cases) == result.names == films.table["case"].tolist()
    pd.testing.assert_series_equal(pd.read_csv(run.folder / "cases.csv")["value"], rows["value"])


def test_a_network_trains_and_is_scored_from_end_to_end(run):
    arrays = protocol.load(run, "phantom_mr", GRID)
    network = protocol.model(run, arrays)
    table = protocol.train(run, network, arrays, protocol.divide(arrays, 0, 3))
    assert np.isfinite(table["validation_loss"]).all()
    assert run.facts["recipe"]["elastic"] is not None
    assert protocol.input_shape(run, arrays) == (1, *GRID)
    scored = protocol.evaluate(run, {"phantom_mr": arrays})
    assert scored.results["phantom_mr"].dice.shape == (3,)
    assert (scored.rows["dataset"] == "phantom_mr").all()
    assert set(scored.rows["method"]) == {"unet3d"}


def test_data_without_a_test_case_say_so(run, monkeypatch):
    arrays = protocol.load(run, "phantom_mr", GRID)
    none = replace(arrays, table=arrays.table.assign(split="train"))
    with pytest.raises(BadInput, match="has no test case"):
        evaluated(run, Truth(arrays), none, monkeypatch)


def test_a_run_that_is_not_trained_is_refused(run):
    arrays = protocol.load(run, "phantom_mr", GRID)
    with pytest.raises(BadInput, match=r"holds no model\.safetensors"):
        protocol.evaluate(run, {"phantom_mr": arrays})


def test_the_window_of_a_run_is_what_its_network_sees(shared, tmp_path, monkeypatch):
    run = volume_run(shared, tmp_path, window=[8, 20, 16])
    arrays = protocol.load(run, "phantom_mr", GRID)
    network, seen = protocol.model(run, arrays), set()
    network.register_forward_pre_hook(lambda _, inputs: seen.add(tuple(inputs[0].shape[2:])))
    evaluated(run, network, arrays, monkeypatch)
    corner = (2, 32, 16)  # shows how the network's layers are wired (spinelib.prediction.fused)
    assert seen == {(8, 20, 16), corner}


def test_the_network_sees_its_own_grid_and_is_scored_on_the_study_s(tmp_path, monkeypatch):
    fine = arrays(h=64, w=32)
    monkeypatch.setattr(data_module, "load_arrays", lambda folder, grid: fine)
    run = a_run(tmp_path, epochs=1, learning_rate=1e-3, own_grid=[64, 32])
    data = arrays()
    network = protocol.model(run, data)
    seen = []
    network.register_forward_hook(lambda module, inputs, output: seen.append(tuple(inputs[0].shape[2:])))
    protocol.train(run, network, data, protocol.divide(data, 0, 3))
    card = Card.read(tmp_path)
    assert (card.input_grid, card.evaluation_grid) == ((64, 32), (32, 16))
    monkeypatch.setattr("spinelib.prediction.loading.load_network", lambda card, folder: network)
    rows, predictions, angles = _scored(Predictor.from_folder(tmp_path, "cpu"), data, tmp_path)
    assert predictions.shape == (len(data), *data.grid)
    assert angles is None
    assert len(rows[0])
    corner = (32, 32)  # shows how the network's layers are wired (spinelib.prediction.fused)
    assert set(seen) == {(64, 32), corner}


def test_mirrored_films_are_predicted_as_well_when_asked_for(tmp_path, monkeypatch):
    data, shown = arrays(), []
    for flip in (False, True):
        run = a_run(tmp_path, flip=flip)
        network, count = protocol.model(run, data), []
        network.register_forward_hook(lambda module, inputs, output, count=count: count.append(len(inputs[0])))
        _, labels, _ = _scored(predictor_of(run, network, data, monkeypatch), data, tmp_path)
        # One film alone shows how the network's layers are wired (spinelib.prediction.fused).
        shown.append((sum(films for films in count if films > 1), labels))
    assert shown[1][0] == 2 * shown[0][0] == 2 * len(data)
    assert (shown[0][1] != shown[1][1]).any()
