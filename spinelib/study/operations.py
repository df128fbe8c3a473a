"""What one training of a plan will compute, counted from its parameters alone; nothing is trained or loaded.

(C, our choice) A step is three forward passes: one forward, two backward. Validations and searches of the learning rate
are left out. Of SpineFM's detector the backbone is counted and half as much again for the heads on its regions.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from spinelib.cases.manifest import read_manifest
from spinelib.cases.splits import PUBLISHED_SHARE, VALIDATING
from spinelib.core.errors import BadInput
from spinelib.models import NETWORKS
from spinelib.protocol.config import RunConfig
from spinelib.runs.parameters import read_parameters
from spinelib.sources import DATASETS
from spinelib.study.jobs import Job, Study

PASSES, HEADS = 3, 1.5
COLOURS = {"isic2016": 3}
# Vertebrae that a film shows whole, about, by the data set; of other films those of T1 to L5.
VERTEBRAE_SHOWN = {"phantom_lateral": 6, "nhanes2": 6, "csxa": 6, "buu_lspine": 5}
USUAL_SHOWN, VERTEBRA_SHARE = 17, 1 / 14


class TrainedStage(NamedTuple):
    """A stage of a pipeline that is trained: what of its network is counted, its input [C,*S], batch (0: all items)."""

    name: str
    network: Any
    shape: tuple[int, ...]
    batch: int


@dataclass(frozen=True)
class Counted:
    """A training: operations (two per multiply-add), parameters, input [C,*S], batch, cases to predict.

    built: arguments of `size.empty_network`; () for a pipeline of several networks, which has `stages`.
    """

    name: str
    operations: float = 0.0
    params: int = 0
    shape: tuple[int, ...] = ()
    batch: int = 0
    predicted: float = 0.0
    built: tuple[Any, ...] = ()
    stages: tuple[TrainedStage, ...] = ()


def known_cases(study: Study, name: str) -> tuple[float, float]:
    """How many cases the data `name` have (NaN where nobody can tell), and the share of them that is their test split.

    A digital patient has a film in each view; data that are prepared are counted.
    """
    manifest = study.files.data(name).manifest
    if manifest.exists():
        splits = [case.split for case in read_manifest(manifest.parent)]
        return len(splits), splits.count("test") / max(len(splits), 1)
    options = _options(study.data[name])
    if DATASETS[options["dataset"]].needs_source:
        return float("nan"), float(options.get("test_fraction", 0.2))
    views = options.get("views", ("",))
    each = 1 if isinstance(views, Mapping) else len(views)
    return options["patients"] * each, options["test_fraction"]


def _options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Options of a data set with the defaults of the function that prepares it."""
    known = inspect.signature(DATASETS[given["dataset"]].prepare).parameters.values()
    return {item.name: item.default for item in known if item.default is not item.empty} | dict(given)


def divided(study: Study, config: RunConfig) -> tuple[float, float]:
    """How many cases a run learns from, and how many it predicts when it is tested."""
    total, share = known_cases(study, config.trained_on)
    if config.scheme == "split":
        tested = total * share
        train = (total - tested) * (1 - 1 / max(config.folds, 2))
    else:
        tested = total * (PUBLISHED_SHARE if config.scheme == "published" else 1 / config.folds)
        train = total - tested - VALIDATING
    views = study.data[config.trained_on].get("views", ())
    train *= len(config.views) / len(views) if config.views and views else 1
    train = min(train, config.train_films) if config.train_films else train
    return train + sum(known_cases(study, name)[0] for name in config.added), tested


def count_run(study: Study, job: Job) -> Counted:
    """What the training of `job` computes. Raises BadInput for a method, variant or recipe that there is not."""
    given = {name: item.default for name, item in read_parameters(job.notebook).items()} | job.parameters
    config = RunConfig.of(given)
    if not config.grid:
        raise BadInput(job.notebook, "declares no grid", "Name rows and columns.")
    if config.method == "spinefm":
        return _count_stages(study, given)
    if config.method not in NETWORKS:
        return Counted("/".join(config.entry))
    train, tested = divided(study, config)
    own = config.paper_recipe
    epochs, batch = (own.recipe.epochs, own.recipe.batch) if own else (config.epochs, config.batch)
    built = built_arguments(config, study.data[config.trained_on]["dataset"])
    (params, forward), shape = built_size(*built), built[3]
    return Counted("/".join(config.entry), PASSES * forward * epochs * train, params, shape, batch, tested, built)


