import numpy as np
import pytest

from spinelib.runs.tables import complete
from spinelib.spinefm.instances import Instance, instances_of
from spinelib.spinefm.score import score_film, vertebra_table

from .made import SIZE, coronal, lateral, square

IDENTITY = {
    "study": "s", "run": "r", "dataset": "d", "trained_on": "d", "method": "spinefm",
    "variant": "full", "recipe": "common", "width": 1.0, "seed": 0, "fold": 0,
}  # fmt: skip
CERVICAL = ("C2", "C3", "C4", "C5", "C6", "C7")


def value(rows, metric, structure="vertebrae", case="case0"):
    chosen = rows[(rows["metric"] == metric) & (rows["structure"] == structure) & (rows["case"] == case)]
    assert len(chosen) == 1, (metric, structure, len(chosen))
    return chosen["value"].iloc[0]


def perfect(data, i=0):
    return instances_of(data, i)


def test_a_perfect_film_has_perfect_scores():
    data = lateral(CERVICAL)
    rows = vertebra_table([perfect(data)], data)
    for metric in ("identified", "dice", "dice_identified", "pq", "level_accuracy"):
        assert value(rows, metric) == 1
    for metric in ("level_shift", "off_by_one", "false_detections"):
        assert value(rows, metric) == 0
    assert value(rows, "dice", "C4") == 1
    assert set(rows["status"]) == {"ok"}


def test_a_missed_vertebra_is_a_row_with_a_penalty():
    data = lateral(CERVICAL)
    rows = vertebra_table([[p for p in perfect(data) if p.level != "C7"]], data)
    assert value(rows, "identified") == pytest.approx(5 / 6)
    assert value(rows, "dice") == pytest.approx(5 / 6)
    assert value(rows, "dice_identified") == 1
    assert value(rows, "dice", "C7") == 0
    missed = rows[rows["structure"] == "C7"].set_index("metric")
    assert missed.loc["identified", "status"] == "empty_prediction"
    assert missed.loc["dice_identified", "status"] == "absent"
    assert np.isnan(missed.loc["dice_identified", "value"])
    # One missed of six: 5 / (5 + 0.5).
    assert value(rows, "pq") == pytest.approx(5 / 5.5)
    # The five that were found have their names; the one that was missed counts as wrong.
    assert value(rows, "level_accuracy") == pytest.approx(5 / 6)
    assert missed.loc["level_accuracy", "value"] == 0
    assert missed.loc["level_accuracy", "status"] == "empty_prediction"


def test_a_mask_moved_too_far_counts_as_missed():
    data = lateral(CERVICAL)
    shape = data.grid
    near = vertebra_table([[square(level, k, shape, right=2) for k, level in enumerate(CERVICAL)]], data)
    # 4 of 6 columns are shared.
    assert value(near, "dice_identified") == pytest.approx(4 / 6)
    assert value(near, "pq") == 0  # IoU is 0.5, which is not above it
    far = vertebra_table([[square(level, k, shape, right=4) for k, level in enumerate(CERVICAL)]], data)
    assert value(far, "identified") == 0
    assert value(far, "dice") == 0
    assert value(far, "false_detections") == 6
    assert set(far.loc[far["metric"] == "level_accuracy", "value"]) == {0}
    assert set(far.loc[far["metric"] == "level_accuracy", "status"]) == {"empty_prediction"}


def test_names_off_by_one_are_counted_in_levels():
    data = lateral(("L2", "L3", "L4", "L5", "S1"))
    names = ("L1", "L2", "L3", "L4", "L5")
    rows = vertebra_table([[Instance(name, p.mask) for name, p in zip(names, perfect(data), strict=True)]], data)
    assert value(rows, "identified") == 1
    assert value(rows, "level_accuracy") == 0
    assert value(rows, "level_shift") == 1
    assert value(rows, "off_by_one") == 1
    assert rows[rows["metric"] == "level_shift"]["unit"].unique().tolist() == ["levels"]


def test_a_vertebra_without_a_name_is_wrong_but_not_shifted():
    data = lateral(CERVICAL)
    rows = vertebra_table([[Instance("", p.mask) for p in perfect(data)]], data)
    assert value(rows, "level_accuracy") == 0
    assert np.isnan(value(rows, "level_shift"))


