"""A study killed at random points of every phase: the same command again ends with equal tables."""

import json
import random
import time

import pytest

from tests.attacks.study import LIMIT, RUN, bring, kill, make, reports, start, tables

pytestmark = pytest.mark.slow

# What is there once a phase has begun.
BEGUN = {
    "prepare": "data/phantom/.lock",
    "load": "data/phantom/cache/*",
    "train": f"runs/{RUN}/model.safetensors",
    "evaluate": f"runs/{RUN}/model.json",
    "question": "questions/90_compare/.run.lock",
    "apply": "questions/80_apply/applied/*",
    "pages": "questions/90_compare/run.json",
}


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    root = make(tmp_path_factory.mktemp("whole"))
    done = bring(root)
    assert done.returncode == 0, done.stdout + done.stderr
    return tables(root)


def kill_within(root, phase, moment):
    """Start the study, kill it `moment` seconds after the phase has begun; gives whether it got there."""
    process, end = start(root), time.monotonic() + LIMIT
    while time.monotonic() < end and process.poll() is None and not list(reports(root).glob(BEGUN[phase])):
        time.sleep(0.02)
    time.sleep(moment)
    got_there = bool(list(reports(root).glob(BEGUN[phase])))
    kill(process)
    return got_there


def test_a_killed_run_that_is_edited_in_the_study_begins_again(tmp_path):
    root = make(tmp_path)
    assert kill_within(root, "train", 0.3), "the study never began to train"
    path = root / "studies" / "attacked.yaml"
    path.write_text(path.read_text().replace("learning_rate: 0.003", "learning_rate: 0.001"))
    done = bring(root)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 of 3 finished" in done.stdout
    record = json.loads((reports(root) / "runs" / RUN / "run.json").read_text())
    assert record["facts"]["recipe"]["learning_rate"] == 0.001


@pytest.mark.parametrize("phases", [("prepare", "load", "train"), ("evaluate", "apply"), ("question", "pages")])
def test_a_killed_study_ends_with_equal_tables(expected, tmp_path, phases):
    root, draw = make(tmp_path), random.Random(repr(phases))
    for phase in phases:
        assert kill_within(root, phase, draw.uniform(0, 0.6)), f"the study never began to {phase}"
    done = bring(root)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 of 3 finished" in done.stdout
    assert tables(root) == expected
