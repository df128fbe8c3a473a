"""Names and colours that every figure shares."""

import io

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from spinelib import plots
from spinelib.models import METHODS
from spinelib.plots import style
from spinelib.report.publish import pictures
from spinelib.runs.figures import save_figure

from . import vision

LEAST = 10  # CIEDE2000


def names_of(dims):
    return [*(name for name, entry in METHODS.items() if entry.dims == dims), "released"]


def least(colours, shown):
    return vision.least_difference(colours, shown)[np.triu_indices(len(colours), 1)].min()


def test_colours_are_stable_and_shared_by_variants():
    assert plots.method_colour("r2mfnet/no_scse") == plots.method_colour("r2mfnet")
    assert plots.method_colour("newnet") == plots.method_colour("newnet") != plots.method_colour("othernet")


def test_names_are_printed_by_their_titles_and_changes_of_a_method_stay():
    assert plots.label("r2mfnet/full") == "R2MF-Net"
    assert plots.label("r2mfnet/no_scse") == "R2MF-Net, no scse"
    assert plots.label("hd95") == "HD95"
    assert plots.label("left_bending") == "left bending"
    assert plots.label("unet/full_films9") == "U-Net, full films9"
    assert style.short_label("unet/full_films9") == "U-Net, films9"
    assert max(map(len, style.narrow_label("mdwcnet/without_everything_that_is_new", 20).splitlines())) <= 20


def test_every_method_has_a_colour_of_its_own_among_those_of_films_and_of_volumes():
    for dims in (2, 3):
        names = names_of(dims)
        assert len({plots.method_colour(name) for name in names}) == len(names)
        assert len(set(style.entry_marks(names).values())) == len(names)
    for name in ("newsource", "newstructure"):
        for colour in (plots.source_colour(name), plots.structure_colour(name)):
            assert mpl.colors.is_color_like(colour)
    assert plots.source_colour("aasce") == style.SOURCES["aasce"]


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("shown", [np.asarray, vision.on_dark], ids=["light", "dark"])
def test_colours_of_methods_are_told_apart_with_every_kind_of_colour_vision(dims, shown):
    colours = np.array([vision.rgb(plots.method_colour(name)) for name in names_of(dims)])
    assert least(colours, shown) >= LEAST
    page = vision.rgb(vision.CARD) if shown is vision.on_dark else np.ones(3)
    assert vision.contrast(shown(colours), page).min() > 2.2


@pytest.mark.parametrize("dims", [2, 3])
def test_colours_of_methods_survive_their_way_into_a_file(tmp_path, monkeypatch, dims):
    monkeypatch.setattr(pictures, "SHARP", 0)
    names, figure = names_of(dims), Figure(figsize=(6.4, 4))
    ax = figure.subplots()
    # As boards draw them: thin pale lines, small marks, words; many hues in between are antialiased.
    for y, name in enumerate(names):
        ax.plot([0, 1], [y, y + 0.3], color=plots.method_colour(name), linewidth=2.2, alpha=0.6)
        ax.plot([0.5], [y + 0.15], "o", color=plots.method_colour(name), markersize=6)
    ax.set_yticks(range(len(names)), names)
    png = save_figure(figure, tmp_path, "board", "A board.")
    for raw in (png, pictures.encode(png, pictures.Level(True, 1, 80))[0]):
        image = np.asarray(Image.open(io.BytesIO(raw)).convert("RGB")) / 255
        flat = image.reshape(-1, 3)
        drawn = []
        for name in names:
            wanted = vision.rgb(plots.method_colour(name))
            drawn.append(flat[np.abs(flat - wanted).sum(1).argmin()])
            assert vision.ciede2000(vision.lab(drawn[-1]), vision.lab(wanted)) < 1
        assert least(np.array(drawn), np.asarray) >= LEAST - 1


def test_every_entry_of_a_figure_has_a_mark_and_dashes():
    names = ["unet/full", "unet/wide", "r2mfnet/full", "newnet/full"]
    marks = style.entry_marks(names)
    assert marks["unet/full"] == style.entry_marks(["unet/full"])["unet/full"]
    assert len(set(marks.values())) == 4
    looks = style.entry_looks(names)
    assert len({str(look["linestyle"]) for look in looks.values()}) == 4
    assert {name: look["color"] for name, look in looks.items()} == {name: plots.method_colour(name) for name in names}
    assert set(style.entry_marks([f"unet/{k}" for k in range(40)]).values()) == set(style.MARKERS)


@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
        ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ],
)
def test_differences_are_those_of_the_formulas_own_examples(one, other, difference):
    assert vision.ciede2000(one, other) == pytest.approx(difference, abs=5e-5)


def test_the_style_sets_what_figures_are_saved_with():
    with mpl.rc_context():
        plots.use_style()
        assert mpl.rcParams["savefig.dpi"] == mpl.rcParams["figure.dpi"] == 110
        assert not mpl.rcParams["axes.spines.top"]
        assert mpl.rcParams["image.cmap"] == "gray"
