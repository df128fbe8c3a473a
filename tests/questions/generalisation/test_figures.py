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


def test_a_method_lies_where_both_of_its_metrics_say():
    values = {"mdwcnet": (0.97, 0.96, 0.9, 0.91), "unet": (0.95, None, 0.85, 0.84)}
    metrics = ("pixel_accuracy", "sensitivity", "dice", "miou")
    lines = [
        {"method": name, "metric": metric, "mean": value}
        for name, own in values.items()
        for metric, value in zip(metrics, own, strict=True)
    ]
    figure = generalisation.metric_planes(pd.DataFrame(lines))
    above, below = ([line.get_xydata()[0].tolist() for line in ax.lines] for ax in figure.axes)
    assert above == [[0.97, 0.96]]
    assert below == [[0.9, 0.91], [0.85, 0.84]]
    assert [text.get_text() for text in figure.axes[1].get_legend().get_texts()] == ["MDWC-Net", "U-Net"]
    plt.close("all")
