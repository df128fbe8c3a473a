import numpy as np
import pytest

from spinelib.phantom.morphometry import L5, LEVELS, SIZES, T1, at_level, column, morphometry_table


def test_the_table_has_every_size_of_every_level():
    assert list(morphometry_table().index) == list(LEVELS)
    assert len(LEVELS) == 23
    for name in SIZES:
        assert np.isfinite(column(name)).all()
        assert (column(name) >= 0).all()
    assert column("height")[L5] > 1.3 * column("height")[T1]


def test_a_column_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        column("height")[0] = 1.0


def test_values_are_read_between_levels():
    values = np.arange(23.0) ** 2
    assert at_level(values, 5) == 25
    assert at_level(values, 5.5) == pytest.approx((25 + 36) / 2)
