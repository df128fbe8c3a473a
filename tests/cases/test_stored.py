"""Arrays kept as files, and what damage does to them."""

import errno
import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from spinelib.cases import stored
from spinelib.cases.stored import array_file, building_place, discard, open_stored, reserve, seal_arrays
from spinelib.core.errors import BadInput
from spinelib.core.files import digest
from tests.flips import flips

ARRAYS = {"images": np.arange(60, dtype=np.uint8).reshape(3, 4, 5), "frames": np.linspace(0, 1, 6, dtype=np.float32)}


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "arrays"
    place.mkdir()
    for name, array in ARRAYS.items():
        np.save(array_file(place, name), array)
    seal_arrays(place, dict(ARRAYS), [0, 2])
    return place


@pytest.mark.parametrize("memory_mb", [1, 0])
def test_arrays_come_back_with_the_digest_of_their_values(folder, memory_mb):
    meta, arrays = open_stored(folder, memory_mb)
    for name, array in ARRAYS.items():
        assert isinstance(arrays[name], np.memmap) == (memory_mb == 0)
        np.testing.assert_array_equal(arrays[name], array)
    parts = [f"{name} {digest(array.tobytes())}" for name, array in sorted(ARRAYS.items())]
    assert (meta["digest"], meta["kept"]) == (digest(*parts), [0, 2])


@pytest.mark.parametrize("name", ["images.npy", "frames.npy"])
def test_every_flipped_bit_of_an_array_is_noticed(folder, name):
    """In its header, too: a flipped bit there can turn the bytes of every value round."""
    for _ in flips(folder / name, 200):
        with pytest.raises(BadInput, match=rf"{name}: is damaged"):
            open_stored(folder, 1)
    open_stored(folder, 1)


def test_a_flipped_bit_of_the_facts_is_noticed(folder):
    whole = open_stored(folder, 1)[0]
    noticed = 0
    for _ in flips(folder / "meta.json", 200):
        try:
            assert {name: open_stored(folder, 1)[0][name] for name in whole} == whole
        except BadInput:
            noticed += 1
    assert noticed > 150


def test_missing_arrays_are_named(folder):
    (folder / "frames.npy").unlink()
    with pytest.raises(BadInput, match="is damaged"):
        open_stored(folder, 1)


def test_a_state_of_the_files_is_read_once(folder, monkeypatch):
    open_stored(folder, 1)
    monkeypatch.setattr(stored, "_file_digest", lambda *_: pytest.fail("read again"))
    open_stored(folder, 0)


def test_damaged_arrays_are_removed_and_a_second_process_finds_nothing_to_do(folder):
    discard(folder)
    discard(folder)
    assert list(folder.parent.iterdir()) == []


BUILD = """
import sys, time
from pathlib import Path
from spinelib.cases.stored import building_place
with building_place(Path(sys.argv[1])) as place:
    (place / "half.npy").touch()
    print(place.name, flush=True)
    time.sleep(60)
"""


def test_what_a_killed_process_was_building_is_removed_and_what_a_live_one_builds_is_not(tmp_path):
    target = tmp_path / "cache" / "arrays"
    process = subprocess.Popen([sys.executable, "-c", BUILD, str(target)], stdout=subprocess.PIPE, text=True)
    theirs = target.with_name(process.stdout.readline().strip())
    with building_place(target) as place:
        assert (theirs / "half.npy").exists()
        assert place.is_dir()
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert theirs.is_dir()
    with building_place(target) as place:
        assert not theirs.exists()
        os.replace(place, target)
    assert list(target.parent.iterdir()) == [target]


def no_room(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


def unknown(*_):
    raise OSError(errno.EOPNOTSUPP, "Operation not supported")


@pytest.mark.parametrize("taken", [os.posix_fallocate, unknown, None])
def test_room_on_the_disk_is_taken_before_anything_is_written(tmp_path, monkeypatch, taken):
    if taken is None:
        monkeypatch.delattr(os, "posix_fallocate")
    else:
        monkeypatch.setattr(os, "posix_fallocate", taken)
    path = tmp_path / "a.npy"
    array = reserve(path, np.dtype(np.float32), (3, 500, 500))
    assert path.stat().st_blocks * 512 >= array.nbytes
    array[:] = 2
    array.flush()
    assert (np.load(path) == 2).all()
    assert reserve(tmp_path / "none.npy", np.dtype(np.uint8), (0, 4)).shape == (0, 4)


def test_a_full_disk_is_an_error_of_the_system(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "posix_fallocate", no_room)
    with pytest.raises(OSError, match="No space left"):
        reserve(tmp_path / "a.npy", np.dtype(np.float32), (3, 5))


def test_large_arrays_lie_on_the_disk_and_leave_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr(stored.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(stored, "SPILLED", 1000)
    small, large = stored.spilled((10,)), stored.spilled((500, 4), np.float32)
    assert isinstance(large.base, np.memmap)
    assert not isinstance(small.base, np.memmap)
    assert (large.shape, large.dtype, float(large.sum())) == ((500, 4), np.float32, 0.0)
    large[3] = 2
    assert large[3].tolist() == [2] * 4
    assert list(tmp_path.iterdir()) == []


def test_parts_are_gathered_in_order_and_counted():
    parts = [np.full((2, 3), k, np.uint8) for k in range(3)]
    assert stored.gathered(iter(parts), 6)[:, 0].tolist() == [0, 0, 1, 1, 2, 2]
    for given, count in ((parts, 7), ([], 0)):
        with pytest.raises(ValueError, match="cases, not"):
            stored.gathered(iter(given), count)
