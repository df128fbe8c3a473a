import numpy as np
import pytest

from spinelib.phantom import sample_anatomy
from spinelib.phantom.morphometry import LABELLED
from spinelib.phantom.projection import frame_film
from spinelib.phantom.spine import SIDES, STEEPEST, cobb_3d, give_way, pose


@pytest.fixture(scope="module")
def many():
    return sample_anatomy(300, seed=5)


def straight(patient):
    """The same patient without curves, rotation, tilt or sagittal profile."""
    zero = {
        name: np.zeros_like(getattr(patient, name))
        for name in ("curve_angle", "sagittal", "balance", "turn", "pelvic_tilt")
    }
    return type(patient)(**{**vars(patient), **zero})


def test_a_straight_spine_is_straight():
    spine = pose(straight(sample_anatomy(1, seed=2)[0]))
    assert np.allclose(cobb_3d(spine), 0, atol=1e-9)
    assert np.allclose(spine.centre[:, :2], 0, atol=1e-9)
    patient = sample_anatomy(1, seed=2)[0]
    length = patient.height[0] / 2 + patient.height[1:-1].sum() + patient.height[-1] / 2 + patient.disc_below[:-1].sum()
    assert spine.centre[0, 2] == pytest.approx(length)


def test_one_curve_has_its_own_angle():
    patient = straight(sample_anatomy(1, seed=2)[0])
    one = type(patient)(**{**vars(patient), "curve_angle": np.array([0.0, -40.0, 0.0, 0.0])})
    spine = pose(one)
    assert np.degrees(np.ptp(spine.tilt[LABELLED])) == pytest.approx(40, abs=0.5)
    assert cobb_3d(spine)[0] == pytest.approx(40, abs=2.5)
    apex = int(np.rint(one.curve_apex[1]))
    chord = (spine.centre[apex - 3, 0] + spine.centre[apex + 3, 0]) / 2
    assert spine.centre[apex, 0] < chord, "negative curves are convex to the patient's right"


@pytest.mark.parametrize("view", SIDES)
def test_every_vertebra_is_below_the_one_above_it_on_the_film(many, view):
    for i in range(150):
        spine = pose(many[i], view)
        frame = frame_film(np.random.default_rng(i), spine, (640, 320))
        rows = frame.project(spine.corners())[LABELLED, :, 1].mean(1)
        assert (np.diff(rows) > 0).all(), f"patient {i}"


def test_only_who_leans_too_far_gives_way_and_the_trunk_does_first():
    # From T1 down to L5.
    share = np.interp(np.arange(23), (5, 21), (1, 0.05))
    bent = np.radians(20) * share
    assert not give_way(np.radians(70) * share, bent).any()
    # A bend of 20 degrees that takes the top to 90 gives half of itself.
    steep = np.radians(90) * share
    assert steep + give_way(steep, bent) == pytest.approx(np.radians(80) * share)
    # Where none of it is enough, all levels go back alike: angles between them stay.
    steeper = np.radians(130) * share
    back = steeper + give_way(steeper, bent)
    assert np.diff(back) == pytest.approx(np.diff(steeper - bent))
    assert back[LABELLED].max() == pytest.approx(STEEPEST)
    wild = np.radians(300) * (share - 0.3)
    assert np.ptp((wild + give_way(wild, bent))[LABELLED]) == pytest.approx(2 * STEEPEST)


def test_curves_bend_away_towards_their_convexity(many):
    main = np.abs(many.curve_angle).argmax(1)
    for i in np.flatnonzero(np.abs(many.curve_angle).max(1) > 25)[:40]:
        side = np.sign(many.curve_angle[i, main[i]])
        towards, away = ("left_bending", "right_bending") if side > 0 else ("right_bending", "left_bending")
        ends = np.clip(many.curve_apex[i, main[i]] + many.curve_extent[i, main[i]] * np.array([-1, 1]), 0, 22)
        turn = {
            v: -side * np.diff(np.interp(ends, range(23), pose(many[i], v).tilt))[0] for v in ("coronal", towards, away)
        }
        standing, less, more = -turn["coronal"], -turn[towards], -turn[away]
        assert less < standing < more
