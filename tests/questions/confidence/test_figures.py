"""Panels of entries: what is drawn is what was asked."""

import matplotlib as mpl
import numpy as np
import pandas as pd

mpl.use("Agg")
from spinelib.questions.confidence.figures import entropy_and_error, reliability_diagrams
from spinelib.questions.confidence.tables import patient_confidence
from tests.questions.confidence.test_tables import row


def asked():
    return pd.DataFrame([row(f"{name}/full", f"p{k}", right=0.6) for name in ("unet", "plunet") for k in range(3)])


def test_a_reliability_diagram_shows_accuracy_at_each_confidence():
    figure = reliability_diagrams(asked(), "d")
    points = figure.axes[0].collections[0].get_offsets()
    np.testing.assert_allclose(points, [[0.9, 0.6]])
    assert [ax.axison for ax in figure.axes] == [True, True, False, False]


def test_every_patient_is_a_point_of_entropy_and_error():
    figure = entropy_and_error(patient_confidence(asked()), "d")
    np.testing.assert_allclose(figure.axes[1].collections[0].get_offsets(), [[0.2, 0.2]] * 3)
