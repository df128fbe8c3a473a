"""One entry of the registry: its unit, its arrow and where its function lies."""

import pytest

from spinelib.measures import overlap
from spinelib.measures.metric import Column, Kind, Metric, Table


def test_the_unit_is_the_first_and_the_arrow_points_to_the_better_side():
    metric = Metric("gap", "gap", False, "a distance", units=("px", "mm"))
    assert (metric.unit, metric.arrow) == ("px", "\N{DOWNWARDS ARROW}")
    assert Metric("hit", "hit", True, "a share").arrow == "\N{UPWARDS ARROW}"


def test_the_function_is_given_or_found_by_its_place():
    assert Metric("hit", "hit", True, "a share", function=len).compute is len
    found = Metric("hit", "hit", True, "a share", Kind.PIXELS, "spinelib.measures.overlap:dice").compute
    assert found is overlap.dice
    with pytest.raises(ModuleNotFoundError):
        _ = Metric("hit", "hit", True, "a share", function="spinelib.measures.nowhere:hit").compute


def test_a_new_metric_stands_in_every_table_of_outlines_after_the_others():
    shown = Metric("hit", "hit", True, "a share").shown
    assert set(shown) == {Table.SCORES, Table.FILMS, Table.VOLUMES, Table.INDEX}
    assert set(shown.values()) == {Column(None, ())}
    assert shown is not Metric("other", "other", True, "a share").shown
