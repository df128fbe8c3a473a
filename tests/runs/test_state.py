"""What became of a run, read from its folder alone."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from spinelib.core.layout import RunFolder
from spinelib.runs import lock
from spinelib.runs.state import INTERRUPTED, as_text, clear, last_line, read_state, results_of, write_failure


@pytest.fixture
def run(tmp_path):
    return RunFolder(tmp_path)


def test_a_folder_is_what_its_files_say(run):
    assert read_state(run.root).status == "waiting"
    run.notebook.write_text("{}")
    assert read_state(run.root).status == "interrupted"
    run.failure.write_text(json.dumps({"status": "killed", "error": "out of memory?"}))
    assert (read_state(run.root).status, read_state(run.root).error) == ("killed", "out of memory?")
    run.record.write_text(json.dumps({"status": "finished", "seed": 3}))
    state = read_state(run.root)
    assert (state.status, state.record["seed"], state.error) == ("finished", 3, "")


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", '{"status": "finished", "seal": "0123456789abcdef"}'])
def test_a_damaged_or_edited_record_is_no_result(run, text):
    run.record.write_text(text)
    run.notebook.write_text("{}")
    state = read_state(run.root)
    assert (state.status, state.error.partition(":")[0]) == ("failed", "run.json is damaged, or was edited")
    run.record.unlink()
    run.failure.write_text(text)
    assert read_state(run.root).status == "interrupted"


def test_a_record_is_read_without_its_digests(run):
    run.record.write_text(as_text({"status": "finished", "facts": {"size": np.int64(3)}, "files": {"a": {}}}))
    assert read_state(run.root).record == {"status": "finished", "facts": {"size": 3}}


def test_a_held_lock_says_running_whatever_an_earlier_attempt_left(run):
    run.record.write_text(json.dumps({"status": "finished"}))
    lock.take(run.kernel_lock)
    try:
        assert read_state(run.root).status == "running"
    finally:
        lock.release(run.kernel_lock)
    assert read_state(run.root).status == "finished"


@pytest.mark.parametrize(("killed", "status"), [(True, "killed"), (False, "failed")])
def test_a_failure_is_left_with_its_time_and_parameters(run, killed, status):
    started = datetime.now(UTC) - timedelta(seconds=5)
    write_failure(run.root, started, "ValueError: no films, ü", killed, {"seed": 4})
    state = read_state(run.root)
    assert (state.status, state.error) == (status, "ValueError: no films, ü")
    assert state.record["parameters"] == {"seed": 4}
    assert state.record["seconds"] == pytest.approx(5, abs=2)
    assert datetime.fromisoformat(state.record["started"]) == started.replace(microsecond=0)
    assert len(state.record["code"]) == 16


def test_a_run_that_was_asked_to_end_has_not_failed(run):
    write_failure(run.root, datetime.now(UTC), INTERRUPTED, killed=False, parameters={})
    assert read_state(run.root).status == "interrupted"


def test_an_earlier_attempt_leaves_nothing_that_could_be_taken_for_a_result(run):
    run.figures.mkdir()
    for path in (run.record, run.failure, run.cases, run.figures / "a.png", run.weights):
        path.write_text("old")
    clear(run.root)
    assert [path.name for path in run.root.iterdir() if path.is_file()] == [run.weights.name]
    assert not list(run.figures.iterdir())


def test_the_last_line_of_a_console_names_the_error(tmp_path):
    console = tmp_path / "console.txt"
    assert last_line(console) == "not prepared yet"
    console.write_bytes(b"reading\nBadInput: a.png: is empty\xff\n\n")
    assert last_line(console) == "BadInput: a.png: is empty\N{REPLACEMENT CHARACTER}"


def test_the_results_of_a_run_are_those_files_that_nothing_writes_any_more(run):
    (run.root / "stages" / "detector").mkdir(parents=True)
    results = [run.cases, run.weights, run.card, run.stage("detector").weights, run.predictions("x")]
    results += [run.figures / "a.png", run.figures / "captions.json", run.root / "facts.csv"]
    later = [run.record, run.failure, run.notebook, run.page, run.root / "console.txt", run.kernel_lock]
    later += [run.root / "applied" / "mask.png", run.root / "mine.ipynb", run.figures / ".cache"]
    for path in (*results, *later):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert set(results_of(run.root)) == set(results)
