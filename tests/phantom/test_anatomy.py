import numpy as np
import pytest

from spinelib.phantom import LEVELS, sample_anatomy
from spinelib.phantom.morphometry import column
from spinelib.phantom.spine import cobb_3d, pose


@pytest.fixture(scope="module")
def many():
    return sample_anatomy(300, seed=5)


def test_patients_do_not_depend_on_the_batch():
    whole = sample_anatomy(7, seed=3)
    split = sample_anatomy(3, seed=3, first=4)
    for name, values in vars(split).items():
        pairs = values.items() if isinstance(values, dict) else [(None, values)]
        for key, part in pairs:
            full = getattr(whole, name)[key] if key else getattr(whole, name)
            np.testing.assert_array_equal(full[4:], part)


def test_seeds_and_numbers_give_different_patients():
    a, b = sample_anatomy(2, seed=1), sample_anatomy(2, seed=2)
    assert len({*a.key.tolist(), *b.key.tolist()}) == 4
    assert sample_anatomy(1, seed=-1).key != sample_anatomy(1, seed=1).key


def test_count_below_one_is_refused():
    with pytest.raises(ValueError, match="at least one patient"):
        sample_anatomy(0)


@pytest.mark.parametrize("name", ["upper_width", "lower_width", "upper_depth", "height", "disc_below"])
def test_sizes_follow_the_published_means(many, name):
    relative = getattr(many, name) / many.scale[:, None] / column(name)
    assert np.abs(relative.mean(0) - 1).max() < 0.03
    assert relative.std(0).max() < 0.22
    assert relative.min() > 0.5
    assert relative.max() < 1.6


def test_variety(many):
    largest = np.array([cobb_3d(pose(patient))[0] for patient in (many[i] for i in range(len(many)))])
    assert np.median(largest) > 15
    assert np.quantile(largest, 0.95) > 50
    assert (largest < 15).mean() > 0.05
    assert len(np.unique(many.curve_kind)) == 5
    assert many.upper_width.shape == (300, len(LEVELS))
