"""Names on figures: as they are, whatever letters they have."""

import warnings
from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from spinelib import plots
from spinelib.plots import names

HOSTILE = [r"$\frac$", "cost $5_a$", r"a_b^c%{}\$", "$", "$$x$$", "_hidden", r"\alpha$\beta$", "100 % {x}", "a\\$b$"]
# Letters of an area for private use: no font here has them.
UNKNOWN = "\U000f1234\U000f1235"


@pytest.fixture(autouse=True)
def _no_warning():
    with warnings.catch_warnings(), mpl.rc_context():
        warnings.simplefilter("error")
        plots.use_style()
        yield
    plt.close("all")


def drawn(figure):
    """Texts of a figure as they were set: letters, and whether as a formula."""
    figure.canvas.draw()
    found = [text for text in figure.findobj(mpl.text.Text) if text.get_text()]
    return {text._preprocess_math(text.get_text()) for text in found}


def film(count):
    return [np.tile(np.arange(9.0), (12, 1))] * count


@pytest.mark.parametrize("style", [True, False])
def test_no_name_is_a_formula(style):
    if not style:
        mpl.rcdefaults()
    figure = plots.film_grid(film(len(HOSTILE)), HOSTILE)
    shown = drawn(figure)
    for name in HOSTILE:
        assert (name, False) in shown or (f" {name}", False) in shown
    assert not any(formula for _, formula in shown)
    assert figure.get_label() == ""


@pytest.mark.parametrize("name", HOSTILE)
def test_structures_keep_their_names_in_legends_and_ticks(name):
    volume = np.zeros((3, 8, 8), np.uint8)
    volume[:, 2:5, 2:5], volume[:, 6:, :] = 1, 2
    figure = plots.slices(volume * 20.0, volume, titles=[name], classes=[name, "other"])
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == [names.plain_text(name), "other"]
    assert not any(formula for _, formula in drawn(figure))


@pytest.mark.parametrize("style", [True, False])
def test_letters_without_a_glyph_become_numbers_that_the_label_explains(style):
    if not style:
        mpl.rcdefaults()
    titles = ["first", f"{UNKNOWN}\n3.1°", f"coronal {UNKNOWN} x {UNKNOWN}", "a\u00e4\u00df\u0416"]
    figure = plots.film_grid(film(4), titles, columns=2)
    assert [ax.get_title() for ax in figure.axes] == ["first", "film 2\n3.1°", "coronal film 3 x", titles[3]]
    assert figure.get_label() == f"film 2: {UNKNOWN}. film 3: {UNKNOWN} {UNKNOWN}."
    drawn(figure)


def test_numbered_entries_of_a_legend_are_explained_too():
    figure = Figure()
    assert names.readable(figure, ["L1", UNKNOWN, "L2"], "structure") == ["L1", "structure 2", "L2"]
    assert figure.get_label() == f"structure 2: {UNKNOWN}."


def test_fonts_are_those_that_are_here():
    there = set(mpl.font_manager.get_font_names())
    assert names.fonts()[0] == "DejaVu Sans"
    assert set(names.fonts()) <= there
    assert mpl.rcParams["font.family"] == names.fonts()


def test_a_font_that_has_the_letters_is_used(monkeypatch):
    assert not names.has_glyphs(UNKNOWN)
    monkeypatch.setattr(names, "_letters", lambda families: frozenset(map(ord, UNKNOWN)))
    assert names.has_glyphs(UNKNOWN)
    assert names.readable(Figure(), [UNKNOWN], "film") == [UNKNOWN]


def test_titles_of_panels_go_on_below_before_they_lie_on_their_neighbours():
    name = "Seg4Reg+\ndensenet169 released shortened grid 320x128"
    figure, axes = plt.subplots(1, 6, figsize=(9, 3))
    for ax in axes:
        names.panel_title(ax, name, fontsize=8.5)
    figure.canvas.draw()
    boxes = [ax.title.get_window_extent() for ax in axes]
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))
    assert axes[0].get_title().split() == name.split()
    _, ax = plt.subplots(figsize=(9, 3))
    names.panel_title(ax, name)
    assert ax.get_title() == name
