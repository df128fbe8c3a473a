import numpy as np
import pandas as pd
import pytest

from spinelib.cases import CaseArrays, draw_quadrilaterals, letterbox
from spinelib.measures.cobb.errors import image_errors
from spinelib.measures.cobb.masks import from_mask
from spinelib.measures.cobb.table import ERROR_UNITS, answer_rows, cobb_rows, readings, true_angles
from spinelib.measures.tables import COLUMNS
from tests.measures.cobb.spines import GRID, c_curve, s_curve

NATIVE = (1024, 400)


@pytest.fixture
def data():
    """Four films, letterboxed to the grid; the corners of the last are unknown."""
    frame = letterbox(NATIVE, GRID)
    native = np.stack([c * 4 - (60, 0) for c in (c_curve(40), s_curve(50), c_curve(20), c_curve(20))])
    landmarks = frame.to_grid(native).astype(np.float32)
    labels = np.stack([(draw_quadrilaterals(c, GRID) > 0).astype(np.uint8) for c in landmarks])
    landmarks[3, 0] = np.nan
    names = {"case": list("abcd"), "patient": list("abcd"), "view": ["coronal"] * 4, "split": ["test"] * 4}
    return CaseArrays(
        table=pd.DataFrame({**names, "near_duplicate": [""] * 4}),
        images=np.zeros((4, 1, *GRID), np.uint8),
        labels=labels,
        classes=("spine",),
        extra={},
        landmarks=landmarks,
        frames=np.tile(np.float32(frame.row()), (4, 1)),
        spacing=np.full((4, 2), np.nan, np.float32),
        digest="0" * 16,
    )


def test_one_row_per_film_and_metric(data):
    rows = cobb_rows(data.labels, data, condition="blur", severity=2, dataset="aasce")
    assert list(rows.columns) == ["dataset", *COLUMNS]
    assert len(rows) == 3 * len(ERROR_UNITS)
    assert rows["case"].unique().tolist() == ["a", "b", "c"]
    assert rows.groupby("metric")["unit"].first().to_dict() == {
        "angle_mae": "deg",
        "cmae": "deg",
        "cobb_error": "deg",
        "smape": "%",
    }
    assert set(rows["structure"]) == {"spine"}
    assert set(rows["status"]) == {"ok"}
    assert set(rows["severity"]) == {2}
    assert rows.loc[rows["metric"] == "cobb_error", "value"].max() < 2.5


def test_values_are_those_of_the_readings(data):
    rows = cobb_rows(data.labels, data).pivot(index="case", columns="metric", values="value")
    scale, offset_y = data.frames[0, 0], data.frames[0, 1]
    angles = [from_mask(m, (float(offset_y), float(1024 * scale))).angles for m in data.labels[:3]]
    errors = image_errors(angles, true_angles(data)[:3])
    for name in ERROR_UNITS:
        np.testing.assert_allclose(rows[name], errors[name])
    found = readings(data.labels, data).set_index("case")
    np.testing.assert_allclose(found[["an1", "an2", "an3"]], angles)
    np.testing.assert_allclose(found["true_an1"], [40, 45, 20], atol=0.01)


def test_no_reading_costs_the_true_angles(data):
    predictions = data.labels.copy()
    predictions[0] = 0
    predictions[1, 39:] = 0
    rows = cobb_rows(predictions, data).set_index(["case", "metric"])
    truth = true_angles(data)
    for k, (case, status) in enumerate({"a": "empty_prediction", "b": "few_vertebrae"}.items()):
        assert set(rows.loc[case, "status"]) == {status}
        assert rows.loc[(case, "cobb_error"), "value"] == pytest.approx(truth[k, 0])
        assert rows.loc[(case, "smape"), "value"] == 100
        assert rows.loc[(case, "angle_mae"), "value"] == pytest.approx(truth[k].mean())
    assert not rows["value"].isna().any()
    assert readings(predictions, data)["status"].tolist() == ["empty", "few_vertebrae", "ok"]


def test_pixels_beside_the_film_do_not_count(data):
    beside = data.labels.copy()
    beside[:, 40:60, :10] = 1
    pd.testing.assert_frame_equal(cobb_rows(beside, data), cobb_rows(data.labels, data))


def test_films_without_corners_have_no_rows(data):
    from dataclasses import replace

    bare = replace(data, landmarks=np.zeros((4, 0, 4, 2), np.float32))
    rows = cobb_rows(data.labels, bare, dataset="x")
    assert rows.empty
    assert list(rows.columns) == ["dataset", *COLUMNS]
    assert readings(data.labels, bare).empty


def test_predictions_must_fit(data):
    with pytest.raises(ValueError, match="do not match"):
        cobb_rows(data.labels[:2], data)


def test_answers_of_a_network_are_scored_apart(data):
    truth = true_angles(data)
    off = np.array([[3, 1, 2], [0, 0, 0], [np.nan, 0, 0], [0, 0, 0]])
    answers = np.nan_to_num(truth) + off
    rows = answer_rows(answers, data)
    assert set(rows["structure"]) == {"angles"}
    table = rows.pivot(index="case", columns="metric", values="value")
    assert table.index.tolist() == ["a", "b", "c"]
    np.testing.assert_allclose(table.loc["a", ["cobb_error", "angle_mae"]].to_numpy(float), [3, 2], atol=1e-6)
    np.testing.assert_allclose(table.loc["b"], 0, atol=1e-6)
    # No answer counts as a straight spine and says so.
    assert table.loc["c", "smape"] == pytest.approx(100)
    assert rows.groupby("case")["status"].first().to_dict() == {"a": "ok", "b": "ok", "c": "out_of_range"}


def test_answers_of_another_length_are_refused(data):
    with pytest.raises(ValueError, match=r"\[4, 3\]"):
        answer_rows(np.zeros((3, 3)), data)
