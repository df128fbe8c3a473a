"""The widget without a screen: what the page sends, and what it gets back."""

import base64
import re

import numpy as np
import pytest

from spinelib.apply.desk import film_desk
from spinelib.apply.desk.film_desk import FilmDesk
from spinelib.cases.readers.labelme import read_shapes
from spinelib.measures.cobb.reading import from_corners
from spinelib.report.markdown import Writer
from spinelib.report.outputs import render


@pytest.fixture
def desk(seen, tmp_path):
    return FilmDesk(seen, tmp_path / "labels", {"file": "a/b.png", "status": "ok", "confidence": 0.8})


def ask(desk, word, **more):
    desk._handle_custom_msg({"do": word, **more}, [])


def test_it_opens_with_what_was_read(desk, seen):
    shown = desk.shown
    assert len(shown["corners"]) == 17
    assert shown["angles"] == pytest.approx(seen.reading().angles, abs=0.01)
    assert len(shown["lines"]) == 2
    assert desk.facts == {"name": "a/b.png"}
    assert desk.picture.startswith(b"\xff\xd8")
    assert desk.outline.count("M") == desk.outline.count("Z") >= 17


def test_an_edit_is_answered_with_its_number_and_the_angles_of_its_corners(desk, seen):
    corners = np.array(desk.shown["corners"])
    corners[0, 1] += (0, 25)
    desk.edit = {"number": 7, "step": 1, "corners": corners.tolist()}
    expected = from_corners(corners, (0.0, seen.size[0]))
    assert desk.shown["number"] == 7
    assert desk.shown["angles"] == pytest.approx(expected.angles, abs=0.005)
    assert desk.shown["undo"]
    ask(desk, "undo")
    assert desk.shown["angles"] == pytest.approx(seen.reading().angles, abs=0.01)


@pytest.mark.parametrize("edit", [{}, {"corners": [[1]]}, {"corners": "x"}, {"threshold": "x"}, {"corners": None}])
def test_an_edit_that_does_not_fit_changes_nothing(desk, edit):
    before = desk.shown["corners"]
    desk.edit = {"number": 3, **edit}
    assert (desk.shown["number"], desk.shown["corners"]) == (3, before)


def test_a_threshold_draws_the_outline_again(desk, seen):
    outline = desk.outline
    desk.edit = {"number": 1, "step": 1, "threshold": 0.9}
    assert desk.outline != outline
    assert desk.shown["angles"] == pytest.approx(seen.reading(0.9).angles, abs=0.01)
    ask(desk, "reset")
    assert (desk.outline, desk.shown["threshold"]) == (outline, 0.5)


def test_saving_says_where_and_errors_are_one_line(desk, seen, tmp_path):
    ask(desk, "save")
    path = tmp_path / "labels" / "drawn film.json"
    assert str(path) in desk.message["text"]
    assert read_shapes(path, seen.size).corners == pytest.approx(np.array(desk.shown["corners"]), abs=0.02)
    ask(desk, "remove", vertebra=99)
    assert desk.message["error"]
    assert "\n" not in desk.message["text"]
    ask(desk, "whatever")
    desk.folder = tmp_path / "labels" / "drawn film.json"
    ask(desk, "save")
    assert desk.message["error"]


def test_a_page_without_a_kernel_shows_a_picture(desk):
    data, facts = desk._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    html = render([{"output_type": "display_data", "data": data, "metadata": facts}], Writer())
    assert "<img" in html
    assert "FilmDesk" not in html


def test_the_page_asks_nothing_of_a_network():
    for name in ("film_desk", "drop_area"):
        for kind in ("js", "css"):
            text = (film_desk.HERE / f"{name}.{kind}").read_text().replace("http://www.w3.org/2000/svg", "")
            assert not re.findall(r"https?:|@import|url\(|import\s*\(|^import ", text, re.MULTILINE)
