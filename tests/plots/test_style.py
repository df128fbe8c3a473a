"""Names and colours that every figure shares."""

import matplotlib as mpl

from spinelib import plots
from spinelib.models import METHODS
from spinelib.plots import style


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
        names = [name for name, entry in METHODS.items() if entry.dims == dims]
        assert len({plots.method_colour(name) for name in names}) == len(names)
    for name in ("newsource", "newstructure"):
        for colour in (plots.source_colour(name), plots.structure_colour(name)):
            assert mpl.colors.is_color_like(colour)
    assert plots.source_colour("aasce") == style.SOURCES["aasce"]


def test_the_style_sets_what_figures_are_saved_with():
    with mpl.rc_context():
        plots.use_style()
        assert mpl.rcParams["savefig.dpi"] == mpl.rcParams["figure.dpi"] == 110
        assert not mpl.rcParams["axes.spines.top"]
        assert mpl.rcParams["image.cmap"] == "gray"
