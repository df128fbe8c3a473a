"""The mean over SAFNet's seventeen structures."""

import pandas as pd
import pytest

from spinelib.core.structures import SEVENTEEN, STRUCTURES
from spinelib.measures.seventeen import seventeen_rows, with_seventeen


def volume(values, **facts):
    usual = {"run": "r", "dataset": "mr", "split": "test", "case": "c", "view": "sagittal", "condition": "none"}
    usual |= {"severity": 0, "metric": "dice", "unit": "1", "status": "ok"} | facts
    lines = [{"structure": name, "value": value} for name, value in values.items()]
    return pd.DataFrame(lines).assign(**usual)


def test_the_two_topmost_of_nineteen_do_not_count():
    assert len(SEVENTEEN) == len(STRUCTURES) - 2 == 17
    scores = dict.fromkeys(STRUCTURES, 0.8) | {"T9": 0.0, "T9/T10": 0.0, "all": 0.72}
    (row,) = seventeen_rows(volume(scores)).to_dict("records")
    assert row["value"] == pytest.approx(0.8)
    assert (row["structure"], row["case"], row["metric"]) == ("seventeen", "c", "dice")


def test_what_is_absent_does_not_count_and_what_is_missed_does():
    own = volume({"L5": 0.9, "L4": 0.0, "S": 0.5, "all": 0.5})
    own.loc[own["structure"] == "S", "status"] = "absent"
    own.loc[own["structure"] == "L4", "status"] = "empty_prediction"
    assert seventeen_rows(own)["value"].tolist() == pytest.approx([0.45])


def test_films_with_named_vertebrae_have_no_such_mean():
    assert seventeen_rows(volume({"L5": 0.9, "spine": 0.5})).empty


def test_runs_and_conditions_stay_apart():
    parts = [
        volume({"L5": v, "all": v}, condition=c, run=r)
        for v, c, r in ((1, "none", "a"), (0, "blur", "a"), (0.5, "none", "b"))
    ]
    assert seventeen_rows(pd.concat(parts))["value"].tolist() == [1, 0, 0.5]


def test_a_table_has_each_mean_once_and_only_where_more_structures_are_named():
    more = volume({"L5": 0.9, "T9": 0.1, "all": 0.5})
    fewer = volume({"L5": 0.9, "all": 0.9}, dataset="spider", run="q")
    once = with_seventeen(pd.concat([more, fewer], ignore_index=True))
    own = once[once["structure"] == "seventeen"]
    assert own[["dataset", "value"]].to_numpy().tolist() == [["mr", 0.9]]
    pd.testing.assert_frame_equal(with_seventeen(once), once)
    assert with_seventeen(fewer) is fewer
