"""Snakemake is called for a study's steps; meanwhile the study says how far it is, and its index is written anew."""

import subprocess
import sys
import time
from dataclasses import replace

import pytest

from spinelib.runs import lock
from spinelib.study import calling, telling
from spinelib.study.calling import LOST_WORDS, Snakemake, prioritised
from spinelib.study.stopping import Stopper
from spinelib.study.telling import Teller
from tests.study.example import read, run

# Stands in for Snakemake: says its first word, makes the files that follow one after the other, and fails if told so.
STAND_IN = """
import sys, time
from pathlib import Path
said, status, *files = sys.argv[1:]
for file in files:
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    Path(file).write_text("{}")
    time.sleep(1)
print(said, file=sys.stderr)
sys.exit(int(status))
"""


def test_what_others_wait_for_begins_first(root):
    study = read(root, **run(first=True))
    assert prioritised(study, "runs") == [job.files.record.as_posix() for job in study.runs.values()]
    assert prioritised(study, "questions") == prioritised(study, "data") == []
    late = study.questions | {"00_explore": replace(study.questions["00_explore"], needs_runs=True)}
    study = replace(study, questions=late)
    assert prioritised(study, "questions") == [study.questions["00_explore"].files.record.as_posix()]


def test_runs_of_the_first_seed_begin_before_those_of_others(root):
    study = read(root)
    seeds = {job.files.record.as_posix(): job.parameters["seed"] for job in study.runs.values()}
    assert set(seeds.values()) == {0, 1}
    assert prioritised(study, "runs") == [record for record, seed in seeds.items() if seed == 0]


@pytest.fixture
def call(root, monkeypatch):
    """Calls a stand-in of Snakemake for the example; gives how often the index was written."""
    monkeypatch.chdir(root)
    monkeypatch.setattr(telling, "LOOKED", 0.0)
    study, start, shown = read(root), subprocess.Popen, []
    monkeypatch.setattr(calling, "show_index", shown.append)
    lock.take(study.files.lock)

    def called(said, status, *files):
        words = [sys.executable, "-S", "-c", STAND_IN, said, str(status), *map(str, files)]
        monkeypatch.setattr(calling.subprocess, "Popen", lambda _, **given: start(words, **given))
        with Stopper() as stopper:
            teller = Teller(study, 2, time.time(), {})
            assert Snakemake(study, 2, "", "local", [], stopper, teller)("runs") == status
        return len(shown)

    yield called
    lock.release(study.files.lock)


def test_the_index_is_written_anew_after_each_step(root, call, capsys):
    study = read(root)
    first, second, *_ = study.runs.values()
    assert call("", 0, study.files.data("tiny").manifest, first.files.record, second.files.record) == 3
    told = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert told == ["finished: data tiny", f"finished: {first.id}", f"finished: {second.id}"]
    assert call("", 0) == 3


def test_all_that_was_said_is_shown_where_no_job_is_to_blame(call, capsys):
    call("WildcardError in rule x", 1)
    assert "WildcardError in rule x" in capsys.readouterr().err
    call("Error in rule run:", 1)
    assert capsys.readouterr().err == ""


def test_words_that_a_full_disk_lost_leave_no_call_stack():
    stack = "--- Logging error ---\nTraceback (most recent call last):\n  File x\nMessage: 'a'\nArguments: ()\n"
    said = f"Building DAG of jobs...\n{stack}Using shell: bash\n{stack[:40]}"
    assert LOST_WORDS.sub("", said) == "Building DAG of jobs...\nUsing shell: bash\n"
    assert LOST_WORDS.sub("", "error: no space left on the disk\n") == "error: no space left on the disk\n"
