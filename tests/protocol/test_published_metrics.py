"""The four metrics of the MDWC-Net paper, per image and pooled."""

import pandas as pd
import pytest

from spinelib import protocol
from tests.protocol.paper_rows import paper_rows, rows_of


@pytest.fixture
def rows():
    return paper_rows()


def test_per_image_counts_misses_and_pooled_takes_all_views_together(rows):
    table = protocol.paper_metrics(rows)
    line = table.loc[("chest", "lung")]
    assert line["per image"].to_dict() == {"GPA": 0.875, "Dice": 0.45, "MIoU": 0.625, "Sensitivity": 0.4}
    assert line["pooled"].to_dict() == {"GPA": 0.875, "Dice": 0.6, "MIoU": 0.65, "Sensitivity": 0.5}
    assert line["test films"].to_dict() == {"cases": 2, "missed": 1}
    assert table.attrs["names"]["GPA"] == "pixel_accuracy"


def test_a_line_for_each_group_and_none_without_test_films(rows):
    both = pd.concat([rows, rows.assign(method="mdwcnet")])
    assert len(protocol.paper_metrics(both, ["dataset", "structure", "method"])) == 2
    assert protocol.paper_metrics(rows[rows["split"] == "train"]).empty


def test_volumes_have_no_line(rows):
    volumes = [
        {**row, "dataset": "mr", "data": "mr", "structure": name}
        for name in ("L5", "all")
        for row in rows_of("v", (0.9,) * 4)
    ]
    assert list(protocol.paper_metrics(pd.concat([rows, pd.DataFrame(volumes)])).index) == [("chest", "lung")]
    assert protocol.paper_metrics(pd.DataFrame(volumes)).empty
