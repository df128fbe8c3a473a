"""Score what a trained pipeline reads on the test films of a run: outline, Cobb angles, single vertebrae.

(C, our choice) Films whose only class is the spine are scored as those of every network: the union of the vertebrae is
the outline (structure "spine"), from which angles are read too. Their angles are read a second time from the corners of
each vertebra (structure "corners"), which needs no splitting of a mask. Films whose classes are levels have single
vertebrae only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spinelib.cases import CaseArrays
from spinelib.cases.frame import letterbox
from spinelib.core.errors import BadInput
from spinelib.measures.cobb.masks import from_labels
from spinelib.measures.cobb.table import cobb_rows, corner_rows, film_place
from spinelib.measures.levelled import VERTEBRAE
from spinelib.measures.tables import score_maps as outline_rows
from spinelib.prediction.predictor import Predictor
from spinelib.protocol.config import RunConfig
from spinelib.protocol.evaluation import scored_films
from spinelib.protocol.signs import scoring_signs
from spinelib.runs import Run
from spinelib.runs.predictions import save_predictions
from spinelib.spinefm.instances import Instance, instances_of
from spinelib.spinefm.read import Clock, FilmReading, read_films
from spinelib.spinefm.score import vertebra_table


@dataclass(frozen=True)
class VertebraScores:
    """One data set: the n films that were read, what was read, Dice [n] of their vertebrae, misses as zero."""

    films: CaseArrays
    read: list[FilmReading]
    dice: NDArray[np.float64]

    @property
    def references(self) -> NDArray[np.uint8]:
        """Maps [n,H,W] with k for the k-th labelled vertebra from above."""
        chains = [instances_of(self.films, i) for i in range(len(self.films))]
        return np.stack([numbered(chain, self.films.grid) for chain in chains])


def evaluate_pipeline(
    run: Run, sets: Mapping[str, CaseArrays]
) -> tuple[pd.DataFrame, dict[str, VertebraScores], Clock]:
    """Read and score the films of every data set of the run's ``tested_on`` with the pipeline in its folder.

    Writes cases.csv and predictions/DATA.npz: the union of the vertebrae and, where there are Cobb angles, their
    corners. Gives the case table, what was read, and the time it took. Raises BadInput for a run that is not trained,
    and when a data set has no test film or marks no single vertebrae.
    """
    config, tables, results, signs = RunConfig.of(run), [], {}, {}
    predictor = Predictor.from_folder(run.folder, run.device)
    clock = Clock(predictor.device)
    for name in config.tested_on:
        films = scored_films(sets[name], name != config.trained_on, config.development)
        if not len(films):
            raise BadInput(name, "has no test film", "Prepare it with a test fraction.")
        read = read_films(predictor.network, films.images, clock)
        rows, corners = reading_rows(read, films)
        tables.append(rows.assign(dataset=name))
        results[name] = VertebraScores(films, read, _dice(rows, films))
        signs[name] = scoring_signs(rows, films, sets.get(config.trained_on, films))
        path = run.files.predictions(name)
        save_predictions(path, films.table["case"].tolist(), unions(read, films), corners=corners)
    method, variant = config.entry
    scored = run.cases(pd.concat(tables, ignore_index=True).assign(method=method, variant=variant))
    run.note(signs=signs, reading={"seconds": dict(clock.seconds), "calls": dict(clock.calls)})
    return scored, results, clock


def reading_rows(read: Sequence[FilmReading], films: CaseArrays) -> tuple[pd.DataFrame, NDArray[np.float32] | None]:
    """Case-table rows of the readings of `films`, and corners [n,V,4,2] px where angles can be read from them."""
    vertebrae = vertebra_table([film.vertebrae for film in read], films)
    if len(films.classes) > 1:
        # The first structure of a table is what methods are compared by.
        return vertebrae.sort_values("structure", key=lambda names: names != VERTEBRAE, kind="stable"), None
    masks = unions(read, films)
    parts = [outline_rows(masks, films), cobb_rows(masks, films)]
    corners = corners_of(read, films)
    parts += [corner_rows(corners, films), vertebrae]
    return pd.concat([part for part in parts if len(part)], ignore_index=True), corners


def unions(read: Sequence[FilmReading], films: CaseArrays) -> NDArray[np.uint8]:
    """Masks [n,H,W] of all vertebrae of each film, nothing outside of it."""
    out = np.zeros(films.labels.shape, np.uint8)
    for mask, film, frame in zip(out, read, films.frames, strict=True):
        for one in film.vertebrae:
            mask[one.mask] = 1
        mask *= letterbox((int(frame[3]), int(frame[4])), (films.grid[0], films.grid[1])).inside()
    return out


def numbered(vertebrae: Sequence[Instance], grid: tuple[int, int]) -> NDArray[np.uint8]:
    """A map [H,W] with k for the k-th vertebra from above; a pixel that two claim goes to the lower one."""
    out = np.zeros(grid, np.uint8)
    for number, one in enumerate(vertebrae, 1):
        out[one.mask] = number
    return out


def corners_of(read: Sequence[FilmReading], films: CaseArrays) -> NDArray[np.float32]:
    """Corners float32 [n,V,4,2] px of the vertebrae of each film from above, NaN behind the last; V at least 1."""
    found = []
    for film, frame in zip(read, films.frames, strict=True):
        found.append(from_labels(numbered(film.vertebrae, films.grid), film_place(frame)).corners)
    out = np.full((len(found), max([1, *map(len, found)]), 4, 2), np.nan, np.float32)
    for row, corners in zip(out, found, strict=True):
        row[: len(corners)] = corners
    return out


def _dice(rows: pd.DataFrame, films: CaseArrays) -> NDArray[np.float64]:
    """Mean Dice of each film's vertebrae, misses as zero; NaN where none is labelled."""
    own = rows[(rows["structure"] == VERTEBRAE) & (rows["metric"] == "dice")]
    return own.set_index("case")["value"].reindex(films.table["case"]).to_numpy(float)
