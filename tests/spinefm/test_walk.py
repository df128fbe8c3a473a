"""The logic of the walk, with stages that know the truth: squares of 8 px every 12 px, the film is 200 x 40."""

import math

import numpy as np
import pytest
import torch

from spinelib.core.errors import BadInput
from spinelib.spinefm.ends import BACKGROUND, LOWER_END, UPPER_END, VERTEBRA
from spinelib.spinefm.pipeline import SpineReading
from spinelib.spinefm.walk import DOWN, START, UP, Rules, Stages, walk

GRID, STEP, HALF, X = (200, 40), 12, 4, 20


class Perfect:
    """Stages that know a column of `count` vertebrae whose first centre is at y = `top`."""

    def __init__(self, count=10, top=30, upper=None, lower=None):
        self.centres = [top + STEP * k for k in range(count)]
        self.upper, self.lower = upper, lower
        self.sizes = []
        self.calls = {"segment": 0, "predict": 0, "classify": 0}

    def segment(self, films, which, points):
        self.calls["segment"] += 1
        self.sizes.append(len(points))
        out = torch.full((len(points), *GRID), -9.0)
        for b, (x, y) in enumerate(points.round().int().tolist()):
            y = self.snap(y)
            out[b, max(0, y - HALF) : y + HALF + 1, max(0, x - HALF) : x + HALF + 1] = 9.0
        return out

    def snap(self, y):
        return min(self.centres, key=lambda centre: abs(centre - y)) if self.near(y) else y

    def near(self, y):
        return any(abs(centre - y) <= HALF for centre in self.centres)

    def predict(self, points, grid):
        assert grid == GRID
        self.calls["predict"] += 1
        return 2 * points[:, 2] - points[:, 1]

    def classify(self, films, which, points):
        self.calls["classify"] += 1
        return torch.tensor([self.category(round(y)) for _, y in points.tolist()])

    def category(self, y):
        if not self.near(y):
            return BACKGROUND
        k = min(range(len(self.centres)), key=lambda k: abs(self.centres[k] - y))
        return {self.upper: UPPER_END, self.lower: LOWER_END}.get(k, VERTEBRA)

    def stages(self, batch=32):
        return Stages(self.segment, self.predict, self.classify, patch=24, batch=batch)

    def start(self, first):
        return np.array([(X + 1.0, self.centres[k] + 1.0) for k in range(first, first + 3)])


def go(spine, first=3, films=1, **rules):
    return walk(torch.zeros(films, 1, *GRID), [spine.start(first)] * films, spine.stages(), Rules(**rules))


def test_every_vertebra_is_found_once_from_above_and_the_background_ends_both_directions():
    spine = Perfect(count=10)
    (walked,) = go(spine)
    chain = walked.chain
    np.testing.assert_allclose([step.centre[1] for step in chain], spine.centres, rtol=1e-5)
    assert [step.direction for step in chain] == [UP] * 3 + [START] * 3 + [DOWN] * 4
    refused = [step for step in walked.steps if not step.accepted]
    assert [(step.direction, step.stop, step.category) for step in refused] == [
        (UP, "background", "background"),
        (DOWN, "background", "background"),
    ]
    assert not walked.upper
    assert not walked.lower
    for step, centre in zip(chain, spine.centres, strict=True):
        ys, _xs = np.nonzero(step.mask)
        assert abs(ys.mean() - centre) < 0.01


def test_start_points_are_moved_to_the_centres_of_their_masks():
    (walked,) = go(Perfect())
    starts = [step for step in walked.steps if step.direction == START]
    assert [step.prompt for step in starts] == [(21.0, 67.0), (21.0, 79.0), (21.0, 91.0)]
    np.testing.assert_allclose([step.centre[1] for step in starts], [66, 78, 90], rtol=1e-5)


def test_ends_are_accepted_kept_and_stop_the_walk():
    spine = Perfect(count=10, upper=1, lower=8)
    (walked,) = go(spine)
    np.testing.assert_allclose([step.centre[1] for step in walked.chain], spine.centres[1:9], rtol=1e-5)
    assert walked.upper
    assert walked.lower
    assert [step.stop for step in walked.steps if step.stop] == ["upper end", "lower end"]


