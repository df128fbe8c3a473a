"""Figures of every stage of SpineFM alone, and of the walk with all stages but some replaced by the truth.

`python -m spinelib.questions.inside_spinefm.diagnose RUN DATA` prints them for a finished run's folder and a prepared
data set.

(C) Ours. The walk goes on from the centres it found: a segmenter that repeats the error of its prompt lets errors add
up. `slope` is the share of a prompt's error that is left in the centre of the answer: 0 corrects it, 1 repeats it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from spinelib.cases import CaseArrays, load_arrays
from spinelib.core.command_line import OneLineParser
from spinelib.measures.levelled import IDENTIFIED
from spinelib.prediction.predictor import Predictor
from spinelib.questions.inside_spinefm.truth import Truth
from spinelib.spinefm.backbone import to_one_channel
from spinelib.spinefm.instances import Instance, has_landmarks, instances_of
from spinelib.spinefm.labelled import Labelled, labelled
from spinelib.spinefm.patches import points_tensor
from spinelib.spinefm.pipeline import SpineFM
from spinelib.spinefm.post import centroid, final_masks
from spinelib.spinefm.predictor import windows
from spinelib.spinefm.score import pooled, score_film
from spinelib.spinefm.seeds import Detection
from spinelib.spinefm.walk import Rules, Walk, walk

OFFSETS = (0.0, 0.1, 0.2, 0.3, 0.4)
# Which stages the walk takes from the labels.
CHAINS: dict[str, tuple[str, ...]] = {
    "nothing": (),
    "start": ("start",),
    "start, ends": ("start", "ends"),
    "start, predictor": ("start", "predictor"),
    "all but the ends": ("start", "segmenter", "predictor"),
    "all but the predictor": ("start", "segmenter", "ends"),
    "all but the segmenter": ("start", "predictor", "ends"),
    "all": ("start", "segmenter", "predictor", "ends"),
}
_FIGURES = ("identified_pooled", "dice_identified_pooled", "false_detections_pooled")
_AT_ONCE = 64


@torch.no_grad()
def segmenter_figures(
    pipeline: SpineFM, films: Labelled, index: ArrayLike, offsets: Sequence[float] = OFFSETS, seed: int = 0
) -> pd.DataFrame:
    """How the segmenter answers prompts `offsets` vertebra sides off the true centres, in a random direction.

    One row per offset over all vertebrae of the films `index`: mean Dice, share above the Dice of an identified one,
    mean error of the found centre in sides (without answer: 1), and slope (median; NaN at offset 0).
    """
    items = films.items(np.asarray(index, np.int64))
    return pd.DataFrame([_offset_row(pipeline, films, items, offset, seed) for offset in offsets])


def _offset_row(pipeline: SpineFM, films: Labelled, items: NDArray[np.int64], offset: float, seed: int) -> dict:
    truth = np.array([films.centres[i][k] for i, k in items])
    sides = np.sqrt([films.areas[i][k] for i, k in items])[:, None]
    angle = np.random.default_rng(seed).uniform(0, 2 * np.pi, len(items))
    moved = offset * np.stack([np.cos(angle), np.sin(angle)], 1)
    dice, centres = [], []
    for start in range(0, len(items), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        found = _answers(pipeline, films, items[part], (truth + moved * sides)[part])
        dice.append(found[0])
        centres.append(found[1])
    left = (np.concatenate(centres) - truth) / sides
    scores, errors = np.concatenate(dice), np.linalg.norm(left, axis=1)
    slope = np.nanmedian((left * moved).sum(1)) / offset**2 if offset else float("nan")
    return {
        "offset": offset,
        "dice": scores.mean(),
        "identified": (scores > IDENTIFIED).mean(),
        "error": np.nan_to_num(errors, nan=1.0).mean(),
        "slope": slope,
        "vertebrae": len(items),
    }


def _answers(
    pipeline: SpineFM, films: Labelled, items: NDArray[np.int64], points: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Dice [M] and centres [M,2] of what is segmented at `points` for (film, vertebra) `items` [M,2]."""
    device = next(pipeline.segmenter.parameters()).device
    shown = to_one_channel(torch.from_numpy(films.films[items[:, 0]])).to(device)
    prompts, rules = points_tensor(points, device), pipeline.rules
    for _ in range(rules.passes):
        logits = pipeline.segmenter.segment(shown, torch.arange(len(items), device=device), prompts)
        centres = centroid(logits, rules.likely)
        prompts = torch.where(torch.isfinite(centres), centres, prompts)
    masks = final_masks(logits, pipeline.segmenter.geometry.patch, rules.certain, rules.smoothing).cpu().numpy()
    wanted = films.numbers[items[:, 0]] == (items[:, 1] + 1)[:, None, None]
    both, total = (masks & wanted).sum((1, 2)), masks.sum((1, 2)) + wanted.sum((1, 2))
    return 2 * both / np.maximum(total, 1), centres.cpu().numpy()


