"""Scores of the structures of volumes: what is drawn where."""

import matplotlib as mpl
import numpy as np
import pandas as pd

mpl.use("Agg")
from spinelib.questions import compare


def test_structures_stand_from_above_with_every_entry_beside():
    rows = [
        (s, n, 0.5 + k / 10, 0.4, 0.9)
        for s in ("T12", "L1", "L1/L2")
        for k, n in enumerate(("safnet/full", "unet3d/full"))
    ]
    table = pd.DataFrame(rows, columns=["structure", "name", "mean", "low", "high"]).drop(index=5)
    figure = compare.structure_dots(table, "hd95", "mm")
    axis = figure.axes[0]
    assert [text.get_text() for text in axis.get_yticklabels()] == ["T12", "L1", "L1/L2"]
    assert axis.yaxis_inverted()
    assert axis.get_xlabel().startswith("HD95 (mm)")
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["SAFNet", "3-D U-Net"]
    marks = [line.get_xdata() for line in axis.lines if len(line.get_xdata()) == 3]
    np.testing.assert_allclose(marks[1], [0.6, 0.6, np.nan])
    assert figure.get_figwidth() <= 6.4
