import numpy as np
import pytest

from spinelib.phantom.organs import GAS_RUNS, SCALARS, sample_organs


def test_organs_are_drawn_around_their_means():
    many = [sample_organs(np.random.default_rng(k), 1.0) for k in range(300)]
    for name, (mean, deviation) in SCALARS.items():
        values = np.array([float(one[name]) for one in many])
        assert values.mean() == pytest.approx(mean, abs=0.25 * deviation), name
        assert np.abs(values - mean).max() <= 2.5 * deviation + 1e-9, name
    assert many[0]["bowel"].shape == (GAS_RUNS, 6)
    assert many[0]["ribs"].shape == (12, 2, 3)


def test_lengths_grow_with_the_patient_and_shares_do_not():
    small, large = (sample_organs(np.random.default_rng(1), scale) for scale in (1.0, 1.5))
    assert large["chest_width"] == pytest.approx(1.5 * small["chest_width"])
    assert large["follow"] == small["follow"]
    assert large["crest_level"] == small["crest_level"]
