"""Angles of a study: both routes on the same films, no film dropped, and only what the data can answer."""

import os

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from spinelib.cases import Case, load_arrays, write_landmarks, write_manifest, write_problems
from spinelib.core.errors import BadInput
from spinelib.measures.cobb.reading import from_corners
from spinelib.measures.cobb.rules import aasce_angles
from spinelib.measures.cobb.table import read_maps
from spinelib.questions import cobb
from spinelib.questions.cobb.angle_tables import words
from spinelib.questions.cobb.angles import COLUMNS, REFERENCE_ENTRY, read_rows, unread
from spinelib.runs.predictions import save_predictions
from spinelib.runs.tables import CASE_COLUMNS
from tests.measures.cobb.spines import GRID, c_curve, mask_of, spine

# Standing and bent angle of every patient, degrees; the last has no bending film.
PATIENTS = {"p0": (40.0, 20.0), "p1": (50.0, 25.0), "p2": (20.0, 10.0), "p3": (6.0, None)}
SOON = 5_000_000_000


def write_data(folder, corners=True):
    (folder / "images").mkdir(parents=True)
    (folder / "masks").mkdir()
    curves, cases = {}, []
    for patient, pair in PATIENTS.items():
        for view, angle in zip(("coronal", "left_bending"), pair, strict=True):
            if angle is None:
                continue
            name = f"{patient}_{view}"
            curves[name] = c_curve(angle)
            noise = np.random.default_rng(0).integers(1, 255, GRID).astype(np.uint8)
            Image.fromarray(noise).save(folder / "images" / f"{name}.png")
            Image.fromarray(255 * mask_of(curves[name])).save(folder / "masks" / f"{name}.png")
            near = ("elsewhere",) if patient == "p1" else ()
            landmarks = "landmarks.csv" if corners else ""
            facts = {"landmarks": landmarks, "mask": "" if corners else f"masks/{name}.png", "near_duplicate": near}
            cases.append(Case(name, patient, view, f"images/{name}.png", split="test", **facts))
    if corners:
        write_landmarks(curves, folder)
    write_problems([], folder)
    write_manifest(cases, folder)
    return load_arrays(folder, GRID)


