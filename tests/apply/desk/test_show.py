"""The desk as a notebook has it: an area, and below it each film, or one line that says what is wrong."""

import pytest

from spinelib.apply.desk import show
from spinelib.apply.desk.film_desk import FilmDesk
from spinelib.apply.desk.reader import FilmReader

from ..made import VOLUME, finished
from .made import save_film


@pytest.fixture
def reader(network_folder):
    return FilmReader(network_folder, "cpu")


def drop(box, *paths):
    area, _ = box.children
    for path in paths:
        area._handle_custom_msg({"do": "part", "name": path.name, "last": True}, [memoryview(path.read_bytes())])
    area._handle_custom_msg({"do": "read"}, [])


def test_each_film_that_was_dropped_comes_to_the_desk(reader, tmp_path):
    box = show.desk_box(reader, tmp_path / "out")
    bad = tmp_path / "<b>ad.png"
    bad.write_text("no film")
    drop(box, save_film(tmp_path / "one.png"), bad)
    area, below = box.children
    film, line = below.children
    assert isinstance(film, FilmDesk)
    assert film.shown["angles"][0] == pytest.approx(30, abs=6)
    assert dict(film.shown["words"])["Status"] == "ok"
    assert "<b>_b_ad.png</b>: " in line.value
    assert "\n" not in line.value
    assert "1 read" in area.message
    drop(box, save_film(tmp_path / "two.png", bend=-20.0))
    assert len(below.children) == 3
    assert below.children[1:] == (film, line)
    film._handle_custom_msg({"do": "save"}, [])
    assert (tmp_path / "out" / show.LABELS / "one.json").exists()


def test_the_picture_of_another_structure_is_shown_as_it_was_outlined(tmp_path):
    folder = finished(tmp_path / "study", classes=("lung",))
    box = show.desk_box(FilmReader(folder, "cpu"), tmp_path / "out")
    drop(box, save_film(tmp_path / "one.png"))
    (found,) = box.children[1].children
    assert bytes(found.children[1].value).startswith(b"\xff\xd8")


def test_a_film_handed_to_a_network_of_volumes_is_said_to_be_one(tmp_path):
    folder = finished(tmp_path / "study", **VOLUME)
    box = show.desk_box(FilmReader(folder, "cpu"), tmp_path / "out")
    drop(box, save_film(tmp_path / "one.png"))
    assert "no volumes" in box.children[0].message


def test_where_nobody_sits_nothing_is_shown(reader, tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    show.open_desk(reader, tmp_path)
    assert shown == []
    show.open_desk(reader, tmp_path, live=True)
    assert len(shown) == 1
