"""The tolerance is what the table says of two readers."""

from spinelib.measures.pair import NSD_TOLERANCE
from spinelib.measures.registry import find
from spinelib.measures.tolerance import TABLE, reader_share


def test_the_share_is_that_of_the_films_that_were_labelled_twice(tmp_path):
    table = tmp_path / "tolerance.csv"
    table.write_text("dataset,boundary_p95\nother,9\naasce,1.5\n")
    assert reader_share(table) == 0.015


def test_the_metric_says_its_tolerance():
    assert TABLE.exists()
    assert 0.001 < NSD_TOLERANCE < 0.02, "less than a vertebra's height, more than nothing"
    assert f"within {100 * NSD_TOLERANCE:.2g} % of the reference's length" in find("nsd").definition
