"""Samples of layouts hold two films and the label that they are called after."""

import numpy as np
import pytest

from spinelib.cases.manifest import read_manifest
from spinelib.cases.readers.landmarks import read_landmarks
from spinelib.cases.readers.masks import read_mask
from spinelib.sources import prepare
from spinelib.sources.formats import layout_samples as layouts
from spinelib.sources.formats import samples
from spinelib.sources.formats.overview import LAYOUTS

REFUSED = ("alone", "own")


@pytest.mark.parametrize("kind", [kind for kind in LAYOUTS if not any(word in kind for word in REFUSED)])
def test_every_layout_that_is_read_gives_two_films_with_the_true_label(tmp_path, kind):
    (tmp_path / "in").mkdir()
    LAYOUTS[kind](tmp_path / "in")
    prepare("folder", tmp_path / "out", tmp_path / "in", audit=False)
    cases = read_manifest(tmp_path / "out")
    assert {case.patient for case in cases} == set(layouts.NAMES)
    for case in cases:
        if case.mask:
            found = read_mask(tmp_path / "out" / case.mask, samples.SHAPE)
            np.testing.assert_array_equal(found, samples.mask_sample(1))
        else:
            table = read_landmarks(tmp_path / "out" / case.landmarks)
            np.testing.assert_allclose(table[case.case], layouts.corner_sample(), atol=2e-3)
