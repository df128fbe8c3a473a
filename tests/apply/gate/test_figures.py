"""The figures of a gate show every group that was measured."""

from spinelib.apply.gate.answers import FILM_ANSWER
from spinelib.apply.gate.figures import gate_figures

from .test_outcomes import parts


def test_there_are_three_figures_with_a_line_for_every_group_and_kind():
    figures = gate_figures(FILM_ANSWER, parts())
    lines = {
        name: [text.get_text() for text in figure.axes[0].get_legend().get_texts()] for name, figure in figures.items()
    }
    assert lines["reliability"] == lines["risk"] == ["digital films (4)", "digital films, good and corrupted (4)"]
    assert lines["roc"] == ["noise"]
    curve = figures["risk"].axes[0].lines[0].get_ydata()
    assert list(curve) == sorted(curve)
