"""What a study says of how far it is, on a terminal and in a log."""

import io
import re
import sys
import time
from math import inf, isnan, nan

import pytest

from spinelib.core.live import Live
from spinelib.study import forecast, telling
from spinelib.study.screen import Screen
from spinelib.study.telling import BEGAN, Teller, began_at, best_words, same_command, seconds_left, total_words
from spinelib.study.watch import Glance
from tests.study.test_watch import study, write

__all__ = ["study"]


def glance(work=1000.0, done=0.0):
    return Glance(9, frozenset(), frozenset(), {}, work, done)


def test_the_time_left_follows_the_forecast_first_and_then_the_pace():
    assert seconds_left(glance(), 0.0, 2) == 500
    # Twice as slow as forecast: two cores did 500 seconds' worth in 500 seconds.
    assert seconds_left(glance(done=500), 500.0, 2) == pytest.approx(500 * 530 / 560)
    assert seconds_left(glance(done=1000), 700.0, 2) == 0
    assert isnan(seconds_left(glance(nan), 0.0, 2))


def test_the_set_up_counts_from_the_time_that_make_leaves(monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 5000.0)
    for given, began in (("4000", 4000), ("9000", 5000), ("", 5000), ("x", 5000), ("nan", 5000), ("-1e9", 5000)):
        monkeypatch.setenv(BEGAN, given)
        assert began_at() == began
    assert total_words(4000.0, 4100.0) == "16 min 40 s from start to end, 1 min 40 s of it for the set-up"
    assert total_words(4990.0, 4992.0) == "10 s from start to end"


def test_the_command_is_named_as_it_was_given(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["x", "study", "run", "quick", "--data", "my films"])
    for name in (BEGAN, *telling.TOLD):
        monkeypatch.delenv(name, raising=False)
    assert same_command() == "spinelib study run quick --data 'my films'"
    for name, value in {**telling.TOLD, BEGAN: "1", "STUDY": "aasce", "DATA": "my films"}.items():
        monkeypatch.setenv(name, value)
    assert same_command() == "make study STUDY=aasce DATA='my films'"


def test_the_best_score_is_named_as_trainings_do():
    facts = {"best_epoch": 3.0, "best_loss": 0.4, "best_score": 0.9, "best_dice": 0.9, "best_angle_error": 4.0}
    assert best_words({"training": facts}) == "best validation Dice 0.900, angle error 4.000"
    assert best_words({"training": {"best_score": 0.9, "best_epoch": 1.0}}) == "best validation Score 0.900"
    assert best_words({}) == best_words({"training": None}) == ""


@pytest.fixture
def teller(study, monkeypatch):
    monkeypatch.setattr(telling, "LOOKED", 0.0)
    monkeypatch.setattr(telling, "SHARE_OF_TIME", inf)
    monkeypatch.setattr(telling, "LOGGED", inf)
    weights = {job.id: 100.0 for job in study.runs.values()}
    return Teller(study, 2, time.time(), weights, Screen(io.StringIO()))


def said(teller):
    """What was said since the last call."""
    text = teller.screen.out.getvalue()
    teller.screen.out.seek(0)
    teller.screen.out.truncate()
    return text


def test_every_step_that_ends_is_told_once(study, teller):
    assert not teller.tick()
    assert said(teller) == ""
    first, second, *_ = study.runs.values()
    write(study.files.data("tiny").manifest)
    write(first.files.record, '{"status": "finished", "seconds": 34, "facts": {"training": {"best_dice": 0.8123}}}')
    write(second.files.failure, '{"status": "failed", "error": "ValueError: no films"}')
    assert teller.tick()
    assert said(teller).splitlines() == [
        "  finished: data tiny",
        f"  finished: {first.id}, 34 s, best validation Dice 0.812",
        f"  failed: {second.id}  ValueError: no films",
    ]
    assert not teller.tick()
    assert said(teller) == ""


def test_a_log_says_step_of_steps_the_score_and_the_time_left_when_it_is_due(teller, monkeypatch):
    monkeypatch.setattr(telling, "LOGGED", 0.0)
    names = {f"run-{k}": Live("step", k, 8, "loss 0.2") for k in range(6)}
    made = Glance(9, frozenset("ab"), frozenset("c"), names, 100.0, 50.0)
    monkeypatch.setattr(teller.watch, "look", lambda: made)
    teller.tick()
    lines = said(teller).splitlines()
    shown = [line for line in lines if not line.startswith("  failed")]
    assert re.fullmatch(r"  3 of 9 steps done, 1 failed, [\d.]+ s so far, about [\d.]+ s left", shown[0])
    assert shown[1] == "    run-0: step 0 of 8, loss 0.2"
    assert shown[-1] == "    and 2 more"
    assert len(shown) == 1 + telling.MOST + 1


def test_without_a_count_no_time_is_promised_until_the_data_are_there(study, teller, monkeypatch):
    teller.watch.weights = dict.fromkeys(study.runs, nan)
    monkeypatch.setattr(forecast, "expected_seconds", lambda _study, jobs, _counted: {job.id: 7.0 for job in jobs})
    teller.tick()
    assert "left" not in teller.lines()[0]
    write(study.files.data("tiny").manifest)
    teller.tick()
    teller.tick()
    assert re.search("about .* left", teller.lines()[0])


def test_on_a_terminal_nothing_drawn_is_left_at_the_end(teller, monkeypatch):
    monkeypatch.setattr(telling, "DRAWN", 0.0)
    teller.screen.is_terminal = True
    teller.tick()
    assert said(teller).startswith("  0 of 9 steps done")
    teller.tick(last=True)
    assert said(teller) == "\x1b[1A\x1b[J"
