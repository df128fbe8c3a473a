import numpy as np

from spinelib.spinefm.seeds import Detection, choose_start

MASK = np.zeros((4, 4), bool)


def spine(scores, ys=None, x=20.0):
    ys = range(10, 10 + 10 * len(scores), 10) if ys is None else ys
    return [Detection(score, (x, float(y)), MASK) for score, y in zip(scores, ys, strict=True)]


def test_the_best_three_successive_ones_are_taken_from_above():
    found = spine([0.7, 0.99, 0.7, 0.9, 0.95, 0.9, 0.7])
    assert choose_start(found).tolist() == [3, 4, 5]
    turned = [found[k] for k in (6, 2, 4, 0, 5, 1, 3)]
    chosen = [turned[k].centre[1] for k in choose_start(turned)]
    assert chosen == [40, 50, 60]


def test_order_is_along_the_column_however_it_lies():
    leaning = [Detection(0.9, (5.0 + 9 * k, 40.0 + 10 * k), MASK) for k in (2, 0, 1)]
    assert choose_start(leaning).tolist() == [1, 2, 0]
    upward = [Detection(0.9, (80.0 - 9 * k, 40.0 + 10 * k), MASK) for k in (2, 0, 1)]
    assert choose_start(upward).tolist() == [1, 2, 0]


def test_the_published_line_gives_y_as_a_function_of_x():
    # A bent column: along the principal axis it goes down, along the fitted line, nearly level, from the left.
    points = [(10.0, 10.0), (40.0, 40.0), (11.0, 70.0)]
    found = [Detection(0.9, point, MASK) for point in points]
    assert choose_start(found).tolist() == [0, 1, 2]
    x, y = np.array(points).T
    assert np.argsort(x + np.polyfit(x, y, 1)[0] * y).tolist() == [0, 2, 1]
    assert choose_start(found, line="fit").tolist() == [0, 2, 1]
    level = [Detection(0.9, (30.0 - 9 * k, 40.0 + k), MASK) for k in range(3)]
    assert choose_start(level, line="fit").tolist() == [0, 1, 2], "downwards"
    assert choose_start(spine([0.9] * 3), line="fit").tolist() == [0, 1, 2], "upright: any slope orders by y"


def test_detections_below_the_score_do_not_count():
    assert choose_start(spine([0.9, 0.9, 0.6])) is None
    assert choose_start(spine([0.9, 0.9, 0.61])) is not None
    assert choose_start([]) is None
    assert choose_start(spine([0.7, 0.7, 0.7]), score=0.8) is None


def test_three_with_a_missed_vertebra_between_them_are_passed_over_where_others_exist():
    found = spine([0.99, 0.99, 0.99, 0.8, 0.8], ys=[10, 20, 40, 50, 60])
    assert choose_start(found).tolist() == [2, 3, 4]
    assert choose_start(found, gap_ratio=float("inf")).tolist() == [0, 1, 2]
    assert choose_start(spine([0.9, 0.9, 0.9], ys=[10, 20, 60])).tolist() == [0, 1, 2]
