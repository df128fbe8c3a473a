"""The published numbers: facts that keep their contract, and never a comparison that the facts do not allow."""

import pandas as pd
import pytest

from spinelib.core.errors import BadInput
from spinelib.literature import numbers
from spinelib.measures.registry import METRICS
from spinelib.models import METHODS

OURS = {"method": "mdwcnet", "variant": "full", "structure": "lung", "metric": "dice", "mean": 0.96}


def printed():
    """The rows of the ledger that a paper printed."""
    return numbers.ledger().query("follows == ''").reset_index(drop=True)


def number(**where):
    rows = numbers.read_numbers()
    for name, value in where.items():
        rows = rows[rows[name] == value]
    assert len(rows) == 1
    return rows.iloc[0]


def test_the_headline_of_mdwcnet_is_as_printed():
    printed = {"pixel_accuracy": (96.82, 0.289), "dice": (89.86, 0.356), "miou": (90.53, 0.315)}
    for metric, (value, spread) in printed.items():
        row = number(system="mdwcnet", variant="full", dataset="Spine Dataset", metric=metric)
        assert (100 * row["value"], 100 * row["spread"]) == pytest.approx((value, spread))
        assert (row["status"], row["averaging"], row["our_dataset"]) == ("stated", "unknown", "")


@pytest.mark.parametrize(
    ("system", "dataset", "metric", "below"),
    [
        ("unet", "Spine Dataset", "dice", 0.0358),
        ("deeplabv3plus", "Spine Dataset", "dice", 0.0434),
        ("fcn8s", "Spine Dataset", "dice", 0.0758),
        ("fcn8s", "ISIC 2016", "sensitivity", 0.0528),
        ("unet", "ISIC 2016", "miou", 0.0333),
        ("transunet", "ISIC 2016", "pixel_accuracy", 0.0158),
    ],
)
def test_derived_numbers_are_the_stated_ones_less_the_stated_gain(system, dataset, metric, below):
    best = number(system="mdwcnet", variant="full", dataset=dataset, metric=metric)
    row = number(system=system, dataset=dataset, metric=metric)
    assert row["value"] == pytest.approx(best["value"] - below)
    assert row["status"] == "derived"


def test_methods_and_variants_that_exist_here_carry_our_names():
    rows = numbers.read_numbers()
    assert {"mdwcnet", "unet", "fcn8s", "deeplabv3plus", "transunet"} <= set(rows["system"]) & set(METHODS)
    own = rows[rows["system"] == "mdwcnet"]
    assert set(own["variant"]) <= set(METHODS["mdwcnet"].variants)
    assert set(own["paper"]) == {METHODS["mdwcnet"].paper}
    scores = ~rows["metric"].str.contains("loss|^p_t_")
    assert set(rows.loc[scores, "metric"]) <= set(METRICS)


def test_the_folds_of_safnet_give_the_printed_means_and_the_contradictions_are_said():
    rows = numbers.read_numbers().query("dataset == 'MRSpineSeg' and metric == 'dice'")
    assert (rows["difference"] != "").all()
    single = rows["source"].str.startswith("Table 1, fold")
    assert single.sum() == 25
    means = rows[single].groupby("system")["value"].mean()
    whole = rows[~single & ~rows["source"].str.contains("Table 2")].set_index("system")["value"]
    assert means[whole.index].to_numpy() == pytest.approx(whole.to_numpy(), abs=6e-5)
    fifth = number(system="safnet", source="Table 1, fold 5")
    assert fifth["value"] == pytest.approx(0.8145)
    assert "80.83" in fifth["note"]
    ablation = rows[rows["source"] == "Table 2"]
    assert set(ablation["variant"]) <= set(METHODS["safnet"].variants)
    assert "80.32" in ablation.set_index("variant").loc["full", "note"]


def test_validation_and_hidden_test_of_aasce_stay_apart():
    smape = numbers.read_numbers().query("system == 'seg4reg' and metric == 'smape'").set_index("dataset")["value"]
    assert dict(smape) == {"AASCE validation (128)": 7.64, "AASCE hidden test (98)": 21.71}


