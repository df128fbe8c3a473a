"""What became of a run, read from its folder alone."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from spinelib.core.layout import RunFolder
from spinelib.runs import lock
from spinelib.runs.state import clear, last_line, read_state, write_failure


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


@pytest.mark.parametrize("text", ["", "{", "[1, 2]"])
def test_a_half_written_record_counts_as_absent(run, text):
    run.record.write_text(text)
    run.notebook.write_text("{}")
    assert read_state(run.root).status == "interrupted"


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
