"""The tidy table of a data set."""

import numpy as np
import pandas as pd
import pytest

from spinelib.cases import CaseArrays
from spinelib.measures import measure, overlap
from spinelib.measures.tables import COLUMNS, score_maps
from spinelib.runs.tables import complete
from tests.measures.masks import blob


@pytest.fixture
def data():
    """Four films of two patients and two views, 32 x 16 on a grid of 32 x 24; one without a spine."""
    n = 4
    labels = np.zeros((n, 32, 24), np.uint8)
    for i in range(3):
        labels[i, :, 4:20] = blob((32, 16), i)
    entries = {
        "case": [f"c{i}" for i in range(n)],
        "patient": ["a", "a", "b", "b"],
        "view": ["coronal", "lateral"] * 2,
        "split": ["test"] * n,
        "near_duplicate": ["", "", "c9", ""],
    }
    return CaseArrays(
        table=pd.DataFrame(entries),
        images=np.zeros((n, 1, 32, 24), np.uint8),
        labels=labels,
        classes=("spine",),
        extra={},
        landmarks=np.zeros((n, 0, 4, 2), np.float32),
        frames=np.tile(np.array([1, 0, 4, 32, 16], np.float32), (n, 1)),
        spacing=np.array([[0.5, 0.5], [np.nan, np.nan], [0.5, 0.5], [0.5, 0.5]], np.float32),
        digest="0" * 16,
    )


@pytest.fixture
def predictions(data):
    out = np.roll(data.labels, 1, axis=2)
    out[:, :, 20:] = 0
    out[1] = 0
    return out


def test_columns_and_constants(data, predictions):
    frame = score_maps(predictions, data, condition="blur", severity=2, dataset="phantom", seed=3)
    assert list(frame.columns) == ["dataset", "seed", *COLUMNS]
    assert set(frame["condition"]) == {"blur"}
    assert set(frame["severity"]) == {2}
    assert set(frame["seed"]) == {3}
    assert frame.loc[frame["case"] == "c2", "near_duplicate"].unique() == ["c9"]


def test_the_run_accepts_the_table(data, predictions):
    identity = dict.fromkeys(("study", "run", "trained_on", "method", "variant", "recipe"), "x")
    rows = score_maps(predictions, data, dataset="phantom")
    assert len(complete(rows, {**identity, "width": 1.0, "seed": 0, "fold": 0}, "cases.csv")) == len(rows)


def test_every_case_and_structure_has_every_row(data, predictions):
    frame = score_maps(predictions, data)
    counts = frame[frame["case"] != "all"].groupby(["case", "structure"]).size().unstack()
    assert counts.loc["c0"].to_dict() == {"spine": 15}  # px, mm, % of two distances, the shares
    assert counts.loc["c1"].to_dict() == {"spine": 13}  # no spacing: no mm
    status = frame.drop_duplicates("case").set_index("case")["status"]
    assert status[["c0", "c1", "c3"]].tolist() == ["ok", "empty_prediction", "absent"]


def test_values_are_those_of_measure_on_the_film(data, predictions):
    frame = score_maps(predictions, data)
    film = np.s_[:, 4:20]
    expected = measure(predictions[0][film], data.labels[0][film], ["spine"], (0.5, 0.5))
    found = frame[(frame["case"] == "c0") & (frame["structure"] == "spine")]
    assert found["value"].tolist() == [row["value"] for row in expected]


def test_pixels_outside_the_film_do_not_count(data, predictions):
    noisy = predictions.copy()
    noisy[:, :, :4] = noisy[:, :, 20:] = 1
    pd.testing.assert_frame_equal(score_maps(noisy, data), score_maps(predictions, data))


def test_pooled_rows_sum_the_pixels(data, predictions):
    frame = score_maps(predictions, data)
    pooled = frame[frame["case"] == "all"]
    assert set(pooled["view"]) == {"all", "coronal", "lateral"}
    film = np.s_[:, :, 4:20]
    for view, index in {"all": [0, 1, 2, 3], "coronal": [0, 2], "lateral": [1, 3]}.items():
        counts = overlap.count(predictions[index][film], data.labels[index][film], 1)
        for metric, value in overlap.scores(counts).items():
            row = pooled[
                (pooled["view"] == view) & (pooled["structure"] == "spine") & (pooled["metric"] == f"{metric}_pooled")
            ]
            assert row["value"].tolist() == value.tolist()


def test_a_structure_no_case_has_is_absent_when_pooled(data, predictions):
    frame = score_maps(predictions[3:], data.subset([3]))
    pooled = frame[frame["case"] == "all"]
    assert set(pooled["status"]) == {"absent"}
    assert pooled["value"].isna().all()


def test_predictions_of_another_grid_are_refused(data, predictions):
    with pytest.raises(ValueError, match="do not match"):
        score_maps(predictions[:2], data)
