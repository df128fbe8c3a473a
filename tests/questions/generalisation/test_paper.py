"""The four metrics of the MDWC-Net paper, and the MIoU that Dice and accuracy leave no choice about."""

import numpy as np
import pandas as pd
import pytest

from spinelib.measures import overlap
from spinelib.questions import generalisation

ABOUT = {"dataset": "chest", "data": "chest", "method": "unet", "variant": "full", "recipe": "common", "width": 0.5}
FILM = {"split": "test", "view": "other", "condition": "none", "severity": 0, "structure": "lung", "status": "ok"}


def rows_of(case, values, **changes):
    metrics = dict(zip(("dice", "miou", "sensitivity", "pixel_accuracy"), values, strict=True))
    suffix = "_pooled" if case == "all" else ""
    return [
        {**ABOUT, **FILM, "case": case, "metric": name + suffix, "value": value, **changes}
        for name, value in metrics.items()
    ]


@pytest.fixture
def rows():
    table = rows_of("a", (0.9, 0.85, 0.8, 0.95)) + rows_of("b", (0.0, 0.4, 0.0, 0.8), status="empty_prediction")
    table += rows_of("all", (0.6, 0.65, 0.5, 0.875), view="all") + rows_of("all", (0.1, 0.1, 0.1, 0.1))
    table += rows_of("c", (1.0, 1.0, 1.0, 1.0), split="train") + rows_of("a", (0.2, 0.2, 0.2, 0.2), condition="noise")
    return pd.DataFrame(table)


def test_per_image_counts_misses_and_pooled_takes_all_views_together(rows):
    table = generalisation.paper_metrics(rows)
    line = table.loc[("chest", "lung")]
    assert line["per image"].to_dict() == {"GPA": 0.875, "Dice": 0.45, "MIoU": 0.625, "Sensitivity": 0.4}
    assert line["pooled"].to_dict() == {"GPA": 0.875, "Dice": 0.6, "MIoU": 0.65, "Sensitivity": 0.5}
    assert line["test films"].to_dict() == {"cases": 2, "missed": 1}
    assert table.attrs["names"]["GPA"] == "pixel_accuracy"


def test_a_line_for_each_group_and_none_without_test_films(rows):
    both = pd.concat([rows, rows.assign(method="mdwcnet")])
    assert len(generalisation.paper_metrics(both, ["dataset", "structure", "method"])) == 2
    assert generalisation.paper_metrics(rows[rows["split"] == "train"]).empty


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
    means = generalisation.metric_means(rows.assign(method="mdwcnet", dataset="chest_xray"), by)
    table = generalisation.beside_paper(means).set_index("metric")
    assert set(table.index) == {"Dice", "MIoU"}
    line = table.loc["Dice"]
    assert (line["per image"], line["pooled"], line["published"]) == (0.45, 0.6, 0.8532)
    assert line["comparable"].startswith("no: ")
    assert generalisation.beside_paper(means.assign(method="r2mfnet")).empty


def test_a_low_lung_dice_is_called_a_bug_and_a_high_one_is_not(rows):
    by = ["data", "structure", "method", "variant", "recipe", "width"]
    means = generalisation.metric_means(rows, by)
    (words,) = generalisation.lung_warnings(means)
    assert "lung Dice: unet/full 0.450 (common recipe)." in words
    assert "not a replication of 0.8532" in words
    assert not generalisation.lung_warnings(means.assign(mean=0.96))
    assert not generalisation.lung_warnings(means.assign(structure="spine"))


def test_volumes_have_no_line(rows):
    volumes = [
        {**row, "dataset": "mr", "data": "mr", "structure": name}
        for name in ("L5", "all")
        for row in rows_of("v", (0.9,) * 4)
    ]
    assert list(generalisation.paper_metrics(pd.concat([rows, pd.DataFrame(volumes)])).index) == [("chest", "lung")]
    assert generalisation.paper_metrics(pd.DataFrame(volumes)).empty
