"""Runs that finished before there were model cards get them, and predict as they did."""

import json
from dataclasses import replace

import numpy as np
import pytest

from spinelib import protocol
from spinelib.core.layout import RunFolder, StudyFolder
from spinelib.core.weights import save_weights
from spinelib.models import build_model
from spinelib.prediction.card import Card
from spinelib.prediction.predictor import Predictor
from spinelib.runs.run import Run
from spinelib.study.cards import complete_cards
from tests.prediction.test_same_maps import FILMS, SHORT, USUAL, held, learn


@pytest.fixture
def finished(tmp_path):
    """A finished run of a study in `tmp_path`, mirrored and on a grid of its own, with its record."""
    given = {**USUAL, **SHORT, "grid": [64, 32], "flip": True, "own_grid": [96, 48], "epochs": 1}
    folder = tmp_path / "runs" / "a-unet"
    folder.mkdir(parents=True)
    run = Run(folder, given, 0, "cpu", 1)
    run.manifest("a", **FILMS)
    protocol.evaluate(run, {"a": learn(run, [64, 32])})
    record = {"status": "finished", "run": run.folder.name, "parameters": given, "facts": run.facts, "commit": "abc"}
    run.files.record.write_text(json.dumps(record, default=str), encoding="utf-8")
    return run


def test_a_missing_card_is_written_from_the_records(tmp_path, finished):
    card, cases = Card.read(finished.folder), held(finished, [96, 48])
    expected = Predictor.from_folder(finished.folder, "cpu").labels(cases)
    finished.files.card.unlink()
    assert complete_cards(StudyFolder(tmp_path)) == ["a-unet"]
    again = Card.read(finished.folder)
    assert replace(again, data={}, code={}, scores={}) == replace(card, data={}, code={}, scores={})
    np.testing.assert_array_equal(Predictor.from_folder(finished.folder, "cpu").labels(cases), expected)
    assert complete_cards(StudyFolder(tmp_path)) == []


def test_a_card_that_is_there_and_a_run_that_is_not_finished_are_left_alone(tmp_path, finished):
    before = finished.files.card.read_bytes()
    assert complete_cards(StudyFolder(tmp_path)) == []
    assert finished.files.card.read_bytes() == before
    finished.files.card.unlink()
    finished.files.record.unlink()
    assert complete_cards(StudyFolder(tmp_path)) == []
    assert not finished.files.card.exists()


def test_a_run_whose_records_say_too_little_is_passed_over(tmp_path, finished):
    finished.files.card.unlink()
    finished.files.training.write_text("{}", encoding="utf-8")
    assert complete_cards(StudyFolder(tmp_path)) == []


@pytest.mark.parametrize(
    ("given", "options", "of_its_time"),
    [
        ({"method": "mdwcnet", "recipe": "published"}, {}, {}),
        ({"method": "mdwcnet", "recipe": "published", "options": ["merge=concat"]}, {"merge": "concat"}, {}),
        ({"method": "safnet", "grid": [6, 32, 16]}, {}, {"gate": "conv"}),
    ],
)
def test_a_card_written_afterwards_means_the_network_of_its_time(tmp_path, given, options, of_its_time):
    given = {**USUAL, **SHORT, "grid": [64, 32], "local": False, **given}
    files = RunFolder(tmp_path / "runs" / "a")
    files.root.mkdir(parents=True)
    network = build_model(given["method"], width=given["width"], **options, **of_its_time)
    save_weights(network, files.weights)
    files.training.write_text(json.dumps({"identity": {"network": {"in_channels": 1}}}), encoding="utf-8")
    files.cases.write_text("structure\nspine\n", encoding="utf-8")
    record = {"status": "finished", "run": "a", "parameters": given, "facts": {"precision": "float32"}}
    files.record.write_text(json.dumps(record), encoding="utf-8")
    assert complete_cards(StudyFolder(tmp_path)) == ["a"]
    assert Card.read(files.root).options == {**options, **of_its_time}
    found = Predictor.from_folder(files.root, "cpu").network.built_as
    assert found == {**network.built_as, **of_its_time}
