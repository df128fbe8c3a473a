"""The networks of a study's runs, built again from their records, and how large each is at several sizes.

One convention for operations (`spinelib.models.size`): a multiply-add counts once in GMACs, and only convolutions and
matrix products count. (C, our choice) Size of the input, its channels first, and factor on the channels are always
said, since papers print one number without either: the study's own, and full width at the sizes that the papers work on
(A: 256 x 256 in MDWC-Net, 18 x 256 x 128 in SAFNet; C: 512 x 256, the size of Seg4Reg's code, for R2MF-Net and
Seg4Reg+).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spinelib.core.errors import BadInput
from spinelib.core.layout import RunFolder, StudyFolder
from spinelib.models import NETWORKS
from spinelib.protocol.config import RunConfig
from spinelib.questions.compare.boards import study_cases

if TYPE_CHECKING:
    from torch import nn

COLUMNS = ("name", "size", "width", "million parameters", "GMACs", "weights MB", "forward MB", "training MB", "batch")


@dataclass(frozen=True)
class Network:
    """One network of a study: its entry's name, how it was built, the size [*S] it saw, training batch and runs.

    params, flops: as its first run counted them at that size.
    """

    name: str
    built: dict[str, Any]
    grid: tuple[int, ...]
    batch: int
    params: int
    flops: int
    runs: tuple[str, ...] = ()

    @property
    def method(self) -> str:
        """Name of its method in the registry."""
        return str(self.built["method"])

    @property
    def whole(self) -> bool:
        """Whether it is the method itself, not a variant or one with open choices changed."""
        return set(self.built) <= {"method", "in_channels", "out_channels", "width"}

    @property
    def channels(self) -> int:
        """Channels of its input."""
        return int(self.built["in_channels"])

    def build(self, width: float | None = None) -> nn.Module:
        """The network with new weights; `width` in place of its own factor on the channels."""
        given = {key: value for key, value in self.built.items() if key != "method"}
        return NETWORKS[self.method].build(**{**given, **({} if width is None else {"width": width})})


def run_names(results: Path | str) -> dict[str, str]:
    """Name of the entry (method/variant, as leaderboards call it) of every finished run of a study."""
    cases = study_cases(results)
    # A zero-shot entry names the data that it came from: the run itself has the plainer name.
    own = cases.assign(
        name=cases["method"] + "/" + cases["variant"], away=cases["trained_on"] != cases["dataset"]
    ).sort_values("away", kind="stable")
    return {str(run): str(name) for run, name in own.drop_duplicates("run")[["run", "name"]].to_numpy(str)}


def study_networks(results: Path | str) -> tuple[list[Network], dict[str, str]]:
    """The different networks of a study, one for each entry's name and size, and why other runs are left out.

    Entries that share one architecture and size (fewer films, other weights to start from) share one network, named
    after the first. Raises BadInput when no run has finished.
    """
    found: dict[str, Network] = {}
    left_out = {}
    for run, name in run_names(results).items():
        try:
            network = _read(StudyFolder(Path(results)).run(run), name)
        except BadInput as error:
            left_out[run] = error.reason
            continue
        key = json.dumps([network.built, network.grid], sort_keys=True)
        first = found.get(key, network)
        found[key] = replace(first, runs=(*first.runs, run))
    return list(found.values()), left_out


def _read(files: RunFolder, name: str) -> Network:
    try:
        record = json.loads(files.record.read_text(encoding="utf-8"))
        built = json.loads(files.training.read_text(encoding="utf-8"))["identity"]["network"]
        facts, method = record["facts"], built["method"]
        batch, *counts = (int(x) for x in (facts["recipe"]["batch"], facts["params"], facts["flops"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(
            files.root, "has no record of one network of the registry", "Nothing needs to be done."
        ) from error
    if method not in NETWORKS:
        raise BadInput(files.root, f"trained {method}, which is not in the registry", "Nothing needs to be done.")
    return Network(name, built, RunConfig.of(record["parameters"]).input_grid, batch, counts[0], counts[1])


def size_table(
    networks: Iterable[Network], sizes: Sequence[Sequence[int]] = (), width: float = 1.0, paper_memory: bool = False
) -> pd.DataFrame:
    """Every network at its study's size and width, then at those of `sizes` with as many axes, at `width`: COLUMNS.

    Parameters are the trainable ones; memory as in `spinelib.questions.complexity.memory` (forward: batch 1; training:
    the run's batch), at the papers' sizes with `paper_memory` only, and NaN where it was not counted. Variants have no
    training memory and no line at a paper's size. Nothing is computed.
    """
    rows: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for network in networks:
        rows[network.name, json.dumps(network.built, sort_keys=True), network.grid] = _own_size(network)
        for size in sizes if network.whole else ():
            key = (network.method, network.channels, tuple(size))
            if len(size) == len(network.grid) and key not in rows:
                rows[key] = _paper_size(network, size, width, paper_memory)
    return pd.DataFrame(rows.values(), columns=list(COLUMNS))


def _own_size(network: Network) -> tuple[Any, ...]:
    width = float(network.built["width"])
    memory = _memory(network, network.grid, width, training=network.whole)
    return _line(network, network.grid, width, network.params, network.flops / 2e9, memory)


def _paper_size(network: Network, size: Sequence[int], width: float, memory: bool) -> tuple[Any, ...]:
    import torch

    from spinelib.models.size import count_operations

    with torch.device("meta"):
        found = count_operations(network.build(width), (network.channels, *size))
    peak = _memory(network, size, width) if memory else (np.nan,) * 3
    return _line(network, size, width, found.params, found.gmacs, peak)


def _memory(network: Network, size: Sequence[int], width: float, training: bool = True) -> tuple[float, ...]:
    """MB of weights, forward pass and training step."""
    import torch

    from spinelib.questions.complexity.memory import peak_bytes

    with torch.device("meta"):
        model = network.build(width)
    return tuple(x / 1e6 for x in peak_bytes(model, (network.channels, *size), network.batch if training else 0))


def _line(
    network: Network, size: Sequence[int], width: float, params: int, gmacs: float, memory: Sequence[float]
) -> tuple[Any, ...]:
    return network.name, size_text((network.channels, *size)), width, params / 1e6, gmacs, *memory, network.batch


def size_text(shape: Iterable[int]) -> str:
    """The size of an input in words, [C,*S] as in "1 x 256 x 256", or [*S] alone."""
    return " x ".join(map(str, shape))


def study_timings(
    networks: Sequence[Network], size: Sequence[int] = (), width: float = 1.0, **how: Any
) -> pd.DataFrame:
    """`speed.timings` of the networks at their own size and width, or at `size` and `width` where that is given.

    With columns size and width. Networks of another number of axes than `size`, and then variants, have no row. how:
    batches, rounds and device.
    """
    from spinelib.questions.complexity.speed import timings

    chosen = [n for n in networks if not size or (n.whole and len(n.grid) == len(size))]
    built = {n.name: n.build(width if size else None) for n in chosen}
    shapes = {n.name: (n.channels, *(size or n.grid)) for n in chosen}
    table = timings(built, shapes, **how)
    words = {name: size_text(shape) for name, shape in shapes.items()}
    widths = {n.name: width if size else n.built["width"] for n in chosen}
    return table.assign(size=table["name"].map(words), width=table["name"].map(widths))


def latency_by_run(networks: Iterable[Network], table: pd.DataFrame) -> pd.DataFrame:
    """Milliseconds of one image for every run, columns run and latency ms. table: of `study_timings`.

    On one thread of a CPU its own time, which other programs do not stretch; else the median of the clock.
    """
    single = table[table["batch"] == 1].set_index("name")
    # On one thread an idle machine would take the processor's time, however busy this one is.
    alone = single["core ms"].notna() & (single["threads"] == 1)
    spent = single["core ms"].where(alone, single["median ms"])
    rows = [(run, spent[n.name]) for n in networks if n.name in spent.index for run in n.runs]
    return pd.DataFrame(rows, columns=["run", "latency ms"])
