"""What the number format does to scores: every run's usual one against float32, on digital patients, on the CPU.

Twice: the released network of films predicts in both, from the same weights; and a small U-Net is trained and scored in
both, from the same seeds. Where training starts the same, the format moves a score as another seed does: the spread
over seeds stands beside it, so that the difference can be read against it.
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
from spinelib.measures.cobb.table import cobb_rows
from spinelib.measures.registry import find
from spinelib.measures.tables import score_maps
from spinelib.models import NETWORKS, build_model
from spinelib.prediction.maps import predict_labels
from spinelib.prediction.predictor import Predictor
from spinelib.prediction.released import RELEASED
from spinelib.protocol.division import divide
from spinelib.sources import prepare
from spinelib.training import Recipe, Training, fit

FORMATS = (USUAL_PRECISION, "float32")
SCORES = {"dice": "Dice", "smape": "SMAPE"}
SEEDS = (0, 1, 2)
STEPS, GRID, WIDTH = 150, (128, 64), 0.25
Scores = Mapping[str, float]


def rows() -> Iterator[Row]:
    """Yield one row per score of the released network, then of the trained one."""
    with tempfile.TemporaryDirectory() as place:
        yield from _released(Path(place) / "test")
        yield from _trained(Path(place))


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


def _trained(place: Path) -> Iterator[Row]:
    films = _patients(place / "films", GRID, patients=100, seed=991, test_fraction=0.4)
    division = divide(films, 0, 6)
    tested = films.subset(np.flatnonzero(films.table["split"].to_numpy() == "test"))
    scores: dict[str, list[Scores]] = {name: [] for name in FORMATS}
    for seed in SEEDS:
        for name in FORMATS:
            torch.manual_seed(seed)
            network = build_model("unet", "full", 1, 1, WIDTH)
            recipe = Recipe(steps=STEPS, learning_rate=3e-3, validations=3, precision=name)
            objective = NETWORKS["unet"].make_objective(network, None)
            training = Training(network, objective, films, division.train, division.validation, recipe, seed)
            fit(training, place / f"{name}-{seed}", device="cpu", progress=False)
            maps = predict_labels(network, tested, np.arange(len(tested)), 8, precision=name)
            scores[name].append(_scores(maps, tested))
    yield from _rows(f"scores of a U-Net trained for {STEPS} steps from {len(SEEDS)} seeds", scores)


def _scores(maps: NDArray[np.uint8], films: CaseArrays) -> Scores:
    """Means over films of the scores that a board of films begins with."""
    tables = score_maps(maps, films), cobb_rows(maps, films)
    found = {}
    for metric in SCORES:
        for table in tables:
            own = table[(table["metric"] == metric) & (table["structure"] == "spine") & (table["case"] != "all")]
            found |= {metric: float(own["value"].mean())} if len(own) else {}
    return found


def _rows(name: str, scores: Mapping[str, list[Scores]]) -> Iterator[Row]:
    for metric, words in SCORES.items():
        ours, peer = (np.array([one[metric] for one in scores[form]]) for form in FORMATS)
        ratio = ours / peer if find(metric).higher_is_better else peer / ours
        low, high = np.quantile(ratio, (0.25, 0.75)) if len(ratio) > 1 else (None, None)
        title = f"{name}, {words}, {FORMATS[0]} against {FORMATS[1]}"
        spread = f"; from seed to seed in one format {np.std(peer, ddof=1):.4f}" if len(peer) > 1 else ""
        print(f"{title}: {ours.mean():.4f} and {peer.mean():.4f}, difference {ours.mean() - peer.mean():+.4f}{spread}")
        yield Row(title, float(ours.mean()), float(peer.mean()), float(np.median(ratio)), words, where(), low, high)
