"""Films are drawn as films and volumes as slices, by what the cases are."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

mpl.use("Agg")

from matplotlib import pyplot as plt

from spinelib import plots
from spinelib.cases import CaseArrays

SCORES = np.array([0.5, 0.9, np.nan, 0.7])


def cases(grid):
    """Four cases on `grid`, a block of structure 2 in each."""
    rng, dims = np.random.default_rng(0), len(grid)
    labels = np.zeros((4, *grid), np.uint8)
    labels[(slice(None), *(slice(n // 4, 3 * n // 4) for n in grid))] = 2
    return CaseArrays(
        table=pd.DataFrame({"case": list("abcd"), "patient": list("abcd"), "view": "sagittal"}),
        images=rng.integers(1, 255, (4, 1, *grid)).astype(np.uint8),
        labels=labels,
        classes=("S", "L5"),
        extra={},
        landmarks=np.zeros((4, 0, 4, 2), np.float32),
        frames=np.ones((4, 5 if dims == 2 else 9), np.float32),
        spacing=np.full((4, dims), 2.0, np.float32),
        digest="0",
    )


def titles(figure):
    return [axis.get_title() or axis.get_title(loc="left") for axis in figure.axes]


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.mark.parametrize(("grid", "panels"), [((16, 8), 3), ((6, 16, 8), 9)])
def test_examples_are_films_or_slices(grid, panels):
    figure = plots.examples(cases(grid), [3, 0, 1])
    drawn = [axis for axis in figure.axes if axis.images]
    assert len(drawn) == panels
    assert all(axis.collections for axis in drawn)


@pytest.mark.parametrize("grid", [(16, 8), (6, 16, 8)])
def test_extremes_find_their_cases_by_name(grid):
    data = cases(grid)
    figure = plots.extremes(data, data.labels[[3, 1, 0]], [0.7, 0.9, 0.5], ["d", "b", "a"])
    words = " ".join(titles(figure))
    for kind in ("best: 0.900", "median: 0.700", "worst: 0.500"):
        assert kind in words
    with pytest.raises(KeyError):
        plots.extremes(data, data.labels[:1], [0.7], ["nobody"])


def test_comparisons_of_films_are_one_figure_and_of_volumes_one_for_each_kind():
    films, volumes = cases((16, 8)), cases((6, 16, 8))
    both = {"unet3d/full": 1, "safnet/full": 2}
    assert list(plots.comparisons(films, dict.fromkeys(both, films.labels), SCORES, "dice")) == [""]
    maps = {name: np.minimum(volumes.labels, k) for name, k in both.items()}
    figures = plots.comparisons(volumes, maps, SCORES, "dice")
    assert list(figures) == ["best", "median", "worst"]
    assert [titles(figure)[0].splitlines()[0] for figure in figures.values()] == [
        "b, mean Dice 0.90",
        "a, mean Dice 0.50",
        "c, mean Dice nan",
    ]
    words = titles(figures["best"])
    # Every row has the same slices, those that hold the reference.
    numbers = [word.splitlines()[-1] for word in words if "slice" in word]
    assert numbers[:3] == numbers[3:] == ["slice 2", "slice 3", "slice 4"]
    assert any("3-D U-Net" in word for word in words)
    assert any("SAFNet" in word for word in words)


def test_more_entries_than_a_page_takes_are_left_to_the_tables():
    volumes = cases((6, 16, 8))
    many = {f"safnet/v{k}": volumes.labels for k in range(12)}
    figure = plots.comparisons(volumes, many, SCORES, "dice")["best"]
    assert sum("SAFNet" in word for word in titles(figure)) == 8
