"""Which files of a source have changed since a data set was prepared from it, and what of that a run can see."""

import json
import os
import shutil

import pytest

from spinelib.cases.manifest import Case, write_manifest, write_problems
from spinelib.core.errors import BadInput
from spinelib.core.layout import MANIFEST, PROBLEMS, SOURCE_RECORD
from spinelib.sources import record
from spinelib.sources.record import Changes, Record, file_facts, source_changes

HOUR = 3600 * 10**9


class Data:
    """Two films with masks in a folder, and what was prepared from them in another."""

    def __init__(self, root, name="films"):
        self.source, self.folder = root / name, root / "study" / "data" / "mine"
        for kind in ("images", "masks"):
            (self.source / kind).mkdir(parents=True)
            for film in ("a", "b"):
                (self.source / kind / f"{film}.png").write_text(f"{kind} {film}")
        self.folder.mkdir(parents=True)
        self.prepare()

    def prepare(self):
        """The manifest and the record of the source as it is."""
        files = file_facts(self.source, self.folder)
        places = [
            [str((self.source / kind / f"{film}.png").resolve()) for kind in ("images", "masks")] for film in "ab"
        ]
        write_manifest(
            [Case(film, film, "coronal", *place) for film, place in zip("ab", places, strict=True)], self.folder
        )
        write_problems([], self.folder)
        return self.keep(files)

    def keep(self, files):
        found = Record.of(self.folder, self.source, files)
        found.write(self.folder)
        return found

    @property
    def content(self):
        return Record.of(self.folder, self.source, file_facts(self.source, self.folder)).content

    def mask(self, name="a.png"):
        return self.source / "masks" / name

    def changes(self):
        return source_changes(self.folder, self.source)


@pytest.fixture
def data(tmp_path):
    return Data(tmp_path)


def moved(path, by=HOUR):
    state = path.stat()
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + by))


def test_an_untouched_source_has_not_changed_and_is_not_read(data, monkeypatch):
    kept = Record.read(data.folder)
    assert set(kept.files) == {"images/a.png", "images/b.png", "masks/a.png", "masks/b.png"}
    assert kept.files["masks/a.png"][0] == len("masks a")
    assert set(kept.tables) == {MANIFEST}
    monkeypatch.setattr(record, "content_digest", lambda path: path.name.endswith(".csv") and "x")
    file_facts(data.source, data.folder, kept.files)
    monkeypatch.undo()
    assert not data.changes()
    assert str(data.changes()) == ""


def test_changed_new_and_removed_files_are_named(data):
    data.mask("a.png").write_text("corrected")
    data.mask("c.png").write_text("new")
    (data.source / "images" / "b.png").unlink()
    found = data.changes()
    assert found == Changes(("masks/a.png",), ("masks/c.png",), ("images/b.png",))
    assert str(found) == "1 changed (masks/a.png), 1 new (masks/c.png), 1 removed (images/b.png)"


def test_many_files_are_named_in_a_line_of_some(data):
    for k in range(9):
        data.mask(f"n{k}.png").touch()
    assert str(data.changes()) == "9 new (masks/n0.png, masks/n1.png, masks/n2.png, ...)"


def test_the_same_size_with_another_time_is_read(data):
    mask = data.mask()
    mask.write_text("masks z")
    moved(mask)
    assert data.changes().changed == ("masks/a.png",)


def test_a_touched_file_is_the_same_and_is_read_once(data, monkeypatch):
    before = Record.read(data.folder).content
    moved(data.mask())
    assert not data.changes()
    kept = Record.read(data.folder)
    assert kept.files["masks/a.png"][1] == data.mask().stat().st_mtime_ns
    assert kept.content == before
    read = []
    monkeypatch.setattr(record, "content_digest", lambda path: read.append(path) or kept.tables[path.name])
    assert not data.changes()
    assert read == [data.folder / MANIFEST]


@pytest.mark.parametrize("name", [".DS_Store", "masks/.a.png.swp", "Thumbs.db", "masks/desktop.ini", ".trash/a.png"])
def test_what_file_managers_leave_is_no_file_of_the_source(data, name):
    (data.source / name).parent.mkdir(exist_ok=True)
    (data.source / name).write_text("x")
    assert not data.changes()


def test_odd_entries_neither_stop_nor_hang(data):
    (data.source / "nowhere").symlink_to("not there")
    (data.source / "masks" / "again").symlink_to(data.source)
    os.mkfifo(data.source / "pipe")
    name = b"f\xe9.png".decode(errors="surrogateescape")
    data.mask(name).write_text("not UTF-8")
    kept = data.prepare()
    assert set(kept.files) >= {"nowhere", "pipe", f"masks/{name}"}
    assert len(kept.files) == 7
    assert Record.read(data.folder) == kept
    assert not data.changes()
    (data.source / "not there").write_text("there now")
    assert data.changes() == Changes(changed=("nowhere",), new=("not there",))


