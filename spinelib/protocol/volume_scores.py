"""Predict volumes one after the other and score each in its own voxels.

(C) The network's probabilities are resampled to the native voxels and the likeliest class is taken there, so that every
method is scored on what a reader would see, in mm, whatever grid it worked on.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spinelib.cases import CaseArrays
from spinelib.cases.volume_frame import frame_of
from spinelib.cases.volumes import native
from spinelib.core.errors import BadInput
from spinelib.measures.tables import COLUMNS
from spinelib.measures.volumes import volume_rows

if TYPE_CHECKING:
    from torch import nn


def predict_volumes(
    model: nn.Module,
    seen: CaseArrays,
    volumes: CaseArrays,
    folder: Path,
    window: Sequence[int] = (),
    **options: Any,
) -> tuple[np.ndarray, pd.DataFrame]:
    """Class maps uint8 [n,D,H,W] on the grid of `volumes`, and the rows of their scores in native voxels.

    seen: the same cases on the network's grid; folder: of the prepared data, which holds the native files. window: what
    the network may see at once of a grid that is too large for it (`spinelib.prediction.windows`), empty: all of it.
    options: local and precision, as the model was trained. One volume at a time. Raises BadInput for a file that can no
    longer be read and for a window that is none.
    """
    from spinelib.prediction.windows import volume_labels

    if window and (len(window) != 3 or min(window) < 1):
        raise BadInput("window", f"{list(window)} is no window", "Give slices, rows and columns, or nothing.")
    maps, rows = [], []
    for i in range(len(volumes)):
        found = volume_labels(model, seen, i, window or None, **options)
        entry = volumes.table.iloc[i]
        reference, spacing, _ = native(folder, {str(name): entry[name] for name in entry.index})
        maps.append(frame_of(volumes.frames[i], volumes.grid).nearest(found))
        about = {name: entry[name] for name in ("split", "case", "patient", "view", "near_duplicate")}
        scored = volume_rows(found, reference, volumes.classes, spacing, volumes.known[i])
        rows += [{**about, **row} for row in scored]
    return np.stack(maps), pd.DataFrame(rows, columns=list(COLUMNS)).assign(condition="none", severity=0)
