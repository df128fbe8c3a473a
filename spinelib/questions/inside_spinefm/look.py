"""What a notebook shows of a pipeline: its walk on one film, its scores, where walks end, what a film costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch.utils.flop_counter import FlopCounterMode

from spinelib.measures.metric import Table
from spinelib.measures.registry import columns
from spinelib.measures.tables import ALL
from spinelib.prediction.predictor import Predictor
from spinelib.spinefm.evaluate import VertebraScores
from spinelib.spinefm.instances import ORDER
from spinelib.spinefm.read import Clock, FilmReading, read_films
from spinelib.spinefm.score import VERTEBRAE
from spinelib.spinefm.walk import START, Step
from spinelib.statistics import comparison

STOPS = ("upper end", "lower end", "background", "overlap", "empty", "outside", "levels")


def example_film(scores: VertebraScores) -> int:
    """Position of the test film of middling Dice among those whose walk began; of any film where none did."""
    test = _test(scores)
    begun = [i for i in test if scores.read[i].reading.start is not None]
    index = begun or test
    values = np.nan_to_num(scores.dice[index])
    return int(index[int(np.argsort(values, kind="stable")[len(values) // 2])])


def weakest(scores: VertebraScores, count: int = 6) -> list[int]:
    """Positions of the test films of lowest Dice, the worst first; films without a labelled vertebra are left out."""
    known = [i for i in _test(scores) if np.isfinite(scores.dice[i])]
    return sorted(known, key=lambda i: float(scores.dice[i]))[:count]


def _test(scores: VertebraScores) -> list[int]:
    return [int(i) for i in np.flatnonzero(scores.films.table["split"].to_numpy() == "test")]


def walk_table(film: FilmReading) -> pd.DataFrame:
    """Every decision of a walk in the order it was taken: where it looked, what it found, whether it went on."""
    lines = [
        {
            "direction": step.direction,
            "number": step.number,
            "prompt x, y px": _place(step.prompt),
            "centre x, y px": _place(step.centre),
            "IoU with the last mask": round(step.overlap, 3) if np.isfinite(step.overlap) else "",
            "end classifier": step.category,
            "decision": decision(step),
        }
        for step in film.reading.walk.steps
    ]
    return pd.DataFrame(lines)


def decision(step: Step) -> str:
    """The result of a step, in a word or two."""
    if step.direction == START:
        return "start"
    if not step.stop:
        return "go on"
    return f"{'accept, ' if step.accepted else ''}stop: {step.stop}"


def _place(point: tuple[float, float]) -> str:
    return "" if not np.isfinite(point).all() else f"{point[0]:.0f}, {point[1]:.0f}"


def instance_board(rows: pd.DataFrame, by: Sequence[str] = ("dataset", "split")) -> pd.DataFrame:
    """Scores of single vertebrae: mean over patients with its 95 % interval, and all vertebrae together.

    rows: a case table. Two columns per group of `by`; a metric that no film has is left out.
    """
    summary = comparison.summarise(rows[(rows["structure"] == VERTEBRAE)])
    summary = summary[summary["near_duplicate"] == comparison.ALL]
    shown = columns(Table.VERTEBRAE)
    found: dict[tuple[str, str], dict[str, str]] = {}
    for key, part in summary.groupby([*by], sort=False):
        group = ", ".join(map(str, key))
        for metric, unit in shown:
            name = metric.replace("_", " ") + (f", {unit}" if unit != "1" else "")
            for kind, asked in (("mean over patients", metric), ("all vertebrae", f"{metric}_pooled")):
                own = part[part["metric"] == asked]
                own = own[own["view"] == _view(own)] if len(own) else own
                if own["mean"].notna().any():
                    line = own[["mean", "low", "high"]].to_numpy(float)[0]
                    words = "{:.3f} [{:.3f}, {:.3f}]" if kind == "mean over patients" else "{:.3f}"
                    found.setdefault((group, kind), {})[name] = words.format(*line)
    order = [metric.replace("_", " ") for metric, _ in shown]
    table = pd.DataFrame(found).fillna("")
    return table.loc[sorted(table.index, key=lambda name: order.index(name.partition(",")[0]))]


def _view(rows: pd.DataFrame) -> str:
    """All views together where there are several."""
    views = rows["view"].unique()
    return ALL if ALL in views else str(views[0])


def level_board(rows: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """By level from above, test films: n patients, mean, low and high of `dice` (misses as zero) and `identified`."""
    own = rows[(rows["dataset"] == dataset) & (rows["split"] == "test") & rows["structure"].isin(ORDER)]
    own = own[own["metric"].isin(["dice", "identified"]) & (own["case"] != ALL)]
    summary = comparison.summarise(own)
    summary = summary[summary["near_duplicate"] == comparison.ALL]
    summary = summary[summary["view"] == _view(summary)] if len(summary) else summary
    table = summary.pivot(index="structure", columns="metric", values=["n", "mean", "low", "high"])
    return table.reindex([level for level in ORDER if level in table.index]).rename_axis(index="level")


def stops(results: Mapping[str, VertebraScores]) -> pd.DataFrame:
    """How walks of test films ended, by data set, direction and reason: films; "no start": too few detections.

    A start point that is itself the end of its direction leaves nothing to walk: "at the start".
    """
    lines = []
    for name, scores in results.items():
        for i in _test(scores):
            walk, begun = scores.read[i].reading.walk, scores.read[i].reading.start is not None
            for direction in ("up", "down"):
                last = [step.stop for step in walk.steps if step.direction == direction and step.stop]
                lines.append((name, direction, last[0] if last else "at the start" if begun else "no start"))
    table = pd.DataFrame(lines, columns=["data", "direction", "reason"])
    counts = table.groupby(["data", "direction"], sort=False)["reason"].value_counts().unstack(fill_value=0)
    order = [name for name in (*STOPS, "at the start", "no start") if name in counts]
    return counts[order]


def time_shares(clock: Clock) -> pd.DataFrame:
    """What reading cost, by stage: times it was asked per film, milliseconds per film, share of all of it."""
    films = max(clock.calls["all"], 1)
    stages = {name: clock.seconds[name] for name in ("detector", "segmenter", "predictor", "ends")}
    stages["the rest"] = clock.seconds["all"] - sum(stages.values())
    stages["all"] = clock.seconds["all"]
    total = max(clock.seconds["all"], 1e-9)
    lines = {
        name: {
            "asked per film": round(clock.calls.get(name, 0) / films, 1) if name != "the rest" else np.nan,
            "ms per film": round(1000 * value / films, 1),
            "share %": round(100 * value / total, 1),
        }
        for name, value in stages.items()
    }
    return pd.DataFrame(lines).T


def reading_size(folder: Path, image: NDArray[np.uint8]) -> dict[str, int]:
    """Parameters of the pipeline in `folder`, and operations (two per multiply-add) of reading one film uint8 [C,H,W].

    The walk decides how many. Raises BadInput for a folder without the weights of a pipeline.
    """
    reader = Predictor.from_folder(folder, "cpu").network
    with FlopCounterMode(display=False) as counter:
        read_films(reader, image[None])
    return {
        "params": sum(value.numel() for name in reader.switches.stages for value in reader.stages[name].parameters()),
        "flops": int(counter.get_total_flops()),
    }
