"""Cases to look at by hand: widgets at the screen, a still figure in a batch."""

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")

from matplotlib import pyplot as plt

from spinelib import plots
from spinelib.plots import browser, viewer
from spinelib.protocol.evaluation import Result
from spinelib.runs.predictions import save_predictions

from .made import controls, films_of_two_views, panels, volumes


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture
def films():
    return films_of_two_views()


def test_the_slider_starts_in_the_middle_of_the_labels_and_draws_every_slice(monkeypatch):
    images, labels = volumes(1)
    drawn = []
    monkeypatch.setattr(viewer, "slice_figure", lambda image, number, *_, **__: drawn.append(number) or plt.figure())
    widget = plots.slider(images[0], labels[0])
    control = widget.children[0]
    assert (control.min, control.value, control.max) == (1, 4, 7)
    widget.update()
    control.value = 6
    assert (drawn[0], drawn[-1]) == (3, 5)


def test_the_viewer_is_a_montage_where_nobody_sits(monkeypatch):
    images, labels = volumes(1)
    monkeypatch.setattr(viewer, "slider", lambda *_, **__: pytest.fail("a slider in a batch"))
    assert not viewer.at_hand()
    figure = plots.slice_viewer(images[0], labels[0], each=2)
    assert len(panels(figure)) == 2


def test_the_viewer_shows_a_slider_by_hand(monkeypatch):
    images, labels = volumes(1)
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    plots.slice_viewer(images[0], labels[0], live=True)
    assert "interactive" in {type(item).__name__ for item in shown}


def result(cases):
    dice = np.linspace(0.9, 0.6, len(cases))
    return Result(cases.images, cases.labels, cases.labels, dice, cases.table["case"].tolist())


def test_a_batch_gets_the_still_figure_and_no_widget(films, tmp_path, monkeypatch):
    monkeypatch.setattr(browser, "panel", lambda *_: pytest.fail("a widget in a batch"))
    assert not viewer.at_hand()
    figure = viewer.case_viewer(films, result(films), tmp_path / "run", "own")
    assert len([ax for ax in figure.axes if ax.images]) == 3
    viewer.browse(films, {})


def test_at_the_screen_other_runs_of_the_study_stand_beside(films, tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *given: shown.extend(given))
    cases = films.table["case"].tolist()
    for run, part in (("rival", films.labels), ("this", films.labels), ("small", films.labels[:, :8])):
        save_predictions(tmp_path / run / "predictions" / "own.npz", cases, part)
    (tmp_path / "broken" / "predictions").mkdir(parents=True)
    (tmp_path / "broken" / "predictions" / "own.npz").write_bytes(b"PK")
    save_predictions(tmp_path / "few" / "predictions" / "own.npz", cases[:2], films.labels[:2])
    viewer.case_viewer(films, result(films), tmp_path / "this", "own", live=True)
    assert [value for _, value in controls(shown[0])["second"].options] == ["nothing", "this run", "rival"]
