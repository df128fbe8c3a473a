"""The share of the matrix rate: work counted as stated, rates from it, the rows of a device."""

import numpy as np
import pytest
import torch

from benchmarks import bench_matrix
from benchmarks.bench_matrix import Load, flops, multiply, share
from spinelib.prediction.precision import Precision


def test_forward_and_both_backward_products_count_twice_per_multiply_add():
    layers = torch.nn.Sequential(torch.nn.Linear(5, 7), torch.nn.Linear(7, 3))
    inputs = torch.randn(4, 5)
    # Three products for a layer whose input has a gradient, two for the first.
    expected = 2 * 4 * (2 * 5 * 7 + 3 * 7 * 3)
    assert flops(lambda: layers(inputs).sum().backward()) == expected


@pytest.mark.parametrize(("name", "kind"), [("float32", torch.float32), ("bfloat16+channels_last", torch.bfloat16)])
def test_the_product_is_in_the_format_of_the_network(name, kind, monkeypatch):
    seen = []
    monkeypatch.setattr(torch, "mm", lambda one, other, out: seen.append((one.dtype, out.dtype, one.shape)))
    call, work = multiply(8, Precision(name), torch.device("cpu"))
    call()
    assert seen == [(kind, kind, (8, 8))]
    assert work == 2 * 8**3


@pytest.mark.parametrize(("card", "column"), [("", 1), ("a card", 0)])
def test_the_share_is_work_over_time_of_each(card, column, capsys):
    # Two steps of 3 GFLOP in 2 s against two products of 6 GFLOP in 1 s; the other clock says something else.
    step, product = np.full((5, 2), 9.0), np.full((5, 2), 7.0)
    step[:, column], product[:, column] = 2.0, 1.0
    row = share("title", {"step": step, "product": product}, "step", 3 / 6, 2 * 3e9, card)
    assert (row.ours, row.peer, row.ratio) == pytest.approx((3.0, 12.0, 0.25))
    assert row.unit == "GFLOP/s"
    assert (row.where == card) == bool(card)


def test_a_processor_has_a_row_for_the_step_and_for_its_frozen_batch(monkeypatch):
    monkeypatch.setattr(bench_matrix, "TURNS", 2)
    found = list(bench_matrix.of(Load("unet", (32, 16), 4, 0.125, 2, 1, 64), torch.device("cpu")))
    assert [("frozen batch" in row.name, "product of 64" in row.name) for row in found] == [(False, True), (True, True)]
    assert all(row.ours > 0 and 0 < row.ratio < 2 for row in found)


@pytest.mark.card
def test_a_card_has_images_and_memory_too(monkeypatch):
    monkeypatch.setattr(bench_matrix, "TURNS", 2)
    found = list(bench_matrix.of(Load("unet", (64, 32), 8, 0.25, 4, 2, 512), torch.device("cuda"), "a card"))
    names = " ".join(row.name for row in found)
    assert all(word in names for word in ("images per second", "peak memory"))
    assert all(row.ratio > 0 for row in found)


@pytest.mark.parametrize("load", bench_matrix.LOADS["dry"], ids=lambda load: load.method)
def test_a_dry_run_has_the_rows_of_a_card_but_those_of_cuda_itself(load, monkeypatch, capsys):
    monkeypatch.setattr(bench_matrix, "TURNS", 2)
    found = list(bench_matrix.of(load, torch.device("cpu"), "no card"))
    assert {row.where for row in found} == {"no card"}
    published = [row for row in found if "nnU-Net's published on an A100" in row.name]
    assert [row.peer for row in published] == [number for number in load.published if number]
    assert all(row.low <= row.ratio <= row.high for row in found)
