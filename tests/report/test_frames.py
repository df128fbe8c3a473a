"""Tables of notebooks as readers see them."""

import numpy as np
import pandas as pd
import pytest

from spinelib.report.frames import readable_cell, readable_frames
from spinelib.report.sanitiser import clean


def shown(table, **options):
    return readable_frames(clean(table.to_html(**options)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.123456789", "0.123"),
        ("-0.123456789", "-0.123"),
        ("1234.56789", "1,235".replace(",", "\u202f")),
        ("0.33", "0.33"),
        ("12.50", "12.50"),
        ("1.2e-07", "1.2e-07"),
        ("7", "7"),
        ("NaN", "\u2013"),
        ("&lt;NA&gt;", "\u2013"),
        ("dice", "Dice"),
        ("cobb_error deg", "Cobb error degrees"),
        ("hd95 mm", "HD95 mm"),
        ("dice_pooled", "Dice over all pixels"),
        ("unet/full", "U-Net"),
        ("r2mfnet/no_scse - unet/full", "R2MF-Net, no scse - U-Net"),
        ("p00001_coronal", "p00001_coronal"),
        ("films/left.png", "films/left.png"),
        ("a &lt; b", "a &lt; b"),
        ("", ""),
    ],
)
def test_a_cell_is_made_readable(text, expected):
    assert readable_cell(text) == expected


def test_row_numbers_go_and_names_of_rows_stay():
    table = pd.DataFrame({"name": ["unet/full", "x"], "dice": [0.98765432, np.nan]})
    html = shown(table)
    assert "<th>0</th>" not in html
    assert "<th>1</th>" not in html
    assert ["U-Net" in html, "0.988" in html, "NaN" in html, "<th>Dice</th>" in html] == [True, True, False, True]
    assert html.count("<th>") == 2
    assert shown(table.set_index("name")).count("U-Net") == 1
    assert "<th>1</th>" in shown(table.set_index(pd.Index([1, 2]))), "numbers that count something else"


def test_an_index_with_a_name_is_none_of_row_numbers():
    html = shown(pd.DataFrame({"runs": [3, 5]}, index=pd.Index([0, 1], name="seed")))
    assert ">seed<" in html
    assert html.count("<tr") == html.count(">0<") + html.count(">1<") + 2


def test_wide_tables_are_folded_and_those_of_twelve_columns_are_not():
    for columns, folded in ((12, False), (13, True)):
        table = pd.DataFrame(np.ones((2, columns)), columns=[f"c{i}" for i in range(columns)])
        assert ("<details>" in shown(table)) == folded
    assert "A table of 13 columns and 2 rows" in shown(table)


def test_headers_of_two_rows_keep_their_shape():
    table = pd.DataFrame(np.ones((2, 2)), columns=pd.MultiIndex.from_product([["all"], ["dice", "hd95 mm"]]))
    html = shown(table)
    assert 'colspan="2"' in html
    assert html.count("<th") == shown(table).count("<th") == clean(table.to_html()).count("<th")
    assert "HD95 mm" in html


def test_other_tables_and_text_stay_as_they_are():
    html = "<table><tr><td>0.123456789</td></tr></table> unet/full NaN"
    assert readable_frames(html) == html
