"""Structures of volumes that were missed or invented."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from spinelib.questions.learning import figures
from spinelib.questions.learning.categories import category_errors, category_rows, sacrum_board
from spinelib.statistics import comparison
from tests.questions.learning.made import cases, row, volume


def test_category_errors_are_counted():
    table = cases(
        [
            *volume("a", ("ok", "empty_prediction", "empty_reference", "ok"), (0.8, 0.0, 0.0, 0.05)),
            *volume("b", ("ok", "ok", "absent", "ok"), (0.6, 0.9, np.nan, 0.9)),
            *volume("b", ("ok", "empty_prediction", "empty_prediction", "ok"), method="unet3d"),
        ]
    )
    found = category_errors(table, "phantom").set_index("name")
    assert found.index.tolist() == ["safnet/full", "unet3d/full"]
    safnet = found.loc["safnet/full"]
    assert safnet[["missed", "invented", "misplaced", "errors"]].tolist() == [0.5, 0.5, 0.5, 1.0]
    assert safnet["volumes without"] == 0.5
    rows = category_rows(table)
    assert rows.loc[rows["structure"] == "all", "value"].tolist() == [2.0, 0.0, 2.0]
    assert rows["unit"].unique().tolist() == ["structures"]
    board = sacrum_board(comparison.summarise(table), "phantom")
    assert board.set_index("name").loc["safnet/full", "mean"] == pytest.approx(0.7)
    plt.close(figures.category_error_bars(found.reset_index(), board))
    assert category_errors(cases([row("unet", "a", 0.5)]), "phantom").empty


def test_what_safnet_s_paper_does_not_score_is_no_mix_up_of_its_seventeen():
    table = cases([*volume("a", ("ok", "empty_prediction", "empty_reference", "ok"))])
    table["structure"] = table["structure"].replace({"L4": "T9", "L3": "T9/T10"})
    rows = category_rows(table).set_index("structure")
    assert rows["value"].to_dict() == {"all": 2.0, "seventeen": 1.0}
    assert category_errors(table, "phantom")["errors"].tolist() == [2.0]
