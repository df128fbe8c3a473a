"""The course of a training as a table and as the record of a finished one."""

import json

import pandas as pd
import pytest
import torch

from spinelib.core.weights import save_weights
from spinelib.training.history import COLUMNS, History, read_record, record_path, write_record
from tests.flips import flips

ROW = dict.fromkeys(COLUMNS, 1.0)
IDENTITY = {"seed": 0, "data": "abc"}


def test_columns_have_one_order_and_other_measures_follow():
    history = History([{"validation_angle_error": 5.0, **dict(reversed(ROW.items()))}, {**ROW, "epoch": 2.0}])
    assert list(history.table) == [*COLUMNS, "validation_angle_error"]
    assert history.table["epoch"].tolist() == [1.0, 2.0]
    assert history.table["validation_angle_error"].isna().tolist() == [False, True]
    assert list(History().table) == list(COLUMNS)


def test_the_table_is_written_as_it_is(tmp_path):
    history = History([ROW, {**ROW, "validation_dice": 0.25}])
    history.write(tmp_path)
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "history.csv"), history.table)


@pytest.fixture
def finished(tmp_path):
    history = History([ROW], {"steps": 7, "stopped": "length"})
    save_weights({"a": torch.arange(50.0)}, tmp_path / "model.safetensors")
    write_record(tmp_path, history, IDENTITY)
    return tmp_path, history


def test_a_finished_training_is_read_back(finished):
    folder, history = finished
    assert read_record(folder, IDENTITY) == history
    assert json.loads(record_path(folder).read_text())["identity"] == IDENTITY


def test_what_made_a_training_is_read_back_with_it(finished):
    folder, history = finished
    history.made = {"commit": "abc", "ended": "2026-01-02T03:04:05+00:00"}
    write_record(folder, history, IDENTITY)
    assert read_record(folder, IDENTITY).made == history.made


def test_another_training_or_one_without_its_weights_is_not_read_back(finished, recwarn):
    folder, _ = finished
    assert read_record(folder, {**IDENTITY, "seed": 1}) is None
    (folder / "model.safetensors").unlink()
    assert read_record(folder, IDENTITY) is None
    assert read_record(folder / "nowhere", IDENTITY) is None
    assert not recwarn.list


@pytest.mark.parametrize("name", ["training.json", "model.safetensors"])
def test_a_flipped_bit_is_noticed_and_the_training_is_not_taken_for_finished(finished, name):
    folder, history = finished
    for _ in flips(folder / name):
        with pytest.warns(UserWarning, match=r"is damaged, or was edited\. The training begins again"):
            assert read_record(folder, IDENTITY) is None
    assert read_record(folder, IDENTITY) == history
