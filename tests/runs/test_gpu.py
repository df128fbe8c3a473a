"""Graphics cards: which there are, and that a card serves one run at a time."""

import os
import subprocess
import sys
import time

from spinelib.runs import gpu, lock


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


def test_the_memory_of_the_smallest_card_that_may_be_used_counts(monkeypatch, tmp_path):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1,2")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert gpu.card_bytes() == 0
    script = tmp_path / "nvidia-smi"
    script.write_text('#!/bin/sh\n[ "$2" = 1,2 ] && echo 81559 && echo 24564\n')
    script.chmod(0o755)
    assert gpu.card_bytes() == 24564 * 2**20
    script.write_text("#!/bin/sh\necho '[N/A]'\n")
    assert gpu.card_bytes() == 0
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert gpu.card_bytes() == 0


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


def test_a_lease_that_ends_frees_its_card_and_restores_what_was_visible(monkeypatch, tmp_path):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,5")
    for key in gpu.SCHEDULERS:
        monkeypatch.delenv(key, raising=False)
    with gpu.lease(True, tmp_path) as name:
        assert (name, os.environ["CUDA_VISIBLE_DEVICES"]) == ("4", "4")
        assert lock.is_held(tmp_path / "4")
    assert not lock.is_held(tmp_path / "4")
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "4,5"
    with gpu.lease(False, tmp_path) as name:
        assert name == ""
        assert not lock.is_held(tmp_path / "4")


def test_users_without_a_number_have_their_name(monkeypatch):
    assert gpu._user() == str(os.getuid())
    monkeypatch.delattr(os, "getuid")
    monkeypatch.setenv("LOGNAME", "ann")
    assert gpu._user() == "ann"
