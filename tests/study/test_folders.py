"""The folder given for $DATA is the one that was named, or is refused with the names that are near."""

import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
import yaml

from spinelib.core.errors import BadInput
from spinelib.core.layout import DataFolder
from spinelib.study.folders import as_prepared, check_source, packed, settle_path, unpacked
from tests.study.example import GOOD

ODD = [
    "films",
    "",
    "my films",
    " blanks ",
    "rücken",
    unicodedata.normalize("NFD", "rücken"),
    "films #1",
    "#1",
    "a: b",
    "a:",
    "c$d",
    "$(touch x)",
    "`touch x`",
    "q'uote",
    'q"uote',
    "back\\slash",
    "back\\",
    "%41 %",
    "{x} {y",
    "-lead",
    "--",
    "脊柱",
    "comma, [1]",
    "007",
    "1e3",
    "true",
    "null",
    "~",
    "x=1",
    "&|;<>*?!",
    "tab\there",
    "as_films",
    "as_%41",
    "../up",
    "/absolute/ä",
]


@pytest.mark.parametrize("text", ODD)
def test_every_path_comes_back_as_it_was(text):
    assert unpacked(packed(text)) == text
    assert not set(packed(text)) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-~/%")


def test_what_was_never_packed_stays_as_it_is():
    assert unpacked("studies/a%41.yaml") == "studies/a%41.yaml"


def test_snakemake_hands_every_path_to_its_rules_byte_for_byte(tmp_path):
    """One dry call for all: the values of --config and a shell's words, through Snakemake's own reading of both."""
    names = {f"n{k}": text for k, text in enumerate(ODD)}
    lines = [
        "from spinelib.study.folders import unpacked",
        "import json",
        "VALUES = {name: unpacked(str(text)) for name, text in config.items()}",
        "json.dump(VALUES, open('seen.json', 'w'))",
        "rule all:",
        "    output: 'words.txt'",
        '    shell: \'printf "%s\\\\0" {VALUES[n0]:q} {VALUES[n6]:q} {VALUES[n10]:q} {VALUES[n13]:q} {VALUES[n14]:q}'
        " {VALUES[n15]:q} {VALUES[n18]:q} {VALUES[n21]:q} > {output}'",
    ]
    (tmp_path / "Snakefile").write_text("\n".join(lines) + "\n")
    words = [f"{name}={packed(text)}" for name, text in names.items()]
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--config", *words]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert yaml.safe_load((tmp_path / "seen.json").read_text()) == names
    given = [ODD[k] for k in (0, 6, 10, 13, 14, 15, 18, 21)]
    assert (tmp_path / "words.txt").read_text().split("\0")[:-1] == given


def test_a_slash_at_the_end_and_the_home_folder_are_settled(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert settle_path("films/") == "films"
    assert settle_path("/data//films/.") == "/data/films"
    assert settle_path("~/films") == str(tmp_path / "films")
    assert settle_path("") == ""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "~").mkdir()
    assert settle_path("~") == "~"


def test_letters_that_look_the_same_are_those_on_the_disk(tmp_path):
    composed, apart = (unicodedata.normalize(form, "rücken/é") for form in ("NFC", "NFD"))
    (tmp_path / apart).mkdir(parents=True)
    assert settle_path(str(tmp_path / composed)) == str(tmp_path / apart)
    (tmp_path / composed).mkdir(parents=True)
    for name in (composed, apart):
        assert settle_path(str(tmp_path / name)) == str(tmp_path / name)


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\n"])
def test_a_path_with_a_line_break_is_refused(text):
    with pytest.raises(BadInput, match=r"a path with a line break in it\. Rename"):
        settle_path(text)


def test_a_path_that_is_not_utf8_is_refused():
    with pytest.raises(BadInput, match=r"not UTF-8\. Rename"):
        settle_path(b"f\xe9".decode(errors="surrogateescape"))


def refused(path):
    with pytest.raises(BadInput) as found:
        check_source(path)
    return str(found.value)


def test_a_folder_with_a_file_and_an_archive_are_taken(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "film.png").touch()
    check_source(tmp_path / "a")
    check_source(tmp_path / "a" / "b" / "film.png")


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path):
    (tmp_path / "films.zip").touch()
    with pytest.raises(BadInput, match=r"is a file\. Give the folder that it lies in"):
        check_source(tmp_path / "films.zip", archive=False)


def test_a_wrong_path_is_told_with_the_names_that_are_near(tmp_path):
    for name in ("films #1", "Rücken", "other"):
        (tmp_path / name).mkdir()
    assert refused(tmp_path / "films") == (
        f"{str(tmp_path / 'films')!r}: is not a folder: {str(tmp_path)!r} holds no 'films'. "
        f"Did you mean {str(tmp_path / 'films #1')!r}?"
    )
    assert f"Did you mean {str(tmp_path / 'Rücken')!r}?" in refused(tmp_path / "rucken" / "deeper")
    assert "There are: 'Rücken', 'films #1', 'other'." in refused(tmp_path / "xyz")
    assert "There is no folder in it." in refused(tmp_path / "other" / "films")


def test_a_relative_path_is_told_with_the_folder_that_it_starts_from(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert f"{str(tmp_path)!r} holds no 'films'" in refused(Path("films"))


def test_empty_folders_pipes_and_locked_folders_are_refused(tmp_path, monkeypatch):
    (tmp_path / "empty" / "images").mkdir(parents=True)
    assert "is a folder without a single file. Mount it" in refused(tmp_path / "empty")
    os.mkfifo(tmp_path / "pipe")
    assert "is not a folder. Give the folder" in refused(tmp_path / "pipe")
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert "may not be read by you" in refused(tmp_path / "empty")


def test_another_spelling_of_the_same_folder_is_the_one_that_was_prepared(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "films").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "link").symlink_to("films")
    data = DataFolder(tmp_path / "data")
    assert as_prepared("films", data) == "films"
    data.root.mkdir()
    data.options.write_text('{"source": "films"}')
    for name in ("films", "./films", "link", str(tmp_path / "films"), str(tmp_path / "link")):
        assert as_prepared(name, data) == "films"
    assert as_prepared("other", data) == "other"
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to("other")
    assert as_prepared("link", data) == "link"
    (tmp_path / "films").rmdir()
    assert as_prepared(str(tmp_path / "films"), data) == "films"
    for text in ("", "[]", '{"dataset": "phantom"}'):
        data.options.write_text(text)
        assert as_prepared("films", data) == "films"


@pytest.mark.parametrize("name", ["films #1", "脊柱 $HOME", "-lead"])
def test_a_study_says_the_wrong_path_before_anything_starts(root, name):
    (root / "studies" / "tiny.yaml").write_text(yaml.safe_dump(GOOD))
    (root / "films").mkdir()
    (root / "films" / "a.png").touch()
    command = [sys.executable, "-m", "spinelib", "study", "run", "tiny", "--cores", "1", f"--data={name}"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: '{name}/films': is not a folder: {str(root)!r} holds no '{name}'.")
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""
    assert not (root / "reports").exists()
