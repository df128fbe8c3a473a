import pytest

from spinelib.spinefm.levels import name_chain, shift


def test_names_are_counted_from_c2_downwards():
    assert name_chain(4, upper=True, lower=False).levels == ("C2", "C3", "C4", "C5")
    assert name_chain(8, True, False).levels[-2:] == ("T1", "T2")


def test_names_are_counted_from_the_sacrum_upwards():
    assert name_chain(4, upper=False, lower=True).levels == ("L3", "L4", "L5", "S1")
    assert name_chain(7, False, True).levels[0] == "T12"


def test_without_a_landmark_nothing_has_a_name():
    assert name_chain(3, False, False).levels == ("", "", "")
    assert name_chain(0, True, True).levels == ()


def test_both_ends_agree_on_a_whole_spine_and_share_one_that_does_not_fit():
    whole = name_chain(24, True, True)
    assert whole.consistent
    assert (whole.levels[0], whole.levels[6], whole.levels[18], whole.levels[-1]) == ("C2", "T1", "L1", "S1")
    short = name_chain(5, True, True)
    assert not short.consistent
    assert short.levels == ("C2", "C3", "C4", "L5", "S1")


def test_what_would_lie_beyond_the_spine_has_no_name():
    assert name_chain(26, True, False).levels[-3:] == ("S1", "", "")
    assert name_chain(26, False, True).levels[:3] == ("", "", "C2")
    with pytest.raises(ValueError, match="-1"):
        name_chain(-1, True, False)


def test_shift_counts_levels_downwards():
    assert shift("L1", "T12") == 1
    assert shift("C3", "C5") == -2
    assert shift("", "C5") is None
    assert shift("above T1", "T1") is None
