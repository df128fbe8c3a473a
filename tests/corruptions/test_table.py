import numpy as np
import pytest

from spinelib.core.errors import BadInput
from spinelib.corruptions import CORRUPTIONS, SEVERITIES, chosen


def test_every_line_of_the_table_keeps_the_contract():
    assert len(CORRUPTIONS) >= 18
    for name, entry in CORRUPTIONS.items():
        assert entry.name == name
        assert entry.title
        assert entry.unit
        assert len(entry.levels) == len(SEVERITIES)
        steps = np.diff(entry.levels)
        assert (steps > 0).all() or (steps < 0).all() or not steps.any()
        assert callable(entry.change)
        assert entry.change.__doc__


def test_names_are_chosen_by_axes_and_misspelt_ones_are_named():
    assert [entry.name for entry in chosen(["blur", "noise", "dose"], 3)] == ["blur", "noise"]
    assert {entry.name for entry in chosen([], 2)} & {"noise", "bias", "ghosting", "spacing"} == set()
    with pytest.raises(BadInput, match="rotation"):
        chosen(["rotatoin"], 2)
