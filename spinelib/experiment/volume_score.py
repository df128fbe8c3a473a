"""Predict volumes one after the other and score each in its own voxels.

(C) The network's probabilities are resampled to the native voxels and the likeliest class is taken there, so that every
method is scored on what a reader would see, in mm, whatever grid it worked on.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spinelib.cases import CaseArrays
from spinelib.cases.volume_frame import frame_of, native_labels
from spinelib.cases.volumes import native
from spinelib.metrics.tables import COLUMNS
from spinelib.metrics.volumes import volume_rows

if TYPE_CHECKING:
    from torch import nn


def predict_volumes(
    model: nn.Module, seen: CaseArrays, volumes: CaseArrays, folder: Path, **options: Any
) -> tuple[np.ndarray, pd.DataFrame]:
    """Class maps uint8 [n,D,H,W] on the grid of `volumes`, and the rows of their scores in native voxels.

    seen: the same cases on the network's grid; folder: of the prepared data, which holds the native files; options: of
    `spinelib.inference.predict`. One volume at a time. Raises BadInput for a file that can no longer be read.
    """
    from spinelib.inference import predict

    maps, rows = [], []
    for i in range(len(volumes)):
        # Half precision is what `predict` keeps; a mixture of two of its values needs more.
        chances = predict(model, seen, np.array([i]), **options)[0].astype(np.float32)
        entry = volumes.table.iloc[i]
        reference, spacing, _ = native(folder, {str(name): entry[name] for name in entry.index})
        found = native_labels(chances, seen.frames[i])
        maps.append(frame_of(volumes.frames[i], volumes.grid).nearest(found))
        about = {name: entry[name] for name in ("split", "case", "patient", "view", "near_duplicate")}
        scored = volume_rows(found, reference, volumes.classes, spacing, volumes.known[i])
        rows += [{**about, **row} for row in scored]
    return np.stack(maps), pd.DataFrame(rows, columns=list(COLUMNS)).assign(condition="none", severity=0)
