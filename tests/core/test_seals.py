"""Digests beside what they stand for."""

import json
import os

import pytest

from spinelib.core import seals
from spinelib.core.errors import BadInput
from spinelib.core.files import digest
from spinelib.core.seals import broken, check_unchanged, read_sealed, seal_files, sealed
from tests.flips import flips

RECORD = {"status": "finished", "facts": {"dice": 0.1, "none": None, "nan": float("nan")}, "words": ["ü", "x"]}


def write(path, record):
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False), encoding="utf-8")
    return path


def test_a_record_comes_back_without_its_seal(tmp_path):
    path = write(tmp_path / "r.json", sealed(RECORD))
    found = read_sealed(path)
    assert str(found) == str(RECORD)
    assert read_sealed(write(path, {"of": "an earlier version"})) == {"of": "an earlier version"}
    for text in ("", "{", "[1]"):
        path.write_text(text)
        assert read_sealed(path) is None
    assert read_sealed(tmp_path / "gone.json") is None


def test_a_flipped_bit_of_a_record_is_noticed_or_changes_nothing(tmp_path):
    path = write(tmp_path / "r.json", sealed(RECORD))
    noticed = 0
    for _ in flips(path, 300):
        found = read_sealed(path)
        noticed += found is None
        # Only the seal's own name can be hit without a trace; what it stands for is still there.
        assert found is None or str({name: found[name] for name in RECORD}) == str(RECORD)
    assert noticed > 200


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "sub").mkdir()
    for name in ("a.csv", "sub/b.npz"):
        (tmp_path / name).write_bytes(bytes(range(200)))
    seal_files(tmp_path, [tmp_path / "a.csv", tmp_path / "sub" / "b.npz"])
    return tmp_path


def test_files_that_changed_or_went_are_named(folder):
    assert broken(folder) == []
    for _ in flips(folder / "a.csv"):
        assert broken(folder) == ["a.csv"]
        with pytest.raises(BadInput, match=r"a\.csv: is not as it was written"):
            check_unchanged(folder / "a.csv")
    check_unchanged(folder / "a.csv")
    (folder / "sub" / "b.npz").unlink()
    assert broken(folder) == ["sub/b.npz"]
    with pytest.raises(BadInput, match=r"b\.npz: is not as it was written"):
        check_unchanged(folder / "sub" / "b.npz", folder)


def test_a_damaged_seal_is_named_itself(folder):
    (folder / ".seal.json").write_text("{}}")
    assert broken(folder) == [".seal.json"]
    with pytest.raises(BadInput, match=r"seal\.json: is damaged, or was edited"):
        check_unchanged(folder / "a.csv")


def test_nothing_is_said_of_what_nothing_was_sealed_of(folder, tmp_path):
    (folder / "c.csv").write_text("x")
    check_unchanged(folder / "c.csv")
    assert broken(tmp_path / "nowhere") == []


def test_a_copy_with_other_times_is_the_same(folder):
    os.utime(folder / "a.csv", ns=(1, 1))
    assert broken(folder) == []


def test_large_files_are_read_on_suspicion_alone(folder, monkeypatch):
    marks, reads = seals.marks_of(folder, [folder / "a.csv"]), []
    monkeypatch.setattr(seals, "LARGE", 100)
    monkeypatch.setattr(seals, "digest", lambda path: reads.append(path) or digest(path))
    assert seals.changed(folder, marks) == []
    assert reads == []
    os.utime(folder / "a.csv", ns=(1, 1))
    assert seals.changed(folder, marks) == []
    assert reads == [folder / "a.csv"]
