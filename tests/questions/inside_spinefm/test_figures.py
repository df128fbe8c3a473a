"""Figures of the walk, and the boards of a study in which one method finds vertebrae one by one."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from spinelib.plots.style import label
from spinelib.questions.compare import boards
from spinelib.questions.inside_spinefm import figures
from spinelib.questions.inside_spinefm.look import decision, level_board
from spinelib.report import leaderboard
from spinelib.spinefm.evaluate import VertebraScores, reading_rows
from spinelib.spinefm.labelled import labelled
from spinelib.statistics.comparison import summarise
from tests.spinefm.films import column
from tests.spinefm.made import coronal
from tests.spinefm.made_readers import Standing, complete, distinct, read

mpl.use("Agg")


@pytest.fixture(scope="module")
def standing():
    return distinct(coronal(3))


@pytest.fixture(scope="module")
def rows(standing):
    found = reading_rows(read(standing, Standing), standing)[0]
    other = found[found["structure"].isin(["spine", "spine_column"])]
    return pd.concat([complete(found), complete(other).assign(method="unet", run="u")], ignore_index=True)


def test_every_decision_has_a_panel_with_its_prompt():
    data = column(2)
    film = read(data)[0]
    steps = film.reading.walk.steps
    figure = figures.walk_steps(data.images[0], film, 32, [decision(step) for step in steps])
    titled = [ax for ax in figure.axes if ax.get_title()]
    assert len(titled) == len(steps)
    for ax, step in zip(titled, steps, strict=True):
        assert np.mean(ax.get_xlim()) == pytest.approx(step.prompt[0])
        # Up to the outermost start points and each step that was followed by another there is an arrow.
    assert sum(len(ax.texts) for ax in titled) >= len(steps) - 4
    assert figure.get_size_inches()[0] <= 6.4


def test_films_are_drawn_with_their_vertebrae_and_stops(standing):
    films = read(standing, Standing)
    figure = figures.walk_films(standing.images, films, labelled(standing).numbers, ["a", "b", "c"])
    assert [ax.get_title() for ax in figure.axes] == ["a", "b", "c"]
    assert figure.get_size_inches()[0] <= 6.4 + 1e-6
    # 17 references, 17 vertebrae found.
    assert len(figure.axes[0].collections) == 34


def test_the_worst_films_come_first(standing):
    films = read(standing, Standing)
    scores = VertebraScores(standing, films, np.array([0.9, 0.2, 0.5]))
    titles = [ax.get_title() for ax in figures.worst_films(scores).axes if ax.get_title()]
    assert [title.split("Dice ")[1] for title in titles] == ["0.20", "0.50", "0.90"]


def test_curves_and_levels(rows):
    history = pd.DataFrame({"epoch": [1, 2, 3], "train_loss": [3.0, 2.0, 1.0], "validation_loss": [0.9, 0.5, 0.6]})
    history = history.assign(validation_score=[0.1, 0.6, 0.5], validation_dice=[0.1, 0.6, 0.5])
    figure = figures.stage_curves({"detector": history, "segmenter": history})
    assert figure.axes[3].lines[1].get_xydata().tolist() == [[2, 0.6]]
    assert len(figure.axes[0].lines) == 1
    table = level_board(rows, "d")
    assert len(figures.level_scores(table).axes[0].get_yticks()) == 17
    with pytest.raises(ValueError, match="no level"):
        figures.level_scores(table.head(0))
    with pytest.raises(ValueError, match="no stage"):
        figures.stage_curves({})


def test_single_vertebrae_have_one_board_beside_the_outline(rows):
    assert boards.first_structure(rows, "d") == "spine"
    assert boards.board_structures(rows, "d") == ["spine", "vertebrae"]
    assert boards.text_structures(rows, "d") == ["spine", "corners", "vertebrae"]
    summary = summarise(rows)
    board = boards.full_board(summary, "d", "vertebrae")
    assert list(board.index) == ["spinefm/full"]
    assert list(board.columns.get_level_values(1))[:2] == ["identified", "missed %"]
    assert set(boards.full_board(summary, "d", "spine").index) == {"spinefm/full", "unet/full"}


def test_the_index_has_no_board_for_each_level(rows, tmp_path):
    summarise(rows).to_csv(tmp_path / "summary.csv", index=False)
    titles = [board.title for board in leaderboard.boards(tmp_path / "summary.csv")]
    assert titles == [
        "d: spine, test cases",
        "d: Cobb angles by the corners of vertebrae, test cases",
        "d: vertebrae, test cases",
    ]


def test_a_pipeline_has_its_own_name_in_figures():
    assert label("spinefm/full") == "SpineFM"
    assert label("spinefm/no_post_pretrained") == "SpineFM, no post pretrained"
