import numpy as np
import pytest

from spinelib.phantom import sample_anatomy
from spinelib.phantom.spine import pose
from spinelib.phantom.trunk import trunk_of


@pytest.fixture(scope="module")
def patient():
    anatomy = sample_anatomy(30, seed=5)
    return anatomy[int(np.abs(anatomy.curve_angle).max(1).argmax())]


def test_the_trunk_is_as_wide_as_its_organs_say(patient):
    spine = pose(patient)
    trunk = trunk_of(patient, spine, bending=False)
    assert (np.diff(trunk.z) > 0).all()
    hip, waist = trunk.half_at(spine.centre[-1, 2]), trunk.half_at(spine.centre[18, 2])
    assert hip == pytest.approx(float(patient.organs["hip_width"]), rel=0.05)
    assert waist == pytest.approx(float(patient.organs["waist_width"]), rel=0.1)
    assert (trunk.deep > 0).all()


def test_a_bending_trunk_follows_the_spine_more_closely(patient):
    spine = pose(patient)
    z = spine.centre[::-1, 2]
    away = {
        bending: np.abs(
            trunk_of(patient, spine, bending).middle_at(z)
            - spine.centre[::-1, 0]
            - float(patient.organs["trunk_shift"])
        ).mean()
        for bending in (False, True)
    }
    assert away[True] < away[False]
