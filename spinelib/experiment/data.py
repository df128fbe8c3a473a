"""The data of a run, as notebooks look at them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from spinelib import cobb
from spinelib.cases import CaseArrays, load_arrays
from spinelib.runs import Run

# The digital patients of a notebook that is run by hand: enough to see it work in about a minute.
SMALL: dict[str, Any] = {
    "patients": 20,
    "seed": 1,
    "views": ["left_bending", "coronal", "right_bending"],
    "test_fraction": 0.3,
}


def load(run: Run, name: str, grid: Sequence[int]) -> CaseArrays:
    """All films of the data called `name` on `grid` (rows, columns); their digest goes into the run's record.

    Where no study has prepared anything, as when a notebook is run by hand, SMALL patients are made once beside the
    run's folder. Raises BadInput for unknown data or data without a usable film.
    """
    arrays = load_arrays(run.manifest(name, **SMALL, size=list(grid)).parent, (grid[0], grid[1]))
    run.facts.setdefault("data", {})[name] = {"films": len(arrays), "digest": arrays.digest}
    return arrays


def angles(arrays: CaseArrays) -> np.ndarray:
    """Cobb angles [N,3] in degrees by the AASCE rule from the corners; NaN for films without all of them."""
    found = np.full((len(arrays), 3), np.nan)
    if arrays.landmarks.shape[1]:
        known = np.isfinite(arrays.landmarks).all(axis=(1, 2, 3))
        if known.any():
            corners = arrays.native_landmarks()[known]
            found[known] = cobb.aasce_angles(corners, arrays.frames[known, 3])
    return found


def largest_angle(arrays: CaseArrays, index: ArrayLike) -> float:
    """Largest Cobb angle (degrees) among the films at `index`; NaN where no film has corners."""
    values = angles(arrays.subset(index))[:, 0]
    return float(np.nanmax(values)) if np.isfinite(values).any() else float("nan")


def drawn(arrays: CaseArrays, index: ArrayLike) -> dict[str, np.ndarray]:
    """Labels to draw on the films at `index`, for `plots.film_grid`: corners where these data have them, else masks."""
    chosen = arrays.subset(index)
    return {"corners": chosen.landmarks} if arrays.landmarks.shape[1] else {"references": chosen.labels}


def film_facts(sets: Mapping[str, CaseArrays]) -> pd.DataFrame:
    """One row per film: native size, proportions, mean grey and contrast inside the film, angle, spacing."""
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
            "largest angle °": angles(arrays)[:, 0],
            "mm per px": arrays.spacing[:, 0],
        }
        tables.append(arrays.table[["case", "patient", "view", "split"]].assign(**about))
    return pd.concat(tables, ignore_index=True)


def beside(run: Run, name: str, file: str) -> pd.DataFrame:
    """A table that preparing the data called `name` left beside the manifest; empty when there is none."""
    shared = run.parameters.get("data", "")
    path = (Path(shared) if shared else run.folder.parent / "data") / name / file
    return pd.read_csv(path, keep_default_na=False) if path.exists() else pd.DataFrame()


def problems(run: Run, name: str) -> pd.DataFrame:
    """Label errors and unusable files of the data called `name`: case, file, problem, remedy, action."""
    found = beside(run, name, "problems.csv")
    return found if len(found) else pd.DataFrame(columns=["case", "file", "problem", "remedy", "action"])


def near_duplicates(run: Run, name: str) -> pd.DataFrame:
    """Pairs of near-duplicate films that the audit found in the data called `name`."""
    return beside(run, name, "audit.csv")


def repeat_agreement(run: Run, name: str) -> pd.DataFrame:
    """Agreement of two label sets of the same films, for data in which some films were labelled twice."""
    return beside(run, name, "repeat.csv")


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
