"""Rows of one case: units, statuses, penalties, many structures, spacing."""

import math

import numpy as np
import pytest

from spinelib.measures import measure
from spinelib.measures.metric import Kind
from spinelib.measures.registry import METRICS, of_kind
from tests.measures.masks import blob, box


def labels(*masks):
    """Class map of masks, later ones on top."""
    out = np.zeros(masks[0].shape, np.uint8)
    for k, mask in enumerate(masks, start=1):
        out[mask] = k
    return out


def values(rows, structure="spine"):
    return {(r["metric"], r["unit"]): r["value"] for r in rows if r["structure"] == structure}


def statuses(rows):
    return {row["status"] for row in rows}


REFERENCE = labels(box((60, 80), (10, 40), (20, 60)))  # 30 x 40: the diagonal is 50
EMPTY = np.zeros_like(REFERENCE)
OF_SPINE = {m.name for kind in (Kind.PIXELS, Kind.OUTLINES) for m in of_kind(kind, "spine")}


def test_a_perfect_prediction():
    rows = measure(REFERENCE, REFERENCE, ["spine"], (0.5, 0.5))
    assert statuses(rows) == {"ok"}
    for row in rows:
        best = 1.0 if METRICS[row["metric"]].higher_is_better else 0.0
        assert row["value"] == best, row
    assert {r["metric"] for r in rows} == OF_SPINE


def test_units():
    shifted = np.roll(REFERENCE, 4, axis=1)
    found = values(measure(shifted, REFERENCE, ["spine"], (0.5, 0.5)))
    assert found["hd95", "px"] == 4
    assert found["hd95", "mm"] == 2
    assert found["hd95", "%"] == pytest.approx(100 * 4 / 50)
    assert found["assd", "mm"] == pytest.approx(found["assd", "px"] / 2)
    plain = values(measure(shifted, REFERENCE, ["spine"]))
    assert ("hd95", "mm") not in plain
    assert plain["hd95", "%"] == found["hd95", "%"]


def test_pixels_that_are_not_square():
    shifted = np.roll(REFERENCE, 4, axis=1)
    found = values(measure(shifted, REFERENCE, ["spine"], (1.0, 0.25)))
    assert found["hd95", "px"] == 4
    assert found["hd95", "mm"] == 1
    assert found["hd95", "%"] == pytest.approx(100 / math.hypot(30, 10))


def test_a_missed_structure_takes_its_length():
    rows = measure(EMPTY, REFERENCE, ["spine"], (0.5, 0.5))
    found = values(rows)
    assert statuses(rows) == {"empty_prediction"}
    assert found["dice", "1"] == found["iou", "1"] == found["nsd", "1"] == found["boundary_f1", "1"] == 0
    assert found["hd95", "px"] == found["assd", "px"] == 50
    assert found["hd95", "mm"] == 25
    assert found["hd95", "%"] == 100


def test_an_invented_structure_takes_the_diagonal_of_the_image():
    rows = measure(REFERENCE, EMPTY, ["spine"])
    found = values(rows)
    assert statuses(rows) == {"empty_reference"}
    assert found["dice", "1"] == 0
    assert found["hd95", "px"] == math.hypot(60, 80)
    assert found["assd", "%"] == 100


def test_a_structure_nobody_has_is_a_row_without_a_value():
    rows = measure(EMPTY, EMPTY, ["spine"])
    assert statuses(rows) == {"absent"}
    assert {r["metric"] for r in rows} == OF_SPINE
    assert all(math.isnan(row["value"]) for row in rows)


def test_tolerances():
    shifted = np.roll(REFERENCE, 2, axis=1)
    default = values(measure(shifted, REFERENCE, ["spine"]))
    assert default["boundary_f1", "1"] == 1
    assert default["nsd", "1"] < 1  # two pixels are more than the one that is never wrong
    assert values(measure(shifted, REFERENCE, ["spine"], nsd_tolerance=0.04))["nsd", "1"] == 1
    assert values(measure(shifted, REFERENCE, ["spine"], boundary_tolerance=1))["boundary_f1", "1"] < 1


def test_many_structures_equal_one_at_a_time():
    shape, spacing, names = (12, 40, 36), (3.0, 0.6, 0.6), [f"v{k}" for k in range(6)]
    reference = labels(*(blob(shape, k) & box(shape, (0, 12), (0, 40), (6 * k, 6 * k + 6)) for k in range(6)))
    prediction = np.roll(reference, 1, axis=1)
    prediction[prediction == 3] = 0
    together = measure(prediction, reference, names, spacing)
    for k, name in enumerate(names):
        alone = measure(*((m == k + 1).astype(np.uint8) for m in (prediction, reference)), [name], spacing)
        assert [r for r in together if r["structure"] == name] == alone
    assert {r["status"] for r in together if r["structure"] == "v2"} == {"empty_prediction"}


def test_a_volume_with_spacing_is_measured_in_mm():
    reference = labels(box((8, 20, 20), (2, 6), (5, 15), (5, 15)))
    prediction = np.roll(reference, 1, axis=0)
    found = values(measure(prediction, reference, ["spine"], (4.0, 0.5, 0.5)))
    assert {unit for _, unit in found} == {"1", "mm", "%"}
    assert found["hd95", "mm"] == 4
    assert found["hd95", "%"] == pytest.approx(100 * 4 / math.hypot(16, 5, 5))


def test_an_image_border_changes_nothing():
    """The same shapes with a margin around them score the same, but for what the film's size goes into."""
    prediction, reference = labels(blob((30, 30), 1)), labels(blob((30, 30), 2))
    inside = values(measure(*(np.pad(m, 9) for m in (prediction, reference)), ["spine"]))
    for key, value in values(measure(prediction, reference, ["spine"])).items():
        if key[0] not in ("pixel_accuracy", "miou", "dice_closed"):
            assert inside[key] == pytest.approx(value), key


@pytest.mark.parametrize("spacing", [(1.0,), (0.0, 1.0), (math.nan, 1.0), (1.0, 1.0, 1.0)])
def test_a_wrong_spacing_is_refused(spacing):
    with pytest.raises(ValueError, match="not one positive number"):
        measure(REFERENCE, REFERENCE, ["spine"], spacing)
