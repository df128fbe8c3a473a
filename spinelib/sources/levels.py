"""Films whose vertebrae have level names, written as label maps (one class per level) with their corners beside.

`classes.csv` names the levels from above, `masks/` holds a label map per film, `corners.csv` the corners (columns of
landmarks.csv, any level, empty where unknown). The manifest names the masks only: a lateral film has no Cobb angles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spinelib.cases.corners import is_ordered
from spinelib.cases.drawing import RING, fill_polygon
from spinelib.cases.manifest import Case, Problem, read_manifest
from spinelib.cases.readers.landmarks import AXES
from spinelib.cases.readers.landmarks import LEVELS as CORONAL
from spinelib.core.errors import BadInput
from spinelib.core.files import write_text
from spinelib.core.layout import CORNER_TABLE
from spinelib.sources.conversion import save_mask
from spinelib.sources.pairs import write_films

# From above; C1 has no body, S1 stands for the sacrum.
ORDER = (*(f"C{k}" for k in range(2, 8)), *CORONAL, "S1")
Corners = dict[str, NDArray[np.float64]]
# A vertebra's area over the median of its film, outside which it is no vertebra (C2 is larger, L5 may be flat).
AREAS = (0.2, 5.0)
# How far a corner may lie outside its film, in shares of the film's longer side.
OUTSIDE = 0.03
CORRECT = "Correct these corners."


@dataclass(frozen=True)
class LabelledFilm:
    """One film: its case (image absolute, no mask yet), its label map uint8 [H,W], corners [4,2] native px per level.

    The map holds 1 + the place of the level among the levels of its data set.
    """

    case: Case
    labels: NDArray[np.uint8]
    corners: Corners


def check_quads(file: Path, corners: Corners, shape: tuple[int, int]) -> tuple[Corners, str]:
    """Corners (upper left, upper right, lower left, lower right) of one film of `shape` (height, width), checked.

    Left and right are put right where they are exchanged in every vertebra; the text says so ("" otherwise). Levels
    with unknown (NaN) corners pass. Raises BadInput for corners that cross, levels that do not go down, sizes that no
    vertebra has, or corners outside the film.
    """
    known = {level: points for level, points in corners.items() if np.isfinite(points).all()}
    if not known:
        raise BadInput(file, "marks no whole vertebra", "Mark all four corners of two vertebrae or more.")
    if max(float(np.abs(points).max()) for points in known.values()) <= 1 < max(shape):
        raise BadInput(file, "gives its points as shares of the film", "Give them in pixels.")
    remark = ""
    if all(is_ordered(points[[1, 0, 3, 2]]) for points in known.values()):
        corners = {level: points[[1, 0, 3, 2]] for level, points in corners.items()}
        known = {level: points[[1, 0, 3, 2]] for level, points in known.items()}
        remark = "left and right were exchanged in every vertebra; put right"
    for level, points in known.items():
        if not is_ordered(points):
            raise BadInput(file, f"the corners of {level} cross or coincide", CORRECT)
    _plausible(file, known, shape)
    return corners, remark


def _plausible(file: Path, known: Corners, shape: tuple[int, int]) -> None:
    area = {level: _area(points[RING]) for level, points in known.items()}
    middle = float(np.median(list(area.values())))
    levels = [level for level in ORDER if level in known]
    for above, level in zip([levels[0], *levels], levels, strict=False):
        if not AREAS[0] * middle <= area[level] <= AREAS[1] * middle:
            raise BadInput(file, f"{level} has {area[level] / middle:.2g} times the usual area", CORRECT)
        over = np.maximum(-0.5 - known[level], known[level] - (np.array(shape[::-1]) - 0.5)).max()
        if over > OUTSIDE * max(shape):
            raise BadInput(file, f"{level} reaches {over:.0f} px outside the film", CORRECT)
        if level != above and known[level][:, 1].mean() <= known[above][:, 1].mean():
            raise BadInput(file, f"{level} does not lie below {above}", CORRECT)


def _area(ring: NDArray[np.float64]) -> float:
    x, y = ring.T
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)


def draw_levels(corners: Corners, shape: tuple[int, int], levels: Sequence[str]) -> NDArray[np.uint8]:
    """Label map [H,W] of the quadrilaterals of one film: 1 + place in `levels`; unknown ones are left out."""
    out = np.zeros(shape, np.uint8)
    for label, level in enumerate(levels, 1):
        if level in corners:
            fill_polygon(out, corners[level][RING], label)
    return out


def write_levels(
    films: Iterable[LabelledFilm],
    levels: Sequence[str],
    source: Path,
    folder: Path,
    problems: list[Problem],
    *,
    test_fraction: float,
    seed: int,
    audit: bool,
) -> None:
    """Write manifest, problems, classes (`levels`), masks and corners of `films` to `folder`.

    Splits, audit and errors are those of `pairs.write_cases`. Raises BadInput when no film is left.
    """
    cases: list[Case] = []
    corners: dict[str, Corners] = {}
    for film in films:
        mask = save_mask(folder, film.case.case, film.labels)
        cases.append(replace(film.case, mask=mask))
        corners[film.case.case] = film.corners
    if not cases:
        first = f"; the first problem: {problems[0].file}: {problems[0].problem}" if problems else ""
        raise BadInput(source, f"holds no usable film{first}", "Correct it and run again.")
    how = {"test_fraction": test_fraction, "seed": seed, "audit": audit}
    write_films(cases, source, folder, problems, classes=tuple(levels), modality="xray", **how)  # type: ignore[arg-type]
    write_corners({case.case: corners[case.case] for case in read_manifest(folder)}, folder)


def write_corners(corners: Mapping[str, Mapping[str, NDArray[np.floating]]], folder: Path) -> None:
    """Write `folder`/corners.csv from corners [4,2] px by case and level; unknown ones are empty."""
    rows = [
        {"case": case, "vertebra": level, **dict(zip(AXES, np.asarray(points, float).round(3).ravel(), strict=True))}
        for case, levels in corners.items()
        for level, points in levels.items()
    ]
    table = pd.DataFrame(rows, columns=["case", "vertebra", *AXES])
    write_text(folder / CORNER_TABLE, table.to_csv(index=False, lineterminator="\n"))
