"""Which board an entry stands on, and what is said of compute."""

import json

import pandas as pd
import pytest

from spinelib.questions import compare
from spinelib.runs.kinds import (
    FILMS,
    PARTS,
    SCRATCH,
    STARTS,
    boards_by_kind,
    compute_words,
    entry_kind,
    kind_boards,
    run_compute,
    told_apart,
    with_compute,
)
from spinelib.runs.tables import CASE_COLUMNS
from spinelib.statistics import comparison
from tests.questions.compare.case_rows import case_rows


@pytest.mark.parametrize(
    ("method", "variant", "trained_on", "kind"),
    [
        ("unet", "full", "real", SCRATCH),
        ("unet", "full_published", "real", SCRATCH),
        ("unet", "full_width_0.5", "real", SCRATCH),
        ("unet", "full_from_phantom", "phantom", STARTS),
        ("seg4regplus", "full_pretrained_width_0.5", "real", STARTS),
        ("resunet3d", "full_with_phantom_mr_pretrained", "real", STARTS),
        ("released", "film", "real", STARTS),
        ("masks", "other_program", "real", SCRATCH),
        ("masks", "other_program_pretrained", "real", STARTS),
        ("seg4regplus", "full_films54", "real", FILMS),
        ("r2mfnet", "no_r2jump", "real", PARTS),
        ("seg4regplus", "seg4reg", "real", PARTS),
        ("unet", "full_ema0p99", "real", PARTS),
    ],
)
def test_what_an_entry_is(method, variant, trained_on, kind):
    assert entry_kind(method, variant, trained_on, "real") == kind


def test_like_stands_beside_like_and_others_beside_the_whole_method():
    rows = case_rows("unet", "real", 0.8) + case_rows("plunet", "real", 0.7) + case_rows("unet", "phantom", 0.6)
    rows += [{**row, "variant": "no_skips", "run": "part"} for row in case_rows("plunet", "real", 0.75)]
    summary = comparison.summarise(pd.DataFrame(rows))
    boards = dict(boards_by_kind(summary, "real", "spine", "common"))
    entry = ["method", "variant", "trained_on"]
    found = {kind: sorted(set(own[entry].itertuples(index=False, name=None))) for kind, own in boards.items()}
    whole = [("plunet", "full", "real"), ("unet", "full", "real")]
    assert found == {
        SCRATCH: whole,
        STARTS: [("unet", "full", "phantom"), whole[1]],
        PARTS: [whole[0], ("plunet", "no_skips", "real")],
    }
    assert not list(boards_by_kind(summary, "real", "lung", "common"))


def test_compute_is_equal_within_five_per_cent():
    assert compute_words([1.0, 1.05]) == "Compute is equal within 5 %: 1 to 1.05 GMAC for one prediction."
    assert compute_words([1.0, 1.06]).startswith("Compute is not equal: 1 to 1.06")
    assert compute_words([1.0, float("nan")]) == ""


def test_a_board_shows_the_compute_of_its_entries(tmp_path):
    rows = case_rows("r2mfnet", "real", 0.8) + case_rows("unet", "real", 0.7)
    pd.DataFrame(rows)[CASE_COLUMNS].to_csv(tmp_path / "cases.csv", index=False)
    folder = tmp_path / "runs" / "real-unet"
    folder.mkdir(parents=True)
    given = {"method": "unet", "variant": "full", "trained_on": "real", "width": 1.0}
    facts = {"flops": 3e9, "params": 2e6, "training": {"seconds": 7.0, "threads": 2}}
    record = {"status": "finished", "run": "real-unet", "parameters": given, "facts": facts}
    (folder / "run.json").write_text(json.dumps(record))
    cases = compare.study_cases(tmp_path)
    board = compare.full_board(comparison.summarise(cases), "real", "spine")
    costs = with_compute(board, run_compute(tmp_path), cases)[["GMAC", "million parameters", "core-seconds"]]
    assert costs.loc["unet/full"].tolist() == [1.5, 2.0, 14.0]
    assert costs.isna().all(axis=1).tolist() == [True, False]


NAMES = ("seg4regplus/full_pretrained", "unet/full", "seg4regplus/full", "unet/resnet34_from_phantom")
NAMES += ("seg4regplus/base", "fcn8s/full", "fcn8s/full_films54")


def test_each_kind_has_a_board_beside_the_same_methods_from_scratch():
    board = pd.DataFrame({"name": NAMES, "rank": range(1, len(NAMES) + 1)})
    found = dict(kind_boards(board))
    assert {kind: own["name"].tolist() for kind, own in found.items()} == {
        SCRATCH: ["unet/full", "seg4regplus/full", "fcn8s/full"],
        STARTS: [*NAMES[:4]],
        FILMS: [*NAMES[5:]],
        PARTS: ["seg4regplus/full", "seg4regplus/base"],
    }
    assert found[SCRATCH]["rank"].tolist() == [1, 2, 3]
    released = pd.concat([board, pd.DataFrame({"name": ["released/film"], "rank": [0]})])
    beside = dict(kind_boards(released))[STARTS]["name"].tolist()
    assert {"released/film", *found[SCRATCH]["name"]} <= set(beside), "a released network stands beside all of them"
    assert found[FILMS]["rank"].tolist() == [1, 2]


def test_what_is_no_entry_stands_on_every_board_without_a_rank():
    board = pd.DataFrame({"name": [*NAMES[:2], "reference masks"], "rank": [1, 2, None]})
    for _, own in kind_boards(board):
        assert own["name"].iloc[-1] == "reference masks"
        assert pd.isna(own["rank"].iloc[-1])


def test_only_what_differs_tells_entries_apart():
    rows = pd.DataFrame(
        [
            ("unet", "common", "d", 0.25),
            ("unet", "common", "d", 0.5),
            ("plunet", "published", "d", 0.5),
            ("plunet", "common", "other", 1.0),
            ("released", "common", "other", 1.0),
        ],
        columns=["method", "recipe", "trained_on", "width"],
    ).assign(variant="full", dataset="d")
    assert list(told_apart(rows)) == ["_width_0.25", "_width_0.5", "_published", "_from_other", ""]
