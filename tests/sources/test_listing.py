"""Every file below a folder, by name."""

import os

import pytest

from spinelib.core.errors import BadInput
from spinelib.sources.listing import list_files


def touch(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")


def test_folders_are_looked_into_and_links_followed_once(tmp_path):
    for name in ("in/a.png", "in/b/c/d.png", "away/e.png"):
        touch(tmp_path / name)
    (tmp_path / "in" / "link").symlink_to(tmp_path / "away", target_is_directory=True)
    (tmp_path / "in" / "again").symlink_to(tmp_path / "in" / "b", target_is_directory=True)
    problems = []
    listing = list_files(tmp_path / "in", problems)
    assert set(listing.files) == {"a.png", "b/c/d.png", "link/e.png"}
    assert set(listing.inside("b").files) == {"c/d.png"}
    assert listing.inside("b").source == tmp_path.resolve() / "in" / "b"
    assert listing.folders() == ["b", "link"]
    assert listing.called("link", "c") == ["link"]
    assert listing.summary() == "3 .png, in b, link"
    assert listing.decided[tmp_path.resolve() / "in" / "again"] == (
        "ignored",
        "a link to a folder that is read already",
    )
    assert problems == []


def test_what_is_said_of_a_file_first_stays(tmp_path):
    touch(tmp_path / "a.png")
    listing = list_files(tmp_path, [])
    listing.inside("").decide(tmp_path / "a.png", "used", "case a")
    listing.decide(tmp_path / "a.png", "ignored", "other")
    assert listing.decided == {tmp_path / "a.png": ("used", "case a")}


def test_a_folder_whose_own_name_is_no_utf8_is_refused_in_words_that_can_be_printed(tmp_path):
    folder = tmp_path / os.fsdecode(b"\xcc\xe5")
    touch(folder / "a.png")
    with pytest.raises(BadInput, match=r"\\xcc\\xe5: has a name that is no UTF-8") as error:
        list_files(folder, [])
    str(error.value).encode("utf-8")


def test_an_empty_folder_is_said(tmp_path):
    assert list_files(tmp_path, []).summary() == "nothing that can be read"


def test_folders_are_found_by_name_below_what_an_archive_unpacks_to(tmp_path):
    for name in ("a/Images/x.png", "b/c/images/y.png", "b/c/images/notes.txt", "d/masks/z.png", "e/f/g/h/images/w.png"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    listing = list_files(tmp_path, [])
    assert listing.in_folders("images") == [tmp_path / "a/Images/x.png", tmp_path / "b/c/images/y.png"]
    assert listing.in_folders("images", "masks", depth=1) == [tmp_path / "a/Images/x.png", tmp_path / "d/masks/z.png"]


def test_what_becomes_of_a_film_becomes_of_what_is_joined_to_it(tmp_path):
    listing = list_files(tmp_path, [])
    film, label = tmp_path / "a.png", tmp_path / "a.mat"
    listing.join(film, label)
    listing.join(film, tmp_path / "b.mat")
    assert listing.parts[film] == [film, label, tmp_path / "b.mat"]
