"""What trainings cost, who is on the front, and the figures of both."""

import json

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from spinelib.plots.margin import apart
from spinelib.questions.compare.boards import study_cases
from spinelib.questions.complexity import figures
from spinelib.questions.complexity.cost import convergence, courses, frontier, pareto, training_costs
from spinelib.statistics import comparison


def test_nobody_beats_the_front():
    cost, score = [1, 2, 2, 3, 4, 1, np.nan], [0.5, 0.6, 0.7, 0.7, 0.9, 0.5, 0.99]
    # Equal twins stay both; the same score for more, a lower one for the same, and what is unknown do not.
    assert pareto(cost, score).tolist() == [True, False, True, False, True, True, False]
    assert pareto([], []).tolist() == []
    with pytest.raises(ValueError, match="shape"):
        pareto([1], [1, 2])


def test_costs_are_those_of_the_records(results):
    table = training_costs(results).set_index("name")
    unet = table.loc["unet/full"]
    assert unet["GMACs"] == 2
    assert unet["images seen"] == 40
    assert unet["core-seconds"] == 200
    assert unet["core-seconds per 1000 images"] == 5000
    assert (table["pilot core-seconds"] == 0).all()


def test_a_training_owes_the_one_it_starts_from(results):
    for name, start in (("unet", "../x/phantom-resunet-full-s0-f0"), ("plunet", "elsewhere.safetensors")):
        path = results / "runs" / f"phantom-{name}-full-s0-f0" / "run.json"
        record = json.loads(path.read_text())
        record["parameters"]["pretrained"] = start
        path.write_text(json.dumps(record))
    found = training_costs(results).set_index("name")["core-seconds in all"]
    assert found[["unet/full", "resunet/full"]].tolist() == [400, 200]
    assert np.isnan(found["plunet/full"])


def test_the_front_of_a_study(results):
    cases = study_cases(results)
    table = frontier(cases, comparison.summarise(cases), "phantom", training_costs(results), "GMACs")
    assert table["name"].tolist() == ["resunet/full", "unet/full", "plunet/full"]
    assert table["front"].tolist() == [True, True, False]
    assert table["score"].tolist() == pytest.approx([0.8, 0.9, 0.7])
    figure = figures.frontier_scatter(table, "GMACs", "Dice")
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts == ["ResU-Net *", "U-Net *", "PLU-Net"]
    assert figure.get_size_inches()[0] <= 6.4
    plt.close(figure)


def test_how_soon_a_training_was_there(results):
    table = courses(results)
    assert table.groupby("run")["core-seconds"].max().tolist() == [200, 200, 200]
    found = convergence(table).set_index("name").loc["unet/full"]
    assert found["best"] == pytest.approx(0.9)
    assert found["steps to best"] == 4
    assert found["core-seconds to best"] == pytest.approx(200 * 30 / 100)
    assert found["setback"] == pytest.approx(0.04 / 3)
    figure = figures.validation_curves(table)
    assert len(figure.axes) == 2
    plt.close(figure)
    assert convergence(table.head(0)).empty


def test_labels_stand_apart():
    places = apart([0.5, 0.51, 0.9, 0.5], 0.1)
    assert np.diff(np.sort(places)).min() >= 0.1 - 1e-9
    assert places.argmax() == 2
    assert places.mean() == pytest.approx(np.mean([0.5, 0.51, 0.9, 0.5]))
    assert apart([0.0, 0.0, 1.0], 0.2).min() == 0
    with pytest.raises(ValueError, match="cost"):
        figures.frontier_scatter(pd.DataFrame(), "GMACs", "Dice")
