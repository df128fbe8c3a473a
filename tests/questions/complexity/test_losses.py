"""Losses of all trainings on one axis."""

import json
import shutil

import matplotlib.pyplot as plt
import pytest

from spinelib.questions.complexity.losses import loss_courses, loss_curves


def test_one_curve_an_entry_and_none_for_a_loss_of_other_terms(results):
    first = results / "runs" / "phantom-unet-full-s0-f0"
    views = {"views": ["coronal"]}
    for name, changes in (
        ("a_view", views),
        ("seed", {"seed": 1}),
        ("joint", {"method": "seg4regplus"}),
        ("part", {"variant": "resnet18"}),
    ):
        shutil.copytree(first, results / "runs" / name)
        record = json.loads((first / "run.json").read_text())
        record["parameters"] |= changes
        record["run"] = name
        (results / "runs" / name / "run.json").write_text(json.dumps(record))
    table = loss_courses(results)
    assert set(table["name"]) == {
        "unet/full_views_coronal",
        "unet/full",
        "resunet/full",
        "plunet/full",
        "unet/resnet18",
    }
    unet = table[table["name"] == "unet/full"]
    assert unet["epoch"].tolist() == [1, 2, 4, 5]
    assert unet["training"].tolist() == [1.0, 0.5, 0.3, 0.2]
    assert unet["validation"].tolist() == [1.2, 0.7, 0.5, 0.4]
    figure = loss_curves(table)
    above, below = figure.axes
    assert (above.get_ylabel(), below.get_ylabel()) == ("training loss (nat)", "validation loss (nat)")
    assert sum(line.get_linewidth() == 1.5 for line in above.lines) == 3, (
        "the full networks are named, a variant is thin"
    )
    said = [text.get_text().replace("\n", " ") for text in above.get_legend().get_texts()]
    assert "U-Net" in said
    assert not any("coronal" in words for words in said), "full itself has the name"
    plt.close(figure)
    with pytest.raises(ValueError, match="no training has a history"):
        loss_curves(table.head(0))
