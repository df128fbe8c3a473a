"""Arrays kept as files, and what damage does to them."""

import numpy as np
import pytest

from spinelib.cases import stored
from spinelib.cases.stored import array_file, discard, open_stored, seal_arrays
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
