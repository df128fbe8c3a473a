"""Every reader meets damaged files with a value or a refusal: never another error, a crash, a hang or all the memory.

The long run takes the minutes that SPINE_FUZZ_MINUTES says, from the seed that SPINE_FUZZ_SEED says.
"""

import json
import os
import subprocess
import sys

import pytest

MINUTES = os.environ.get("SPINE_FUZZ_MINUTES")


def fuzz(minutes, folder):
    command = [sys.executable, "-m", "tests.cases.readers.fuzz", str(minutes), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60 * minutes + 300)
    assert done.returncode == 0, f"a reader ended the program; its file lies in {folder}\n{done.stderr[-2000:]}"
    return json.loads(done.stdout)


def assert_sound(found):
    assert {name: said["faults"] for name, said in found.items() if said["faults"]} == {}
    # damage that is never noticed, or files that are never read, would test nothing
    assert all(said["refused"] for said in found.values())
    assert sum(said["read"] for said in found.values()) > 20


def test_damaged_files_are_read_or_refused(tmp_path):
    assert_sound(fuzz(0.15, tmp_path / "files"))


@pytest.mark.slow
@pytest.mark.skipif(not MINUTES, reason="takes the minutes that SPINE_FUZZ_MINUTES says, for example 10")
def test_damaged_files_are_read_or_refused_for_long(tmp_path):
    assert_sound(fuzz(float(MINUTES), tmp_path / "files"))
