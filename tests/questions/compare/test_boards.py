"""The comparison reads finished runs only, keeps zero-shot entries apart and says what it leaves out."""

import json

import numpy as np
import pandas as pd
import pytest

from spinelib.core.errors import BadInput
from spinelib.questions import compare
from spinelib.questions.compare import boards
from spinelib.runs.tables import CASE_COLUMNS
from spinelib.statistics import comparison
from tests.questions.compare.case_rows import case_rows


def test_zero_shot_entries_say_what_they_learned_from(results):
    cases = compare.study_cases(results)
    names = set(cases["method"] + "/" + cases["variant"])
    assert names == {"r2mfnet/full", "unet/full", "unet/full_from_phantom"}


def test_a_released_network_is_not_said_to_have_learned_from_data_of_the_study(tmp_path):
    rows = case_rows("released", "phantom", 0.8) + case_rows("unet", "phantom", 0.7)
    pd.DataFrame(rows)[CASE_COLUMNS].to_csv(tmp_path / "cases.csv", index=False)
    cases = compare.study_cases(tmp_path)
    assert set(cases["method"] + "/" + cases["variant"]) == {"released/full", "unet/full_from_phantom"}


def test_recipes_and_widths_are_never_mixed(tmp_path):
    rows = case_rows("unet", "real", 0.8) + case_rows("mdwcnet", "real", 0.7)
    for changes in ({"recipe": "published", "run": "own"}, {"width": 0.5, "run": "half"}):
        rows += [{**row, **changes} for row in case_rows("unet", "real", 0.9)]
    pd.DataFrame(rows)[CASE_COLUMNS].to_csv(tmp_path / "cases.csv", index=False)
    cases = compare.study_cases(tmp_path)
    names = {"unet/full_width_1", "unet/full_width_0.5", "unet/full_published", "mdwcnet/full"}
    assert set(cases["method"] + "/" + cases["variant"]) == names
    summary = comparison.summarise(cases)
    assert compare.recipes(summary, "real") == ["common", "published"]
    best_first = ["unet/full_width_0.5", "unet/full_width_1", "mdwcnet/full"]
    assert list(compare.full_board(summary, "real", "spine").index) == best_first
    assert list(compare.full_board(summary, "real", "spine", "published").index) == ["unet/full_published"]


def test_the_board_stands_with_and_without_near_duplicates(results):
    summary = comparison.summarise(compare.study_cases(results))
    board = compare.full_board(summary, "real", "spine")
    assert list(dict.fromkeys(board.columns.get_level_values(0))) == ["6 patients", "5 patients, no near-duplicates"]
    assert board.loc["r2mfnet/full", ("6 patients", "dice")].startswith("0.825 [")
    assert board.loc["r2mfnet/full", ("5 patients, no near-duplicates", "dice")].startswith("0.820 [")
    assert list(board.index) == ["r2mfnet/full", "unet/full", "unet/full_from_phantom"]


def test_views_appear_only_where_there_are_several(results):
    cases = compare.study_cases(results)
    assert not len(compare.view_scores(comparison.summarise(cases), "real", "spine", "dice", "1"))
    many = pd.DataFrame(case_rows("unet", "real", 0.5, views=("coronal", "left_bending")))
    views = compare.view_scores(comparison.summarise(many), "real", "spine", "dice", "1")
    assert set(views["view"]) == {"coronal", "left_bending"}


def test_the_run_table_reads_the_records(tmp_path):
    folder = tmp_path / "runs" / "a"
    folder.mkdir(parents=True)
    facts = {"params": 2_000_000, "flops": 3e9, "training": {"steps": 10, "best_dice": 0.5, "seconds": 7.4}}
    record = {"run": "a", "parameters": {"trained_on": "real", "width": 0.5}, "facts": facts}
    (folder / "run.json").write_text(json.dumps(record))
    (tmp_path / "runs" / "b").mkdir()
    (tmp_path / "runs" / "b" / "run.json").write_text(json.dumps(record | {"run": "b"}))
    assert compare.run_table(tmp_path)["run"].tolist() == ["a", "b"]
    (tmp_path / "study.json").write_text(json.dumps({"runs": [{"id": "a"}]}))
    assert compare.run_table(tmp_path)["run"].tolist() == ["a"], "b is of an earlier plan"
    row = compare.run_table(tmp_path).iloc[0]
    assert (row["million parameters"], row["steps"], row["training seconds"]) == (2.0, 10, 7)
    (folder / "run.json").write_text(json.dumps(record | {"facts": {"masks": {"files": 64}}}))
    assert np.isnan(compare.run_table(tmp_path).iloc[0]["million parameters"]), "nobody knows what made the masks"


def test_a_study_without_results_says_what_to_do(tmp_path):
    with pytest.raises(BadInput, match="make study"):
        compare.study_cases(tmp_path)


def test_the_rate_of_misses_stands_with_its_interval():
    table = pd.DataFrame({"missed": [0.03125], "missed_low": [0.0066], "missed_high": [0.0976]})
    assert boards.missed_words(table) == ["3.1 [0.7, 9.8]"]