@torch.no_grad()
def predictor_figures(
    pipeline: SpineFM, films: Labelled, index: ArrayLike, noise: Sequence[float] = (0.0, 0.1, 0.2), seed: int = 0
) -> pd.DataFrame:
    """Miss of the next centre in sides, from three true ones that are off by `noise` sides (deviation); mean and 95 %.

    `straight` is the mean miss of going straight on, as far as last time.
    """
    index = np.asarray(index, np.int64)
    found, side = windows([films.centres[i] for i in index], mirror=False), films.side(index)
    rows = []
    for sd in noise:
        shifted = found[:, :3] + sd * side * np.random.default_rng(seed).standard_normal(found[:, :3].shape)
        given = points_tensor(shifted, next(pipeline.predictor.parameters()).device)
        misses = (
            np.linalg.norm(pipeline.predictor.predict(given, films.grid).cpu().numpy() - found[:, 3], axis=1) / side
        )
        on = np.linalg.norm(2 * shifted[:, 2] - shifted[:, 1] - found[:, 3], axis=1) / side
        rows.append({"noise": sd, "miss": misses.mean(), "miss 95 %": np.quantile(misses, 0.95), "straight": on.mean()})
    return pd.DataFrame(rows)


@torch.no_grad()
def ends_figures(pipeline: SpineFM, films: Labelled, index: ArrayLike, seed: int = 0) -> pd.DataFrame:
    """Share of true classes (rows) that the end classifier answers with each class (columns), and their counts.

    Vertebrae and ends are asked a tenth of a side off their centres; background as the classifier is taught it.
    """
    from spinelib.spinefm.ends import CLASSES
    from spinelib.spinefm.stage_ends import places

    index = np.asarray(index, np.int64)
    side, random = films.side(index), np.random.default_rng(seed)
    rows = places(films, index, side)
    empty = rows[:, 3] == 0
    rows = np.concatenate([rows[~empty], random.permutation(rows[empty])[: int((~empty).sum())]])
    rows[:, 1:3] += 0.1 * side * random.uniform(-1, 1, (len(rows), 2))
    device = next(pipeline.ends.parameters()).device
    answers = []
    for start in range(0, len(rows), _AT_ONCE):
        part = rows[start : start + _AT_ONCE]
        shown = to_one_channel(torch.from_numpy(films.films[part[:, 0].astype(int)])).to(device)
        which = torch.arange(len(part), device=device)
        answers += pipeline.ends.classify(shown, which, points_tensor(part[:, 1:3], device)).tolist()
    table = pd.crosstab(rows[:, 3].astype(int), np.array(answers)).reindex(range(4), axis=1, fill_value=0)
    shares = table.div(table.sum(axis=1), axis=0).assign(count=table.sum(axis=1))
    shares.index = pd.Index([CLASSES[k] for k in shares.index], name="true class")
    return shares.rename(columns=dict(enumerate(CLASSES)))


def detector_figures(pipeline: SpineFM, films: Labelled, index: ArrayLike, found: Sequence[list[Detection]]) -> dict:
    """Of the detections `found` on the films `index`: precision, recall, films with a start, and the start points.

    `sound`: share of the starts whose three points lie in successive vertebrae; `error`: mean distance of their points
    from the nearest true centre, in sides.
    """
    hits = sure = there = started = sound = 0
    errors: list[float] = []
    for i, detections in zip(np.asarray(index), found, strict=True):
        truth = Truth(films, int(i))
        picked = [one for one in detections if one.score > pipeline.score]
        met = {k for one in picked if (k := _vertebra(films, int(i), one.centre))}
        hits, sure, there = hits + len(met), sure + len(picked), there + int((films.areas[i] > 0).sum())
        start = pipeline.pick_start(detections)
        if start is None:
            continue
        points = np.array([detections[k].centre for k in start])
        numbers = [_vertebra(films, int(i), (point[0], point[1])) for point in points]
        started, sound = started + 1, sound + int(numbers[0] > 0 and list(np.diff(numbers)) == [1, 1])
        gaps = np.linalg.norm(points[:, None] - truth.vertebrae, axis=2).min(1)
        errors += list(gaps / truth.side)
    return {
        "precision": hits / max(sure, 1),
        "recall": hits / max(there, 1),
        "films with a start": started / max(len(found), 1),
        "sound": sound / max(started, 1),
        "error": float(np.mean(errors)) if errors else float("nan"),
    }


def _vertebra(films: Labelled, i: int, point: tuple[float, float]) -> int:
    """Number of the vertebra of film `i` at a point (x, y), 0 outside."""
    (H, W), (x, y) = films.grid, point
    return int(films.numbers[i, min(max(round(y), 0), H - 1), min(max(round(x), 0), W - 1)])


