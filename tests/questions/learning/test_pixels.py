"""The four metrics of the MDWC-Net paper, film by film."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from spinelib.questions.learning import figures
from spinelib.questions.learning.pixels import film_metrics, sensitivity_table
from tests.questions.learning.made import cases, row, volume


def film(method, patient, tp, fp, fn, tn):
    scores = {
        "dice": 2 * tp / (2 * tp + fp + fn),
        "sensitivity": tp / (tp + fn),
        "pixel_accuracy": (tp + tn) / (tp + fp + fn + tn),
        "miou": (tp / (tp + fp + fn) + tn / (tn + fp + fn)) / 2,
    }
    return [row(method, patient, value, metric=metric) for metric, value in scores.items()]


def test_of_single_vertebrae_the_first_that_has_all_metrics_counts():
    own = cases(film("unet", "a", 40, 10, 10, 940))
    first = own.query("metric == 'dice'").assign(structure="vertebrae", value=0.1)
    table = film_metrics(pd.concat([first, own], ignore_index=True), "phantom")
    assert table["dice"].tolist() == pytest.approx([0.8])
    assert film_metrics(first, "phantom").empty


def test_the_share_of_a_structure_follows_from_its_scores():
    rows = [film(m, p, 80 + k, 30, 20, 870) for k, m in enumerate(("unet", "plunet", "pspnet")) for p in "ab"]
    table = film_metrics(cases([line for lines in rows for line in lines]), "phantom")
    shares = [(100 + k) / (1000 + k) for k in (0, 0, 1, 1, 2, 2)]
    assert table["share"].tolist() == pytest.approx(shares)
    found = sensitivity_table(table)
    assert found.loc["GPA", "an empty mask"] == pytest.approx(1 - shares[2], abs=1e-3)
    assert found.loc["Dice", "gap"] == pytest.approx(164 / 214 - 160 / 210)
    assert (found["order as by Dice"] == 1).all()
    plt.close(figures.metric_scatters(table))
    assert film_metrics(cases(volume("a", ("ok",))), "phantom").empty
