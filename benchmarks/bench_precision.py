"""What the number format does to scores: every run's usual one against float32, on digital patients, on the CPU.

Twice: the released network of films predicts in both, from the same weights; and small networks of films and of volumes
are trained and scored in both, from the same seeds. Where training starts the same, the format moves a score as another
seed does: the spread over seeds stands beside it, so that the difference can be read against it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.common import Row, where
from spinelib.cases import CaseArrays, load_arrays
from spinelib.core.names import USUAL_PRECISION
from spinelib.measures.registry import find
from spinelib.models import NETWORKS, build_model
from spinelib.models.objective import dice_by_class
from spinelib.prediction.maps import predict_labels
from spinelib.prediction.predictor import Predictor
from spinelib.prediction.released import RELEASED
from spinelib.protocol.division import divide
from spinelib.protocol.evaluation import outline_tables
from spinelib.sources import prepare
from spinelib.training import Recipe, Training, fit

FORMATS = (USUAL_PRECISION, "float32")
SCORES = {"dice": "Dice", "smape": "SMAPE"}
SEEDS = (0, 1, 2)
GRID, VOLUME, WIDTH = (128, 64), (8, 64, 32), 0.25
# Steps and cases of one step, as many as a network of volumes needs to find what is large.
TRAINED = {"unet": (150, 8), "resunet3d": (1500, 2), "safnet": (1500, 2), "unet3d": (1500, 2)}
Scores = Mapping[str, float]


def rows() -> Iterator[Row]:
    """Yield one row per score of the released network, then of the trained one."""
    with tempfile.TemporaryDirectory() as place:
        yield from _released(Path(place) / "test")
        films = _patients(Path(place) / "films", GRID, patients=100, seed=991, test_fraction=0.4)
        volumes = _volumes(Path(place) / "volumes")
        for method in TRAINED:
            yield from _trained(Path(place), method, films if NETWORKS[method].dims == 2 else volumes)


def _patients(folder: Path, grid: tuple[int, ...], **options: Any) -> CaseArrays:
    folder.mkdir(parents=True)
    prepare("phantom", folder, size=list(grid), views=["coronal"], **options)
    return load_arrays(folder, grid)


def _released(folder: Path) -> Iterator[Row]:
    found = Predictor.from_folder(RELEASED["film"].folder, "cpu")
    films = _patients(folder, found.card.input_grid, patients=40, seed=990, test_fraction=1)
    scores = {}
    for name in FORMATS:
        card = replace(found.card, precision=name, evaluation_grid=found.card.input_grid)
        scores[name] = [_scores(Predictor(card, found.network, found.folder).labels(films), films)]
    yield from _rows("scores of the released network, predicted", scores)


def _volumes(folder: Path) -> CaseArrays:
    folder.mkdir(parents=True)
    prepare("phantom_mr", folder, size=[128, 128], slices=VOLUME[0], patients=60, seed=992, test_fraction=0.4)
    return load_arrays(folder, VOLUME)


def _trained(place: Path, method: str, cases: CaseArrays) -> Iterator[Row]:
    steps, batch = TRAINED[method]
    division = divide(cases, 0, 6)
    tested = cases.subset(np.flatnonzero(cases.table["split"].to_numpy() == "test"))
    scores: dict[str, list[Scores]] = {name: [] for name in FORMATS}
    for seed in SEEDS:
        for name in FORMATS:
            torch.manual_seed(seed)
            network = build_model(method, "full", 1, len(cases.classes), WIDTH)
            recipe = Recipe(steps=steps, batch=batch, learning_rate=3e-3, validations=3, precision=name)
            objective = NETWORKS[method].make_objective(network, None)
            training = Training(network, objective, cases, division.train, division.validation, recipe, seed)
            fit(training, place / f"{method}-{name}-{seed}", device="cpu", progress=False)
            maps = predict_labels(network, tested, np.arange(len(tested)), batch, precision=name)
            scores[name].append(_scores(maps, tested))
    yield from _rows(f"scores of {method} trained for {steps} steps from {len(SEEDS)} seeds", scores)


def _scores(maps: NDArray[np.uint8], films: CaseArrays) -> Scores:
    """Means over films of the scores that a board begins with; of volumes that over their structures, on the grid."""
    if len(films.grid) == 3:
        sure = torch.nn.functional.one_hot(torch.from_numpy(maps).long(), len(films.classes) + 1).movedim(-1, 1)
        return {"dice": float(dice_by_class(sure, torch.from_numpy(films.labels)).nanmean())}
    found = {}
    for metric in SCORES:
        for table in outline_tables(maps, films):
            own = table[(table["metric"] == metric) & (table["structure"] == "spine") & (table["case"] != "all")]
            found |= {metric: float(own["value"].mean())} if len(own) else {}
    return found


def _rows(name: str, scores: Mapping[str, list[Scores]]) -> Iterator[Row]:
    for metric, words in SCORES.items():
        if metric not in scores[FORMATS[0]][0]:
            continue
        ours, peer = (np.array([one[metric] for one in scores[form]]) for form in FORMATS)
        ratio = ours / peer if find(metric).higher_is_better else peer / ours
        low, high = np.quantile(ratio, (0.25, 0.75)) if len(ratio) > 1 else (None, None)
        title = f"{name}, {words}, {FORMATS[0]} against {FORMATS[1]}"
        spread = f"; from seed to seed in one format {np.std(peer, ddof=1):.4f}" if len(peer) > 1 else ""
        print(f"{title}: {ours.mean():.4f} and {peer.mean():.4f}, difference {ours.mean() - peer.mean():+.4f}{spread}")
        yield Row(title, float(ours.mean()), float(peer.mean()), float(np.median(ratio)), words, where(), low, high)