def write_run(results, run, dataset, films, maps, angles=None, **changes):
    folder = results / "runs" / run
    folder.mkdir(parents=True, exist_ok=True)
    save_predictions(folder / "predictions" / f"{dataset}.npz", list(films.table["case"]), maps, angles=angles)
    (folder / "run.json").write_text("{}")
    about = {"study": "s", "run": run, "dataset": dataset, "trained_on": dataset, "method": "unet", "variant": "full"}
    about |= {"recipe": "common", "width": 1.0, "seed": 0, "fold": 0, "condition": "none", "severity": 0}
    about |= {"structure": "spine", "metric": "dice", "value": 1.0, "unit": "1", "status": "ok", **changes}
    columns = films.table[["split", "case", "patient", "view", "near_duplicate"]]
    return columns.assign(**about)[CASE_COLUMNS]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Two seeds of a U-Net, one of which misses a film; a network that answers; data without corners."""
    folder = tmp_path_factory.mktemp("study")
    films, bare = write_data(folder / "data" / "real"), write_data(folder / "data" / "bare", corners=False)
    missed = films.labels.copy()
    missed[list(films.table["case"]).index("p0_coronal")] = 0
    answers = aasce_angles(films.native_landmarks(), films.frames[:, 3])
    answers[:, 0] += 2
    answers[list(films.table["case"]).index("p2_coronal")] = np.nan
    tables = [
        write_run(folder, "one", "real", films, missed),
        write_run(folder, "two", "real", films, films.labels, seed=1),
        write_run(folder, "joint", "real", films, films.labels, answers, method="seg4regplus"),
        write_run(folder, "coarse", "real", films, films.labels[:, ::2, ::2], method="plunet"),
        write_run(folder, "plain", "bare", bare, bare.labels),
    ]
    pd.concat(tables).to_csv(folder / "cases.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def found(results):
    return cobb.study_angles(results, GRID)


@pytest.fixture(scope="module")
def one(found):
    return found.sets["real"]


@pytest.fixture(scope="module")
def read(one):
    """Readings of the reference masks, which the joint network predicts as well."""
    return read_maps(one.films.labels, one.films)


def entry(board, name, route):
    return board[(board["name"] == name) & (board["route"] == route)].iloc[0]


def test_every_run_by_both_routes_on_the_same_films(one, found):
    assert list(one.rows.columns) == list(COLUMNS)
    sizes = one.rows.groupby(["run", "route"]).size().to_dict()
    assert sizes == {("one", "mask"): 7, ("two", "mask"): 7, ("joint", "mask"): 7, ("joint", "network"): 7}
    assert one.left_out == {"coarse": "was scored on 128 x 64"}
    assert found.absent == {"bare": "has no test film with all of its corners"}
    assert list(one.maps) == ["unet/full", "seg4regplus/full"]
    standing = one.rows.query("case == 'p1_coronal' and run == 'two'").iloc[0]
    assert standing["true_an1"] == pytest.approx(50, abs=0.1)
    assert standing["an1"] == pytest.approx(50, abs=3)


def test_a_film_without_angles_counts_as_straight_and_says_why(one):
    line = one.rows.query("case == 'p0_coronal' and run == 'one'").iloc[0]
    assert (line["status"], line["major"], line["smape"]) == ("empty", 0, 100)
    assert np.isnan(line["an1"])
    assert line["cobb_error"] == line["mae_an1"] == pytest.approx(40, abs=0.1)
    answer = one.rows.query("case == 'p2_coronal' and route == 'network'").iloc[0]
    assert (answer["status"], answer["read_from"]) == ("out_of_range", "network")
    assert answer["cobb_error"] == pytest.approx(20, abs=0.1)
    assert unread(one.rows).sum() == 2


def test_the_board_ranks_both_routes_over_patients(one):
    board = cobb.angle_boards(one.rows, "cobb_error")["all"]
    network, mask = entry(board, "seg4regplus/full", "network"), entry(board, "unet/full", "mask")
    assert (network["films"], network["patients"], network["unread"]) == (4, 4, 1)
    assert network["cobb_error"] == pytest.approx((2 + 2 + 20 + 2) / 4, abs=0.1)
    assert network["cobb_error_low"] < network["cobb_error"] < network["cobb_error_high"]
    # Of two seeds one missed the film: the patient's error is half its angle.
    assert mask["cobb_error"] > 40 / 2 / 4
    assert (mask["films"], mask["unread"]) == (4, 1)
    assert board["cobb_error"].is_monotonic_increasing
    assert board["rank"].tolist() == [1, 2, 3]
    assert entry(board, "seg4regplus/full", "mask")["icc"] > 0.97
    with pytest.raises(ValueError, match="unknown metric"):
        cobb.angle_board(one.rows, "dice")


def test_the_board_stands_without_near_duplicates_too(one):
    boards = cobb.angle_boards(one.rows)
    assert list(boards) == ["all", "excluded"]
    assert boards["excluded"]["patients"].tolist() == [3, 3, 3]
    shown = cobb.board_words(boards["excluded"])
    assert shown.loc[("seg4regplus/full", "network"), "no angles"] == 1
    assert "[" in shown.loc[("seg4regplus/full", "mask"), "SMAPE %"]
    assert list(cobb.angle_boards(one.rows.assign(near_duplicate=""))) == ["all"]


def test_the_floor_is_the_reading_of_the_reference_masks(one):
    assert set(one.floor["name"]) == {REFERENCE_ENTRY}
    own = one.rows[one.rows["run"] == "two"]
    np.testing.assert_allclose(one.floor[["an1", "smape"]], own[["an1", "smape"]])


def test_best_entries_and_their_names_in_figures(one):
    board = cobb.angle_boards(one.rows)["all"]
    best = cobb.best_entries(board)
    assert best[["name", "route"]].to_numpy().tolist() == [
        ["seg4regplus/full", "mask"],
        ["seg4regplus/full", "network"],
    ]
    assert cobb.shown_name("unet/full", "mask") == "unet/full"
    assert cobb.shown_name("seg4regplus/full", "network") == "seg4regplus/network"
    assert cobb.shown_name("seg4regplus/base", "network") == "seg4regplus/base_network"
    errors = cobb.film_errors(one.rows, board)
    assert len(errors) == len(one.rows)
    assert set(errors["name"]) == {"unet/full", "seg4regplus/full", "seg4regplus/network"}


def test_views_are_compared_only_where_there_are_several(one):
    views = cobb.view_errors(one.rows)
    assert set(views.columns) == {"coronal", "left_bending"}
    assert cobb.view_errors(cobb.coronal_rows(one.rows)).empty


def test_failures_are_counted_by_status(one):
    table = cobb.reading_statuses(one.rows)
    assert table["readings"].sum() == len(one.rows)
    assert table.loc[("network", "network", "out_of_range"), "readings"] == 1
    assert table.loc[("mask", "vertebrae", "empty"), "commonest reason"] == "the mask is empty"
    sure = cobb.confidence_table(one.rows)
    assert sure["readings"].to_dict() == {"unet/full": 13, "seg4regplus/full": 7}


def test_published_values_stand_beside_ours_with_reasons(one, results):
    board = cobb.angle_boards(one.rows)["all"]
    folder = results / "data" / "real"
    assert cobb.published_angles(board, folder).empty
    (folder / "options.json").write_text('{"dataset": "aasce"}')
    held = board.assign(smape_low=7.5, smape_high=8.0)
    table = cobb.published_angles(held, folder)
    (folder / "options.json").unlink()
    line = table[(table["system"] == "seg4reg/full") & (table["published"] == 7.64)].iloc[0]
    assert line["held by"].startswith("3 of 3: ")
    assert line["comparable"].startswith("no: other films: 7 of 609; its 128 validation films")
    assert line["our best, network"].endswith("seg4regplus/full")
    hidden = table[table["published"] == 21.71].iloc[0]
    assert hidden["held by"] == "0 of 3"
    assert "hidden" in hidden["comparable"]
    assert len(table) == len(table.drop_duplicates(["system", "on", "error"]))


def test_repeated_labels_are_shown_where_there_are_any(results, tmp_path):
    assert cobb.repeated_angles(results / "data" / "real").empty
    columns = {"dice": [0.9], "difference_an1": [1.0], "difference_mean": [2.0], "smape": [3.0], "across_split": [True]}
    pd.DataFrame(columns).to_csv(tmp_path / "repeat.csv", index=False)
    assert cobb.repeated_angles(tmp_path).loc["across the split", "SMAPE %"] == 3.0


def test_curves_are_named_and_sides_compared(one, read):
    rows = cobb.coronal_rows(cobb.curve_rows(read, one.films))
    assert (rows["side"] == rows["true_side"]).all()
    assert (rows["region"] == rows["true_region"]).all()
    np.testing.assert_allclose(rows["translation"], rows["true_translation"], atol=1.5)
    turned = rows.assign(side="none", region="not named", translation=0.0)
    table = cobb.curve_table({"read": rows, "none": turned})
    # The curve of 6 degrees is no scoliosis.
    assert table["scolioses"].tolist() == [3, 3]
    assert table["same side %"].str.partition(" ")[0].tolist() == ["100.0", "0.0"]
    assert table["named"].tolist() == [3, 0]
    assert table.loc["none", "same region %"] == "none"
    assert cobb.region_matrix(turned)["not named"].sum() == 3


def test_a_spine_read_as_straight_has_no_side(one):
    straight = from_corners(spine([0] * 17), (0.0, float(GRID[0])))
    row = cobb.curve_rows([straight], one.films.subset([0])).iloc[0]
    assert (row["angle"], row["side"], row["translation"]) == (0, "none", 0)


def test_flexibility_is_that_of_the_same_curve_in_both_films(one, read):
    truth = cobb.true_readings(one.films)
    exact = cobb.flexibility_rows(truth, one.films)
    assert exact["patient"].tolist() == ["p0", "p1", "p2"]
    np.testing.assert_allclose(exact[["true_flexibility", "flexibility"]], 50, atol=0.5)
    np.testing.assert_allclose(cobb.flexibility_rows(read, one.films)["flexibility"], 50, atol=15)
    first = list(one.films.table["case"]).index("p0_coronal")
    missed = read_maps(one.maps["unet/full"][first : first + 1], one.films.subset([first]))
    unet = cobb.flexibility_rows([*read[:first], *missed, *read[first + 1 :]], one.films)
    assert unet.set_index("patient").loc["p0", "reason"] == "a film without angles"
    table = cobb.flexibility_table({"exact": exact, "unet/full": unet})
    assert table[["pairs", "with a value"]].to_numpy().tolist() == [[3, 3], [3, 2]]
    assert table.loc["exact", "error"].startswith("0.0 [")


def test_best_median_and_worst_film_come_with_their_answers(one, read):
    drawn = cobb.picked_films(one, read, "seg4regplus/full", "network")
    assert drawn["titles"][2].startswith("worst: error 20.0")
    assert drawn["titles"][2].endswith("p2_coronal")
    assert drawn["answers"][2] == 0
    assert drawn["truth"][2].angles[0] == pytest.approx(20, abs=0.1)
    assert cobb.picked_films(one, read, "seg4regplus/full", "mask")["answers"] is None


def test_the_tables_survive_the_file(found, tmp_path):
    found.rows.to_csv(tmp_path / "angles.csv", index=False)
    rows = read_rows(tmp_path / "angles.csv")
    pd.testing.assert_frame_equal(rows, found.rows, check_dtype=False)
    with pytest.raises(BadInput, match="no table of angles"):
        read_rows(tmp_path / "absent.csv")
    table = cobb.study_boards(found)
    assert set(table["near_duplicate"]) == {"all", "excluded"}
    assert (table["name"] == REFERENCE_ENTRY).sum() == 1


def test_the_printed_tables_take_the_kept_angles_only_while_they_are_newer(results, found, monkeypatch):
    monkeypatch.setattr("spinelib.questions.cobb.angle_tables.study_angles", lambda folder: found)
    text = cobb.cobb_tables(results)
    assert "bare: no Cobb angles, it has no test film with all of its corners" in text
    assert "the floor of the mask route" in text
    kept = results / "questions" / "40_cobb" / "run.json"
    kept.parent.mkdir(parents=True)
    kept.write_text('{"facts": {"absent": {"other": "has moved"}}}')
    found.rows.query("name != 'unet/full'").to_csv(kept.with_name("angles.csv"), index=False)
    os.utime(kept, (SOON, SOON))
    text = cobb.cobb_tables(results)
    assert "unet/full" not in text
    assert "other: no Cobb angles, it has moved" in text
    os.utime(kept, (1, 1))
    assert "unet/full" in cobb.cobb_tables(results)


def test_numbers_in_words():
    assert words(-0.001, -1.0, 2.0) == "0.0 [\N{MINUS SIGN}1.0, 2.0]"
    assert words(1.25, np.nan, np.nan, digits=2) == "1.25"
    assert words(np.nan, 0.0, 0.0) == "none"


def test_a_study_without_results_says_what_to_do(tmp_path):
    with pytest.raises(BadInput, match="make study"):
        cobb.study_angles(tmp_path, GRID)
