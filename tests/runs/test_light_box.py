"""Films on dark ground: the words around them light, the pictures and all colours as they were."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from PIL import Image

from spinelib.runs.figures import save_figure
from spinelib.runs.light_box import GROUND, darken


def film():
    figure = Figure(figsize=(4, 2), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.imshow(np.eye(3))
    left.set(title="case", xlabel="taken for")
    left.text(1, 1, "12 %", color="black")
    left.text(-0.1, 0.5, "beside", transform=left.transAxes)
    left.annotate("above", (0.5, 1), (0, 20), "axes fraction", "offset points")
    left.plot([0, 1], [0, 1], color="black")
    right.plot([0, 1], color="#270089", label="network")
    right.plot([1, 0], color="#4C4C4C", label="by chance")
    right.set_ylabel("Dice")
    figure.legend(loc="outside lower center", frameon=True)
    figure.suptitle("films")
    return figure, left, right


def colour(artist):
    return to_hex(artist.get_color())


def test_words_and_frames_around_a_picture_become_light():
    figure, left, right = film()
    darken(figure)
    assert to_hex(figure.get_facecolor()) == GROUND.lower() == to_hex(right.get_facecolor())
    around = [
        figure.texts[0],
        left.title,
        left.xaxis.label,
        right.yaxis.label,
        *left.texts[1:],
        *right.get_xticklabels(),
    ]
    assert {colour(text) for text in [*around, *figure.legends[0].get_texts()]} == {"#ffffff"}
    assert to_hex(left.spines["left"].get_edgecolor()) == "#ffffff"
    assert to_hex(figure.legends[0].get_frame().get_facecolor()) == GROUND.lower()
    assert colour(left.xaxis.get_ticklines()[0]) == "#ffffff"


def test_what_lies_on_a_picture_and_every_colour_stay():
    figure, left, right = film()
    darken(figure)
    assert (colour(left.texts[0]), colour(left.lines[0])) == ("#000000", "#000000")
    assert [colour(line) for line in right.lines] == ["#270089", "#b3b3b3"]
    assert [colour(line) for line in figure.legends[0].get_lines()] == ["#270089", "#b3b3b3"]


def test_twice_is_once():
    figure, left, right = film()
    darken(figure)
    before = [colour(artist) for artist in [left.title, *right.lines, *left.texts]]
    darken(figure)
    assert [colour(artist) for artist in [left.title, *right.lines, *left.texts]] == before


@pytest.mark.parametrize(("pixels", "ground"), [(True, GROUND), (False, "#FFFFFF")])
def test_only_figures_with_pixels_are_dark(tmp_path, pixels, ground):
    save_figure(film()[0], tmp_path, "film", "A film.", pixels)
    corner = Image.open(tmp_path / "film.png").convert("RGB").getpixel((0, 0))
    assert corner == tuple(int(ground[k : k + 2], 16) for k in (1, 3, 5))
