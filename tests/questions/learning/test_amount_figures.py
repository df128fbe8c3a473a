"""Errors and scores by number of training films: what is drawn where."""

import pytest

from spinelib.questions import learning
from spinelib.questions.learning.amounts import training_amounts
from tests.questions.learning.made import tables


def test_the_figure_marks_every_amount(results):
    figure = learning.amount_lines(training_amounts(results, *tables(), "smape"), "SMAPE", "%")
    ax = figure.axes[0]
    assert [text.get_text() for text in ax.get_xticklabels()] == ["54", "433"]
    assert ax.get_ylabel() == "SMAPE (%)"
    assert len(ax.containers) == 2
    assert figure.get_size_inches()[0] <= 6.4


def test_no_figure_without_amounts(results):
    rows, board = tables()
    empty = training_amounts(results, rows[1:2], board[1:2], "smape")
    assert empty.empty
    with pytest.raises(ValueError, match="training films"):
        learning.amount_lines(empty, "SMAPE", "%")