def built_arguments(config: RunConfig, dataset: str) -> tuple[Any, ...]:
    """Arguments of `size.empty_network` for the network that a run trains; dataset: the kind of its data."""
    options = tuple(sorted(config.lasting_options.items()))
    channels = COLOURS.get(dataset, 1) * (1 + config.local_contrast)
    return config.method, config.variant, config.width, (channels, *config.input_grid), options


@cache
def built_size(
    method: str, variant: str, width: float, shape: tuple[int, ...], options: tuple[tuple[str, Any], ...]
) -> tuple[int, int]:
    """Parameters, and operations of one forward pass on an input of `shape`."""
    from spinelib.models.size import count_operations, empty_network

    found = count_operations(empty_network(method, variant, width, shape, options), shape)
    return found.params, found.flops


def _count_stages(study: Study, given: Mapping[str, Any]) -> Counted:
    from spinelib.spinefm.config import SpineConfig
    from spinelib.spinefm.program import PROGRAMS, program_of
    from spinelib.spinefm.train import RECIPES, stage_recipe

    config = SpineConfig.of(given)
    train, tested = divided(study, config)
    named, shown = "/".join(config.entry), VERTEBRAE_SHOWN.get(study.data[config.trained_on]["dataset"], USUAL_SHOWN)
    magnified = config.recipe not in PROGRAMS or program_of(config, True).magnified
    built = _stage_networks(config.size, config.detector, config.ends, config.width, config.grid, magnified)
    operations, batch, stages = 0.0, 0, []
    for stage, factor in config.stage_lengths.items():
        if factor and stage in built and config.recipe in RECIPES:
            recipe, network = stage_recipe(config.recipe, stage, factor), built[stage]
            items = train * (1 if stage == "detector" else shown)
            operations += PASSES * network.flops * recipe.epochs * items
            batch = max(batch, recipe.batch)
            stages.append(TrainedStage(stage, network.seen, network.shape, recipe.batch))
    params = sum(network.params for network in built.values())
    return Counted(named, operations, params, (), batch, tested, stages=tuple(stages))


class _StageNetwork(NamedTuple):
    """A stage's network: parameters, forward operations on one input of `shape`, and what of it was counted."""

    params: int
    flops: float
    seen: Any
    shape: tuple[int, ...]


@cache
def _stage_networks(
    size: str, detector: str, ends: str, width: float, grid: tuple[int, int], magnified: bool
) -> dict[str, _StageNetwork]:
    """The stages that see films, for one film or one vertebra, on torch's device "meta"."""
    import torch

    from spinelib.models.size import count_operations
    from spinelib.spinefm.detector import Detector
    from spinelib.spinefm.ends import EndClassifier
    from spinelib.spinefm.patches import PatchSizes
    from spinelib.spinefm.sam import SIZES
    from spinelib.spinefm.segmenter import Segmenter

    geometry, side = PatchSizes(grid, grid[0] * VERTEBRA_SHARE), SIZES[size].image
    with torch.device("meta"):
        found = Detector(geometry, detector, width, magnified=magnified)
        sam = Segmenter(geometry, size).sam.image_encoder
        classifier = EndClassifier(geometry, ends, width)
    colours = (3 if found.full else 1, 3 if classifier.full else 1)
    zoom = found.net.transform.min_size[0] / min(grid)
    frame = [round(zoom * pixels / 32) * 32 for pixels in grid]
    seen = {
        "detector": (found.net.backbone, (colours[0], *frame)),
        "segmenter": (sam, (3, side, side)),
        "ends": (classifier.body, (colours[1], classifier.side, classifier.side)),
    }
    counts = {name: count_operations(*one) for name, one in seen.items()}
    networks = {name: _StageNetwork(counts[name].params, counts[name].flops, *one) for name, one in seen.items()}
    whole = networks["detector"]
    params = sum(p.numel() for p in found.parameters())
    return {**networks, "detector": whole._replace(params=params, flops=HEADS * whole.flops)}
