"""Disks that are full or read-only, and a user without a home: said in words, and healed by the same command."""

import os
import subprocess
import sys

import pytest

from tests.attacks.study import bring, disk, environment, no_traceback, remount, used
from tests.study.test_driver import make, write_study

pytestmark = pytest.mark.slow


@pytest.fixture
def tiny(tmp_path):
    """A study whose notebooks need no torch; gives a function that runs it with its films."""
    place = tmp_path / "place"
    place.mkdir()

    def run(**changes):
        return bring(place, "--data", "films", name="tiny", **changes)

    def fill():
        write_study(make(place), methods=("unet",))
        return run

    return place, fill


def tables(place):
    found = place / "reports" / "tiny"
    return [(found / name).read_text() for name in ("cases.csv", "summary.csv")]


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    place = tmp_path_factory.mktemp("whole")
    write_study(make(place), methods=("unet",))
    assert bring(place, "--data", "films", name="tiny").returncode == 0
    return tables(place)


@pytest.mark.parametrize("free", [0, 8_192, 49_152, 98_304, 163_840])
def test_a_full_disk_is_said_and_space_heals(tiny, expected, free):
    place, fill = tiny
    with disk(place):
        run = fill()
        remount(place, f"size={used(place) + free}")
        full = run()
        no_traceback(full)
        # The largest may be enough.
        assert full.returncode != 0 or free > 100_000, full.stdout
        told = full.stdout + full.stderr
        assert full.returncode == 0 or "disk" in told or "space" in told, told
        remount(place, "size=64m")
        done = run()
        assert done.returncode == 0, done.stdout + done.stderr
        assert tables(place) == expected


def test_a_folder_that_cannot_be_written_is_named(tiny, expected):
    place, fill = tiny
    with disk(place):
        run = fill()
        remount(place, "ro")
        done = run()
        assert done.returncode != 0
        no_traceback(done)
        assert "cannot be written (Read-only file system)" in done.stdout + done.stderr
        remount(place, "rw")
        assert run().returncode == 0
        assert tables(place) == expected


def test_a_disk_that_fills_while_films_are_cached_is_said_and_nothing_is_left(tmp_path):
    from spinelib.cases import load_arrays
    from tests.cases.films import data_set

    code = "import sys; from spinelib.cases import load_arrays; load_arrays(sys.argv[1], (512, 256), cache=sys.argv[2])"
    data_set(tmp_path / "data")
    words = [sys.executable, "-c", code, tmp_path / "data", tmp_path / "small"]
    with disk(tmp_path / "small", "1m"):
        full = subprocess.run(words, capture_output=True, text=True, env=environment(), check=False)
        assert full.returncode == 1, full
        assert "cannot be written (No space left on device)" in full.stderr.splitlines()[-1]
        assert list((tmp_path / "small").iterdir()) == []
        remount(tmp_path / "small", "size=64m")
        whole = load_arrays(tmp_path / "data", (512, 256), cache=tmp_path / "small")
        assert len(whole) == len(load_arrays(tmp_path / "data", (512, 256)))


@pytest.mark.parametrize("home", [None, "/dev/null", "/dev/null/home"])
def test_a_user_without_a_home_gets_equal_tables(tiny, expected, home):
    place, fill = tiny
    done = fill()(HOME=home, XDG_CACHE_HOME=None, JUPYTER_RUNTIME_DIR=None, IPYTHONDIR=None)
    assert done.returncode == 0, done.stdout + done.stderr
    assert tables(place) == expected


def test_the_environment_of_these_tests_can_lack_a_variable():
    assert "PATH" not in environment(PATH=None)
    assert environment()["PATH"] == os.environ["PATH"]
