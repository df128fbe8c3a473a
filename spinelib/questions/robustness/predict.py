"""Every network on the same corrupted images: made once, scored as the clean ones.

(C, our choice) Films are scored on the study's grid, as always. So are volumes, unlike elsewhere: their native voxels
know nothing of what was done to the grid. Their clean scores are taken there too, and every loss compares like with
like.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spinelib.cases import CaseArrays, load_arrays
from spinelib.cases.frame import letterbox
from spinelib.corruptions import Corruption, case_seeds, chosen, corrupt
from spinelib.measures import overlap
from spinelib.measures.levelled import VERTEBRAE, best_dice, found_rows
from spinelib.protocol.data import on_grid
from spinelib.questions.compare.boards import EVERYTHING
from spinelib.questions.robustness.subject_selection import Subject
from spinelib.runs.tables import CASE_COLUMNS

if TYPE_CHECKING:
    from spinelib.prediction.predictor import Predictor

CLEAN = "none"


@dataclass(frozen=True)
class ConditionedCases:
    """Cases under one condition: their arrays, and the part of the grid [n,*S] that shows them."""

    condition: str
    severity: int
    cases: CaseArrays
    area: np.ndarray


def conditioned(
    cases: CaseArrays, corruption: Corruption | None, severity: int, seed: int, device: str = "cpu"
) -> ConditionedCases:
    """All `cases` under a corruption (None: clean), each by a seed of its own name."""
    import torch

    images, labels = (torch.from_numpy(np.ascontiguousarray(a)).to(device) for a in (cases.images, cases.labels))
    if corruption is None:
        from spinelib.prediction.normalisation import film_area

        return ConditionedCases(CLEAN, 0, cases, film_area(images)[:, 0].cpu().numpy())
    found = corrupt(corruption, images, labels, severity, case_seeds(cases.table["case"], corruption.name, seed))
    moved = replace(cases, images=found.images.cpu().numpy(), labels=found.labels.cpu().numpy())
    return ConditionedCases(corruption.name, severity, moved, found.area[:, 0].cpu().numpy())


class Conditions:
    """The cases of one data set in `folder`, corrupted once for all networks that see them on one grid.

    (C) A network with an input grid of its own sees each corruption made there, by the same draws; scores are taken on
    the grid of `cases` as always.
    """

    def __init__(self, cases: CaseArrays, folder: Path, seed: int, device: str) -> None:
        self.cases, self.folder, self.seed, self.device = cases, folder, seed, device
        self._asked: tuple[Corruption | None, int] | None = None
        self._made: dict[tuple[int, ...], ConditionedCases] = {}
        self._clean: dict[tuple[int, ...], CaseArrays] = {}

    def under(self, corruption: Corruption | None, severity: int, grid: tuple[int, ...] = ()) -> ConditionedCases:
        """All cases under a condition on `grid` (none: that of scores); the last condition is kept."""
        if self._asked != (corruption, severity):
            self._asked, self._made = (corruption, severity), {}
        grid = grid or tuple(self.cases.grid)
        if grid not in self._made:
            if grid not in self._clean:
                self._clean[grid] = on_grid(self.cases, self.folder, grid)
            seen = self._clean[grid]
            made = conditioned(seen, corruption, severity, self.seed, self.device)
            if corruption and corruption.moves and len(grid) == 2:
                made = replace(made, cases=replace(made.cases, frames=_wide(seen.frames, grid, self.cases.grid)))
            self._made[grid] = made
        return self._made[grid]

    def outlines(
        self, predictor: Predictor, corruption: Corruption | None, severity: int, index: Sequence[int] | np.ndarray
    ) -> np.ndarray:
        """Class maps uint8 [n,*S] of the cases at `index` under a condition, background outside of what shows them."""
        where = np.asarray(index, int)
        seen = self.under(corruption, severity, predictor.card.input_grid)
        return predictor.labels(seen.cases, where) * self.under(corruption, severity).area[where]


def _wide(frames: np.ndarray, seen: Sequence[int], scored: Sequence[int]) -> np.ndarray:
    """Frames float32 [n,5] on the grid `seen` of films that were moved, and may lie anywhere on it.

    Each is that of a film as large as both grids can show, in the scale of the film itself.
    """
    grids = (seen[0], seen[1]), (scored[0], scored[1])
    if grids[0] == grids[1]:
        return np.tile(np.array([1, 0, 0, *seen], np.float32), (len(frames), 1))
    rows = []
    for height, width in frames[:, 3:].astype(int).tolist():
        scales = [letterbox((height, width), grid).scale for grid in grids]
        sizes = [min(a / scales[0], b / scales[1]) for a, b in zip(*grids, strict=True)]
        rows.append(letterbox((int(round(sizes[0], 6)), int(round(sizes[1], 6))), grids[0]).row())
    return np.array(rows, np.float32)


def score(prediction: np.ndarray, reference: np.ndarray, known: np.ndarray, first_only: bool) -> tuple[float, str]:
    """Dice and status of one case: class maps [*S], known bool [K].

    Of the first structure (`first_only`), else the mean over the labelled ones that prediction or reference has.
    """
    counts = overlap.count(prediction, reference, len(known))
    held = (counts[:, :3].sum(1) > 0) & known
    held[1:] &= not first_only
    if not held.any():
        return np.nan, "absent"
    hits, invented, missed, _ = counts[0].tolist()
    if first_only and hits + invented == 0:
        return 0.0, "empty_prediction"
    if first_only and hits + missed == 0:
        return 0.0, "empty_reference"
    return float(overlap.scores(counts)["dice"][held].mean()), "ok"


def vertebra_score(prediction: np.ndarray, reference: np.ndarray, structures: int) -> tuple[float, str]:
    """Dice and status of the vertebrae of one film, found one by one (`spinelib.measures.levelled`)."""
    row = next(row for row in found_rows(best_dice(prediction, reference, structures)) if row["metric"] == "dice")
    return float(row["value"]), str(row["status"])


def measure_robustness(
    subjects: Sequence[Subject],
    data: Path | str,
    corruptions: Sequence[str] = (),
    severities: Sequence[int] = (1, 2, 3, 4, 5),
    seed: int = 0,
    device: str = "auto",
) -> pd.DataFrame:
    """Dice of every subject, case, corruption and severity, clean first: columns of the case table and `name`.

    data: folder of the study's prepared data; corruptions: names, empty: all that fit. Raises BadInput for an unknown
    corruption, and for weights or data that cannot be read.
    """
    tables: list[pd.DataFrame] = []
    for dataset, grid in dict.fromkeys((s.dataset, s.grid) for s in subjects):
        group = [s for s in subjects if (s.dataset, s.grid) == (dataset, grid)]
        tables += _one_set(group, Path(data) / dataset, chosen(corruptions, len(grid)), severities, seed, device)
    empty = pd.DataFrame(columns=[*CASE_COLUMNS, "name"])
    return pd.concat(tables, ignore_index=True)[[*CASE_COLUMNS, "name"]] if tables else empty


def corrupted_films(rows: pd.DataFrame) -> pd.DataFrame:
    """The corrupted rows of `measure_robustness` that join the study's own table: those of films, in its columns.

    Volumes were scored on another grid than their clean rows there.
    """
    films = rows["structure"] != EVERYTHING
    return rows.loc[films & (rows["condition"] != CLEAN), CASE_COLUMNS].reset_index(drop=True)


def chosen_cases(group: Sequence[Subject], folder: Path) -> CaseArrays:
    """All cases of the subjects of one data set, whose prepared data lie in `folder`, on their grid."""
    arrays = load_arrays(folder, group[0].grid)
    return arrays.subset(arrays.table["case"].isin(set().union(*(s.rows["case"] for s in group))).to_numpy())


def _one_set(
    group: Sequence[Subject],
    folder: Path,
    corruptions: Sequence[Corruption],
    severities: Sequence[int],
    seed: int,
    device: str,
) -> Iterator[pd.DataFrame]:
    from spinelib.prediction.predictor import Predictor

    networks = {s.run: Predictor.from_folder(s.folder, device) for s in group}
    cases = chosen_cases(group, folder)
    conditions = Conditions(cases, folder, seed, str(networks[group[0].run].device))
    place = {case: i for i, case in enumerate(cases.table["case"])}
    asked = [(None, 0), *((c, k) for c in corruptions for k in severities)]
    done: dict[tuple[str, float], list[pd.DataFrame]] = {}
    for corruption, severity in asked:
        key = (corruption.name, corruption.levels[severity - 1]) if corruption else (CLEAN, 0.0)
        if key not in done:
            done[key] = [_rows(s, networks[s.run], conditions, (corruption, severity), place) for s in group]
        # A corruption without degrees is the same at every severity.
        yield from (table.assign(severity=severity) for table in done[key])


def _rows(
    subject: Subject,
    predictor: Predictor,
    conditions: Conditions,
    asked: tuple[Corruption | None, int],
    place: dict[str, int],
) -> pd.DataFrame:
    """The subject's recorded rows with what it scores under a condition."""
    rows = subject.rows[subject.rows["case"].isin(place)]
    index = np.array([place[case] for case in rows["case"]], int)
    maps, seen = conditions.outlines(predictor, *asked, index), conditions.under(*asked)
    cases, films = seen.cases, len(seen.cases.grid) == 2
    if films and (rows["structure"] == VERTEBRAE).all():
        pairs = [vertebra_score(m, cases.labels[i], len(cases.classes)) for m, i in zip(maps, index, strict=True)]
    else:
        pairs = [score(m, cases.labels[i], cases.known[i], films) for m, i in zip(maps, index, strict=True)]
    new: dict[str, Any] = dict(zip(("value", "status"), map(list, zip(*pairs, strict=True)), strict=True))
    return rows.assign(condition=seen.condition, severity=seen.severity, **new)
