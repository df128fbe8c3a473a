"""What the networks of a claim cost: counted for size and arithmetic, measured in the runs for the time of training.

(C, our choice) Parameters and operations need no training. They are counted in every study for the networks of the
catalogue at width 1, for one grey image of the size that the paper's recipe has (512 x 256 where it names none) and one
logit: exact numbers, which need neither patients nor seeds. What a second input channel, as the common recipe has it,
or a second logit, as MDWC-Net's, adds to them `counted_networks` says. They hold for the channels and encoders chosen
here; those of the papers are not known, so that a count `agrees here` or `disagrees here` and is no replication. Times
are compared where both networks saw the same input, at one width, by one recipe and on one kind of device.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spinelib.core.names import entry
from spinelib.models import METHODS
from spinelib.models.method import resolve
from spinelib.protocol.config import RunConfig
from spinelib.questions.complexity.networks import size_text
from spinelib.runs.named import finished_runs
from spinelib.runs.training_cost import core_seconds

if TYPE_CHECKING:
    from spinelib.models.size import Complexity

COUNTED = ("params", "flops")
USUAL_SIZE = (512, 256)
SETTING = ["recipe", "width", "input", "local", "device"]


def training_paces(results: Path) -> pd.DataFrame:
    """Of every run of one network: name, SETTING and train_seconds, core-seconds per image seen (NaN if unknown).

    input: the size [*S] that the network saw, which a published recipe brings along; local: whether it had a channel of
    local contrast.
    """
    rows = []
    for _, record in finished_runs(results):
        given, facts = record.get("parameters", {}), record.get("facts", {})
        if set(COUNTED) <= set(facts) and given.get("method") in METHODS:
            run, device = RunConfig.of(given), str(facts.get("training", {}).get("device", record.get("device", "")))
            setting = run.recipe, run.width, run.input_grid, run.local_contrast, device
            rows.append(("/".join(entry({"variant": "full", **given})), *setting, _pace(record)))
    return pd.DataFrame(rows, columns=["name", *SETTING, "train_seconds"])


def _pace(record: Mapping[str, Any]) -> float:
    """Core-seconds of training, validation included, per image seen."""
    facts = record["facts"]
    images = facts.get("training", {}).get("steps", 0) * facts.get("recipe", {}).get("batch", 0)
    return core_seconds(record) / images if images else float("nan")


def cost_trials(claim: Mapping[Any, Any], paces: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Saving of the claim's one against its other, per cent of other; `dataset` says what that rests on.

    A count of every claim on size or operations; of one on time a measurement where both networks ran alike. paces: of
    `training_paces`.
    """
    yield from _counts(claim) if claim["metric"] in COUNTED else _times(claim, paces)


def _counts(claim: Mapping[Any, Any]) -> Iterator[dict[str, Any]]:
    size = paper_size(claim["one"].partition("/")[0])
    one, other = (getattr(counted_at(claim[side], size), claim["metric"]) for side in ("one", "other"))
    evidence = f"counted at width 1 for one grey channel of {size_text(size)} and one logit, nothing trained"
    yield _trial(evidence, "any", 1.0, one, other)


def paper_size(method: str) -> tuple[int, ...]:
    """The size [*S] of a network's input in the method's own paper; that of Seg4Reg's code where it is not known."""
    path = METHODS[method].published
    return tuple(resolve(path).grid or USUAL_SIZE) if path else USUAL_SIZE


def counted_networks(claims: pd.DataFrame) -> pd.DataFrame:
    """What the lines on size and operations rest on: a row per network and input, columns in words.

    Parameters in millions and multiply-adds of one prediction in 10^9 for one grey channel and one logit, at width 1;
    then multiply-adds with a second input channel, and with a second logit.
    """
    counted = claims[(claims["rule"] == "cost") & claims["metric"].isin(COUNTED)]
    sides = [
        (side, paper_size(one.partition("/")[0]))
        for one, other in counted[["one", "other"]].to_numpy(str)
        for side in (one, other)
    ]
    rows = []
    for name, size in dict.fromkeys(sides):
        usual, inputs, logits = (counted_at(name, size, *how) for how in ((), (2,), (1, True)))
        rows.append((name, size_text(size), usual.params / 1e6, usual.gmacs, inputs.gmacs, logits.gmacs))
    columns = ("network", "input", "million parameters", "GMAC", "GMAC, two input channels", "GMAC, two logits")
    return pd.DataFrame(rows, columns=list(columns)).round(3)


@cache
def counted_at(name: str, size: tuple[int, ...], channels: int = 1, two_logits: bool = False) -> Complexity:
    """Parameters and operations of ``method/variant`` at width 1 for an image [channels,*size]; nothing is run.

    Raises BadInput for a name that is not in the catalogue.
    """
    import torch

    from spinelib.models import build_model
    from spinelib.models.size import count_operations

    method, _, variant = name.partition("/")
    with torch.device("meta"):
        return count_operations(build_model(method, variant, channels, two_channels=two_logits), (channels, *size))


def _times(claim: Mapping[Any, Any], paces: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The saving in the setting that both ran in: published recipe before common, then the widest, then the largest."""
    means: dict[Any, float] = dict(paces.groupby(["name", *SETTING])["train_seconds"].mean().dropna().items())
    one, other = ({key[1:]: pace for key, pace in means.items() if key[0] == claim[side]} for side in ("one", "other"))
    shared = set(one) & set(other)
    if shared:
        recipe, width, size, local, device = best = max(shared, key=_fullness)
        words = [f"trained at width {width:g}", size_text(size), f"{recipe} recipe", device]
        evidence = ", ".join(word for word in [*words, "local contrast" if local else ""] if word)
        yield _trial(evidence, recipe, width, one[best], other[best])


def _fullness(setting: tuple[Any, ...]) -> tuple[Any, ...]:
    recipe, width, size, *_ = setting
    return recipe == "published", width, prod(size), setting


def _trial(evidence: str, recipe: str, width: float, one: float, other: float) -> dict[str, Any]:
    facts = {"dataset": evidence, "recipe": recipe, "width": width, "seeds": np.nan}
    return {**facts, "saving": 100 * (other - one) / other}
