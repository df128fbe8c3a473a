"""Entries that questions compute for themselves: no table chooses them, and less is better."""

from spinelib.measures.entries.derived import DERIVED
from spinelib.measures.metric import Kind, Table
from spinelib.measures.registry import METRICS, columns


def test_they_are_costs_that_no_table_shows_by_itself():
    shown = {name for table in Table for name, _ in columns(table)}
    for entry in DERIVED:
        assert entry.kind == Kind.DERIVED
        assert not entry.higher_is_better
        assert not entry.shown
        assert METRICS[entry.name] is entry
        assert entry.name not in shown
