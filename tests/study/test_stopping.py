"""Ctrl-C and SIGTERM end a study's jobs, once or twice, in one message; the same command goes on."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from spinelib.core.layout import KERNEL_LOCK
from spinelib.runs import lock
from spinelib.study import stopping
from spinelib.study.stopping import HEARD, Stopped, Stopper
from tests.study.test_driver import UNET, make, said, study, times, wait_for, words, write_study

# Says what it hears; ends at SIGINT unless it is deaf to it. Starts a child of its own, which only waits.
CHILD = """
import signal, subprocess, sys, time
deaf = sys.argv[1:]
for name in deaf:
    signal.signal(getattr(signal, name), signal.SIG_IGN)
own = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
print("ready", flush=True)
try:
    time.sleep(60)
except KeyboardInterrupt:
    pass
"""


def child(*deaf, **options):
    process = subprocess.Popen([sys.executable, "-S", "-c", CHILD, *deaf], stdout=subprocess.PIPE, **options)
    process.stdout.readline()
    return process


def follow(stopper, process, said="", seconds=20):
    end = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < end:
        stopper.hand_on(process, said)
        time.sleep(0.02)
    return process.returncode


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(stopping, "HEARING", 0.3)
    monkeypatch.setattr(stopping, "ENDING", 1.0)


def stop(number):
    os.kill(os.getpid(), number)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_without_a_child_the_first_one_stops_and_more_say_nothing(number, status):
    before = signal.getsignal(number)
    with Stopper() as stopper:
        with pytest.raises(Stopped):
            stop(number)
        stop(number)
        stop(signal.SIGINT)
        assert stopper.status == status
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_child_that_did_not_hear_it_is_told_with_all_it_started(number, capsys):
    with Stopper() as stopper:
        stopper.begin()
        process = child()
        family = psutil.Process(process.pid).children()
        stop(number)
        follow(stopper, process)
        assert len(family) == 1
        with pytest.raises(Stopped):
            stopper.end()
    assert not [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    assert capsys.readouterr().out.count("stopping: the jobs tidy up and end") == 1


def test_a_child_that_heard_ctrl_c_is_left_to_tidy_up():
    with Stopper() as stopper:
        stopper.begin()
        process = child()
        stop(signal.SIGINT)
        assert follow(stopper, process, HEARD, seconds=1) is None
        stop(signal.SIGINT)
        assert follow(stopper, process, HEARD) == -signal.SIGTERM
        with pytest.raises(Stopped):
            stopper.end()


def test_what_is_deaf_is_killed_in_the_end():
    with Stopper() as stopper:
        stopper.begin()
        process = child("SIGINT", "SIGTERM")
        stop(signal.SIGINT)
        stop(signal.SIGINT)
        assert follow(stopper, process) == -signal.SIGKILL


def test_a_third_one_kills_at_once(monkeypatch):
    monkeypatch.setattr(stopping, "ENDING", 60.0)
    with Stopper() as stopper:
        stopper.begin()
        process = child("SIGINT", "SIGTERM")
        for _ in range(3):
            stop(signal.SIGINT)
        assert follow(stopper, process) == -signal.SIGKILL


def test_a_child_that_ends_by_itself_stops_nothing():
    with Stopper() as stopper:
        stopper.begin()
        process = subprocess.Popen([sys.executable, "-S", "-c", ""])
        assert follow(stopper, process) == 0
        stopper.end()


@pytest.mark.slow
@pytest.mark.parametrize("way", ["ctrl-c", "two ctrl-c", "sigint", "sigterm"])
def test_a_study_that_is_stopped_ends_its_jobs_and_goes_on(tmp_path, way):
    root = make(tmp_path)
    write_study(root, seeds=(0, 1), methods=["unet"], questions=())
    (root / "wait").touch()
    reports = root / "reports" / "tiny"
    running = reports / "runs" / "films-unet-full-s1-f0" / KERNEL_LOCK
    process = subprocess.Popen(
        words(), cwd=root, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    # Data and the first run; Snakemake counts a job as done a moment after its record is there.
    wait_for(lambda: lock.is_held(running) and said(reports).count("Finished jobid") == 2, process)
    family = psutil.Process(process.pid).children(recursive=True)
    before = times(root)[UNET]
    if "ctrl-c" in way:
        # A terminal sends it to everything in front of it.
        os.killpg(process.pid, signal.SIGINT)
        if way == "two ctrl-c":
            time.sleep(0.3)
            os.killpg(process.pid, signal.SIGINT)
    else:
        process.send_signal(signal.SIGTERM if way == "sigterm" else signal.SIGINT)
    told = process.communicate(timeout=60)[0]
    assert process.returncode == (143 if way == "sigterm" else 130), told
    assert "Traceback" not in told
    assert told.count("stopped: the same command goes on") == 1
    wait_for(lambda: not [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE])
    assert not lock.is_held(running)
    assert times(root) == {UNET: before}
    if way != "two ctrl-c":
        return

    (root / "wait").unlink()
    again = study(root)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "2 of 2 finished" in again.stdout
    assert times(root)[UNET] == before
