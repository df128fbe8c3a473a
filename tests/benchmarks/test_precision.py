"""Scores in two number formats as rows: a ratio above 1 where the usual format scores better, either way round."""

import pytest

from benchmarks import bench_precision
from benchmarks.bench_precision import FORMATS


def test_a_row_per_score_with_the_spread_over_seeds(capsys):
    usual = [{"dice": 0.9, "smape": 10.0}, {"dice": 0.8, "smape": 20.0}]
    other = [{"dice": 0.8, "smape": 20.0}, {"dice": 0.8, "smape": 20.0}]
    dice, smape = bench_precision._rows("x", dict(zip(FORMATS, (usual, other), strict=True)))
    assert dice.name == "x, Dice, bfloat16+channels_last against float32"
    assert (dice.ours, dice.peer) == pytest.approx((0.85, 0.8))
    assert dice.ratio > 1
    assert smape.ratio > 1
    assert dice.low < dice.ratio < dice.high
    said = capsys.readouterr().out
    assert "difference +0.0500; from seed to seed in one format 0.0000" in said
    assert "difference -5.0000" in said


def test_one_network_has_no_spread(capsys):
    one = {name: [{"dice": 0.9, "smape": 10.0}] for name in FORMATS}
    assert [(row.ratio, row.low) for row in bench_precision._rows("x", one)] == [(1.0, None)] * 2
    assert "seed to seed" not in capsys.readouterr().out
