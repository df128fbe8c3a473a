"""How many films the test films are worth."""

import pandas as pd

from spinelib.questions.compare import effective_numbers
from tests.questions.compare.case_rows import case_rows


def test_scores_that_are_equal_within_patients_are_worth_one_film_each():
    rows = pd.DataFrame(case_rows("unet", "real", 0.7, views=("coronal", "left_bending")))
    rows = pd.concat([rows, rows.assign(method="pspnet"), rows.assign(seed=1, run="other")])
    table = effective_numbers(rows, "real", "spine")
    assert list(table.index) == ["dice", "hd95 %", "nsd"]
    assert table.loc["dice", ["films", "patients", "films per patient", "ICC", "effective number"]].tolist() == [
        *(12, 6, 2, 1, 6),
    ]
    assert table.loc["hd95 %", ["ICC", "effective number"]].isna().all()
    noisy = rows.assign(value=rows["value"] - 0.01 * (rows["view"] == "coronal") * (rows["method"] == "pspnet"))
    assert effective_numbers(noisy, "real", "spine").loc["dice", "lowest"] < 1


def test_one_film_of_each_patient_needs_no_table():
    assert effective_numbers(pd.DataFrame(case_rows("unet", "real", 0.7)), "real", "spine").empty
    assert effective_numbers(pd.DataFrame(case_rows("unet", "real", 0.7)), "none", "spine").empty