def test_a_file_that_may_not_be_read_is_named(data, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    moved(data.mask())
    monkeypatch.setattr(record, "content_digest", refuse)
    with pytest.raises(BadInput, match=r"masks/a.png: cannot be read \(Permission denied\)"):
        data.changes()


def test_the_studys_own_folder_within_the_source_is_passed_over(tmp_path):
    data = Data(tmp_path)
    data.source = tmp_path
    files = file_facts(tmp_path, data.folder)
    assert set(files) == {f"films/{kind}/{film}.png" for kind in ("images", "masks") for film in "ab"}


def test_an_archive_is_one_file(data, tmp_path):
    data.source = tmp_path / "films.zip"
    data.source.write_bytes(b"PK")
    assert set(data.keep(file_facts(data.source, data.folder)).files) == {"films.zip"} | {
        str(tmp_path / "films" / kind / f"{film}.png") for kind in ("images", "masks") for film in "ab"
    }
    data.source.write_bytes(b"PK, another")
    assert data.changes() == Changes(changed=("films.zip",))


def test_a_film_that_a_table_names_elsewhere_counts(data, tmp_path):
    elsewhere = tmp_path / "archive" / "a.png"
    elsewhere.parent.mkdir()
    elsewhere.write_text("image")
    write_manifest([Case("a", "a", "coronal", str(elsewhere), str(data.mask()))], data.folder)
    data.keep(file_facts(data.source, data.folder))
    assert not data.changes()
    elsewhere.write_text("another image")
    assert data.changes() == Changes(changed=(str(elsewhere),))
    elsewhere.unlink()
    assert data.changes() == Changes(removed=(str(elsewhere),))


def test_what_a_run_sees_depends_on_films_masks_and_tables_alone(data):
    before = data.content
    (data.source / "README.txt").write_text("for people")
    (data.folder / PROBLEMS).write_text("case,file,problem,remedy,action\n")
    moved(data.mask())
    assert data.content == before
    (data.folder / "classes.csv").write_text("label,name\n1,lung\n")
    assert data.content != before
    (data.folder / "classes.csv").unlink()
    assert data.content == before
    data.mask().write_text("corrected")
    assert data.content != before


def test_converted_masks_and_folders_of_slices_count(data):
    slices = data.source / "series"
    slices.mkdir()
    (slices / "1.dcm").write_text("slice")
    (data.folder / "masks").mkdir()
    (data.folder / "masks" / "a.png").write_text("converted")
    write_manifest([Case("a", "a", "sagittal", str(slices), "masks/a.png")], data.folder)
    found = {data.content}
    (slices / "2.dcm").write_text("slice")
    found.add(data.content)
    (data.folder / "masks" / "a.png").write_text("converted otherwise")
    found.add(data.content)
    assert len(found) == 3


def test_films_that_moved_with_their_folder_are_the_same(data, tmp_path):
    before = data.content
    shutil.move(data.source, tmp_path / "elsewhere")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("elsewhere", "link"):
        data.source = tmp_path / name
        assert data.prepare().content == before


def test_an_edited_table_is_named_and_notes_for_people_may_grow(data):
    (data.folder / PROBLEMS).write_text("case,file,problem,remedy,action\na,a.png,dark,none,kept\n")
    assert not data.changes()
    text = (data.folder / MANIFEST).read_text()
    (data.folder / MANIFEST).write_text(text.replace("\nb,b,", "\nb,a,"))
    assert data.changes() == Changes(other=(f"the prepared {MANIFEST} was changed",))


def test_another_version_prepares_again(data, monkeypatch):
    monkeypatch.setattr(record, "VERSION", record.VERSION + 1)
    assert str(data.changes()) == "prepared by another version of this repository"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1}', '{"version": 1, "files": {"a": 1}, "tables": {}}'])
def test_a_damaged_record_prepares_again(data, text):
    (data.folder / SOURCE_RECORD).write_text(text)
    assert Record.read(data.folder) is None
    assert str(data.changes()) == f"{SOURCE_RECORD} is damaged"


def test_data_without_a_record_are_taken_as_they_are_unless_a_file_is_newer(data):
    kept = Record.read(data.folder)
    moved(data.folder / MANIFEST)
    (data.folder / SOURCE_RECORD).unlink()
    assert not data.changes()
    assert Record.read(data.folder) == kept
    (data.folder / SOURCE_RECORD).unlink()
    moved(data.mask(), 3 * HOUR)
    assert data.changes() == Changes(changed=("masks/a.png",))


def test_the_record_is_plain_json_without_a_path_of_this_machine(data, tmp_path):
    text = (data.folder / SOURCE_RECORD).read_text()
    assert set(json.loads(text)) == {"version", "files", "tables", "content"}
    assert str(tmp_path) not in text
