"""What a mean of a metric can be."""

import math

import pytest

from spinelib.core.errors import BadInput
from spinelib.statistics.limits import limits_of


def test_shares_angles_distances_and_costs():
    assert limits_of("dice", "1") == limits_of("dice_pooled", "1") == (0, 1)
    assert limits_of("smape", "%") == (0, 100)
    assert limits_of("cobb_error", "deg") == (0, 180)
    assert limits_of("hd95", "%") == limits_of("hd95", "mm") == limits_of("params", "1") == (0, math.inf)


def test_an_unknown_metric_is_named():
    with pytest.raises(BadInput, match="dcie"):
        limits_of("dcie", "1")
