"""A study of two runs and a zero-shot entry."""

import pandas as pd
import pytest

from spinelib.runs.tables import CASE_COLUMNS
from tests.questions.compare.case_rows import case_rows


@pytest.fixture
def results(tmp_path):
    rows = case_rows("r2mfnet", "real", 0.8, near=(5,)) + case_rows("unet", "real", 0.7, near=(5,))
    rows += case_rows("unet", "phantom", 0.6, near=(5,))
    pd.DataFrame(rows)[CASE_COLUMNS].to_csv(tmp_path / "cases.csv", index=False)
    return tmp_path
