import errno

import pytest

from spinelib.cases.journal import Journal
from spinelib.core.errors import BadInput


def kept(path, work="w"):
    with Journal(path, work) as journal:
        return journal.items()


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "steps"
    with Journal(path, "w") as journal:
        journal.add("a", [1, 0.1, "ü"])
        journal.add("b", [])
        assert journal.get("a") == [1, 0.1, "ü"]
        assert journal.get("c") is None
    return path


def test_steps_are_there_again_and_more_join_them(path):
    assert kept(path) == [("a", [1, 0.1, "ü"]), ("b", [])]
    with Journal(path, "w") as journal:
        journal.add("c", 3)
    assert kept(path)[2] == ("c", 3)


def test_steps_of_other_work_are_forgotten(path):
    assert kept(path, "other") == []
    assert kept(path) == []


def test_a_line_that_was_cut_off_at_any_byte_is_not_there_and_the_next_one_stands_whole(path):
    whole = path.read_bytes()
    second = whole.index(b"\n", whole.index(b"\n") + 1) + 1
    for end in range(second, len(whole)):
        path.write_bytes(whole[:end])
        with Journal(path, "w") as journal:
            assert [key for key, _ in journal.items()] == ["a"]
            journal.add("d", 4)
        assert kept(path)[1:] == [("d", 4)]


def test_every_flipped_bit_is_noticed(path):
    whole = path.read_bytes()
    good = dict(kept(path))
    for at in range(len(whole)):
        flipped = bytearray(whole)
        flipped[at] ^= 1
        path.write_bytes(flipped)
        assert dict(kept(path)).items() <= good.items()
        assert len(kept(path)) < len(good)


def test_where_it_cannot_be_written_is_named(tmp_path):
    class Full:
        def write(self, _):
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(BadInput, match=r"nowhere.*cannot be written \(No such file"):
        Journal(tmp_path / "nowhere" / "steps", "w")
    with Journal(tmp_path / "steps", "w") as journal:
        whole, journal._file = journal._file, Full()
        with pytest.raises(BadInput, match="cannot be written \\(No space left on device"):
            journal.add("a", 1)
        journal._file = whole
        assert journal.get("a") is None
