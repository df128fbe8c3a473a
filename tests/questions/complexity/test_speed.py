"""Latency and throughput: who is asked how often, and what the columns mean."""

import time

import pytest
import torch
from torch import nn

from spinelib.questions.complexity.speed import COLUMNS, timings


class Slow(nn.Module):
    """Waits for a while and remembers what it was asked."""

    def __init__(self, seconds):
        super().__init__()
        self.seconds, self.asked = seconds, []

    def forward(self, images):
        self.asked.append((tuple(images.shape), self.training, torch.is_grad_enabled()))
        time.sleep(self.seconds)
        return images


def test_networks_take_turns_and_the_first_pass_is_not_counted():
    networks = {"quick": Slow(0.001), "slow": Slow(0.02)}
    shapes = {"quick": (2, 4, 4), "slow": (1, 3, 4, 4)}
    table = timings(networks, shapes, batches=(1, 2), rounds=3, device="cpu")
    assert list(table.columns) == list(COLUMNS)
    assert table[["name", "batch"]].to_numpy().tolist() == [["quick", 1], ["quick", 2], ["slow", 1], ["slow", 2]]
    assert networks["slow"].asked == [((1, 1, 3, 4, 4), False, False), ((2, 1, 3, 4, 4), False, False)] * 4
    assert (table["rounds"] == 3).all()
    slow = table[table["name"] == "slow"].set_index("batch")
    assert (slow["low ms"] >= 20).all()
    assert (slow["core ms"] < slow["median ms"]).all()  # the processor rests while a network waits
    assert slow["images per second"].to_dict() == pytest.approx(
        {batch: 1e3 * batch / slow.loc[batch, "median ms"] for batch in (1, 2)}
    )
    assert table["card MB"].isna().all()


def test_without_a_round_there_is_no_median():
    with pytest.raises(ValueError, match="rounds"):
        timings({"one": Slow(0)}, {"one": (1, 2, 2)}, rounds=0, device="cpu")
