"""What trainings cost, who is on the front, and how soon a training was there."""

import json

import numpy as np
import pytest

from spinelib.questions.compare.boards import study_cases
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
    assert (unet["GMACs"], unet["input"]) == (2, "64 x 32")
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


def test_how_soon_a_training_was_there(results):
    table = courses(results)
    assert table.groupby("run")["core-seconds"].max().tolist() == [200, 200, 200]
    found = convergence(table).set_index("name").loc["unet/full"]
    assert found["best"] == pytest.approx(0.9)
    assert found["steps to best"] == 4
    assert found["core-seconds to best"] == pytest.approx(200 * 30 / 100)
    assert found["setback"] == pytest.approx(0.04 / 3)
    assert convergence(table.head(0)).empty
