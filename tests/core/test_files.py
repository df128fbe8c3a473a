"""Files are written whole or not at all, and digests tell contents apart."""

import hashlib

import pytest

from spinelib.core.errors import BadInput
from spinelib.core.files import digest, replace, write_text


def test_a_file_appears_whole_with_its_folders_and_in_place_of_an_old_one(tmp_path):
    path = tmp_path / "deep" / "er" / "a.txt"
    write_text(path, "first")
    with replace(path) as temporary:
        temporary.write_text("second")
        assert path.read_text() == "first"
        assert temporary.parent == path.parent
        assert temporary.suffix == ".txt"
    assert path.read_text() == "second"
    assert [entry.name for entry in path.parent.iterdir()] == ["a.txt"]


def test_an_error_leaves_the_old_file_and_nothing_beside_it(tmp_path):
    write_text(tmp_path / "a.txt", "old, ü")

    def half_written():
        with replace(tmp_path / "a.txt") as temporary:
            temporary.write_text("half")
            raise KeyError("anything")

    with pytest.raises(KeyError):
        half_written()
    assert (tmp_path / "a.txt").read_bytes() == "old, ü".encode()
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


def test_a_place_that_cannot_be_written_is_named_with_a_remedy(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match=r"cannot be written .*Free space on the disk"):
        write_text(tmp_path / "file" / "a.txt", "text")


def test_an_error_about_another_file_stays_what_it_is(tmp_path):
    def copy():
        with replace(tmp_path / "a.txt") as temporary:
            temporary.write_bytes((tmp_path / "missing").read_bytes())

    with pytest.raises(FileNotFoundError, match="missing"):
        copy()
    assert not list(tmp_path.iterdir())


def test_the_digest_is_that_of_lengths_and_contents(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    expected = hashlib.sha256((3).to_bytes(8, "little") + b"abc").hexdigest()[:16]
    assert digest(b"abc") == digest("abc") == digest(tmp_path / "a") == expected
    assert digest("ab", "c") != digest("a", "bc") != digest("abc")
