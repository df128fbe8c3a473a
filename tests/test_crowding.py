"""The check of figures sees what a reader could not read, and nothing else."""

import subprocess
import sys

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .crowding import crowded, watched


def plain():
    figure = Figure(figsize=(4, 3), layout="constrained")
    FigureCanvasAgg(figure)
    ax = figure.subplots()
    ax.plot([0, 1], [0, 1], label="a line")
    ax.set_xlabel("epochs")
    figure.legend(loc="outside upper center")
    return figure, ax


def tilted(ax):
    ax.set_xticks([0, 0.2, 0.4, 0.6], ["a long name"] * 4, rotation=55, ha="right", rotation_mode="anchor")


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: None,
        lambda ax: ax.text(0.5, 0.5, "hidden", visible=False) and ax.text(0.5, 0.5, "shown"),
        lambda ax: ax.annotate("beyond the axes", (7, 7), annotation_clip=True),
        lambda ax: ax.set(xlim=(0.4, 0.6)),
        tilted,
    ],
)
def test_a_figure_that_can_be_read_is_not_blamed(draw):
    figure, ax = plain()
    draw(ax)
    assert crowded(figure) == []


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda ax: (ax.text(0.4, 0.5, "one name"), ax.text(0.42, 0.51, "another")), "'one name' lies on 'another'"),
        (lambda ax: ax.annotate("note", (0.5, 0.5), (3, 0.5), arrowprops={}).set_in_layout(False), "'note' leaves"),
        (lambda ax: ax.set_xticks([0, 0.01, 0.5], ["first", "second", "third"]), "'first' lies on 'second'"),
        (lambda ax: ax.legend(["an entry"], loc="center") and ax.text(0.5, 0.5, "word"), "lies on"),
        (lambda ax: ax.text(0.5, 0.5, "a\nb\nc") and ax.text(0.5, 0.55, "d"), "'a / b / c' lies on 'd'"),
    ],
)
def test_words_on_words_and_words_outside_are_named(draw, words):
    figure, ax = plain()
    draw(ax)
    assert any(words in complaint for complaint in crowded(figure))


def test_as_a_backend_it_notes_the_figures_that_a_program_saves(tmp_path):
    code = (
        "import matplotlib.pyplot as plt\n"
        "figure, ax = plt.subplots()\n"
        "ax.text(0.5, 0.5, 'one'), ax.text(0.5, 0.5, 'two')\n"
        "figure.savefig('x.png', bbox_inches='tight')\n"
        "plt.subplots()[0].savefig('y.png')\n"
    )
    log = tmp_path / "crowding.jsonl"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=watched(log), check=True, timeout=300)
    assert log.read_text() == "[\"'one' lies on 'two'\"]\n"
    assert (tmp_path / "x.png").exists()
