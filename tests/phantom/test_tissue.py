"""Soft tissue of the trunk: paths through the body and air in it, in mm."""

import numpy as np
import pytest
import torch

from spinelib.phantom.morphometry import LEVELS, S1, T1
from spinelib.phantom.spine import pose
from spinelib.phantom.tissue import SOFT, Tissue
from spinelib.phantom.trunk import trunk_of

from .made import film, generators, patient

SIZE = (150, 130)


def tissue(seed=0, **organs):
    one = patient(**organs)
    spine = pose(one)
    trunk = trunk_of(one, spine, bending=False)
    return Tissue(one, spine, trunk, film(spine.centre[T1 : S1 + 1], SIZE, room=160), SIZE, generators(seed)[1])


def row(here, level):
    return int((here.z[:, 0] - here.level(level)).abs().argmin())


def test_the_path_through_the_body_is_its_depth_in_the_middle_and_nothing_beside_it():
    here = tissue(jaw=0.0, breast=-1.0)
    path = here.body()
    for level in ("T6", "L2", "L5"):
        k = row(here, level)
        middle = int(here.off[k].abs().argmin())
        assert path[k, middle] == pytest.approx(here.deep[k].item(), rel=0.02)
        # The outline wanders by a few mm.
        assert not path[k, here.off[k].abs() > here.half[k] + 20].any()
    assert path.min() >= 0


def test_air_lies_in_the_chest_alone_and_is_less_than_the_body():
    here = tissue()
    air = here.lungs()
    assert air.min() >= 0
    assert air[row(here, "T6")].max() > 30
    assert not air[row(here, "L3") :].any()
    total = here.attenuation()
    assert total.shape == SIZE
    assert total.min() >= 0
    middle = slice(row(here, "T5"), row(here, "T8"))
    beside = (here.off[middle].abs() > 60) & (here.off[middle].abs() < 90)
    column = here.off[middle].abs() < 10
    assert total[middle][beside].mean() < 0.7 * total[middle][column].mean(), "lungs are darker than mediastinum"


def test_attenuation_without_air_is_that_of_the_path():
    here = tissue(lung_depth=0.0, airway=0.1, gas=0.0, stomach=0.0, jaw=0.0, breast=-1.0)
    k = row(here, "L3")
    middle = here.off[k].abs() < 40
    total, again = here.attenuation()[k], tissue(jaw=0.0, breast=-1.0).body()[k]
    assert (total / SOFT)[middle].mean() == pytest.approx(again[middle].mean().item(), rel=0.05)


def test_the_bubble_of_the_stomach_has_the_size_asked_for():
    assert not tissue(stomach=0.0).stomach().any()
    here = tissue(stomach=1.5)
    bubble = here.stomach()
    size = 1.5 * 30 * here.scale
    assert 0.9 * 1.6 * size < bubble.max() <= 1.6 * size
    rows, columns = bubble.nonzero().T
    assert np.ptp(rows.numpy()) * here.frame.spacing < 2 * size + here.frame.spacing
    assert here.off[rows, columns].min() > 0, "it lies on the left"


def test_no_gas_without_bowel_gas_and_no_pocket_thicker_than_32_mm():
    assert not tissue(gas=0.0, stomach=0.0).gas().any()
    air = tissue(gas=2.0, stomach=0.0).gas()
    assert 0 < air.max() <= 32


def test_levels_are_read_from_the_spine():
    here = tissue()
    z = here.spine.centre[:, 2]
    assert here.level("T7") == z[LEVELS.index("T7")]
    assert here.level("T7", 0.5) == pytest.approx(z[LEVELS.index("T7")] / 2 + z[LEVELS.index("T8")] / 2)
    assert torch.equal(tissue(seed=1).lungs(), tissue(seed=1).lungs())
