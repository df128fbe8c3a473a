"""The browser of cases: its controls and what they draw."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

mpl.use("Agg")

from matplotlib import pyplot as plt

from spinelib.cases import CaseArrays
from spinelib.plots import browser

from .made import controls, films_of_two_views


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture
def films():
    return films_of_two_views()


@pytest.fixture
def volumes():
    labels = np.zeros((2, 7, 24, 16), np.uint8)
    labels[:, 4:6, 4:10, 5:11] = 1
    labels[:, 4:6, 12:18, 5:11] = 2
    images = np.random.default_rng(0).integers(1, 255, (2, 1, 7, 24, 16)).astype(np.uint8)
    table = pd.DataFrame({"case": ["a", "b"], "view": ["sagittal"] * 2})
    empty, frames = np.zeros((2, 0, 4, 2), np.float32), np.zeros((2, 9), np.float32)
    return CaseArrays(table, images, labels, ("L5", "L4"), {}, empty, frames, np.full((2, 3), np.nan, np.float32), "x")


def test_the_worst_case_stands_first_and_the_view_narrows_the_list(films):
    maps = films.labels.copy()
    maps[2] = 0
    maps[3, :20] = 0
    box = browser.panel(films, {"unet/full": maps})
    found = controls(box)
    assert [i for _, i in found["case"].options][:2] == [2, 3]
    assert found["case"].options[0][0] == "case2  Dice 0.000"
    found["view"].value = "left_bending"
    assert [i for _, i in found["case"].options] == [3, 1]
    assert found["case"].value == 3


def test_the_list_follows_the_entry_that_is_chosen_and_the_case_stays(films):
    worse, better = films.labels.copy(), films.labels.copy()
    worse[2], better[1] = 0, 0
    found = controls(browser.panel(films, {"unet/full": worse, "mdwcnet/full": better}))
    assert found["case"].options[0] == ("case2  Dice 0.000", 2)
    found["first"].value = "mdwcnet/full"
    assert found["case"].options[0] == ("case1  Dice 0.000", 1)
    assert found["case"].value == 2, "another method of the same case"
    alone = controls(browser.panel(films, {}))
    assert [text for text, _ in alone["case"].options] == ["case0", "case1", "case2", "case3"]


def test_the_browser_fits_a_small_screen(films):
    box = browser.panel(films, {"unet/full": films.labels})
    *rows, picture = box.children
    assert (picture.layout.max_width, picture.layout.max_height) == ("100%", "62vh")
    assert len(rows) == 2
    assert {row.layout.flex_flow for row in rows} == {"row wrap"}


def test_every_control_changes_the_picture(films):
    maps = {"unet/full": films.labels, "mdwcnet/full": np.roll(films.labels, 2, 2)}
    box = browser.panel(films, maps)
    found = controls(box)
    seen = [bytes(found["Image"].value)]
    for name, value in (("opacity", 0.9), ("second", "mdwcnet/full"), ("case", 2), ("ToggleButtons", "second")):
        found[name].value = value
        seen.append(bytes(found["Image"].value))
    assert all(png.startswith(b"\x89PNG") for png in seen)
    assert len(set(seen)) == 5


def test_films_have_no_slices_and_volumes_begin_where_the_labels_are(films, volumes):
    assert "slice" not in controls(browser.panel(films, {"unet/full": films.labels}))
    found = controls(browser.panel(volumes, {"safnet/full": volumes.labels}))
    assert (found["slice"].value, found["slice"].max) == (5, 7)
    before = found["Image"].value
    found["slice"].value = 1
    assert found["Image"].value != before
    assert "view" not in found


def test_without_a_prediction_the_reference_is_shown(films):
    assert bytes(controls(browser.panel(films, {}))["Image"].value).startswith(b"\x89PNG")


def test_maps_of_another_grid_are_refused(films):
    with pytest.raises(ValueError, match="has maps"):
        browser.panel(films, {"unet/full": films.labels[:, :-1]})


def test_dice_counts_known_classes_that_are_there():
    reference, prediction = np.array([0, 1, 1, 2]), np.array([0, 1, 0, 3])
    assert browser.case_dice(reference, prediction, np.ones(3, bool)) == pytest.approx((2 / 3 + 0 + 0) / 3)
    assert browser.case_dice(reference, prediction, np.array([True, False, False])) == pytest.approx(2 / 3)
    assert np.isnan(browser.case_dice(reference * 0, prediction * 0, np.ones(3, bool)))
