"""Angles of that study, read once for all tests of this folder."""

import numpy as np
import pandas as pd
import pytest

from spinelib.measures.cobb.rules import aasce_angles
from spinelib.measures.cobb.table import read_maps
from spinelib.questions import cobb
from tests.measures.cobb.spines import GRID
from tests.questions.cobb.made import write_data, write_run


@pytest.fixture(scope="package")
def results(tmp_path_factory):
    """Two seeds of a U-Net, one of which misses a film; a network that answers; data without corners."""
    folder = tmp_path_factory.mktemp("study")
    films, bare = write_data(folder / "data" / "real"), write_data(folder / "data" / "bare", corners=False)
    missed = films.labels.copy()
    missed[list(films.table["case"]).index("p0_coronal")] = 0
    answers = aasce_angles(films.native_landmarks(), films.frames[:, 3])
    answers[:, 0] += 2
    answers[list(films.table["case"]).index("p2_coronal")] = np.nan
    tables = [
        write_run(folder, "one", "real", films, missed),
        write_run(folder, "two", "real", films, films.labels, seed=1),
        write_run(folder, "joint", "real", films, films.labels, answers, method="seg4regplus"),
        write_run(folder, "coarse", "real", films, films.labels[:, ::2, ::2], method="plunet"),
        write_run(folder, "plain", "bare", bare, bare.labels),
    ]
    pd.concat(tables).to_csv(folder / "cases.csv", index=False)
    return folder


@pytest.fixture(scope="package")
def found(results):
    return cobb.study_angles(results, GRID)


@pytest.fixture(scope="package")
def one(found):
    return found.sets["real"]


@pytest.fixture(scope="package")
def read(one):
    """Readings of the reference masks, which the joint network predicts as well."""
    return read_maps(one.films.labels, one.films)