def test_a_reader_cannot_change_the_table_of_the_next():
    mine = numbers.read_numbers()
    mine["value"] = 0.0
    assert numbers.read_numbers()["value"].max() > 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"value": 89.86}, "share outside"),
        ({"value": float("nan")}, "no number"),
        ({"follows": "mdwcnet-spine-dice"}, "follows from others at once"),
        ({"status": "derived"}, "does not follow"),
        ({"status": "guessed"}, "unknown status"),
        ({"averaging": ""}, "unknown averaging"),
        ({"spread": -1.0}, "negative spread"),
        ({"source": ""}, "no paper or source"),
        ({"our_dataset": "", "difference": ""}, "why no data"),
    ],
)
def test_a_row_that_breaks_the_contract_is_named(change, message):
    rows = printed().head(2)
    for name, value in change.items():
        rows.loc[1, name] = value
    with pytest.raises(BadInput, match=message):
        numbers.check_published_numbers(rows, "numbers.csv")


def test_a_number_given_twice_and_a_missing_column_are_refused():
    rows = printed().head(1)
    with pytest.raises(BadInput, match="given twice"):
        numbers.check_published_numbers(pd.concat([rows, rows], ignore_index=True), "numbers.csv")
    with pytest.raises(BadInput, match="has the columns"):
        numbers.check_published_numbers(rows.drop(columns="note"), "numbers.csv")


def test_no_printed_number_stands_twice():
    rows = numbers.ledger()
    own = rows["follows"] == ""
    assert own.sum() == 82
    assert not rows["id"].duplicated().any()
    # Of one fold, one table and one kind of pooling a system has one value, whatever the words of its source.
    same = ["paper", "system", "variant", "over", "dataset", "structure", "metric", "averaging", "value"]
    assert not rows[own].duplicated(same).any()


def test_what_follows_is_worked_out_from_printed_numbers():
    value = numbers.ledger().set_index("id")["value"]
    assert value["unet-spine-dice"] == 0.8628  # 89.86 less 3.58
    assert value["resunet3d-mr-dice"] == 0.7792  # mean of five folds
    assert value["second_best-if_relative-spine-dice"] == 0.8840  # 89.86 / 1.0165
    assert numbers.known().rounded("mean(safnet-fold*-mr-dice) - resunet3d-mr-dice") == 0.0241


def test_texts_print_numbers_as_the_paper_does():
    text = numbers.ledger().set_index("id")
    assert text["source"]["unet-spine-dice"] == "section 3.3.1: 89.86 less 3.58 points"
    assert text["source"]["second_best-if_relative-spine-dice"] == "section 3.3.1: 89.86 / 1.0165"
    assert "print 80.83+-3.48, the cell" in text["note"]["safnet-fold5-mr-dice"]


def test_a_row_that_follows_from_no_number_is_named():
    rows = numbers.ledger().assign(value=float("nan"), follows="mean(nothing*)")
    with pytest.raises(BadInput, match=r"mean\(nothing\*\)"):
        numbers.worked_out(rows, "numbers.csv")


def lung(**changes):
    rows = numbers.read_numbers().query("structure == 'lung' and metric == 'dice'")
    return rows.assign(**changes)


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        ({}, {"averaging": "pooled", "difference": ""}, "yes"),
        ({}, {"averaging": "per_image", "difference": ""}, "no: averaging: per image there"),
        ({}, {"difference": ""}, "no: averaging not stated"),
        ({"films": 210}, {"averaging": "pooled", "difference": ""}, "no: other films: 210 of 704"),
        ({"dataset": "folder"}, {"averaging": "pooled"}, "no: other images"),
        ({}, {"averaging": "pooled"}, "no: the random 7:1:2 split is not published"),
        ({}, {"our_dataset": "", "difference": "private images"}, "no: private images; averaging not stated"),
    ],
)
def test_comparable_only_for_the_same_images_and_averaging(ours, theirs, words):
    rows = pd.DataFrame([{**OURS, "dataset": "chest_xray", "averaging": "pooled", "films": 704, "seed": 3, **ours}])
    pair = numbers.beside_published(rows, lung(**theirs)).iloc[0]
    assert pair["comparable"] == words
    assert (pair["published"], pair["mean"], pair["seed"], pair["paper_dataset"]) == (0.8532, 0.96, 3, "Chest X-ray")


def test_none_of_the_published_numbers_is_comparable_with_pooled_scores_of_chest_films():
    rows = pd.DataFrame([{**OURS, "dataset": "chest_xray", "averaging": "pooled"}])
    assert numbers.beside_published(rows)["comparable"].str.startswith("no: ").all()
    assert numbers.beside_published(rows.assign(method="r2mfnet")).empty
    with pytest.raises(ValueError, match="averaging"):
        numbers.beside_published(rows.drop(columns="averaging"))
