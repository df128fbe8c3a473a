"""Look into Seg4Reg+: the answers and activation maps of its regression network, and how far they agree.

Lin, Liu, Ma, Zheng, MICCAI 2021, arXiv 2208.12462. (A) The regression network R learns from images x and from masks m;
its class activation maps (CAM) teach it and gate the segmentation network S; consistency ties R(x), R(m) and R(S(x)).
(C) What is measured of that, and on which films, is our choice, as is everything in `spinelib.models.seg4reg_plus`.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spinelib.cases import CaseArrays
from spinelib.measures.cobb.table import ANGLES, ANSWERS, ERROR_UNITS, STRUCTURE, true_angles
from spinelib.models import METHODS
from spinelib.models.objective import FULL_ANGLE
from spinelib.protocol.config import RunConfig
from spinelib.protocol.evaluation import Scored, scored_films
from spinelib.questions.cobb.angles import MASK, NETWORK, TRUE, in_order, run_rows
from spinelib.runs import Run
from spinelib.runs.predictions import Predictions
from spinelib.statistics.intervals import difference_interval
from spinelib.statistics.limits import widest_difference
from spinelib.training.targets import targets_of

if TYPE_CHECKING:
    import torch
    from torch import nn

# What R is shown, by the names of `Seg4RegPlus.joint`: the image, the reference mask, the network's own mask.
SHOWN = {"image": "R(x)", "mask": "R(m)", "guess": "R(s)"}
# Where the angles of a run come from, by the structure of its case table.
ROUTES = {STRUCTURE: MASK, ANSWERS: NETWORK}
BATCH = 16
Array = np.ndarray


@dataclass(frozen=True)
class Look:
    """What both networks answer for n films, for each picture of SHOWN that R of this variant is made for.

    angles: [n,3] degrees; maps: [n,h,w] in 0..1 on the grid of R's last features. truth: [n,3] degrees, NaN where
    unknown. terms: weight and value of each term of the loss. on_spine: mean of each map on the reference mask over
    its mean on the film [n], 1 for a map that knows nothing of the spine, NaN for a dark one.
    """

    angles: dict[str, Array]
    maps: dict[str, Array]
    truth: Array
    terms: dict[str, tuple[float, float]]
    on_spine: dict[str, Array]


@dataclass(frozen=True)
class Gating:
    """The gate at work on n films: the map [n,h,w] and one block's features [n,C,h,w] before and behind it.

    probabilities: probability of the spine [n,H,W] from the same weights with the gate and without.
    """

    gate: Array
    before: Array
    behind: Array
    probabilities: dict[str, Array]


def by_angle(arrays: CaseArrays, index: Array, count: int) -> Array:
    """At most `count` of the films at `index`, spread evenly from the smallest to the largest angle, in that order.

    Films without known angles are taken only where there is no other.
    """
    largest = true_angles(arrays.subset(index)).max(axis=1)
    known = np.flatnonzero(np.isfinite(largest))
    order = known[np.argsort(largest[known], kind="stable")] if len(known) else np.arange(len(largest))
    places = np.linspace(0, len(order) - 1, min(count, len(order))).round().astype(int)
    return np.asarray(index)[order[places]]


def at_start(run: Run, network: nn.Module, arrays: CaseArrays, index: Array) -> nn.Module:
    """A copy of an untrained network that can be looked at; `network` and the random numbers stay as they are.

    Its batch normalisations take mean and spread from the first films at `index`. Without any, R's untrained features
    double from block to block until every angle is 0 or 90 degrees.
    """
    import torch

    images, targets = _shown(run, arrays, index[:BATCH])
    one = copy.deepcopy(network).train()
    norms: list[Any] = [part for part in one.modules() if isinstance(part, torch.nn.BatchNorm2d)]
    usual = [part.momentum for part in norms]
    for part in norms:
        part.momentum = 1.0
    with torch.random.fork_rng(devices=[images.device] if images.is_cuda else []), torch.no_grad():
        # The gate of the first pass still comes from an R without statistics.
        for _ in range(2):
            one(images, targets["labels"])
    for part, momentum in zip(norms, usual, strict=True):
        part.momentum = momentum
    return one.train(network.training)


def pictures(run: Run, network: nn.Module, arrays: CaseArrays, index: Array) -> dict[str, torch.Tensor]:
    """What R of this variant learns from, of the films at `index`, by the names of SHOWN: inputs [n,C,H,W] of R."""
    model: Any = network
    images, targets = _shown(run, arrays, index)
    drawn = (targets["labels"] > 0).to(images.dtype).unsqueeze(1)
    shown = {"image": model.picture(images), "mask": model.picture(images, drawn)}
    return {key: shown[key] for key in {"both": ("image", "mask"), "image": ("image",)}.get(model.inputs, ("mask",))}


def look(run: Run, network: nn.Module, arrays: CaseArrays, index: Array) -> Look:
    """Both networks on the films at `index` and their reference masks, as in prediction, in float32."""
    import torch

    from spinelib.prediction.maps import evaluating

    parts, seen = [], []
    with evaluating(network):
        for begin in range(0, len(index), BATCH):
            images, targets = _shown(run, arrays, index[begin : begin + BATCH])
            parts.append(network(images, targets["labels"]))
            seen.append(targets)
        outputs = {name: torch.cat([part[name] for part in parts]) for name in parts[0]}
        together = {name: torch.cat([part[name] for part in seen]) for name in seen[0]}
        terms = _terms(run, network, outputs, together)
    shown = [key for key in SHOWN if f"angles_{key}" in outputs]
    answers = {key: FULL_ANGLE * _array(outputs[f"angles_{key}"]) for key in shown}
    on_spine = {key: _on_spine(outputs[f"cam_{key}"], arrays.subset(index)) for key in shown}
    maps = {key: _array(outputs[f"cam_{key}"])[:, 0] for key in shown}
    return Look(answers, maps, true_angles(arrays.subset(index)), terms, on_spine)


def _on_spine(maps: torch.Tensor, films: CaseArrays) -> Array:
    """Mean of maps [n,1,h,w] on the reference masks over their mean on the films [n]."""
    import torch

    from spinelib.models.layers import resize
    from spinelib.prediction.normalisation import film_area

    padded = [-(-length // 32) * 32 for length in films.grid]
    large = _array(resize(maps.float(), padded))[:, 0, : films.grid[0], : films.grid[1]]
    film = film_area(torch.as_tensor(np.ascontiguousarray(films.images)))[:, 0].numpy()
    sums = [(large * area).sum((1, 2)) / np.maximum(area.sum((1, 2)), 1) for area in (films.labels > 0, film)]
    return np.divide(sums[0], sums[1], out=np.full(len(large), np.nan), where=sums[1] > 0)


def _shown(run: Run, arrays: CaseArrays, index: Array) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Network input [n,C,H,W] and targets of the films at `index`, on the run's device."""
    import torch

    from spinelib.prediction.normalisation import normalise

    chosen = arrays.subset(index)
    images = torch.as_tensor(np.ascontiguousarray(chosen.images)).to(run.device)
    targets = targets_of(chosen, ("labels", "angles"))
    on_device = {name: torch.as_tensor(np.ascontiguousarray(value)).to(run.device) for name, value in targets.items()}
    return normalise(images, RunConfig.of(run).local_contrast), on_device