def test_an_end_of_the_other_direction_counts_as_a_vertebra():
    (walked,) = go(Perfect(count=10, lower=1))
    assert walked.chain[0].centre[1] == pytest.approx(30)
    assert not walked.lower
    assert next(step for step in walked.chain if step.category == "lower end").stop == ""


def test_in_the_published_program_either_end_stops_a_walk_and_names_its_own_direction_alone():
    (walked,) = go(Perfect(count=10, lower=1), own_end=False)
    assert [step.stop for step in walked.steps if step.direction == UP] == ["", "lower end"]
    assert walked.chain[0].centre[1] == pytest.approx(42)
    assert (walked.upper, walked.lower) == (False, False)
    (walked,) = go(Perfect(count=10, upper=0, lower=9), own_end=False)
    assert (walked.upper, walked.lower) == (True, True)


def test_in_the_published_program_start_points_are_not_classified():
    spine = Perfect(count=10, upper=3)
    (walked,) = go(spine, first=3, starts=False)
    assert {step.category for step in walked.steps if step.direction == START} == {""}
    assert [step.centre[1] for step in walked.chain][:3] == pytest.approx([30, 42, 54])
    assert spine.calls["classify"] == spine.calls["segment"] - 1


def test_in_the_published_program_neither_the_border_nor_an_empty_mask_stops_a_walk():
    spine = Perfect(count=16, top=10)
    known, asked = spine.segment, []

    def segment(films, which, points):
        asked.extend(points[:, 1].tolist())
        return known(films, which, points)

    spine.segment = segment
    (walked,) = go(spine, first=6, levels=20, guards=False, likely=False)
    assert min(asked) < 0
    assert "outside" not in {step.stop for step in walked.steps}
    spine = Perfect(count=5)
    known_masks = spine.segment
    spine.segment = lambda films, which, points: torch.where(
        torch.tensor([spine.near(y) for _, y in points.tolist()])[:, None, None],
        known_masks(films, which, points),
        -9.0,
    )
    (walked,) = go(spine, first=1, guards=False, likely=False)
    last = [step for step in walked.steps if step.stop]
    # Nothing outlined: the centre is the film's own, and the classifier is asked there.
    assert all(not step.mask.any() and step.category for step in last)
    assert {step.centre for step in last} == {(20.0, 100.0)}


def test_an_outer_start_point_that_is_an_end_is_not_walked_past():
    spine = Perfect(count=10, upper=3)
    (walked,) = go(spine, first=3)
    assert walked.upper
    assert not [step for step in walked.steps if step.direction == UP]
    assert len(walked.chain) == 7


def test_a_mask_on_the_previous_vertebra_stops_and_is_discarded():
    spine = Perfect(count=10)
    # Three quarters of a step too short: the segmenter falls back onto the vertebra before.
    spine.predict = lambda points, grid: points[:, 2] + 0.25 * (points[:, 2] - points[:, 1])
    (walked,) = go(spine)
    stops = [step for step in walked.steps if step.stop]
    assert [step.stop for step in stops] == ["overlap", "overlap"]
    assert all(step.overlap == 1.0 and not step.accepted and step.category == "" for step in stops)
    assert len(walked.chain) == 3


def test_overlap_is_measured_against_the_limit():
    spine = Perfect(count=10)
    # Squares of 9 px moved by 7 rows share 2 of 16: an IoU of 0.125.
    spine.centres = [40 + 7 * k for k in range(8)]
    (walked,) = go(spine, overlap=0.1)
    assert {step.stop for step in walked.steps if step.stop} == {"overlap"}
    assert [step.overlap for step in walked.steps if step.stop] == pytest.approx([0.125, 0.125])
    (walked,) = go(spine, overlap=0.13)
    assert "overlap" not in {step.stop for step in walked.steps}


def test_a_point_off_the_film_stops_without_asking_the_other_stages():
    spine = Perfect(count=17, top=6)
    (walked,) = go(spine, first=0, levels=20)
    up = [step for step in walked.steps if step.direction == UP]
    assert [(step.stop, step.mask, step.accepted) for step in up] == [("outside", None, False)]
    assert math.isnan(up[0].centre[0])
    assert up[0].prompt[1] < 0
    assert walked.steps[-1].stop == "outside"
    assert len(walked.chain) == 17


