"""Boards of volumes: groups of structures, folds put together, levels that are off, published numbers kept apart."""

import json

import numpy as np
import pandas as pd
import pytest

from spinelib.cases import Case, save_volume, write_classes, write_manifest, write_problems
from spinelib.core.errors import BadInput
from spinelib.measures.seventeen import with_seventeen
from spinelib.questions.cobb.angle_tables import cobb_tables
from spinelib.questions.compare import boards, volume_tables
from spinelib.questions.compare.text import leaderboards
from spinelib.runs.predictions import save_predictions
from spinelib.statistics import comparison
from tests.questions.compare.case_rows import case_rows
from tests.questions.compare.volume_rows import table_of, volume_rows


@pytest.fixture
def results(tmp_path):
    """Two methods in three folds, one of them a level off once, and a zero-shot entry."""
    table = table_of(
        volume_rows("safnet", 0.8, parts=3),
        volume_rows("unet3d", 0.7, parts=3, shift=-1),
        volume_rows("safnet", 0.5, trained_on="phantom_mr"),
    )
    table.to_csv(tmp_path / "cases.csv", index=False)
    return tmp_path


@pytest.fixture
def cases(results):
    return boards.study_cases(results)


def test_volumes_have_a_board_for_all_structures_for_vertebrae_and_for_discs(cases):
    assert boards.board_structures(cases, "mr") == ["all", "vertebrae", "discs"]
    assert boards.first_structure(cases, "mr") == "all"
    films = pd.DataFrame(case_rows("unet", "real", 0.7))
    both = pd.concat([cases, films])
    assert boards.board_structures(both, "real") == ["spine"]
    assert [boards.holds_volumes(both, name) for name in ("mr", "real")] == [True, False]


def test_the_folds_of_an_entry_cover_the_cases_and_are_scored_in_mm(cases):
    summary = comparison.summarise(cases)
    board = boards.full_board(summary, "mr", "vertebrae")
    assert list(board.index) == ["safnet/full", "unet3d/full", "safnet/full_from_phantom_mr"]
    assert list(board["6 patients"].columns) == ["dice", "hd95 mm", "assd mm"]
    values = 0.8 + np.arange(6) / 100
    words = board.loc["safnet/full", ("6 patients", "dice")]
    assert words.startswith(f"{values.mean():.3f} ± {values.std(ddof=1):.3f} [0.8")
    assert board.loc["safnet/full", ("6 patients", "hd95 mm")].startswith(f"{10 * (1 - values.mean()):.2f} ± ")
    assert "dice_unshifted" in boards.full_board(summary, "mr", "all")["6 patients"]
    row = summary.query("method == 'safnet' and trained_on == 'mr' and structure == 'all' and metric == 'dice'")
    assert row[["n", "runs"]].to_numpy().tolist() == [[6, 3]]


def test_boards_of_films_stay_without_a_spread():
    summary = comparison.summarise(pd.DataFrame(case_rows("unet", "real", 0.7)))
    words = boards.full_board(summary, "real", "spine").loc["unet/full", ("6 patients", "dice")]
    assert words.startswith("0.725 [")


def test_every_structure_stands_alone_from_above(cases):
    summary = comparison.summarise(cases)
    lost = (cases["case"] == "v1") & (cases["structure"] == "L4") & (cases["method"] == "unet3d")
    none = (cases["case"] == "v2") & (cases["structure"] == "L4")
    changed = cases.assign(status=cases["status"].mask(lost, "empty_prediction").mask(none, "absent"))
    changed.loc[none, "value"] = np.nan
    table = volume_tables.structure_table(changed, "mr")
    assert list(table.index) == ["L4", "L5", "L4/L5"]
    assert list(table.columns[:3]) == ["safnet/full", "unet3d/full", "safnet/full_from_phantom_mr"]
    assert table.loc["L4/L5", "safnet/full"].startswith("0.725 ± 0.019")
    assert table["patients"].tolist() == [5, 6, 6]
    # A structure that is neither there nor drawn is no miss.
    assert table["missed"].tolist() == [1, 0, 0]
    assert table["invented"].sum() == 0
    scores = volume_tables.structure_scores(summary, "mr", "hd95", "mm")
    # By the distance that is small: the best is still the first.
    assert scores.groupby("structure")["name"].first().unique().tolist() == ["safnet/full"]


def test_levels_that_are_off_are_counted_and_the_rest_is_scored_without_them(cases):
    table = volume_tables.shift_table(cases, "mr")
    assert list(table.index) == ["safnet/full", "unet3d/full", "safnet/full_from_phantom_mr"]
    assert table.loc["unet3d/full", ["cases", "told", "-1", "0", "+1"]].tolist() == [6, 6, 1, 5, 0]
    assert table.loc["unet3d/full", "right"] == pytest.approx(0.833)
    gain = table.loc["unet3d/full", "Dice unshifted"] - table.loc["unet3d/full", "Dice"]
    assert gain == pytest.approx(0.1 / 6, abs=0.002)
    assert volume_tables.shift_table(cases[cases["metric"] != "level_shift"], "mr").empty