def _terms(
    run: Run, network: nn.Module, outputs: Mapping[str, torch.Tensor], targets: Mapping[str, torch.Tensor]
) -> dict[str, tuple[float, float]]:
    objective: Any = METHODS[RunConfig.of(run).method].make_objective(network)
    terms = {"segmentation": (1.0, float(objective.criterion(outputs["logits"], targets["labels"])))}
    parts = objective.parts(outputs, targets).items()
    return terms | {name: (getattr(objective.terms, name), float(value)) for name, value in parts}


def _array(values: torch.Tensor) -> Array:
    return values.float().cpu().numpy()


def map_columns(before: Look, after: Look) -> dict[str, Array]:
    """Maps [n,h,w] to draw side by side, by title: the first of R's pictures before, then all of them after."""
    first = next(iter(before.maps))
    columns = {f"{SHOWN[first]}, before": before.maps[first]}
    return columns | {f"{SHOWN[key]}, after": maps for key, maps in after.maps.items()}


def answer_shapes(seen: Look) -> pd.DataFrame:
    """What R gives for each picture, by row: shapes of its angles and of its map, and its mean answer in degrees."""
    rows = {}
    for key, angles in seen.angles.items():
        shapes = [" x ".join(map(str, values.shape)) for values in (angles, seen.maps[key])]
        rows[SHOWN[key]] = [*shapes, ", ".join(f"{value:.0f}" for value in angles.mean(axis=0))]
    return pd.DataFrame.from_dict(rows, orient="index", columns=["angles", "map", "mean answer, degrees"])


def loss_terms(before: Look, after: Look) -> pd.DataFrame:
    """Every term of the loss in force, by row: its weight, its unweighted value before and after the training."""
    rows = {
        name: {"weight": weight, "before": before.terms[name][1], "after": value, "after, weighted": weight * value}
        for name, (weight, value) in after.terms.items()
    }
    return pd.DataFrame(rows).T


