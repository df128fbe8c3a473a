"""Figures of agreement: a dot per patient, lines at the values, words that hold the statistics."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

mpl.use("Agg")

from matplotlib import pyplot as plt

from spinelib import plots
from spinelib.measures.cobb.clinical import SEVERITIES
from spinelib.questions import cobb
from spinelib.statistics import raters


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def angles(n=30):
    rng = np.random.default_rng(0)
    reference = rng.uniform(8, 60, n)
    return reference, reference + rng.normal(-2, 3, n)


def dots(ax):
    found = [c for c in ax.collections if isinstance(c, mpl.collections.PathCollection)]
    return np.concatenate([c.get_offsets() for c in found])


def colour_of(collection):
    return mpl.colors.to_hex(collection.get_facecolor()[0]).upper()


def words(ax):
    return [text.get_text() for text in ax.texts]


def test_bland_altman_draws_its_lines_bands_and_dots():
    reference, prediction = angles()
    found = raters.bland_altman(reference, prediction)
    ax = cobb.bland_altman_plot(reference, prediction, "unet/full").axes[0]
    heights = sorted(line.get_ydata()[0] for line in ax.lines if line.get_linestyle() != ":")
    assert heights == pytest.approx(sorted([0, found.bias.value, found.lower.value, found.upper.value]))
    np.testing.assert_allclose(dots(ax)[:, 1], prediction - reference)
    np.testing.assert_allclose(dots(ax)[:, 0], (prediction + reference) / 2)
    slope = next(line for line in ax.lines if line.get_linestyle() == ":")
    fit = np.polyfit((prediction + reference) / 2, prediction - reference, 1)
    np.testing.assert_allclose(slope.get_ydata(), np.polyval(fit, slope.get_xdata()))
    bands = sorted((p.get_y(), p.get_y() + p.get_height()) for p in ax.patches)
    expected = sorted([found.bias[1:], found.lower[1:], found.upper[1:]])
    np.testing.assert_allclose(bands, expected)
    assert colour_of(ax.collections[0]) == plots.method_colour("unet/full")


def test_bland_altman_says_what_it_shows():
    reference, prediction = angles()
    found = raters.bland_altman(reference, prediction, method="approximate")
    ax = cobb.bland_altman_plot(reference, prediction, "unet/full", method="approximate").axes[0]
    assert ax.get_title("left").startswith("U-Net, n = 30 patients\nslope ")
    bias = f"bias\n{found.bias.value:.1f}\n[{found.bias.low:.1f}, {found.bias.high:.1f}]"
    assert bias.replace("-", "\N{MINUS SIGN}") in words(ax)
    assert {text.split("\n")[0] for text in words(ax)} == {"bias", "lower limit", "upper limit"}


def test_a_patients_films_are_one_dot():
    reference, prediction = angles()
    patients = np.arange(30) // 3
    for draw in (cobb.bland_altman_plot, cobb.predicted_reference):
        ax = draw(reference, prediction, "unet/full", patients).axes[0]
        assert len(dots(ax)) == 10
        assert "n = 10 patients" in ax.get_title("left")
    np.testing.assert_allclose(dots(ax)[0], [reference[:3].mean(), prediction[:3].mean()])


def test_close_lines_keep_their_labels_apart():
    reference, prediction = angles()
    small = reference + (prediction - reference) / 20
    ax = cobb.bland_altman_plot(reference, small, "unet/full", reach=40).axes[0]
    assert ax.get_ylim() == (-40, 40)
    places = [text.xy[1] for text in ax.texts]
    assert (np.diff(places) > 0.15).all()
    assert [t.split("\n")[0] for t in words(ax)] == ["lower limit", "bias", "upper limit"]


@pytest.mark.parametrize("n", [1, 2])
def test_few_patients_are_drawn_without_intervals(n):
    reference, prediction = angles(n)
    ax = cobb.bland_altman_plot(reference, prediction, "unet/full").axes[0]
    assert not ax.patches
    assert "slope unknown" in ax.get_title("left")
    assert not any("[" in text or "nan" in text for text in words(ax))


def test_equal_readings_are_drawn_too():
    reference, _ = angles()
    ax = cobb.bland_altman_plot(reference, reference, "unet/full").axes[0]
    assert ax.get_ylim() == (-1, 1)
    assert ax.get_title("left").endswith("p = 1")
    assert "1.00 [1.00, 1.00]" in cobb.predicted_reference(reference, reference, "unet/full").axes[0].get_title("left")


def test_the_scatter_has_identity_and_icc():
    reference, prediction = angles()
    ax = cobb.predicted_reference(reference, prediction, "unet/full").axes[0]
    found = raters.icc(np.transpose([reference, prediction]))
    title = f"ICC(2,1) {found.value:.2f} [{found.low:.2f}, {found.high:.2f}]"
    assert ax.get_title("left").endswith(title)
    x, y = ax.lines[0].get_data()
    assert list(x) == list(y)
    assert ax.get_xlim() == ax.get_ylim()
    np.testing.assert_allclose(dots(ax), np.transpose([reference, prediction]))
    with pytest.raises(ValueError, match=r"\[films\]"):
        cobb.predicted_reference([1, 2], [1], "unet")


def test_the_severity_matrix_has_counts_and_row_shares():
    table = [[0, 0, 0, 0], [1, 8, 1, 0], [0, 3, 12, 0], [0, 0, 1, 4]]
    ax = cobb.severity_matrix(table, "unet/full").axes[0]
    assert words(ax)[4:8] == ["1\n10 %", "8\n80 %", "1\n10 %", "0\n0 %"]
    assert words(ax)[:4] == ["0\n\N{EN DASH}"] * 4
    assert [t.get_text() for t in ax.get_xticklabels()] == list(SEVERITIES)
    assert [t.get_text() for t in ax.get_yticklabels()][1] == "mild\n(n = 10)"
    found = raters.weighted_kappa(table)
    assert f"n = 30 patients\nweighted kappa {found.value:.2f} [" in ax.get_title("left")
    np.testing.assert_allclose(ax.images[0].get_array()[1], [0.1, 0.8, 0.1, 0])
    assert ax.images[0].get_clim() == (0, 1)
    with pytest.raises(ValueError, match="4 rows for 2"):
        cobb.severity_matrix(table, "unet/full", ("a", "b"))


def test_errors_are_per_patient_and_method():
    table = pd.DataFrame(
        {
            "name": ["unet/full"] * 4 + ["r2mfnet/full"] * 3,
            "patient": ["a", "a", "b", "c", "a", "b", "c"],
            "value": [1.0, 3, 4, 9, 1, 2, 3],
        }
    )
    ax = cobb.angle_errors(table).axes[0]
    assert [t.get_text() for t in ax.get_yticklabels()] == [
        "U-Net\n4.0\N{DEGREE SIGN}, n = 3",
        "R2MF-Net\n2.0\N{DEGREE SIGN}, n = 3",
    ]
    assert sorted(dots(ax)[:, 0]) == [1, 2, 2, 3, 4, 9]
    colours = [colour_of(c) for c in ax.collections]
    assert colours == [plots.method_colour("unet"), plots.method_colour("r2mfnet")]
    assert "two surgeons, 95 %: 7.2\N{DEGREE SIGN}" in words(ax)
    assert not words(cobb.angle_errors(table, observers=None).axes[0])


@pytest.mark.parametrize("values", [[], [1.0, np.nan], [1.0, -1.0]])
def test_what_is_no_error_is_refused(values):
    table = pd.DataFrame({"name": "unet", "patient": range(len(values)), "value": np.array(values, float)})
    with pytest.raises(ValueError, match="errors must"):
        cobb.angle_errors(table)
