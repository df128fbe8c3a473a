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