def test_an_empty_mask_stops():
    spine = Perfect()
    known = spine.segment
    spine.segment = lambda films, which, points: torch.where(
        torch.tensor([spine.near(y) for _, y in points.tolist()])[:, None, None], known(films, which, points), -9.0
    )
    (walked,) = go(spine)
    stops = [step for step in walked.steps if step.stop]
    assert [step.stop for step in stops] == ["empty", "empty"]
    assert all(step.category == "" and not step.mask.any() for step in stops)
    assert len(walked.chain) == 10


def test_the_guard_ends_a_walk_that_nothing_else_stops():
    spine = Perfect(count=1000, top=-3000)
    start = np.array([(X, y) for y in spine.centres if 60 < y < 100][:3], float)
    stages = spine.stages()
    (walked,) = walk(torch.zeros(1, 1, *GRID), [start], stages, Rules(levels=2))
    assert [step.stop for step in walked.steps if step.direction in (UP, DOWN)] == ["", "levels", "", "levels"]
    assert len(walked.chain) == 7
    (walked,) = walk(torch.zeros(1, 1, *GRID), [start], stages, Rules(levels=0))
    assert len(walked.steps) == 3


def test_guard_is_twelve_levels_per_direction_by_default():
    # A column along which a step is one pixel, of vertebrae of a single pixel.
    def segment(films, which, points):
        out = torch.full((len(points), *GRID), -9.0)
        for b, (x, y) in enumerate(points.round().int().tolist()):
            out[b, y, x] = 9.0
        return out

    def classify(films, which, points):
        return torch.ones(len(points), dtype=torch.int64)

    stages = Stages(segment, Perfect().predict, classify, patch=24)
    start = np.array([(X, 99.0), (X, 100.0), (X, 101.0)])
    (walked,) = walk(torch.zeros(1, 1, *GRID), [start], stages, Rules())
    assert len(walked.chain) == 3 + 2 * 12


def test_films_and_directions_go_in_step_as_one_batch_with_equal_results():
    spine = Perfect(count=10, upper=0, lower=9)
    together = go(spine, films=4)
    # Four films: 12 start points, then 8 walkers, until the upper ones have ended.
    assert spine.sizes == [12, 8, 8, 8, 4]
    alone = go(Perfect(count=10, upper=0, lower=9))[0]
    for walked in together:
        assert [s.centre for s in walked.steps] == [s.centre for s in alone.steps]
        assert [s.stop for s in walked.steps] == [s.stop for s in alone.steps]


def test_batches_have_at_most_the_given_size():
    spine = Perfect(count=10)
    walk(torch.zeros(5, 1, *GRID), [spine.start(3)] * 5, spine.stages(batch=4), Rules())
    assert max(spine.sizes) <= 4


def test_films_without_start_points_have_no_walk():
    spine = Perfect()
    films = torch.zeros(3, 1, *GRID)
    nothing, walked, also = walk(films, [None, spine.start(3), None], spine.stages(), Rules())
    assert nothing.steps == also.steps == ()
    assert len(walked.chain) == 10
    assert walk(films, [None] * 3, spine.stages(), Rules())[0].chain == []
    with pytest.raises(ValueError, match="starts for 3 films"):
        walk(films, [None], spine.stages(), Rules())


def test_readings_are_named_from_the_end_that_was_met():
    (walked,) = go(Perfect(count=10, lower=9))
    found = SpineReading([], None, walked).instances()
    assert [one.level for one in found][-3:] == ["L4", "L5", "S1"]
    assert [one.level for one in found][:2] == ["T9", "T10"]
    assert {one.level for one in SpineReading([], None, walked).instances(named=False)} == {""}


def test_a_second_pass_segments_again_from_the_centre_that_was_found():
    once, twice = Perfect(), Perfect()
    (first,), (second,) = go(once), go(twice, passes=2)
    assert twice.calls["segment"] == 2 * once.calls["segment"]
    assert twice.calls["predict"] == once.calls["predict"]
    assert [step.prompt for step in first.steps] == [step.prompt for step in second.steps]
    # Across the column this segmenter repeats its prompt, so that both find the same.
    np.testing.assert_allclose([s.centre for s in first.chain], [s.centre for s in second.chain], rtol=1e-5)
    with pytest.raises(BadInput, match="is below 1"):
        Rules(passes=0)
