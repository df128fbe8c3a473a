from dataclasses import replace

import pandas as pd
import pytest

from spinelib.training.losses import weighted_heads
from spinelib.training.rate_table import keep_rates, kept_rates
from tests.training.net import make_net, pick_learning_rate
from tests.training.test_rate_search import QUIET, RECIPE, TRAIN, VALIDATION

DIGITS = "1234567890123456"  # a digest that could be read as a number


def test_the_table_of_the_search_that_is_asked_for_is_found_and_no_other(tmp_path):
    table = pd.DataFrame({"learning_rate": [1e-3, 0.1 + 0.2], "validation_score": [0.5, None], "chosen": [True, False]})
    paths = [tmp_path / name for name in ("none.csv", "first.csv", "second.csv")]
    keep_rates(paths[1], table.assign(searched_in="a", identity="0e12"))
    keep_rates(paths[2], table.assign(searched_in="12", identity=DIGITS))
    found = kept_rates(paths, DIGITS)
    pd.testing.assert_frame_equal(found, table.assign(searched_in="12", identity=DIGITS))
    assert kept_rates(paths, "0e12")["searched_in"].tolist() == ["a", "a"]
    assert kept_rates(paths, "0e13") is None


def test_a_damaged_table_is_searched_again_and_folders_of_others_stay(toy_cases, tmp_path):
    arguments = (toy_cases, TRAIN, VALIDATION, replace(RECIPE, steps=20), tmp_path)
    theirs = tmp_path / "trials" / "mine.txt"
    theirs.parent.mkdir()
    theirs.write_text("mine")
    rate, path = pick_learning_rate(make_net(), weighted_heads, *arguments, **QUIET), tmp_path / "learning_rates.csv"
    once = path.read_text()
    path.write_text(once.replace(",False,", ",True,"))
    with pytest.warns(UserWarning, match="is damaged, or was edited. The learning rate is searched again"):
        assert pick_learning_rate(make_net(), weighted_heads, *arguments, **QUIET) == rate
    assert path.read_text() == once or pd.read_csv(path)["chosen"].sum() == 2
    assert theirs.read_text() == "mine"
