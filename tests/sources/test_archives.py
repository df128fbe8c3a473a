"""Zip archives: what is unpacked, and what is refused."""

import stat
import struct
import zipfile

import pytest

from spinelib.core.errors import BadInput
from spinelib.sources import archives
from spinelib.sources.archives import unpack

from .formats.films import films, masks_are_true, run, save, truth


def pack(path, members, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def pack_folder(path, folder, top=""):
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return pack(path, [(top + file.relative_to(folder).as_posix(), file.read_bytes()) for file in files])


@pytest.fixture
def sound(tmp_path):
    films(tmp_path / "data" / "images", [f"film {k}, ü.png" for k in range(3)])
    for k in range(3):
        save(tmp_path / "data" / "masks" / f"film {k}, ü.png", truth())
    return tmp_path / "data"


@pytest.mark.parametrize("top", ["", "my films/", "data/"])
def test_an_archive_is_a_source(tmp_path, sound, top):
    source = pack_folder(tmp_path / "data.zip", sound, top)
    cases, problems, uses = run(source)
    assert set(cases) == {f"film {k}, ü" for k in range(3)}
    assert problems == []
    assert len(uses) == 6
    assert {use.use for use in uses.values()} == {"used"}
    assert masks_are_true(tmp_path / "out", cases)


def test_archives_in_a_folder_stand_where_they_lie(tmp_path, sound):
    for part in ("images", "masks"):
        pack_folder(tmp_path / "in" / f"{part}.zip", sound / part, f"{part}/")
    cases, problems, uses = run(tmp_path / "in")
    assert len(cases) == 3
    assert problems == []
    assert {name for name in uses if "/" not in name} == {"images.zip", "masks.zip"}
    assert uses["images.zip/film 0, ü.png"].use == "used"
    # Again, on what is there.
    assert len(run(tmp_path / "in")[0]) == 3


def test_names_in_the_code_page_of_another_machine(tmp_path):
    for number, (name, encoding) in enumerate((("脊柱", "gbk"), ("für", "cp437"), ("Säule", "utf-8"))):
        data = f"{name}.txt".encode(encoding)
        packed = pack(tmp_path / f"{number}.zip", [("x" * len(data), b"1")])
        packed.write_bytes(packed.read_bytes().replace(b"x" * len(data), data))
        assert list(unpack(packed, tmp_path / str(number))) == [f"{name}.txt"]


@pytest.mark.parametrize("name", ["../a.png", "/a.png", "a/../../b.png", "C:/a.png", "..\\a.png"])
def test_paths_outward_are_refused_and_nothing_is_left(tmp_path, name):
    packed = pack(tmp_path / "in" / "x.zip", [("a.png", b"1"), (name, b"1")])
    with pytest.raises(BadInput, match="leads outside"):
        unpack(packed, tmp_path / "out" / "x")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["x.zip"]
    assert not list((tmp_path / "out").iterdir() if (tmp_path / "out").exists() else [])


def test_links_passwords_and_two_files_of_one_name_are_refused(tmp_path):
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(BadInput, match="holds a link"):
        unpack(pack(tmp_path / "l.zip", [(link, b"/etc/passwd")]), tmp_path / "out")
    locked = pack(tmp_path / "p.zip", [("a.png", b"1")])
    data = bytearray(locked.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = data.index(mark) + place
        data[start : start + 2] = struct.pack("<H", 1)
    locked.write_bytes(bytes(data))
    with pytest.raises(BadInput, match="password"):
        unpack(locked, tmp_path / "out")
    with pytest.raises(BadInput, match="two files of one name"):
        unpack(pack(tmp_path / "t.zip", [("a.png", b"1"), ("A.png", b"2")]), tmp_path / "out")


def test_bombs_are_refused_before_anything_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "SMALL", 10_000)
    with pytest.raises(BadInput, match=r"packed \d+ times"):
        unpack(pack(tmp_path / "b.zip", [("a.png", bytes(10_000_000))]), tmp_path / "out")
    monkeypatch.setattr(archives, "MAX_BYTES", 1000)
    with pytest.raises(BadInput, match="unpacks to 2 files"):
        unpack(pack(tmp_path / "c.zip", [("a", bytes(600)), ("b", bytes(600))]), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "change", [lambda data: data[:-40], lambda data: data[:60] + b"xxxx" + data[64:], lambda _: b"PK"]
)
def test_damaged_ones_are_refused(tmp_path, change):
    packed = pack(tmp_path / "d.zip", [("a.png", bytes(range(256)) * 40)])
    packed.write_bytes(change(packed.read_bytes()))
    with pytest.raises(BadInput, match="damaged"):
        unpack(packed, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["d.zip"]


def test_a_damaged_archive_in_a_folder_is_a_row(tmp_path, sound):
    pack_folder(tmp_path / "in" / "data.zip", sound)
    (tmp_path / "in" / "other.zip").write_bytes(b"PK")
    cases, problems, uses = run(tmp_path / "in")
    assert len(cases) == 3
    assert [problem.problem for problem in problems] == [uses["other.zip"].reason]
    assert uses["other.zip"].use == "problem"
