"""Score volumes one after the other, each in its own voxels.

(C, our choice) The network's probabilities are resampled to the native voxels and the likeliest class is taken there,
so that every method is scored on what a reader would see, in mm, whatever grid it worked on.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spinelib.cases import CaseArrays
from spinelib.cases.stored import spilled
from spinelib.cases.volume_frame import frame_of
from spinelib.cases.volumes import native
from spinelib.measures.tables import COLUMNS
from spinelib.measures.volumes import volume_rows


def score_volumes(
    find: Callable[[int], NDArray[np.uint8]], volumes: CaseArrays, folder: Path
) -> tuple[np.ndarray, pd.DataFrame]:
    """Class maps uint8 [n,D,H,W] on the grid of `volumes`, and the rows of their scores in native voxels.

    find: gives the classes of the volume at a position, in its own voxels; folder: of the prepared data, which holds
    the native files. One volume at a time. Raises BadInput for a file that can no longer be read.
    """
    maps, rows = spilled(volumes.labels.shape), []
    for i in range(len(volumes)):
        found = find(i)
        entry = volumes.table.iloc[i]
        reference, spacing, _ = native(folder, {str(name): entry[name] for name in entry.index})
        maps[i] = frame_of(volumes.frames[i], volumes.grid).nearest(found)
        about = {name: entry[name] for name in ("split", "case", "patient", "view", "near_duplicate")}
        scored = volume_rows(found, reference, volumes.classes, spacing, volumes.known[i])
        rows += [{**about, **row} for row in scored]
    return maps, pd.DataFrame(rows, columns=list(COLUMNS)).assign(condition="none", severity=0)
