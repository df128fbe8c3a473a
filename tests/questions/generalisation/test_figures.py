"""The order of the methods on several data sets: what is drawn where."""

import matplotlib as mpl
import pandas as pd

mpl.use("Agg")
from matplotlib import pyplot as plt

from spinelib.questions import generalisation


def test_the_ranks_are_drawn_with_gaps_where_a_method_did_not_run():
    table = pd.DataFrame({"data": ["a", "a", "b"], "method": ["mdwcnet", "unet", "unet"], "rank": [1, 2, 1]})
    figure = generalisation.rank_lines(table.assign(mean=[0.9, 0.8, 0.7]), "dice")
    words = [text.get_text() for text in figure.axes[0].texts]
    assert words == ["0.900", "MDWC-Net", "0.800", "0.700", "U-Net"]
    plt.close("all")
