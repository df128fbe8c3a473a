"""Boards of published studies."""

import pandas as pd

from spinelib.report.results import boards
from spinelib.report.results.published import PublishedStudy
from tests.report.results.made import changed


def test_a_changed_table_changes_the_board(study):
    before = boards.published_board(study, "phantom_lateral", "vertebrae", boards.VERTEBRAE)
    assert "0.908 [0.823, 0.955]" in before
    changed(study, "summary.csv", mean=0.111111, low=0.1, high=0.122222)
    after = boards.published_board(PublishedStudy(study.folder), "phantom_lateral", "vertebrae", boards.VERTEBRAE)
    assert "0.111 [0.100, 0.122]" in after
    assert after.splitlines()[-1].startswith("| SpineFM |")


def test_like_stands_beside_like(study):
    path = study.folder / "summary.csv"
    rows = pd.read_csv(path)
    whole = rows[rows["variant"] == "full"].assign(method="unet")
    started = whole.assign(variant="full_pretrained")
    pd.concat([whole, started, whole.assign(method="plunet")]).to_csv(path, index=False)
    text = boards.published_board(PublishedStudy(study.folder), "phantom_lateral", "vertebrae", boards.VERTEBRAE)
    first, _, second = text.partition("Other weights or data:\n")
    assert first.startswith("From scratch:\n")
    assert "| PLU-Net |" in first
    assert "pretrained" not in first
    assert "| U-Net, pretrained |" in second
    assert "| U-Net |" in second
    assert "PLU-Net" not in second


def test_every_recipe_of_a_data_set_has_its_board(study):
    path = study.folder / "summary.csv"
    rows = pd.read_csv(path)
    shortened = rows.assign(recipe="shortened", dataset="films", structure="spine")
    pd.concat([rows, rows.assign(recipe="shortened"), shortened]).to_csv(path, index=False)
    changed_study = PublishedStudy(study.folder)
    places = boards.board_places(changed_study)
    assert places[:2] == [("phantom_lateral", recipe, "vertebrae") for recipe in ("common", "shortened")]
    assert ("films", "shortened", "spine") in places
    for dataset, recipe, structure in places:
        assert "| SpineFM" in boards.published_board(changed_study, dataset, structure, boards.FILMS, recipe)


def test_patients_are_counted_in_whole_numbers(study):
    path = study.folder / "summary.csv"
    rows = pd.read_csv(path)
    # One count that is missing makes floats of all.
    rows.assign(n=rows["n"].astype(float)).to_csv(path, index=False)
    text = boards.published_board(PublishedStudy(study.folder), "phantom_lateral", "vertebrae", boards.VERTEBRAE)
    assert all(line.split("|")[-2].strip().isdigit() for line in text.splitlines() if line.startswith("| SpineFM"))


def test_misses_stand_beside_the_means_where_the_study_has_their_rate(study):
    path = study.folder / "summary.csv"
    assert "missed %" not in boards.published_board(study, "phantom_lateral", "vertebrae")
    pd.read_csv(path).assign(missed=0.05, missed_low=0.01, missed_high=0.12).to_csv(path, index=False)
    text = boards.published_board(PublishedStudy(study.folder), "phantom_lateral", "vertebrae")
    assert "| 5.0 [1.0, 12.0] |" in text
