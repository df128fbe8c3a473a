"""Which structure was taken for which."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from spinelib.cases import CaseArrays
from spinelib.questions.compare.confusion import confusion_figure, level_confusion

CLASSES = ("L5", "L4", "L3")


def volumes(labels, known):
    labels = np.array(labels, np.uint8).reshape(len(labels), 1, 1, -1)
    count = len(labels)
    return CaseArrays(
        table=pd.DataFrame({"case": [f"c{k}" for k in range(count)]}),
        images=np.ones_like(labels)[:, None],
        labels=labels,
        classes=CLASSES,
        extra={},
        landmarks=np.zeros((count, 0, 4, 2), np.float32),
        frames=np.zeros((count, 9), np.float32),
        spacing=np.ones((count, 3), np.float32),
        digest="",
        places=np.zeros((count, 9), np.float32),
        known=np.array(known, bool),
    )


def test_shares_are_means_over_the_volumes_in_which_a_structure_is_labelled():
    cases = volumes([[1, 1, 2, 2, 0], [1, 1, 1, 1, 2]], [[True, True, False], [True, False, False]])
    maps = np.array([[1, 1, 1, 2, 0], [2, 2, 1, 0, 2]], np.uint8).reshape(cases.labels.shape)
    table = level_confusion(cases, maps)
    assert list(table.index) == ["L4", "L5"], "from above; L3 is in no volume"
    assert list(table.columns) == ["L3", "L4", "L5", "none"]
    # The second volume's L4 is not labelled and does not count.
    assert table.loc["L4"].tolist() == [0, 0.5, 0.5, 0]
    assert table.loc["L5"].tolist() == pytest.approx([0, 0.25, (1 + 0.25) / 2, 0.125])
    assert table.sum(axis=1).tolist() == pytest.approx([1, 1])


def test_every_entry_has_its_square():
    cases = volumes([[1, 2, 3, 0, 0]], [[True] * 3])
    table = level_confusion(cases, cases.labels)
    figure = confusion_figure({"safnet/full": table, "unet3d/full": table, "unet3d/mid": table})
    titles = [ax.get_title() for ax in figure.axes]
    assert titles[:2] == ["SAFNet", "3-D U-Net"]
    assert [text.get_text() for text in figure.axes[0].texts] == ["100"] * 3
    plt.close(figure)
    with pytest.raises(ValueError, match="no entry"):
        confusion_figure({})
