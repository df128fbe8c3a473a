import numpy as np
import pytest

from spinelib.core.errors import BadInput
from spinelib.phantom import films, sample_anatomy
from spinelib.phantom.style import SUBTLE, Style

SMALL = (128, 64)


@pytest.fixture(scope="module")
def anatomy():
    return sample_anatomy(24, seed=11)


@pytest.fixture(scope="module")
def standing(anatomy):
    return films(anatomy, size=(256, 128), seed=4)


@pytest.mark.parametrize("style", [Style(), Style(framing="plain", metal=1, tones=0.0, label=(1.0, 1.0))])
def test_the_plain_style_leaves_every_bit_as_it_was(anatomy, standing, style):
    part = films(anatomy[3:6], size=(256, 128), seed=4, style=style)
    for name, values in vars(part).items():
        np.testing.assert_array_equal(values, getattr(standing, name)[3:6], err_msg=name)


def test_close_framing_ends_nearer_to_the_spine(anatomy, standing):
    close = films(anatomy, size=(256, 128), seed=4, style=Style(framing="close"))
    first, last = (np.array([c[k, :, 1].mean() for c in close.corners]) for k in (0, -1))
    before = np.array([c[0, :, 1].mean() for c in standing.corners])
    assert first.mean() < before.mean()
    assert first.std() < before.std()
    assert last.mean() > standing.corners[:, -1, :, 1].mean()


def test_tones_change_greys_and_nothing_else(anatomy, standing):
    made = films(anatomy[:8], size=(256, 128), seed=4, style=Style(tones=0.5))
    changed = (made.images != standing.images[:8]).any(axis=(1, 2))
    assert 0 < changed.sum() < 8
    np.testing.assert_array_equal(made.corners, standing.corners[:8])


def test_subtle_films_show_fainter_processes_and_ribs(anatomy):
    organs = anatomy[0].organs
    seen = [Style(subtle=1.0).bones(anatomy[0], np.random.default_rng(k)).organs for k in range(20)]
    for name, (low, high) in SUBTLE.items():
        factors = np.array([found[name] / organs[name] for found in seen])
        assert low <= factors.min() < factors.max() <= high
    assert all((found["bowel"] == organs["bowel"]).all() for found in seen)
    one = anatomy[0]
    unchanged = [Style(subtle=0.3).bones(one, np.random.default_rng(k)) is one for k in range(40)]
    assert 0.5 < np.mean(unchanged) < 0.9
    made = films(anatomy[:6], size=SMALL, seed=4, style=Style(subtle=0.5))
    plain = films(anatomy[:6], size=SMALL, seed=4)
    assert 0 < (made.images != plain.images).any(axis=(1, 2)).sum() < 6
    np.testing.assert_array_equal(made.corners, plain.corners)


def test_labels_are_scaled_about_their_bodies(anatomy, standing):
    made = films(anatomy[:4], size=(256, 128), seed=4, style=Style(label=(0.9, 0.8)))
    np.testing.assert_array_equal(made.images, standing.images[:4])
    wide, usual = (np.linalg.norm(c[:, :, 1] - c[:, :, 0], axis=-1) for c in (made.corners, standing.corners[:4]))
    np.testing.assert_allclose(wide / usual, 0.9, atol=0.02)


def test_more_metal_on_more_films(anatomy):
    shown = [films(anatomy, size=SMALL, seed=4, style=Style(metal=factor)).images for factor in (0, 1, 8)]
    differ = [(images != shown[0]).any(axis=(1, 2)).sum() for images in shown]
    assert differ[0] == 0 < differ[1] < differ[2]


@pytest.mark.parametrize(
    "wrong", [{"framing": "wide"}, {"metal": -1}, {"subtle": 2}, {"tones": 1.2}, {"label": (0.1, 1.0)}]
)
def test_a_style_out_of_range_is_refused(wrong):
    with pytest.raises(BadInput, match=next(iter(wrong))):
        Style(**wrong)


def test_a_lower_inlet_moves_the_apex_down_and_changes_nothing_below_the_chest(anatomy):
    seen = [Style(inlet=1.0).chest(anatomy[0], np.random.default_rng(k)).organs for k in range(30)]
    assert all(organs["apex_level"] >= anatomy[0].organs["apex_level"] for organs in seen)
    assert np.ptp([organs["apex_level"] for organs in seen]) > 0.7
    assert all(organs["rib_slope"] <= anatomy[0].organs["rib_slope"] for organs in seen)
    same = set(anatomy[0].organs) - {"apex_level", "rib_slope", "rib_fall"}
    assert all(np.array_equal(organs[name], anatomy[0].organs[name]) for organs in seen for name in same)
    one = anatomy[1]
    assert [Style(inlet=0.3).chest(one, np.random.default_rng(k)) is one for k in range(40)].count(True) in range(
        18, 38
    )
    plain, lower = (films(anatomy[:4], size=(256, 128), seed=4, style=Style(inlet=share)) for share in (0.0, 1.0))
    assert (plain.images[:, :90] != lower.images[:, :90]).any()
    np.testing.assert_array_equal(plain.corners, lower.corners)
