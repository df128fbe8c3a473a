"""Latency and throughput of networks on the device at hand, and the memory that a card really used.

(C, our choice) Forward passes without gradients in float32 and eval mode; the images lie on the device already, so that
reading and resampling are not counted. The networks take turns, round by round, so that another program on the machine
slows all of them and not one; medians and quartiles are over the rounds. The first pass of every network warms up and
is not counted. Times compare within one table only: on a busy machine they are upper bounds, and the processor's own
time (`core ms`, all threads together) stands beside them.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import torch
from torch import nn

from spinelib.core.devices import device_name, pick_device

COLUMNS = (
    *("name", "batch", "median ms", "low ms", "high ms", "images per second", "core ms", "card MB"),
    *("device", "threads", "rounds"),
)


def timings(
    networks: Mapping[str, nn.Module],
    shapes: Mapping[str, Sequence[int]],
    batches: Sequence[int] = (1, 4),
    rounds: int = 5,
    device: str = "auto",
) -> pd.DataFrame:
    """Time a forward pass of every network at every batch size, one row of COLUMNS each.

    shapes: [C, *S] by name. low, high: quartiles of the rounds; card MB: peak of allocated memory on a graphics card,
    weights included, NaN on a CPU. The networks stay on `device`. Raises ValueError without a round.
    """
    if rounds < 1:
        raise ValueError(f"{rounds} rounds are nothing to take a median of")
    where = pick_device(device)
    passes: dict[tuple[str, int], list[tuple[float, float, float]]] = {}
    for round_ in range(rounds + 1):
        for name, network in networks.items():
            for batch in batches:
                found = _pass(network.to(where).eval(), shapes[name], batch, where)
                if round_:
                    passes.setdefault((name, batch), []).append(found)
    facts = (device_name(where), torch.get_num_threads(), rounds)
    rows = [(*key, *_summary(key[1], found), *facts) for key, found in passes.items()]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _pass(network: nn.Module, shape: Sequence[int], batch: int, where: torch.device) -> tuple[float, float, float]:
    """Seconds of one forward pass by the clock and of the processor, and MB on the card at its peak (NaN without)."""
    images = torch.rand(batch, *shape, generator=torch.Generator().manual_seed(0)).to(where)
    card = where.type == "cuda"
    if card:
        # All networks lie on the card: what is alive before the pass belongs to the others, but for this one's weights.
        torch.cuda.synchronize(where)
        torch.cuda.reset_peak_memory_stats(where)
        others = torch.cuda.memory_allocated(where) - _held(network) - images.nbytes
    start, used = time.perf_counter(), time.process_time()
    with torch.inference_mode():
        network(images)
    if not card:
        return time.perf_counter() - start, time.process_time() - used, np.nan
    torch.cuda.synchronize(where)
    spent = time.perf_counter() - start
    return spent, np.nan, (torch.cuda.max_memory_allocated(where) - others) / 1e6


def _held(network: nn.Module) -> int:
    return sum(t.nbytes for t in (*network.parameters(), *network.buffers()))


def _summary(batch: int, found: Sequence[tuple[float, float, float]]) -> tuple[float, ...]:
    seconds, cores, card = np.asarray(found, float).T
    low, middle, high = (float(x) for x in np.percentile(seconds, (25, 50, 75)))
    return 1e3 * middle, 1e3 * low, 1e3 * high, batch / middle, 1e3 * float(np.median(cores)), float(card.max())
