"""Names, words, directions and columns of the metrics, and the functions that compute them."""

from importlib import resources

import numpy as np
import pandas as pd
import pytest

from spinelib.core.errors import BadInput
from spinelib.measures import registry
from spinelib.measures.entries import ENTRIES
from spinelib.measures.metric import Kind, Table
from spinelib.measures.registry import METRICS, higher_is_better


def test_directions():
    assert higher_is_better("dice")
    assert higher_is_better("pixel_accuracy_pooled")
    assert not any(higher_is_better(m) for m in ("hd95", "assd", "assd_pooled", "cobb_error", "smape", "cmae"))
    assert all(higher_is_better(name) == metric.higher_is_better for name, metric in METRICS.items())


@pytest.mark.parametrize(("name", "remedy"), [("zzz", "Known: .*dice"), ("dic_pooled", "mean 'dice'")])
def test_an_unknown_metric_is_refused_with_the_closest(name, remedy):
    with pytest.raises(BadInput, match=f"no metric is called '{name}'.*{remedy}"):
        higher_is_better(name)


def test_every_metric_is_defined_in_words_and_named_once():
    assert all(metric.definition and metric.title and metric.units for metric in METRICS.values())
    assert len(METRICS) == len(ENTRIES)


def test_every_metric_of_outlines_names_a_function_and_no_other_does():
    own = {Kind.PIXELS, Kind.OUTLINES}
    assert all(callable(metric.compute) for metric in ENTRIES if metric.kind in own)
    assert not any(metric.function for metric in ENTRIES if metric.kind not in own)


@pytest.mark.parametrize("table", Table)
def test_no_two_metrics_have_one_place_and_columns_are_in_known_units(table):
    places = [metric.shown[table].place for metric in registry.shown_in(table)]
    ranked = [place for place in places if place is not None]
    assert ranked == sorted(set(ranked))
    assert all(unit in METRICS[name].units for name, unit in registry.columns(table))


def test_a_column_has_its_unit_in_its_name():
    assert registry.heading("hd95", "%") == "hd95 %"
    assert registry.heading("dice", "1") == "dice"


def test_a_metric_of_one_structure_is_asked_of_no_other():
    names = {
        structure: [m.name for m in registry.of_kind(Kind.OUTLINES, structure)] for structure in ("spine", "lung", "")
    }
    assert "dice_closed" not in names["lung"]
    assert "dice_closed" in names["spine"]
    assert names["spine"] == names[""]
    assert np.isin(names["lung"], names[""]).all()


def test_every_metric_of_the_claims_is_registered():
    claims = pd.read_csv(resources.files("spinelib.literature") / "claims.csv", keep_default_na=False)
    for name in set(";".join(claims["metric"]).split(";")) - {""}:
        registry.find(name)
