"""Claims by paper and verdict: what is drawn where."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from spinelib.questions.claims import figures, verdicts
from spinelib.statistics.claim_verdicts import CLAIM_VERDICTS


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def texts(figure):
    return [t.get_text() for ax in figure.axes for t in [*ax.texts, *ax.get_yticklabels()]]


def test_verdict_bars_add_up():
    counts = pd.DataFrame({"agrees here": [2, 0], "not testable here": [1, 4]}, index=["Gu, Wang 2025, X", "Lin 2021"])
    figure = figures.verdict_bars(counts)
    ends = {patch.get_x() + patch.get_width() for patch in figure.axes[0].patches}
    assert {3.0, 4.0} <= ends
    assert "Gu, Wang 2025" in texts(figure)


def test_every_verdict_has_its_colour_and_its_place_on_the_index():
    words = {word for pair in verdicts.VERDICTS.values() for word in pair}
    assert words == set(figures.VERDICT_COLOURS) == set(CLAIM_VERDICTS)
