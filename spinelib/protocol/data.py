"""The data of a run, and tables about them for notebooks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from spinelib.cases import CaseArrays, load_arrays
from spinelib.cases.splits import held_out
from spinelib.cases.tables import read_frame
from spinelib.core.errors import BadInput
from spinelib.core.files import digest
from spinelib.core.layout import AUDIT, PROBLEMS, REPEAT, DataFolder
from spinelib.measures.cobb.rules import apical_translation
from spinelib.measures.cobb.table import true_angles
from spinelib.protocol.config import RunConfig
from spinelib.runs import Run
from spinelib.sources import how_told

# The digital patients of a notebook that is run by hand: enough to see it work in less than a minute.
SMALL: dict[str, Any] = {
    "patients": 20,
    "seed": 1,
    "views": ["left_bending", "coronal", "right_bending"],
    "test_fraction": 0.3,
}
# The same from the side, drawn on its own size, and for volumes.
SMALL_LATERAL: dict[str, Any] = {"patients": 20, "seed": 1, "test_fraction": 0.3}
SMALL_VOLUMES: dict[str, Any] = {"patients": 16, "seed": 1, "test_fraction": 0.3}
LATERAL = "phantom_lateral"
# Rows and columns that a volume has at least: with fewer, slices are no longer its coarsest axis.
FINE = 128


def load(run: Run, name: str, grid: Sequence[int]) -> CaseArrays:
    """All cases of the data called `name` on `grid`: films (rows, columns), volumes (slices, rows, columns).

    Their digest goes into the run's record. Of the data that a run is trained on, the run's `scheme` says which cases
    are tested: those of the manifest ("split"), or those of its `fold` (`cases.splits.held_out`). Where no study has
    prepared anything, as when a notebook is run by hand, a few digital patients are made once beside the run's folder.
    Raises BadInput for unknown data, data without a usable case and a fold that cannot be made.
    """
    arrays = load_arrays(run.manifest(name, **_small(name, grid)).parent, tuple(grid))
    config = RunConfig.of(run)
    if config.scheme != "split" and name == config.trained_on:
        arrays = _divided(arrays, config.scheme, config.fold, config.folds)
    run.facts.setdefault("data", {})[name] = {"films": len(arrays), "digest": arrays.digest}
    return arrays


def _small(name: str, grid: Sequence[int]) -> dict[str, Any]:
    if name == LATERAL:
        return SMALL_LATERAL
    if len(grid) == 2:
        return {**SMALL, "size": list(grid)}
    # The middle half of the columns, from front to back, is kept.
    return {**SMALL_VOLUMES, "slices": grid[0], "size": [max(FINE, grid[1]), max(FINE, 2 * grid[2])]}


def _divided(arrays: CaseArrays, scheme: str, fold: int, count: int) -> CaseArrays:
    """The same cases, with the split that a fold of a scheme gives them."""
    split = np.full(len(arrays), "train", object)
    split[held_out(arrays.table, scheme, fold, count)] = "test"
    # A near-duplicate shares its patient's side now: none is on the other one any more.
    return replace(arrays, table=arrays.table.assign(split=split, near_duplicate=""))


def on_grid(arrays: CaseArrays, folder: Path, grid: tuple[int, ...]) -> CaseArrays:
    """The cases of `arrays`, of the prepared data in `folder`, on another `grid`, in the same order with their table.

    Raises BadInput when a case could be read on one grid only, and for added cases on another grid.
    """
    if grid == tuple(arrays.grid):
        return arrays
    if "added" in arrays.table and arrays.table["added"].any():
        # What was added comes from other data: the study's grid has to be the paper's own.
        remedy = f"Give these data the grid {list(grid)}."
        raise BadInput(folder.name, f"cases were added on the grid {list(arrays.grid)}, not {list(grid)}", remedy)
    found = load_arrays(folder, grid)
    place = {case: i for i, case in enumerate(found.table["case"])}
    cases = arrays.table["case"].tolist()
    missing = [case for case in cases if case not in place]
    if missing:
        raise BadInput(folder.name, f"{missing[0]} cannot be put on the grid {list(grid)}", "Leave that film out.")
    return replace(found.subset(np.array([place[case] for case in cases])), table=arrays.table)


def joined(arrays: CaseArrays, others: Sequence[CaseArrays]) -> CaseArrays:
    """`arrays` followed by all cases of `others`, which only train: column `added` of the table says which these are.

    Structures beside the classes (`extra`) stay where all have them; corners that some data lack are unknown there. All
    is held in memory. Raises BadInput where grids, channels or structures differ, or a case or patient is in two.
    """
    if not others:
        return arrays
    parts = (arrays, *others)
    for i, other in enumerate(others):
        for earlier in parts[: i + 1]:
            _check_alike(earlier, other)
    tables = [arrays.table.assign(added=False)]
    tables += [other.table.assign(added=True, split="train", near_duplicate="") for other in others]
    names = ("images", "labels", "frames", "spacing", "known", "places")
    stacked: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    stacked["landmarks"] = np.concatenate(_corners(parts))
    shared = [name for name in arrays.extra if all(name in part.extra for part in parts)]
    extra = {name: np.concatenate([part.extra[name] for part in parts]) for name in shared}
    mark = digest(*(part.digest for part in parts))
    table = pd.concat(tables, ignore_index=True)
    return replace(arrays, table=table, extra=extra, digest=mark, **stacked)


def _corners(parts: Sequence[CaseArrays]) -> list[np.ndarray]:
    """Corners [n,V,4,2] of all parts with the largest V among them; NaN where a part has none."""
    most = max(part.landmarks.shape[1] for part in parts)
    short = [most - part.landmarks.shape[1] for part in parts]
    pads = [((0, 0), (0, lacking), (0, 0), (0, 0)) for lacking in short]
    return [np.pad(part.landmarks, pad, constant_values=np.nan) for part, pad in zip(parts, pads, strict=True)]


def _check_alike(arrays: CaseArrays, other: CaseArrays) -> None:
    pairs = {
        "grid": (list(arrays.grid), list(other.grid)),
        "channels": (arrays.images.shape[1], other.images.shape[1]),
        "structures": (", ".join(arrays.classes), ", ".join(other.classes)),
    }
    for what, (ours, theirs) in pairs.items():
        if ours != theirs:
            reason, remedy = f"has the {what} {theirs}, not {ours}", "Add data of the same kind on the same grid."
            raise BadInput("added", reason, remedy)
    for column in ("case", "patient"):
        both = set(arrays.table[column]) & set(other.table[column])
        if both:
            raise BadInput("added", f"{column} {min(both)!r} is in both data", "Add other data than those trained on.")


def largest_angle(arrays: CaseArrays, index: ArrayLike) -> float:
    """Largest Cobb angle (degrees) among the films at `index`; NaN where no film has corners."""
    values = true_angles(arrays.subset(index))[:, 0]
    return float(np.nanmax(values)) if np.isfinite(values).any() else float("nan")


def labels_to_draw(arrays: CaseArrays, index: ArrayLike) -> dict[str, np.ndarray]:
    """Labels to draw on the films at `index`, for `plots.film_grid`: corners where these data have them, else masks."""
    chosen = arrays.subset(index)
    return {"corners": chosen.landmarks} if arrays.landmarks.shape[1] else {"references": chosen.labels}


def film_facts(sets: Mapping[str, CaseArrays]) -> pd.DataFrame:
    """One row per film: native size, proportions, mean grey and contrast inside the film, angle, apex, spacing.

    The apex offset is the largest distance of a vertebra from the line between the first and the last, signed (towards
    the image's right), in % of that line's height.
    """
    tables = []
    for name, arrays in sets.items():
        greys = [image[image > 0] for image in arrays.images]
        native = arrays.frames[:, 3:]
        about: dict[str, Any] = {
            "data": name,
            "height px": native[:, 0],
            "width px": native[:, 1],
            "width / height": native[:, 1] / native[:, 0],
            "mean grey": [float(g.mean()) if g.size else np.nan for g in greys],
            "contrast": [float(g.std()) if g.size else np.nan for g in greys],
            "largest angle °": true_angles(arrays)[:, 0],
            "apex offset %": _apex_offset(arrays.landmarks),
            "mm per px": arrays.spacing[:, 0],
        }
        tables.append(arrays.table[["case", "patient", "view", "split"]].assign(**about))
    return pd.concat(tables, ignore_index=True)


def _apex_offset(corners: np.ndarray) -> np.ndarray:
    """Of films with corners [N,V,4,2], [N] in % of the height from the first to the last centre; NaN without."""
    if corners.shape[1] < 2:
        return np.full(len(corners), np.nan)
    rows = corners[..., 1].mean(2)
    return 100 * apical_translation(corners) / (rows[:, -1] - rows[:, 0])


def _data_folder(run: Run, name: str) -> DataFolder:
    shared = RunConfig.of(run).data
    return DataFolder(Path(shared) / name if shared else run.files.data_by_hand(name).root)


def patients_told(run: Run, name: str) -> str:
    """How the patients of the data called `name` were told, in words; "not known" for data of an unknown kind."""
    options = _data_folder(run, name).options
    told = how_told(json.loads(options.read_text(encoding="utf-8"))) if options.exists() else ""
    return told or "not known"


def prepared_table(run: Run, name: str, file: str) -> pd.DataFrame:
    """A table that was written beside the manifest when the data called `name` were prepared; empty without one."""
    return read_frame(_data_folder(run, name).root / file)


def problems(run: Run, name: str) -> pd.DataFrame:
    """Label errors and unusable files of the data called `name`: case, file, problem, remedy, action."""
    found = prepared_table(run, name, PROBLEMS)
    return found if len(found) else pd.DataFrame(columns=["case", "file", "problem", "remedy", "action"])


def read_near_duplicates(run: Run, name: str) -> pd.DataFrame:
    """Pairs of near-duplicate films that the audit found in the data called `name`."""
    return prepared_table(run, name, AUDIT)


def read_repeat_agreement(run: Run, name: str) -> pd.DataFrame:
    """Agreement of two label sets of the same films, for data in which some films were labelled twice."""
    return prepared_table(run, name, REPEAT)


def crossing_pairs(arrays: CaseArrays) -> list[tuple[int, int]]:
    """Positions (test film, its near-duplicate in training) of every near-duplicate pair across the split."""
    position = {case: i for i, case in enumerate(arrays.table["case"])}
    rows = arrays.table[(arrays.table["split"] == "test") & (arrays.table["near_duplicate"] != "")]
    return [
        (position[case], position[other])
        for case, others in zip(rows["case"], rows["near_duplicate"], strict=True)
        for other in others.split(";")
        if other in position
    ]


def example(arrays: CaseArrays, index: np.ndarray, count: int = 3) -> np.ndarray:
    """Up to `count` films of one patient among `index`, one per view where there are several."""
    rows = arrays.table.iloc[index]
    patient = rows.groupby("patient")["view"].nunique().idxmax()
    return rows[rows["patient"] == patient].drop_duplicates("view").index.to_numpy()[:count]
