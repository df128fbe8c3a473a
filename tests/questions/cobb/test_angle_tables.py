"""Tables of angles: boards over patients, failures by reason, published numbers beside ours."""

import os

import numpy as np
import pandas as pd
import pytest

from spinelib.questions import cobb
from spinelib.questions.cobb.angle_tables import words

SOON = 5_000_000_000


def entry(board, name, route):
    return board[(board["name"] == name) & (board["route"] == route)].iloc[0]


def test_the_board_ranks_both_routes_over_patients(one):
    board = cobb.angle_boards(one.rows, "cobb_error")["all"]
    network, mask = entry(board, "seg4regplus/full", "network"), entry(board, "unet/full", "mask")
    assert (network["films"], network["patients"], network["unread"]) == (4, 4, 1)
    assert network["cobb_error"] == pytest.approx((2 + 2 + 20 + 2) / 4, abs=0.1)
    assert network["cobb_error_low"] < network["cobb_error"] < network["cobb_error_high"]
    # Of two seeds one missed the film: the patient's error is half its angle.
    assert mask["cobb_error"] > 40 / 2 / 4
    assert (mask["films"], mask["unread"]) == (4, 1)
    assert board["cobb_error"].is_monotonic_increasing
    assert board["rank"].tolist() == [1, 2, 3]
    assert entry(board, "seg4regplus/full", "mask")["icc"] > 0.97
    with pytest.raises(ValueError, match="unknown metric"):
        cobb.angle_board(one.rows, "dice")


def test_the_board_stands_without_near_duplicates_too(one):
    boards = cobb.angle_boards(one.rows)
    assert list(boards) == ["all", "excluded"]
    assert boards["excluded"]["patients"].tolist() == [3, 3, 3]
    shown = cobb.board_words(boards["excluded"])
    assert shown.loc[("seg4regplus/full", "network"), "no angles"] == 1
    assert "[" in shown.loc[("seg4regplus/full", "mask"), "SMAPE %"]
    assert list(cobb.angle_boards(one.rows.assign(near_duplicate=""))) == ["all"]


def test_best_entries_and_their_names_in_figures(one):
    board = cobb.angle_boards(one.rows)["all"]
    best = cobb.best_entries(board)
    assert best[["name", "route"]].to_numpy().tolist() == [
        ["seg4regplus/full", "mask"],
        ["seg4regplus/full", "network"],
    ]
    assert cobb.shown_name("unet/full", "mask") == "unet/full"
    assert cobb.shown_name("seg4regplus/full", "network") == "seg4regplus/network"
    assert cobb.shown_name("seg4regplus/base", "network") == "seg4regplus/base_network"
    errors = cobb.film_errors(one.rows, board)
    assert len(errors) == len(one.rows)
    assert set(errors["name"]) == {"unet/full", "seg4regplus/full", "seg4regplus/network"}


def test_views_are_compared_only_where_there_are_several(one):
    views = cobb.view_errors(one.rows)
    assert set(views.columns) == {"coronal", "left_bending"}
    assert cobb.view_errors(cobb.coronal_rows(one.rows)).empty


def test_failures_are_counted_by_status(one):
    table = cobb.reading_statuses(one.rows)
    assert table["readings"].sum() == len(one.rows)
    assert table.loc[("network", "network", "out_of_range"), "readings"] == 1
    assert table.loc[("mask", "vertebrae", "empty"), "commonest reason"] == "the mask is empty"
    sure = cobb.confidence_table(one.rows)
    assert sure["readings"].to_dict() == {"unet/full": 13, "seg4regplus/full": 7}


def test_repeated_labels_are_shown_where_there_are_any(results, tmp_path):
    assert cobb.repeated_angles(results / "data" / "real").empty
    columns = {"dice": [0.9], "difference_an1": [1.0], "difference_mean": [2.0], "smape": [3.0], "across_split": [True]}
    pd.DataFrame(columns).to_csv(tmp_path / "repeat.csv", index=False)
    assert cobb.repeated_angles(tmp_path).loc["across the split", "SMAPE %"] == 3.0


def test_the_printed_tables_take_the_kept_angles_only_while_they_are_newer(results, found, monkeypatch):
    monkeypatch.setattr("spinelib.questions.cobb.angle_tables.study_angles", lambda folder: found)
    text = cobb.cobb_tables(results)
    assert "bare: no Cobb angles, it has no test film with all of its corners" in text
    assert "the floor of the mask route" in text
    kept = results / "questions" / "40_cobb" / "run.json"
    kept.parent.mkdir(parents=True)
    kept.write_text('{"facts": {"absent": {"other": "has moved"}}}')
    found.rows.query("name != 'unet/full'").to_csv(kept.with_name("angles.csv"), index=False)
    os.utime(kept, (SOON, SOON))
    text = cobb.cobb_tables(results)
    assert "unet/full" not in text
    assert "other: no Cobb angles, it has moved" in text
    os.utime(kept, (1, 1))
    assert "unet/full" in cobb.cobb_tables(results)


def test_numbers_in_words():
    assert words(-0.001, -1.0, 2.0) == "0.0 [\N{MINUS SIGN}1.0, 2.0]"
    assert words(1.25, np.nan, np.nan, digits=2) == "1.25"
    assert words(np.nan, 0.0, 0.0) == "none"
