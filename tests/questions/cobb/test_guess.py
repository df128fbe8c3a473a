"""One answer to every film: from training labels alone, on every board without a rank, a limit to the other entries."""

from dataclasses import replace

import numpy as np
import pytest

from spinelib.measures.cobb.table import true_angles
from spinelib.questions import cobb
from spinelib.questions.cobb import angles
from spinelib.questions.cobb.guess import GUESS, GUESS_ENTRY, guess_rows, learned_answers, unlearned_answers
from tests.measures.cobb.spines import GRID


@pytest.fixture
def guess(one):
    """The mean of p0 and p1 for all, were these two the training side."""
    split = np.where(one.films.table["patient"].isin(["p0", "p1"]), "train", "test")
    return guess_rows(replace(one.films, table=one.films.table.assign(split=split)), one.floor)


def test_every_film_gets_the_mean_of_the_training_angles(one, guess):
    taught = one.films.table["patient"].isin(["p0", "p1"]).to_numpy()
    mean = true_angles(one.films)[taught].mean(0)
    assert len(guess) == len(one.floor)
    assert list(guess.columns) == list(one.floor.columns)
    np.testing.assert_allclose(guess[["an1", "an2", "an3"]].drop_duplicates(), [mean])
    np.testing.assert_allclose(guess["mae_an1"], abs(mean[0] - one.floor["true_an1"]))


def test_data_without_training_films_have_none(one):
    assert one.guess.empty
    assert one.unlearned == {}


@pytest.mark.parametrize("near", ["all", "excluded"])
def test_it_stands_on_the_board_without_a_rank(one, guess, near):
    board = cobb.angle_boards(one.rows)[near]
    shown = cobb.board_words(cobb.beside_guess(board, guess, near))
    assert len(shown) == len(board) + 1
    assert shown.loc[(GUESS_ENTRY, GUESS), "rank"] == ""
    assert [rank for rank in shown["rank"] if rank] == ["1", "2", "3"]
    assert len(cobb.beside_guess(board, one.guess, near)) == len(board)


def test_one_answer_within_a_degree_is_no_entry(one, guess):
    flat = one.rows.assign(major=one.rows["major"].where(one.rows["route"] != "network", 20.0))
    found = unlearned_answers(flat, guess.head(0))
    assert list(found) == [("seg4regplus/full", "network")]
    assert "within 0.00°" in found["seg4regplus/full", "network"]
    kept = learned_answers(flat, found)
    assert set(kept["route"]) == {"mask"}
    everybody = dict.fromkeys(map(tuple, one.rows[["name", "route"]].to_numpy(str)), "x")
    assert len(learned_answers(one.rows, everybody)) == len(one.rows)


def test_an_entry_worse_than_the_guess_is_none(one, guess):
    assert unlearned_answers(one.rows, guess.assign(smape=99.0)) == {}
    assert len(unlearned_answers(one.rows, guess.assign(smape=0.0))) == 3


def test_who_learned_is_judged_on_the_films_that_are_ranked(results, monkeypatch):
    asked = []
    monkeypatch.setattr(angles, "unlearned_answers", lambda rows, guess: asked.append(set(rows["view"])) or {})
    cobb.study_angles(results, GRID)
    assert asked == [{"coronal"}]


def test_where_all_entries_learned_nothing_none_did(one):
    everybody = dict.fromkeys(map(tuple, one.rows[["name", "route"]].to_numpy(str)), "x")
    first = dict([next(iter(everybody.items()))])
    assert [replace(one, unlearned=x).learned for x in ({}, first, everybody)] == [True, True, False]
