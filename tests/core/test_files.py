"""Files are written whole or not at all, and digests tell contents apart."""

import errno
import hashlib
import os
import shutil
from pathlib import Path

import pytest

from spinelib.core.errors import BadInput
from spinelib.core.files import content_digest, digest, replace, write_text


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


def test_a_copy_that_fills_the_disk_names_the_file_that_was_written(tmp_path):
    source, target = tmp_path / "read.png", tmp_path / "written.png"

    def copy(temporary, number):
        raise OSError(number, os.strerror(number), str(source), None, str(temporary))

    with (
        pytest.raises(BadInput, match=r"written\.png: cannot be written \(No space") as refused,
        replace(target) as part,
    ):
        copy(part, errno.ENOSPC)
    assert "read.png" not in str(refused.value)
    with pytest.raises(OSError, match=r"read\.png"), replace(target) as part:
        copy(part, errno.EIO)


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
    (tmp_path / "large").write_bytes(bytes(3_000_000))
    assert content_digest(tmp_path / "large") == hashlib.sha256(bytes(3_000_000)).hexdigest()[:16]


@pytest.mark.parametrize("name", ["x" * 246 + ".png", "x" * 255, "ü" * 127, "a." + "b" * 253])
def test_a_name_as_long_as_the_system_allows_is_written(tmp_path, name):
    write_text(tmp_path / name, "text")
    assert [entry.name for entry in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "text"


def test_a_name_that_is_too_long_asks_for_a_shorter_one(tmp_path):
    with pytest.raises(BadInput, match=r"cannot be written .*Give it a shorter name"):
        write_text(tmp_path / ("x" * 256), "text")
    assert not list(tmp_path.iterdir())


def test_a_name_that_is_not_utf8_shows_its_bytes_in_a_text_that_is(tmp_path):
    name = b"f\xe9.png".decode(errors="surrogateescape")
    write_text(tmp_path / "names.csv", f"case\n{name}\nü\n")
    assert (tmp_path / "names.csv").read_text(encoding="utf-8") == "case\nf\\udce9.png\nü\n"
    assert len(digest(name)) == 16
    write_text(tmp_path / name, "under such a name")
    assert (tmp_path / name).read_text() == "under such a name"


def full():
    return OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("step", ["write", "fsync", "rename"])
def test_a_full_disk_leaves_the_old_file_and_a_remedy(tmp_path, monkeypatch, step):
    write_text(tmp_path / "a.txt", "old")

    def refuse(*_words, **_more):
        raise full()

    place, name = {"write": (type(tmp_path), "write_text"), "fsync": (os, "fsync"), "rename": (os, "replace")}[step]
    monkeypatch.setattr(place, name, refuse)
    with pytest.raises(BadInput, match=r"a\.txt: cannot be written \(No space left on device\)\. Free space"):
        write_text(tmp_path / "a.txt", "new and longer")
    assert (tmp_path / "a.txt").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_device_is_named(tmp_path):
    def write():
        with replace(tmp_path / "a.txt") as temporary:
            temporary.symlink_to("/dev/full")
            temporary.write_text("x" * 100_000)

    with pytest.raises(BadInput, match="No space left on device"):
        write()
    assert not (tmp_path / "a.txt").exists()


def test_an_error_that_a_library_has_of_its_own_for_a_full_disk(tmp_path, monkeypatch):
    left = shutil.disk_usage(tmp_path)

    def half_written():
        with replace(tmp_path / "a.bin") as temporary:
            temporary.write_bytes(b"half")
            raise RuntimeError("PytorchStreamWriter failed")

    with pytest.raises(RuntimeError, match="PytorchStreamWriter"):
        half_written()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: left._replace(free=0))
    with pytest.raises(BadInput, match=r"the disk is full\)\. Free space"):
        half_written()
    assert not list(tmp_path.iterdir())


def test_lines_end_alike_on_every_system(tmp_path, monkeypatch):
    """Windows makes two signs of a line's end unless told not to: the digest of the file would not be the text's."""
    plain = Path.write_text

    def as_on_windows(self, data, encoding=None, errors=None, newline=None):
        return plain(self, data, encoding, errors, newline or "\r\n")

    monkeypatch.setattr(Path, "write_text", as_on_windows)
    write_text(tmp_path / "a.csv", "a\nb\n")
    assert (tmp_path / "a.csv").read_bytes() == b"a\nb\n"
