import os
import signal
import subprocess
import sys
import time

import pytest
from filelock import lock_descriptor

from spinelib.core.errors import BadInput
from spinelib.runs import lock

HOLD = "import sys, time; from pathlib import Path; from spinelib.runs import lock; lock.take(Path(sys.argv[1]));"


@pytest.fixture
def holder(tmp_path):
    path = tmp_path / "folder" / ".lock"
    process = subprocess.Popen([sys.executable, "-c", HOLD + "print('held', flush=True); time.sleep(60)", str(path)],
                               stdout=subprocess.PIPE, text=True)  # fmt: skip
    assert process.stdout.readline() == "held\n"
    yield path, process
    process.kill()
    process.wait()


def test_a_second_writer_is_refused_while_the_first_lives(holder):
    path, process = holder
    assert lock.is_held(path)
    with pytest.raises(BadInput, match=f"is being written by process {process.pid} on "):
        lock.take(path)


def test_of_a_driver_that_was_killed_the_process_is_named_that_lives_on(tmp_path):
    path = tmp_path / ".lock"
    inherits = (
        "import subprocess; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'],"
        " pass_fds=[lock.descriptor(Path(sys.argv[1]))]); print(child.pid, flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", HOLD + inherits, path], stdout=subprocess.PIPE, text=True)
    child = int(process.stdout.readline())
    try:
        with pytest.raises(BadInput, match=f"is being written by process {process.pid} on "):
            lock.take(path)
        process.kill()
        process.wait()
        said = rf"by process {child}, which process {process.pid} on \S+ had started before it ended.*\(kill {child}\)"
        with pytest.raises(BadInput, match=said):
            lock.take(path)
    finally:
        os.kill(child, signal.SIGKILL)


def test_the_lock_of_a_killed_process_is_taken_over(holder):
    path, process = holder
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert path.exists()
    assert not lock.is_held(path)
    lock.take(path)
    assert str(os.getpid()) in path.read_text()
    lock.release(path)


def test_patience_outlasts_a_holder_that_ends(holder):
    path, process = holder
    process.terminate()
    started = time.monotonic()
    lock.take(path, patience=20)
    assert time.monotonic() - started < 20
    lock.release(path)


def test_a_look_at_whether_it_is_held_keeps_nobody_out(tmp_path, monkeypatch):
    path = tmp_path / ".lock"
    # What `is_held` of another process has open for a moment.
    look = path.open("w")
    assert lock_descriptor(look.fileno(), blocking=False)
    monkeypatch.setattr(lock.time, "sleep", lambda _: look.close())
    lock.take(path)
    lock.release(path)


def test_taking_it_twice_and_releasing_it_unheld_do_no_harm(tmp_path):
    path = tmp_path / ".lock"
    lock.release(path)
    lock.take(path)
    lock.take(path)
    lock.release(path)
    assert not lock.is_held(path)


def test_a_full_disk_is_no_traceback(tmp_path):
    code = (
        "import resource, sys; from pathlib import Path; from spinelib.runs import lock\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4, 4))\n"
        "lock.take(Path(sys.argv[1]))"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "a" / ".lock"], capture_output=True, text=True)
    assert "BadInput" in done.stderr.splitlines()[-1]
    assert "a: cannot be written (File too large). Free space on the disk" in done.stderr
