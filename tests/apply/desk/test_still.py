"""The desk on a page where nothing moves."""

import io

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

mpl.use("Agg")

from matplotlib import colors

from spinelib.apply.desk.correction import Correction
from spinelib.apply.desk.still import desk_figure, desk_png
from spinelib.plots.style import CORNER, REFERENCE


def test_films_stand_side_by_side_with_their_angle(seen):
    now = Correction(seen)
    figure = desk_figure([now, now])
    titles = [ax.get_title() for ax in figure.axes]
    assert titles == [f"drawn film\n{now.reading.angles[0]:.1f}\N{DEGREE SIGN}"] * 2
    drawn = [line.get_color() for line in figure.axes[0].lines]
    assert (drawn.count(REFERENCE), drawn.count(CORNER)) == (2, 17)
    with pytest.raises(ValueError, match="no film"):
        desk_figure([])


def test_the_picture_shows_end_vertebrae(seen):
    pixels = np.asarray(Image.open(io.BytesIO(desk_png(Correction(seen)))).convert("RGB"), int)
    blue = 255 * np.array(colors.to_rgb(REFERENCE))
    assert (abs(pixels - blue).sum(2) < 40).sum() > 50