def test_a_prediction_that_fits_nowhere_has_no_level(cases):
    poor = cases.assign(value=cases["value"].mask(cases["metric"] == "dice_unshifted", 0.1))
    line = volume_tables.shift_table(poor, "mr").loc["safnet/full"]
    assert line[["cases", "told", "0"]].tolist() == [6, 0, 0]
    assert np.isnan(line["right"])


def test_published_numbers_stand_beside_ours_and_are_never_called_comparable(results, cases):
    summary = comparison.summarise(cases)
    table = volume_tables.published_volumes(summary, "mr", results)
    rows = table[table["entry"] == "safnet/full"]
    assert 0.8032 in rows["published"].tolist()
    assert rows["ours"].nunique() == 1
    assert set(table["entry"]) == {"safnet/full", "unet3d/full"}
    assert table["comparable"].str.startswith("no: other images").all()
    shortened = summary.assign(recipe="shortened")
    assert len(volume_tables.published_volumes(shortened, "mr", results)) == len(table)
    options = results / "data" / "mr" / "options.json"
    options.parent.mkdir(parents=True)
    options.write_text(json.dumps({"dataset": "mrspineseg"}))
    own = volume_tables.published_volumes(summary, "mr", results)
    assert own["comparable"].str.startswith("no: ").all()
    assert not own["comparable"].str.contains("other images").any()


def test_the_paper_s_seventeen_of_nineteen_have_a_board_and_stand_beside_its_numbers(results, cases):
    topmost = cases[cases["structure"] == "L5"].assign(structure="T9", value=0.0)
    summary = comparison.summarise(with_seventeen(pd.concat([cases, topmost])))
    assert boards.board_structures(summary, "mr") == ["all", "vertebrae", "discs", "seventeen"]
    assert "seventeen" not in volume_tables.structure_names(summary, "mr")
    own = boards.board(summary, "mr", "seventeen", "dice", "1", comparison.ALL).set_index("name")["mean"]
    # L5, L4 and their disc, which is 0.1 worse; T9 does not count.
    assert own["safnet/full"] == pytest.approx(0.825 - 0.1 / 3)
    table = volume_tables.published_volumes(summary, "mr", results).set_index("entry")
    assert table["ours"].to_dict() == own[["safnet/full", "unet3d/full"]].to_dict()


def test_the_printed_boards_hold_groups_structures_shifts_and_contrasts(results):
    record = results / "questions" / "90_compare" / "run.json"
    record.parent.mkdir(parents=True)
    pairs = [["safnet/full", "unet3d/full"]]
    record.write_text(json.dumps({"parameters": {"comparisons": pairs}}))
    text = leaderboards(results)
    for words in (
        "mr, all, common recipe, from scratch, test volumes",
        "mr, discs,",
        "mean ± sd",
        "levels they are off",
        "L4/L5",
    ):
        assert words in text
    assert "named contrasts, Dice" in text
    assert "mr, L5," not in text


def write_data(folder):
    """Six volumes of 6 x 40 x 32 voxels."""
    rng, names = np.random.default_rng(0), [f"v{i}" for i in range(6)]
    for name in names:
        save_volume(
            folder / "images" / f"{name}.nii.gz", rng.integers(1, 99, (6, 40, 32)).astype(np.int16), (4.0, 1, 1)
        )
        labels = np.zeros((6, 40, 32), np.uint8)
        labels[1:5, 8:30, 10:20] = 2
        save_volume(folder / "masks" / f"{name}.nii.gz", labels, (4.0, 1, 1))
    write_classes(("S", "L5"), folder)
    write_problems([], folder)
    cases = [Case(n, n, "sagittal", f"images/{n}.nii.gz", f"masks/{n}.nii.gz", split="test") for n in names]
    write_manifest(cases, folder)


@pytest.fixture
def predicted(results, cases):
    """The study with its data and what every run predicted."""
    write_data(results / "data" / "mr")
    for run, own in cases.groupby("run"):
        names = own["case"].unique().tolist()
        maps = np.full((len(names), 4, 8, 6), 1 + (own["method"].iloc[0] == "safnet"), np.uint8)
        save_predictions(results / "runs" / str(run) / "predictions" / "mr.npz", names, maps)
    return results


def test_the_gallery_joins_the_folds_of_an_entry(predicted, cases):
    volumes, maps = boards.gallery(predicted, cases, "mr")
    assert volumes.grid == (4, 8, 6)
    assert volumes.table["case"].tolist() == [f"v{i}" for i in range(6)]
    assert {name: (len(m), int(m.max())) for name, m in maps.items()} == {
        "safnet/full": (6, 2),
        "unet3d/full": (6, 1),
        "safnet/full_from_phantom_mr": (6, 2),
    }
    with pytest.raises(BadInput, match="has no case that every entry predicted"):
        boards.gallery(predicted, cases, "mr", (3, 8, 6))


def test_volumes_have_no_cobb_angles_and_say_so(predicted):
    assert cobb_tables(predicted) == "mr: no Cobb angles, it holds volumes, and Cobb angles are read from films"
