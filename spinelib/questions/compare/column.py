"""Dice of the whole column: discs filled in the reference, gaps between bodies closed in the outline.

``python -m spinelib.questions.compare.column reports/STUDY/runs/RUN`` prints it for every data set of films on which a
finished run was scored. In the tables `spine_column` compares the outline as it is, gaps and all, so that even a
perfect outline of the bodies stays below 1; this number asks for the column alone, however tall the bodies are drawn.
(C) A vertical closing by 3.5 % of the grid's height: more than a disc, less than a body.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import ndimage

from spinelib.cases import load_arrays
from spinelib.core.errors import BadInput
from spinelib.core.layout import RunFolder, StudyFolder
from spinelib.runs.predictions import load_predictions
from spinelib.statistics.intervals import mean_interval

GAP = 0.035


def closed(outline: NDArray[np.integer]) -> NDArray[np.bool_]:
    """An outline [H,W] (not 0: spine) with gaps of up to `GAP` of the height closed along its columns."""
    rows = max(1, round(GAP * outline.shape[0]))
    # Beyond the edge there is room for the filter: a closing must not shrink what touches it.
    padded = np.pad(outline > 0, ((rows, rows), (0, 0)))
    return ndimage.binary_closing(padded, np.ones((rows, 1), bool))[rows:-rows]


def column_dice(folder: Path) -> Iterator[tuple[str, str, pd.Series]]:
    """Data set, split, and Dice by patient (the mean of a patient's films) of the finished run in `folder`.

    Raises BadInput for a folder without a finished run.
    """
    if not RunFolder(folder).record.is_file():
        raise BadInput(folder, "holds no finished run", "Give reports/STUDY/runs/RUN.")
    parameters = json.loads(RunFolder(folder).record.read_text(encoding="utf-8"))["parameters"]
    for name in parameters["tested_on"]:
        films = load_arrays(StudyFolder(folder.parents[1]).data(name).root, tuple(parameters["grid"]))
        place = {case: i for i, case in enumerate(films.table["case"])}
        predicted = load_predictions(RunFolder(folder).predictions(name))
        index = [place[case] for case in predicted.cases]
        columns = films.extra["spine_column"][index] > 0
        pairs = zip(columns, map(closed, predicted.labels), strict=True)
        found = films.table.iloc[index].assign(dice=[_dice(true, outline) for true, outline in pairs])
        for split, part in found.groupby("split"):
            yield name, str(split), part.groupby("patient")["dice"].mean()


def _dice(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    return float(2 * (one & other).sum() / max(1, one.sum() + other.sum()))


def main(words: list[str]) -> int:
    """Print a line for each data set and split of each run; 2 where there is none."""
    try:
        for word in words:
            for name, split, patients in column_dice(Path(word)):
                mean = mean_interval(patients.to_numpy())
                told = f"{mean.mean:.3f} [{mean.low:.3f}, {mean.high:.3f}], {len(patients)} patients"
                print(f"{Path(word).name}  {name}, {split}: column, gaps closed, Dice {told}")
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
