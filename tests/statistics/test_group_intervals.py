"""Groups of a case table: penalties of all entries widen the interval, rates count cases with a value."""

import numpy as np
import pandas as pd
import pytest

from spinelib.statistics.comparison import GROUPING, summarise
from spinelib.statistics.group_intervals import ASKED, group_intervals
from spinelib.statistics.intervals import mean_interval
from spinelib.statistics.missed import rate_interval

KEYS = ["method", *ASKED]


def rows(lost=(), metric="dice", unit="1", penalty=0.0):
    """Two methods on 20 patients of two films; `lost` names (method, patient) of whom the first film is missed."""
    values = np.random.default_rng(0).beta(36, 4, (2, 20, 2))
    lines = [
        {
            **{"method": method, "patient": f"p{p}", "case": f"p{p}-{film}", "metric": metric, "unit": unit},
            "value": penalty if (method, p) in lost and film == 0 else values[m, p, film],
            "status": "empty_prediction" if (method, p) in lost and film == 0 else "ok",
        }
        for m, method in enumerate(("unet", "pspnet"))
        for p in range(20)
        for film in range(2)
    ]
    facts = {"dataset": "phantom", "split": "test", "condition": "none", "severity": 0, "structure": "spine"}
    return pd.DataFrame(lines).assign(**facts)


def line(table, method):
    return table.reset_index().set_index("method").loc[method]


def test_where_nobody_misses_the_interval_is_that_of_the_mean():
    found = line(group_intervals(rows(), KEYS), "unet")
    patients = rows().query("method == 'unet'").groupby("patient")["value"].mean()
    assert tuple(found[["mean", "low", "high"]]) == pytest.approx(mean_interval(patients, limits=(0, 1)))
    assert (found["missed"], found["missed_low"], found["n"]) == (0, 0, 20)
    assert found["missed_high"] == pytest.approx(rate_interval(np.zeros(20)).high)


def test_what_one_entry_misses_could_be_missed_by_the_other():
    table, plain = group_intervals(rows([("pspnet", 3)]), KEYS), group_intervals(rows(), KEYS)
    assert line(table, "unet")["low"] < line(plain, "unet")["low"] - 0.02
    assert line(table, "unet")["high"] == pytest.approx(line(plain, "unet")["high"])
    assert line(table, "pspnet")["missed"] == pytest.approx(1 / 40)
    assert 0 < line(table, "pspnet")["missed_low"] < 1 / 40 < line(table, "pspnet")["missed_high"] < 0.25


def test_a_distance_is_widened_towards_its_penalty():
    lost = [("pspnet", 3), ("pspnet", 4)]
    found = line(group_intervals(rows(lost, "hd95", "%", 100.0), KEYS), "unet")
    assert found["high"] > 5
    assert 0 <= found["low"] < found["mean"]


def test_no_mean_of_a_summary_leaves_what_it_can_be():
    """Three patients, one of whom is missed by all: where the bootstrap-t reached a Dice of -781."""
    table = rows([("unet", 0), ("pspnet", 0)])
    table = table[table["patient"].isin(["p0", "p1", "p2"])]
    constants = dict.fromkeys(("study", "trained_on", "variant", "recipe", "view"), "x")
    whole = table.assign(**constants, width=1.0, near_duplicate="", run="one")
    summary = summarise(whole)
    assert set(GROUPING) <= set(summary.columns)
    assert summary["low"].ge(0).all()
    assert summary["high"].le(1).all()
    assert summary["missed"].tolist() == pytest.approx([1 / 6, 1 / 6])


def test_absent_structures_are_neither_found_nor_missed():
    table = rows()
    table.loc[table["patient"] == "p0", ["value", "status"]] = [np.nan, "absent"]
    found = line(group_intervals(table, KEYS), "unet")
    assert (found["n"], found["missed"]) == (19, 0)