@torch.no_grad()
def chain_figures(
    pipeline: SpineFM,
    data: CaseArrays,
    films: Labelled,
    index: ArrayLike,
    found: Sequence[list[Detection]],
    chains: Sequence[str] = tuple(CHAINS),
) -> pd.DataFrame:
    """Scores of the walk on the films `index` of `data` with the stages of each of `chains` replaced by the truth.

    `films` are the same films, labelled; `found` the detections on those of `index`. Columns: what was true, share of
    the vertebrae identified, their mean Dice, false vertebrae per film. A true start: the three in the chain's middle.
    """
    rows = []
    for name in chains:
        scores = [
            score_film(instances_of(data, int(i)), _read(pipeline, data, films, int(i), one, CHAINS[name]), False)
            for i, one in zip(np.asarray(index), found, strict=True)
        ]
        values = {row["metric"]: row["value"] for row in pooled(scores) if row["structure"] == "vertebrae"}
        rows.append({"true": name, **{figure.removesuffix("_pooled"): values[figure] for figure in _FIGURES}})
    return pd.DataFrame(rows)


def _read(
    pipeline: SpineFM, data: CaseArrays, films: Labelled, i: int, found: list[Detection], true: tuple[str, ...]
) -> list[Instance]:
    truth = Truth(films, i)
    start = _start(pipeline, truth, found, "start" in true)
    shown = to_one_channel(torch.from_numpy(films.films[i][None])).to(next(pipeline.segmenter.parameters()).device)
    stages = truth.instead(pipeline.functions, tuple(name for name in true if name != "start"))
    read = walk(shown, [start], stages, pipeline.rules)[0]
    return counted_steps(read, has_landmarks(data))


def _start(pipeline: SpineFM, truth: Truth, found: list[Detection], true: bool) -> NDArray[np.float64] | None:
    if true:
        middle = len(truth.vertebrae) // 2
        return truth.vertebrae[middle - 1 : middle + 2] if len(truth.vertebrae) > 2 else None
    picked = pipeline.pick_start(found)
    return None if picked is None else np.array([found[k].centre for k in picked])


def counted_steps(read: Walk, named: bool) -> list[Instance]:
    """The vertebrae of a walk, without names; where levels are not named the ends, beyond the labels, do not count."""
    kept = [step for step in read.chain if named or "end" not in step.category]
    return [Instance("", step.mask) for step in kept if step.mask is not None]


def report(pipeline: SpineFM, data: CaseArrays, count: int = 20) -> None:
    """Print the figures of all stages and chains on the first `count` films of `data` that have vertebrae."""
    films = labelled(data)
    index = np.array([i for i in range(len(data)) if films.areas[i].any()][:count], np.int64)
    shown = to_one_channel(torch.from_numpy(films.films[index]))
    found = [one for part in shown.split(pipeline.batch) for one in _detect(pipeline, part)]
    print(f"{len(index)} films of {films.grid[0]} x {films.grid[1]} px, a vertebra is {films.side(index):.1f} px\n")
    print("detector: " + ", ".join(f"{k} {v:.3f}" for k, v in detector_figures(pipeline, films, index, found).items()))
    for name, table in (
        ("segmenter, by offset of its prompt in vertebra sides", segmenter_figures(pipeline, films, index)),
        ("point predictor, by noise of its points in vertebra sides", predictor_figures(pipeline, films, index)),
        ("end classifier", ends_figures(pipeline, films, index)),
        ("walk, by what is taken from the labels", chain_figures(pipeline, data, films, index, found)),
    ):
        print(f"\n{name}\n{table.round(3).to_string(index=name == 'end classifier')}", flush=True)


def _detect(pipeline: SpineFM, shown: Tensor) -> list[list[Detection]]:
    return pipeline.detector.detect(shown.to(next(pipeline.detector.parameters()).device))


def main(given: Sequence[str] | None = None) -> None:
    """The command."""
    parser = OneLineParser(
        prog="python -m spinelib.questions.inside_spinefm.diagnose", description=__doc__.splitlines()[0]
    )
    parser.add_argument("run", type=Path, help="folder of a finished run of SpineFM")
    parser.add_argument("data", type=Path, help="folder of a prepared data set, with manifest.csv")
    parser.add_argument("--split", default="test", help="which films: train or test")
    parser.add_argument("--films", type=int, default=20, help="how many of them")
    parser.add_argument("--levels", type=int, default=20, help="steps per direction at most")
    parser.add_argument("--passes", type=int, default=1, help="how often a vertebra is segmented")
    chosen = parser.parse_args(given)
    pipeline = Predictor.from_folder(chosen.run).network.pipeline
    pipeline.rules = Rules(levels=chosen.levels, passes=chosen.passes)
    data = load_arrays(chosen.data, pipeline.segmenter.geometry.grid)
    index = np.flatnonzero(data.table["split"].to_numpy() == chosen.split)[: chosen.films]
    report(pipeline, data.subset(index), chosen.films)


if __name__ == "__main__":
    main()