def test_names_are_not_scored_where_no_landmark_shows():
    data = coronal()
    rows = vertebra_table([perfect(data)], data)
    assert not set(rows["metric"]) & {"level_accuracy", "level_shift", "off_by_one"}
    assert value(rows, "dice", "T7") == 1


def test_detections_beyond_the_labelled_chain_are_ignored_and_others_are_wrong():
    data = coronal()
    shape = data.grid
    beyond = [square("", place, shape) for place in (-1, 17, 18)]
    assert score_film(perfect(data), perfect(data) + beyond, False).false_detections == 0
    aside = [square("", 8, shape, right=18), square("", 8, shape, down=3), square("", 17, shape, right=22)]
    score = score_film(perfect(data), perfect(data) + aside, False)
    assert score.false_detections == 3
    assert score.pq == pytest.approx(17 / (17 + 1.5))


def test_nothing_may_be_found_beyond_c2_or_s1():
    cervical, lumbar = lateral(CERVICAL), lateral(("L3", "L4", "L5", "S1"))
    for data, above, below in ((cervical, 1, 0), (lumbar, 0, 1)):
        for place, wrong in ((-1, above), (len(data.classes), below)):
            extra = square("", place, data.grid)
            assert extra.mask.any()
            assert score_film(perfect(data), [*perfect(data), extra], True).false_detections == wrong


def test_a_detection_in_a_gap_of_the_labels_is_ignored():
    data = lateral(CERVICAL)
    whole = perfect(data)
    data.labels[data.labels == 3] = 0
    chain = perfect(data)
    assert [instance.known for instance in chain] == [True, True, False, True, True, True]
    score = score_film(chain, whole, True)
    assert score.false_detections == 0
    assert score.levels == ("C2", "C3", "C5", "C6", "C7")
    assert score.pq == 1


def test_one_mask_over_two_vertebrae_identifies_both_but_is_one_segment():
    data = lateral(CERVICAL)
    shape = data.grid
    long = np.zeros(shape, bool)
    long[10 : 10 + 16, 20 : 20 + SIZE] = True
    rest = perfect(data)[2:]
    score = score_film(perfect(data), [Instance("C2", long), *rest], True)
    assert score.identified.all()
    assert len(score.quality) == 4
    assert score.paired.tolist().count(False) == 1


def test_order_of_predictions_and_empty_masks_do_not_matter():
    data = lateral(CERVICAL)
    shape = data.grid
    a = vertebra_table([perfect(data)], data)
    b = vertebra_table([[*perfect(data)[::-1], Instance("C2", np.zeros(shape, bool))]], data)
    assert a.equals(b)


def test_no_prediction_at_all():
    data = lateral(CERVICAL)
    rows = vertebra_table([[]], data)
    assert value(rows, "identified") == value(rows, "dice") == value(rows, "pq") == 0
    assert value(rows, "level_accuracy") == 0
    assert np.isnan(value(rows, "level_shift"))
    complete(rows, IDENTITY, "cases.csv")


def test_pooled_rows_count_vertebrae_not_films():
    data = lateral(CERVICAL, count=2)
    data.labels[1][data.labels[1] > 2] = 0
    rows = vertebra_table([perfect(data), []], data)
    assert value(rows, "identified_pooled", case="all") == pytest.approx(6 / 8)
    assert value(rows, "pq_pooled", case="all") == pytest.approx(6 / 7)
    assert value(rows, "identified_pooled", "C2", "all") == 0.5
    assert value(rows, "identified_pooled", "C7", "all") == 1
    assert value(rows, "level_accuracy_pooled", case="all") == pytest.approx(6 / 8)
    assert not (rows["metric"] == "dice_pooled").any()


def test_rows_fit_the_case_table():
    data = lateral(CERVICAL, count=2)
    data.labels[1] = 0
    rows = vertebra_table(
        [[square("C2", 0, data.grid)], [square("C2", 0, data.grid)]], data, condition="noise", severity=2
    )
    filled = complete(rows, IDENTITY, "cases.csv")
    assert set(filled["condition"]) == {"noise"}
    empty = filled[(filled["case"] == "case1") & (filled["metric"] == "identified")]
    assert empty["status"].tolist() == ["absent"]


def test_wrong_shapes_are_refused():
    data = lateral(CERVICAL)
    with pytest.raises(ValueError, match="0 films"):
        vertebra_table([], data)
    with pytest.raises(ValueError, match="grid"):
        score_film(perfect(data), [Instance("C2", np.ones((4, 4), bool))], True)
