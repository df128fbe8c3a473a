"""Figures of published pages: which of them, and once only."""

import base64
import posixpath

import matplotlib

from spinelib.report.publish.pictures import pixels_of
from spinelib.report.publish.study import publish
from spinelib.runs.figures import shrink

matplotlib.use("agg")
import io

import matplotlib
from PIL import Image

from spinelib.runs.figures import CONTENTS, is_plot, save_figure
from tests.report.publish.made import copied, drawn, files, pictures

matplotlib.use("agg")


def test_of_foreign_images_the_plots_alone_are_published(studies, published):
    folder = published["f"][0]
    assert pictures(folder) == ["questions/90_q/figures/line.png", "questions/90_q/figures/map.png"]
    for path in studies["f"].rglob("overlay.png"):
        overlay = path.read_bytes()
        forms = {overlay, shrink(overlay)}
        middles = [form[len(form) // 6 * 3 :][:90] for form in forms]
        carried = [part for middle in middles for part in (middle, base64.b64encode(middle)[4:-4])]
        page = path.parents[1] / "report.html"
        assert any(part in page.read_bytes() for part in carried)
        for name, data in files(folder).items():
            assert not any(part in data for part in carried), name
        shades = {pixels_of(data) for name, data in files(folder).items() if name in pictures(folder)}
        assert not shades & {pixels_of(form) for form in forms}


def test_what_is_made_here_is_published_whole_and_each_picture_once(published):
    folder = published["m"][0]
    names = pictures(folder)
    question = {name for name in names if name.startswith("questions/90_q/figures/")}
    assert {posixpath.basename(name).split(".")[0] for name in question} == {"line", "overlay", "map", "shown_4"}
    # The pictures that no run kept as a file are the same on all pages.
    assert len(names) == len(question) + 2
    assert len({pixels_of((folder / name).read_bytes()) for name in names}) == len(names)
    index = (folder / "index.html").read_text()
    assert 'src="questions/90_q/figures/line.png"' in index
    assert "Figure not" not in index


def test_a_figure_without_a_word_about_its_pixels_is_not_published(studies, tmp_path):
    folder = copied(studies["f"], tmp_path)
    figure = folder / "questions/90_q/figures/line.png"
    raw = figure.read_bytes()
    start = raw.index(b"tEXt") - 4
    bare = raw[:start] + raw[start + 12 + int.from_bytes(raw[start : start + 4], "big") :]
    assert pixels_of(bare) == pixels_of(raw)
    figure.write_bytes(bare)
    publish(folder, tmp_path / "into")
    assert pictures(tmp_path / "into") == ["questions/90_q/figures/map.png"]


def test_a_saved_figure_remembers_what_it_holds(tmp_path):
    kinds = {"plot": (False, None), "image": (True, None), "map": (True, False), "sure": (False, True)}
    saved = {name: save_figure(drawn(image), tmp_path, name, "A.", word) for name, (image, word) in kinds.items()}
    assert {name for name, png in saved.items() if is_plot(png)} == {"plot", "map"}
    assert Image.open(io.BytesIO(saved["image"])).info[CONTENTS] == "pixels"
    assert not is_plot(b"no picture")
