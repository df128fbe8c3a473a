"""What a mean of a metric can be."""

import math

import pytest

from spinelib.core.errors import BadInput
from spinelib.statistics.limits import limits_of, widest_difference


def test_shares_angles_distances_and_costs():
    assert limits_of("dice", "1") == limits_of("dice_pooled", "1") == (0, 1)
    assert limits_of("smape", "%") == (0, 100)
    assert limits_of("cobb_error", "deg") == (0, 180)
    assert limits_of("hd95", "%") == limits_of("hd95", "mm") == limits_of("params", "1") == (0, math.inf)


def test_an_unknown_metric_is_named():
    with pytest.raises(BadInput, match="dcie"):
        limits_of("dcie", "1")


def test_two_values_differ_by_no_more_than_the_limits_are_apart():
    assert widest_difference("dice", "1") == 1.0
    assert widest_difference("cobb_error", "deg") == 180.0
    assert widest_difference("hd95", "mm") == math.inf
