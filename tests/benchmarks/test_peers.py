"""Peers that fail or are missing, agreement before the clock, and the aims beside the results."""

import csv
import math

import numpy as np
import pytest
import torch

from benchmarks import __main__ as command
from benchmarks import bench_metrics, bench_projection, bench_statistics, peers, show
from benchmarks.common import Row, against, append, race
from spinelib.statistics import intervals


def fails():
    raise RuntimeError("another version")


def test_a_peer_that_fails_costs_its_own_row_alone(tmp_path, capsys):
    times = race({"ours": lambda: None, "broken": fails, "fine": lambda: None}, repeats=2)
    rows = [against(f"against {peer}", times, "ours", peer) for peer in ("broken", "fine")]
    assert "broken: fails, left out (RuntimeError: another version)" in capsys.readouterr().out
    assert math.isnan(rows[0].ratio)
    append(rows, tmp_path / "results.csv")
    with (tmp_path / "results.csv").open() as file:
        assert [row["name"] for row in csv.DictReader(file)] == ["against fine"]


def test_our_own_failure_is_an_error():
    with pytest.raises(RuntimeError, match="another version"):
        race({"ours": fails, "fine": lambda: None}, repeats=1)


def test_a_failing_benchmark_keeps_its_finished_rows_and_the_others(tmp_path, monkeypatch, capsys):
    def rows():
        yield Row("finished", 1.0, 2.0, 2.0, "ms", "here")
        fails()

    monkeypatch.setattr(bench_statistics, "rows", rows)
    monkeypatch.setattr(bench_metrics, "rows", lambda: iter([Row("next", 1.0, 3.0, 3.0, "ms", "here")]))
    path = tmp_path / "results.csv"
    assert command.main(["statistics", "metrics", "--to", str(path)]) == 1
    assert list(show.newest(path)["name"]) == ["finished", "next"]


def test_missing_peers_are_named_with_what_to_do(monkeypatch):
    monkeypatch.setattr(peers, "find_spec", lambda name: None if name == "medpy" else object())
    assert peers.missing().endswith("MedPy (GPL, install it yourself: pip install medpy)")
    assert "nnU-Net" not in peers.missing()


def test_the_newest_row_of_every_name_and_machine_is_shown(tmp_path):
    path = tmp_path / "results.csv"
    append([Row("a", 1.0, 2.0, 2.0, "ms", "here"), Row("a", 1.0, 2.5, 2.5, "ms", "there")], path)
    append([Row("a", 1.0, 3.0, 3.0, "ms", "here")], path)
    assert sorted(show.newest(path)["ratio"]) == [2.5, 3.0]
    text = show.markdown(show.newest(path))
    assert "| a | 1 ms | 3 ms | 3.00 x |" in text
    assert text.count("\n| a |") == 2


@pytest.mark.parametrize(
    ("name", "ours", "ratio", "met"),
    [
        ("training step 2-D unet [256, 128] x 8, cpu, float32, against plain loop", 1.0, 1.9, False),
        ("training step 2-D unet [256, 128] x 8, cpu, float32, against plain loop, our precision", 1.0, 1.01, True),
        ("training step 3-D unet3d, cuda, bfloat16, against MONAI, our precision", 1.0, 0.99, False),
        ("training step 3-D unet3d, cpu, bfloat16, against Lightning", 1.0, 1.31, True),
        ("training step 3-D unet3d, cpu, bfloat16, against frozen batch", 1.0, 0.86, True),
        ("metrics HD95, ASSD, NSD: 20 structures 256^3, against MONAI", 1.0, 19.0, False),
        ("metrics HD95, ASSD, NSD: 20 structures 20x512x512, against MONAI", 1.0, 21.0, True),
        ("metrics HD95, ASSD, NSD: 20 structures 512x256, against MONAI", 1.0, 1.0, True),
        ("overhead of all jobs of quick, share of core time", 0.21, 0.5, False),
        ("a study with nothing to do, quick", 1.9, 1.05, True),
        ("something else", 1.0, 0.1, True),
    ],
)
def test_a_row_that_misses_its_aim_is_marked(name, ours, ratio, met):
    row = {"name": name, "ours": ours, "ratio": ratio}
    assert show.aim(row)[1] is met


def test_every_peer_agrees_with_our_metrics_and_a_wrong_one_is_caught():
    pair = bench_metrics.spine(128, 96, 0.0), bench_metrics.spine(128, 96, 4.0)
    case = bench_metrics.Case("spine", *pair, 1, (1.0, 1.0), 1)
    ours = bench_metrics.values(bench_metrics._ours(case)())
    for name, call in (("MONAI", bench_metrics._monai), ("surface-distance", bench_metrics._deepmind)):
        bench_metrics.agree(name, ours, call(case)(), 1.0)
    with pytest.raises(AssertionError, match="MONAI"):
        bench_metrics.agree("MONAI", ours, [(ours[0][0] + 0.01, *ours[0][1:])], 1.0)


def test_bounds_of_another_sample_do_not_agree():
    values = np.random.default_rng(0).normal(size=(30, 2))
    found = intervals.mean_interval(values, method="percentile", replicates=10_000)
    drawn = {"n_resamples": 10_000, "rng": np.random.default_rng(0)}
    theirs = bench_statistics.bootstrap((values,), np.mean, axis=0, method="percentile", **drawn)
    bench_statistics.agree(values, found, theirs)
    with pytest.raises(AssertionError, match="standard errors"):
        bench_statistics.agree(values, intervals.mean_interval(values + 0.1, replicates=500), theirs)


def test_a_projector_that_shows_something_else_is_caught():
    shadow = bench_projection.bones().sum(1).T.flip(0, 1)
    assert torch.equal(bench_projection.agree("itself", shadow), shadow.double())
    with pytest.raises(AssertionError, match="correlate"):
        bench_projection.agree("mirrored", shadow.flip(0))
    with pytest.raises(AssertionError, match="of the bone"):
        bench_projection.agree("faint", shadow / 2)
