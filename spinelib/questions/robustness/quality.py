"""How good the test images themselves are, and how the methods do on the poor and on the good ones.

Noise: the mean answer to a mask on which smooth greys leave no trace (Immerkaer, CVIU 64:300-302, 1996). Sharpness: the
mean squared gradient (Tenengrad; Pertuz et al., Pattern Recognition 46:1415-1432, 2013) over the variance, lest
contrast count twice. (C, our choice) Contrast is the standard deviation of the greys, exposure their median, both as
shares of the range. All is measured on the grid that the networks see, inside the film: what reduction has taken away
cannot matter to them. Volumes: the mean over their slices.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import ndimage

from spinelib.cases import CaseArrays, load_arrays
from spinelib.statistics.group_intervals import ASKED, group_intervals

MEASURES = {
    "sharpness": "sharpness, per px²",
    "contrast": "contrast, share of the greys",
    "noise": "noise, share of the greys",
    "exposure": "exposure, median grey",
}
STRATA = ("low", "middle", "high")
_TRACE = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], float)
Floats = NDArray[np.float64]


def quality_table(folder: Path | str, grid: Sequence[int], cases: Sequence[str] | np.ndarray) -> pd.DataFrame:
    """`image_quality` of those of the prepared data in `folder` that are called `cases`, on `grid`."""
    arrays = load_arrays(folder, tuple(grid))
    return image_quality(arrays.subset(arrays.table["case"].isin(list(cases)).to_numpy()))


def image_quality(cases: CaseArrays) -> pd.DataFrame:
    """One line per case: case, patient, view and MEASURES."""
    found = [quality_of(cases.images[i].astype(float).mean(axis=0)) for i in range(len(cases))]
    return cases.table[["case", "patient", "view"]].join(pd.DataFrame(found, columns=list(MEASURES)))


def quality_of(image: Floats) -> dict[str, float]:
    """MEASURES of an image [H,W] or [D,H,W], grey 0..255, 0 outside the film; NaN where nothing is shown."""
    slices = [s for s in (image if image.ndim == 3 else image[None]) if (s > 0).any()]
    if not slices:
        return dict.fromkeys(MEASURES, np.nan)
    table = pd.DataFrame([_of_slice(s) for s in slices])
    return {str(name): float(value) for name, value in table.mean().items()}


def _of_slice(image: Floats) -> dict[str, float]:
    rows, columns = (np.flatnonzero((image > 0).any(axis=axis)) for axis in (1, 0))
    film = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] / 255
    spread = max(float(film.std()), 1 / 255)
    gradient = np.hypot(ndimage.sobel(film, 0), ndimage.sobel(film, 1)) / 8
    trace = np.abs(ndimage.convolve(film, _TRACE)[1:-1, 1:-1])
    return {
        "sharpness": float((gradient**2).mean()) / spread**2,
        "contrast": float(film.std()),
        "noise": float(np.sqrt(np.pi / 2) / 6 * trace.mean()) if trace.size else np.nan,
        "exposure": float(np.median(film)),
    }


def strata_of(quality: pd.DataFrame) -> pd.DataFrame:
    """Which third of the cases each belongs to by every measure: case, measure, stratum (STRATA), value."""
    long = quality.melt(["case"], list(MEASURES), var_name="measure", value_name="value").dropna()
    share = long.groupby("measure")["value"].rank(method="first", pct=True)
    third = np.clip(np.ceil(share * len(STRATA)).astype(int) - 1, 0, len(STRATA) - 1)
    return long.assign(stratum=np.array(STRATA)[third])


def by_stratum(rows: pd.DataFrame, quality: pd.DataFrame) -> pd.DataFrame:
    """Mean Dice with its interval (over patients) by entry, measure and stratum, and from, to: the range of it.

    rows: clean rows of one data set (`subject_selection.clean_dice`); quality: of `image_quality` for its cases.
    """
    strata: pd.DataFrame = strata_of(quality)
    ends = strata.groupby(["measure", "stratum"])["value"].agg(["min", "max"])
    own = rows.merge(strata[["case", "measure", "stratum"]], on="case")
    means = group_intervals(own, [*ASKED, "name", "measure", "stratum"]).reset_index()
    found = means.merge(ends.set_axis(["from", "to"], axis=1), on=["measure", "stratum"])
    found = found[["name", "measure", "stratum", "mean", "low", "high", "n", "from", "to"]]
    order = {word: k for k, word in enumerate((*MEASURES, *STRATA))}
    place = found["measure"].map(order) * 10 + found["stratum"].map(order)
    return found.assign(order=place).sort_values("order", kind="stable").drop(columns="order").reset_index(drop=True)
