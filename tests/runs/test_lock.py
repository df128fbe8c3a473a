import os
import signal
import subprocess
import sys
import time

import pytest

from spinelib.core.errors import BadInput
from spinelib.runs import gpu, lock

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


def test_taking_it_twice_and_releasing_it_unheld_do_no_harm(tmp_path):
    path = tmp_path / ".lock"
    lock.release(path)
    lock.take(path)
    lock.take(path)
    lock.release(path)
    assert not lock.is_held(path)


def test_cards_are_counted_from_the_environment(monkeypatch):
    for value, names in (("", []), ("-1", []), ("0, 2", ["0", "2"]), ("GPU-abc", ["GPU-abc"])):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", value)
        assert gpu.cards() == names


def test_without_a_driver_there_is_no_card(monkeypatch, tmp_path):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert gpu.cards() == []
    script = tmp_path / "nvidia-smi"
    script.write_text("#!/bin/sh\necho 'GPU 0: H (UUID: x)'\necho 'GPU 1: H (UUID: y)'\n")
    script.chmod(0o755)
    assert gpu.cards() == ["0", "1"]


def test_two_leases_get_two_cards_and_a_third_waits(monkeypatch, tmp_path):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,5")
    for key in gpu.SCHEDULERS:
        monkeypatch.delenv(key, raising=False)
    code = (
        "import os, sys, time; from pathlib import Path; from spinelib.runs import gpu\n"
        "with gpu.lease(True, Path(sys.argv[1]), pause=0.05) as name:\n"
        "    print(name, os.environ['CUDA_VISIBLE_DEVICES'], flush=True); sys.stdin.read()\n"
    )

    def start():
        words = [sys.executable, "-c", code, str(tmp_path)]
        return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    first = start()
    assert first.stdout.readline() == "4 4\n"
    second = start()
    assert second.stdout.readline() == "5 5\n"
    third = start()
    time.sleep(1.5)
    first.communicate("")
    assert third.stdout.readline() == "4 4\n"
    second.communicate("")
    third.communicate("")


def test_no_lease_where_a_scheduler_has_chosen(monkeypatch, tmp_path):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    with gpu.lease(True, tmp_path) as name:
        assert name == ""
        assert os.environ["CUDA_VISIBLE_DEVICES"] == "0,1"
