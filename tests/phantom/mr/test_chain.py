import numpy as np
import pytest

from spinelib.core.structures import STRUCTURES
from spinelib.phantom import sample_anatomy
from spinelib.phantom.mr.chain import lying_chain

NUMBER = {name: k for k, name in enumerate(STRUCTURES, 1)}


def test_names_count_from_below():
    anatomy = sample_anatomy(80, seed=2)
    kinds = set()
    for i in range(80):
        chain = lying_chain(anatomy[i], np.random.default_rng(i), 40.0)
        kinds.add(int(chain.level[chain.first]))
        assert chain.label[chain.first] == NUMBER["L5"]
        assert chain.disc[chain.first] == NUMBER["L5/S"]
        assert (chain.label[2 : chain.first] == NUMBER["S"]).all()
        free = chain.label[chain.first :]
        np.testing.assert_array_equal(free[free > 0], np.arange(2, 2 + (free > 0).sum()))
    assert len(kinds) == 3, "usual, four and six lumbar-type vertebrae all occur"


def test_worn_discs_are_narrow():
    patient = sample_anatomy(1, seed=5)[0]
    young, old = (lying_chain(patient, np.random.default_rng(1), age) for age in (20.0, 90.0))
    assert old.wear[old.first :].mean() > young.wear[young.first :].mean() + 0.3
    assert old.height[old.first :].sum() < young.height[young.first :].sum()


@pytest.mark.parametrize("level", ["L2", "L3", "L4"])
def test_bodies_are_as_large_as_in_the_open_volumes(level):
    """Measured on the labels of the 13 open volumes: 28.6 to 29.2 mm high, 33.8 to 34.2 mm deep, 44 to 48 mm wide."""
    anatomy = sample_anatomy(30, seed=8)
    chains = [lying_chain(anatomy[i], np.random.default_rng(i), 30.0) for i in range(30)]
    half = np.array([chain.half[np.flatnonzero(chain.label == NUMBER[level])[0]] for chain in chains])
    wide, deep, tall = 2 * np.median(half, 0)
    assert 26 < tall < 32
    assert 31 < deep < 38
    assert 41 < wide < 51


def test_the_lumbar_spine_bends_as_in_the_open_volumes():
    """There L1 leans back by 12 degrees, L5 forwards by 7, and the disc below L5 by 32 (means)."""
    anatomy = sample_anatomy(40, seed=9)
    lean = {name: [] for name in ("L1", "L4", "S")}
    for i in range(40):
        chain = lying_chain(anatomy[i], np.random.default_rng(i), 30.0)
        for name, values in lean.items():
            k = np.flatnonzero(chain.label == NUMBER[name])[-1]
            values.append(float(np.degrees(np.arcsin(chain.frame[k, 2, 1]))))
    middle = {name: np.median(values) for name, values in lean.items()}
    assert -20 < middle["L1"] < -6
    assert -4 < middle["L4"] < 12
    assert 33 < middle["S"] < 58
