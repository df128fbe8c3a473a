"""The digital patient's volumes beside the open lumbar volumes, as the network sees both; needs SPINE_DATA."""

import os
from pathlib import Path

import numpy as np
import pytest

from spinelib.cases import load_arrays
from spinelib.core.structures import DISCS, VERTEBRAE
from spinelib.questions import explore
from spinelib.sources import prepare

REAL = Path(os.environ.get("SPINE_DATA", "")) / "lumbar_mri"
GRID = (18, 128, 64)

pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="needs the open lumbar volumes (SPINE_DATA)")


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    """Median size and grey of every structure in either."""
    folder = tmp_path_factory.mktemp("beside")
    prepare("lumbar", folder / "lumbar", REAL)
    prepare("phantom_mr", folder / "digital", patients=8, seed=11, limit=256, bodies_only=True)
    sets = {name: load_arrays(folder / name, GRID) for name in ("lumbar", "digital")}
    table = explore.structure_facts(sets)
    return table.groupby(["structure", "data"])[["volume ml", "grey"]].median().unstack()


@pytest.mark.parametrize("name", [*VERTEBRAE[1:6], *DISCS[:5]])
def test_structures_are_as_large(facts, name):
    size = facts["volume ml"].loc[name]
    assert 0.65 < size["digital"] / size["lumbar"] < 1.7


def test_bodies_and_discs_are_as_bright(facts):
    for names in (VERTEBRAE[1:6], DISCS[:5]):
        grey = facts["grey"].loc[list(names)].mean()
        assert 0.6 < grey["digital"] / grey["lumbar"] < 1.7
    grey = facts["grey"]["digital"]
    assert np.median(grey[list(DISCS[:5])]) < 0.7 * np.median(grey[list(VERTEBRAE[1:6])])
