"""The course of a training as a table and as the record of a finished one."""

import json

import pandas as pd

from spinelib.training.history import COLUMNS, History, read_record, record_path, write_record

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


def test_a_finished_training_is_read_back(tmp_path):
    history = History([ROW], {"steps": 7, "stopped": "length"})
    write_record(tmp_path, history, IDENTITY)
    (tmp_path / "model.safetensors").touch()
    assert read_record(tmp_path, IDENTITY) == history
    assert json.loads(record_path(tmp_path).read_text())["identity"] == IDENTITY


def test_another_training_or_one_without_its_weights_is_not_read_back(tmp_path):
    assert read_record(tmp_path, IDENTITY) is None
    write_record(tmp_path, History([ROW]), IDENTITY)
    assert read_record(tmp_path, IDENTITY) is None, "the weights are not there"
    (tmp_path / "model.safetensors").touch()
    assert read_record(tmp_path, {**IDENTITY, "seed": 1}) is None