def consistency(before: Look, after: Look) -> pd.DataFrame:
    """How far R's answers and maps agree, by row: means over films and angles before and after the training.

    Degrees between each two answers and between each answer and the truth; between maps their mean absolute
    difference (0..1); how bright the film's map is on the spine, 1 by chance. Only what R of this variant answers;
    films with unknown angles do not count against the truth.
    """
    rows, both, less = {}, (before, after), "\N{MINUS SIGN}"
    for a, b in combinations(after.angles, 2):
        rows[f"|{SHOWN[a]} {less} {SHOWN[b]}|, degrees"] = [_mean(seen.angles[a] - seen.angles[b]) for seen in both]
    for a in after.angles:
        rows[f"|{SHOWN[a]} {less} truth|, degrees"] = [_mean(seen.angles[a] - seen.truth) for seen in both]
    for a, b in combinations(after.maps, 2):
        rows[f"|CAM {SHOWN[a]} {less} CAM {SHOWN[b]}|"] = [_mean(seen.maps[a] - seen.maps[b]) for seen in both]
    for a in after.maps:
        rows[f"CAM {SHOWN[a]}, spine : film"] = [_mean(seen.on_spine[a]) for seen in both]
    return pd.DataFrame.from_dict(rows, orient="index", columns=["before", "after"])


def _mean(values: Array) -> float:
    """Mean size of the known values; NaN where none is."""
    return float(np.nanmean(np.abs(values))) if np.isfinite(values).any() else float("nan")


def gating(network: nn.Module, images: torch.Tensor) -> Gating | None:
    """The gate of a network on inputs [n,C,H,W], at a quarter of the resolution for a U-Net; None without a gate."""
    from spinelib.models.seg4reg_blocks import enhanced
    from spinelib.models.seg4reg_plus import foreground
    from spinelib.models.trace import trace_modules
    from spinelib.prediction.maps import evaluating

    model: Any = network
    if not model.gate:
        return None
    block = "segmenter.blocks.2" if model.segmenter.kind == "unet" else "segmenter.pyramid"
    features = trace_modules(network, images, [block])[block]
    with evaluating(network):
        gate = model.joint(images)["cam_image"]
        behind = _array(enhanced(features, gate))
        probabilities = {"with": _array(foreground(model(images))[:, 0])}
        try:
            model.gate = False
            probabilities["without"] = _array(foreground(model(images))[:, 0])
        finally:
            model.gate = True
    return Gating(_array(gate)[:, 0], _array(features), behind, probabilities)


def two_routes(run: Run, sets: Mapping[str, CaseArrays], scored: Scored) -> pd.DataFrame:
    """The angles of every test film with known corners by both routes, one row per film and route.

    Columns dataset, case, patient, route ("mask": read from the predicted mask, "network": its answer), an1..an3 and
    true_an1..true_an3 in degrees; what gave no angles has those of a straight spine, as in the case table.
    """
    columns, tables, config = ["dataset", "case", "patient", "route", *ANGLES, *TRUE], [], RunConfig.of(run)
    for name, result in scored.results.items():
        films = scored_films(sets[name], name != config.trained_on, config.development)
        films = films.subset(films.table["split"].to_numpy() == "test")
        known = np.flatnonzero(np.isfinite(true_angles(films)).all(1))
        if len(known):
            item = Predictions(tuple(result.names), result.predictions, angles=result.angles)
            found = films.subset(known)
            tables.append(run_rows(in_order(item, found), found, dataset=name, name="", run="")[columns])
    return pd.concat(tables, ignore_index=True).fillna(0.0) if tables else pd.DataFrame(columns=columns)


def route_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Angle errors of the test films by both routes from a run's case table: means, one row per data set and route.

    films, and how many of them gave no angles; cobb_error (of the largest angle), angle_mae, cmae in degrees, smape
    in %. The last row of a data set is the paired difference of the means over patients, network less mask, with its
    95 % interval in words: below 0 the network's answer is nearer to the truth.
    """
    test = rows[(rows["split"] == "test") & rows["metric"].isin(ERROR_UNITS) & rows["structure"].isin(ROUTES)]
    lines = []
    for name, part in test.groupby("dataset", sort=False):
        for structure, own in part.groupby("structure", sort=False):
            one = own[own["metric"] == "cobb_error"]
            means = {metric: f"{own.loc[own['metric'] == metric, 'value'].mean():.2f}" for metric in ERROR_UNITS}
            facts = {"films": str(len(one)), "without angles": str(int((one["status"] != "ok").sum()))}
            lines.append({"data": name, "route": ROUTES[str(structure)], **facts, **means})
        if part["structure"].nunique() == len(ROUTES):
            differences = {metric: _difference(part[part["metric"] == metric]) for metric in ERROR_UNITS}
            lines.append({"data": name, "route": "network \N{MINUS SIGN} mask", **differences})
    return pd.DataFrame(lines).fillna("")


def _difference(rows: pd.DataFrame) -> str:
    """Mean over patients of the network's error less the mask's, with its interval."""
    sides = rows.pivot_table(index="patient", columns="structure", values="value")
    metric = str(rows["metric"].iloc[0])
    found = difference_interval(sides[ANSWERS] - sides[STRUCTURE], span=widest_difference(metric, ERROR_UNITS[metric]))
    ends = f" [{found.low:+.2f}, {found.high:+.2f}]" if np.isfinite(found.low) else ""
    return f"{found.mean:+.2f}{ends}".replace("-", "\N{MINUS SIGN}")
