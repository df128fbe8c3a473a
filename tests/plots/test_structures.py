"""Colours of the structures of a volume: apart by family, neighbours by lightness."""

import colorsys
from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pytest

from spinelib import plots
from spinelib.core.structures import DISCS, STRUCTURES, VERTEBRAE
from spinelib.plots.structures import VOLUME_COLOURS


def hue(colour):
    return colorsys.rgb_to_hls(*mpl.colors.to_rgb(colour))[0]


def test_families_of_structures_stay_apart():
    blues = [hue(plots.structure_colour(name)) for name in VERTEBRAE[1:]]
    ochres = [hue(plots.structure_colour(name)) for name in DISCS]
    assert min(blues) > 0.45
    assert max(blues) < 0.7
    assert max(ochres) < 0.2
    assert 0.75 < hue(plots.structure_colour("S")) < 0.95
    assert len({plots.structure_colour(name) for name in STRUCTURES}) == 19


def luminance(colour):
    return float(np.dot(mpl.colors.to_rgb(colour), (0.2126, 0.7152, 0.0722)))


@pytest.mark.parametrize("family", [VERTEBRAE[1:], DISCS])
def test_neighbours_differ_in_lightness(family):
    grey = [luminance(plots.structure_colour(name)) for name in family]
    assert min(abs(a - b) for a, b in pairwise(grey)) > 0.1


def test_every_structure_has_a_colour_and_means_have_theirs():
    assert set(VOLUME_COLOURS) == {*STRUCTURES, "vertebrae", "discs"}
    assert all(mpl.colors.is_color_like(colour) for colour in VOLUME_COLOURS.values())
