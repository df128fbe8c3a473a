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
from spinelib.questions.complexity.networks import study_networks
from spinelib.runs.tables import CASE_COLUMNS
from spinelib.statistics import comparison

USUAL = {"study": "made", "dataset": "phantom", "trained_on": "phantom", "recipe": "common", "seed": 0, "fold": 0}
CLEAN = {"split": "test", "view": "coronal", "condition": "none", "severity": 0, "near_duplicate": ""}
SCORES = {"unet": 0.9, "resunet": 0.8, "plunet": 0.7}


@pytest.fixture
def results(tmp_path):
    """A study of three networks; cost and score fall together but for plunet, which is dear and bad."""
    lines = []
    for k, (method, score) in enumerate(SCORES.items()):
        run = f"phantom-{method}-full-s0-f0"
        folder = tmp_path / "runs" / run
        folder.mkdir(parents=True)
        training = {"steps": 10, "seconds": 100.0, "threads": 2, "epochs": 2.0, "precision": "float32"}
        facts = {"params": 1000, "flops": 4e9 / (k + 1), "recipe": {"batch": 4}, "training": training}
        facts["flops"] = 8e9 if method == "plunet" else facts["flops"]
        given = {"method": method, "variant": "full", "trained_on": "phantom", "width": 1.0, "grid": [64, 32]}
        record = {"run": run, "device": "cpu", "threads": 1, "facts": facts, "parameters": given}
        (folder / "run.json").write_text(json.dumps(record))
        built = {"method": method, "in_channels": 2, "out_channels": 1, "width": 1.0}
        (folder / "training.json").write_text(json.dumps({"identity": {"network": built}}))
        dice = [0.2, score - 0.01, score - 0.05, score]
        history = pd.DataFrame({"step": [2, 4, 8, 10], "seconds": [10, 20, 30, 40], "validation_dice": dice})
        history.to_csv(folder / "history.csv", index=False)
        about = {**USUAL, **CLEAN, "run": run, "method": method, "variant": "full", "width": 1.0}
        more = {"structure": "spine", "metric": "dice", "unit": "1", "status": "ok"}
        lines += [
            {**about, **more, "case": p, "patient": p, "value": score + d} for p, d in (("a", 0.01), ("b", -0.01))
        ]
    pd.DataFrame(lines)[CASE_COLUMNS].to_csv(tmp_path / "cases.csv", index=False)
    return tmp_path


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


def test_networks_of_a_study_and_those_without_a_record(results):
    found, left_out = study_networks(results)
    first = found[0]
    assert (first.name, first.grid, first.batch, first.flops) == ("unet/full", (64, 32), 4, 4_000_000_000)
    assert not left_out
    (results / "runs" / found[0].runs[0] / "training.json").write_text("{}")
    found, left_out = study_networks(results)
    assert [n.method for n in found] == ["resunet", "plunet"]
    assert "no record" in left_out["phantom-unet-full-s0-f0"]


def test_labels_stand_apart():
    places = apart([0.5, 0.51, 0.9, 0.5], 0.1)
    assert np.diff(np.sort(places)).min() >= 0.1 - 1e-9
    assert places.argmax() == 2
    assert places.mean() == pytest.approx(np.mean([0.5, 0.51, 0.9, 0.5]))
    assert apart([0.0, 0.0, 1.0], 0.2).min() == 0
    with pytest.raises(ValueError, match="cost"):
        figures.frontier_scatter(pd.DataFrame(), "GMACs", "Dice")
