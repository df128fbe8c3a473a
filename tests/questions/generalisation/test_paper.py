"""The MDWC-Net paper's numbers beside ours, and the MIoU that Dice and accuracy leave no choice about."""

import numpy as np
import pandas as pd
import pytest

from spinelib import protocol
from spinelib.measures import overlap
from spinelib.questions import generalisation
from tests.protocol.paper_rows import paper_rows


@pytest.fixture
def rows():
    return paper_rows()


def test_miou_from_is_that_of_every_confusion_matrix():
    counts = np.random.default_rng(0).integers(1, 1000, (200, 4))
    scores = overlap.scores(counts)
    found = [generalisation.miou_from(*pair) for pair in zip(scores["dice"], scores["pixel_accuracy"], strict=True)]
    np.testing.assert_allclose(found, scores["miou"], rtol=1e-9)
    assert generalisation.miou_from(1.0, 1.0) == 1.0
    assert generalisation.miou_from(0.0, 0.5) == pytest.approx(0.25)


@pytest.mark.parametrize(("dice", "accuracy"), [(0.9, 0.5), (1.0, 0.9), (0.9, 1.0), (89.86, 0.96), (0.9, -0.1)])
def test_values_that_no_confusion_matrix_has_are_refused(dice, accuracy):
    with pytest.raises(ValueError, match="accuracy"):
        generalisation.miou_from(dice, accuracy)


def test_the_published_miou_on_spines_does_not_follow():
    table = generalisation.miou_check()
    line = table.query("system == 'mdwcnet' and variant == 'full' and dataset == 'Spine Dataset'").iloc[0]
    assert line["implied"] == pytest.approx(0.8894, abs=5e-5)
    assert line["difference"] == pytest.approx(0.0159, abs=5e-5)
    assert line["verdict"] == "does not follow"


def test_the_check_passes_what_follows_and_skips_what_cannot_be_checked():
    numbers = {"dice": 0.8, "pixel_accuracy": 0.9, "miou": generalisation.miou_from(0.8, 0.9)}
    one = pd.DataFrame({"run": "a", "metric": list(numbers), "value": list(numbers.values())})
    partial = one[one["metric"] != "miou"].assign(run="b")
    impossible = one.assign(run="c", value=[0.9, 0.5, 0.7])
    table = generalisation.miou_check(pd.concat([one, partial, impossible]), ["run"]).set_index("run")
    assert dict(table["verdict"]) == {"a": "follows", "c": "does not follow"}
    assert np.isnan(table.loc["c", "implied"])


def test_both_averages_stand_in_one_line_beside_the_published_number(rows):
    by = ["data", "dataset", "structure", "method", "variant", "recipe", "width"]
    means = protocol.metric_means(rows.assign(method="mdwcnet", dataset="chest_xray"), by)
    table = generalisation.beside_paper(means).set_index("metric")
    assert set(table.index) == {"Dice", "MIoU"}
    line = table.loc["Dice"]
    assert (line["per image"], line["pooled"], line["published"]) == (0.45, 0.6, 0.8532)
    assert line["comparable"].startswith("no: ")
    assert generalisation.beside_paper(means.assign(method="r2mfnet")).empty


def test_a_low_lung_dice_is_called_a_bug_and_a_high_one_is_not(rows):
    by = ["data", "structure", "method", "variant", "recipe", "width"]
    means = protocol.metric_means(rows, by)
    (words,) = generalisation.lung_warnings(means)
    assert "lung Dice: unet/full 0.450 (common recipe)." in words
    assert "not a replication of 0.8532" in words
    assert not generalisation.lung_warnings(means.assign(mean=0.96))
    assert not generalisation.lung_warnings(means.assign(structure="spine"))
