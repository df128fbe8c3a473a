"""A study of untrained networks, measured once for all tests of this folder."""

import matplotlib as mpl
import pandas as pd
import pytest

mpl.use("Agg")
from spinelib.cases import load_arrays
from spinelib.questions import robustness
from spinelib.runs.tables import CASE_COLUMNS
from spinelib.sources import prepare
from tests.questions.robustness.made import GRID, VIEWS, write_run


@pytest.fixture(scope="package")
def study(tmp_path_factory):
    root = tmp_path_factory.mktemp("study")
    prepare("phantom", root / "data" / "phantom", patients=8, seed=3, size=GRID, views=VIEWS, test_fraction=0.5)
    arrays = load_arrays(root / "data" / "phantom", tuple(GRID))
    films = arrays.subset((arrays.table["split"] == "test").to_numpy())
    views = [films.table["view"].iloc[0]]
    about = root, root / "data" / "phantom"
    parts = [write_run(*about, "unet", films, seed=k) for k in (0, 1)]
    parts += [write_run(*about, "plunet", films), write_run(*about, "unet", films, views=views).assign(variant="full")]
    pd.concat(parts)[CASE_COLUMNS].to_csv(root / "cases.csv", index=False)
    return root


@pytest.fixture(scope="package")
def measured(study):
    tested, left_out = robustness.subjects(study, [], 2)
    asked = ["inverted", "blur", "rotation"]
    return tested, left_out, robustness.measure_robustness(tested, study / "data", asked, [1, 5], device="cpu")
