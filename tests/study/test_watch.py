"""How far a study is, from the files of its steps alone."""

import os
import time

import pytest

from spinelib.core.live import Live, begin_live, end_live, tell_live
from spinelib.runs import lock
from spinelib.study.watch import RUNNING_SHARE, USUAL_SECONDS, Watch, steps_of
from tests.study.example import read


@pytest.fixture
def study(root, monkeypatch):
    monkeypatch.chdir(root)
    return read(root)


def write(path, text="{}"):
    """Writes a file, later than any before it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(text)
    os.utime(path, ns=(before + 10**9, before + 10**9))


def test_the_steps_are_data_runs_and_questions_in_their_order(study):
    steps = list(steps_of(study))
    assert [step.kind for step in steps] == ["data"] * 2 + ["run"] * 5 + ["question"] * 2
    assert [step.name for step in steps if step.needs_runs] == ["90_compare"]


def test_what_has_ended_and_what_runs_is_told_by_its_files(study):
    watch = Watch(study, {})
    first, second, *_ = study.runs.values()
    assert (watch.look().total, watch.look().ended, dict(watch.look().running)) == (9, frozenset(), {})
    write(study.files.data("tiny").manifest)
    lock.take(first.files.engine_lock)
    begin_live(first.files.live)
    tell_live(Live("step", 1, 2, "loss 1"))
    glance = watch.look()
    assert glance.finished == {"data tiny"}
    assert glance.running == {first.id: Live("step", 1, 2, "loss 1")}
    # Its record is there before its folder is let go.
    write(first.files.record)
    assert first.id not in watch.look().finished
    end_live()
    lock.release(first.files.engine_lock)
    write(second.files.failure)
    assert watch.look().finished == {"data tiny", first.id}
    assert watch.look().failed == {second.id}


def test_what_failed_before_counts_once_it_has_failed_again(study):
    job = next(iter(study.runs.values()))
    write(job.files.failure)
    watch = Watch(study, {})
    assert watch.look().failed == frozenset()
    write(job.files.failure)
    assert watch.look().failed == {job.id}


def test_a_question_about_runs_that_are_made_now_is_asked_again(study):
    jobs = [*study.runs.values(), *study.questions.values()]
    for job in jobs:
        write(job.files.record)
    assert Watch(study, {}).look().finished == {job.id for job in jobs}
    jobs[0].files.record.unlink()
    watch = Watch(study, {})
    assert watch.look().finished == {job.id for job in jobs} - {jobs[0].id, "90_compare"}
    write(jobs[0].files.record)
    assert watch.look().finished == {job.id for job in jobs} - {"90_compare"}
    write(study.questions["90_compare"].files.record)
    assert watch.look().finished == {job.id for job in jobs}


def test_every_step_of_this_call_weighs_what_it_is_expected_to_take(study, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    jobs = list(study.runs.values())
    for job in jobs[:2]:
        write(job.files.record)
    watch = Watch(study, {job.id: 100.0 for job in jobs})
    others = 2 + len(study.questions)
    assert (watch.look().work, watch.look().done) == (300 + USUAL_SECONDS * others, 0)
    lock.take(jobs[2].files.kernel_lock)
    begin_live(jobs[2].files.live)
    tell_live(Live("step", 1, 4, ""))
    assert watch.look().done == 100 * RUNNING_SHARE / 4
    for now[0], done in ((10.0, 22.5), (50.0, 50.0), (500.0, 90.0)):
        assert watch.look().done == done
    end_live()
    lock.release(jobs[2].files.kernel_lock)
    write(jobs[2].files.record)
    assert watch.look().done == 100
