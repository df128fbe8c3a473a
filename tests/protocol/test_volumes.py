"""Volumes from the data's folder to the table of scores: schemes, added data, native voxels, known structures."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from spinelib import protocol
from spinelib.cases import load_arrays
from spinelib.cases.labelled import write_labelled
from spinelib.cases.volumes import native
from spinelib.core.errors import BadInput
from spinelib.core.structures import STRUCTURES
from spinelib.prediction.fused import Prepared
from spinelib.prediction.precision import Precision
from spinelib.prediction.predictor import Predictor
from spinelib.protocol import RunConfig
from spinelib.protocol import data as data_module
from spinelib.protocol.volume_scores import predict_volumes
from spinelib.runs import Run
from spinelib.runs.predictions import load_predictions
from spinelib.sources import phantom_mr
from tests.protocol.made import leave, predictor_of

GRID, PATIENTS = (8, 32, 16), 10
LOW = ("S", "L5", "L4", "L5/S", "L4/L5")


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A study's data: digital patients, of whom the last labels only the lowest levels."""
    folder = tmp_path_factory.mktemp("data")
    target = folder / "phantom_mr"
    target.mkdir()
    phantom_mr.prepare_phantom_mr(None, target, PATIENTS, seed=1, test_fraction=0.3, size=[128, 112], slices=7)
    write_labelled({"p00009": LOW}, target)
    return folder


@pytest.fixture
def run(shared, tmp_path):
    return a_run(shared, tmp_path)


def a_run(shared, folder, **changes):
    usual = {"data": str(shared), "trained_on": "phantom_mr", "tested_on": ["phantom_mr"], "grid": list(GRID)}
    usual |= {"method": "unet3d", "variant": "full", "width": 0.0625, "options": [], "fold": 0, "folds": 5}
    usual |= {"recipe": "common", "epochs": 1, "batch": 4, "learning_rate": 1e-3, "precision": "float32", "added": []}
    return Run(folder, usual | changes, seed=0, device="cpu", threads=1)


class Truth(Prepared):
    """Answers the labels that its only volume has on the grid, wrong where told to; it counts, so is never copied."""

    def __init__(self, arrays, swap=()):
        super().__init__(nn.Identity(), Precision())
        self.weight, self.arrays, self.swap, self.calls = nn.Parameter(torch.ones(1)), arrays, dict(swap), 0

    def forward(self, inputs):
        labels = self.arrays.labels[self.calls % len(self.arrays)].copy()
        for wrong, right in self.swap.items():
            labels[self.arrays.labels[self.calls % len(self.arrays)] == wrong] = right
        self.calls += 1
        one_hot = nn.functional.one_hot(torch.from_numpy(labels).long(), 20).movedim(-1, 0)
        return 30.0 * one_hot[None] * self.weight


def test_a_split_run_tests_what_the_manifest_says(run):
    arrays = protocol.load(run, "phantom_mr", list(GRID))
    assert arrays.images.shape == (PATIENTS, 1, *GRID)
    assert arrays.classes == STRUCTURES
    assert arrays.table["split"].tolist() == ["train"] * 7 + ["test"] * 3
    assert arrays.known.all(axis=1).tolist() == [True] * 9 + [False]
    assert run.facts["data"]["phantom_mr"]["films"] == PATIENTS


def test_every_case_is_tested_once_under_cross(shared, tmp_path):
    tested, marks = [], set()
    for fold in range(5):
        run = a_run(shared, tmp_path, scheme="cross", fold=fold)
        arrays = protocol.load(run, "phantom_mr", GRID)
        marks.add(arrays.digest)
        held = arrays.table["case"][arrays.table["split"] == "test"].tolist()
        tested += held
        division = protocol.divide(arrays, fold, 5, scheme="cross")
        train, validation = (set(arrays.table["case"].iloc[side]) for side in (division.train, division.validation))
        assert len(train | validation | set(held)) == PATIENTS, "each on one side"
        assert (len(train), len(validation), len(held)) == (7, 1, 2)
    assert sorted(tested) == [f"p{k:05d}" for k in range(PATIENTS)]
    assert len(marks) == 1, "the data are the same in every fold"


def test_only_the_data_trained_on_are_divided_anew(shared, tmp_path):
    run = a_run(shared, tmp_path, scheme="cross", trained_on="other")
    assert protocol.load(run, "phantom_mr", GRID).table["split"].tolist() == ["train"] * 7 + ["test"] * 3
    with pytest.raises(BadInput, match="the published scheme has 5"):
        protocol.load(a_run(shared, tmp_path, scheme="published", folds=4), "phantom_mr", GRID)
    with pytest.raises(BadInput, match="'crss'"):
        protocol.load(a_run(shared, tmp_path, scheme="crss"), "phantom_mr", GRID)


def test_near_duplicates_are_no_longer_across_a_new_split(run):
    arrays = protocol.load(run, "phantom_mr", GRID)
    near = arrays.table.assign(near_duplicate=["p00001", "p00000"] + [""] * 8, patient=["a"] * 2 + list("bcdefghi"))
    divided = data_module._divided(replace(arrays, table=near), "cross", 0, 3)
    sides = divided.table.groupby("patient")["split"].nunique()
    assert (sides == 1).all()
    assert (divided.table["near_duplicate"] == "").all()
    assert protocol.crossing_pairs(divided) == []


def test_by_hand_a_few_digital_patients_are_made(tmp_path, monkeypatch):
    monkeypatch.setattr(data_module, "SMALL_VOLUMES", {"patients": 2, "seed": 1, "test_fraction": 0.5})
    run = a_run("", tmp_path / "run")
    run.parameters["data"] = ""
    arrays = protocol.load(run, "phantom_mr", GRID)
    assert len(arrays) == 2
    np.testing.assert_array_equal(arrays.frames[:, 6:], [[8, 128, 128]] * 2)


def others(arrays, name="x"):
    table = arrays.table.assign(case=name + arrays.table["case"], patient=name + arrays.table["patient"])
    return replace(arrays, table=table, digest=name)


def test_added_cases_only_train_and_the_others_are_repeated(run):
    arrays = protocol.load(run, "phantom_mr", GRID)
    both = protocol.joined(arrays, [others(arrays, "x"), others(arrays, "y")])
    assert len(both) == 30
    np.testing.assert_array_equal(both.known, np.tile(arrays.known, (3, 1)))
    np.testing.assert_array_equal(both.images[10:20], arrays.images)
    assert both.table["split"].tolist() == arrays.table["split"].tolist() + ["train"] * 20
    plain, division = (protocol.divide(each, 1, 3) for each in (arrays, both))
    np.testing.assert_array_equal(division.validation, plain.validation)
    own, added = division.train[division.train < 10], division.train[division.train >= 10]
    np.testing.assert_array_equal(added, np.arange(10, 30))
    # Five of seven train; four times as many are as many as the added ones.
    np.testing.assert_array_equal(np.sort(own), np.repeat(np.sort(plain.train), round(20 / len(plain.train))))
    assert not set(division.train) & {7, 8, 9}, "test cases do not train"
    assert "with repeats" in str(division)
    assert both.digest != arrays.digest
    assert division.digest != plain.digest


def test_nothing_added_is_the_same_data(run):
    arrays = protocol.load(run, "phantom_mr", GRID)
    assert protocol.joined(arrays, []) is arrays


def test_added_cases_of_another_view_stay_out(run):
    arrays = protocol.load(run, "phantom_mr", GRID)
    other = others(arrays)
    other = replace(other, table=other.table.assign(view=["axial"] * 5 + ["sagittal"] * 5))
    division = protocol.divide(protocol.joined(arrays, [other]), 0, 3, views=["sagittal"])
    assert set(division.train[division.train >= 10]) == set(range(15, 20))


def test_corners_and_extras_that_not_all_data_have(run):
    arrays = protocol.load(run, "phantom_mr", GRID)
    more = replace(arrays, extra={"canal": arrays.labels}, landmarks=np.ones((PATIENTS, 2, 4, 2), np.float32))
    both = protocol.joined(more, [others(arrays)])
    assert both.extra == {}
    assert both.landmarks.shape == (20, 2, 4, 2)
    assert (both.landmarks[:10] == 1).all()
    assert np.isnan(both.landmarks[10:]).all()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"labels": np.zeros((PATIENTS, 8, 32, 8), np.uint8)}, r"has the grid \[8, 32, 8\], not \[8, 32, 16\]"),
        ({"images": np.zeros((PATIENTS, 3, *GRID), np.uint8)}, "has the channels 3, not 1"),
        ({"classes": tuple(reversed(STRUCTURES))}, "has the structures T9/T10.*not S, L5"),
    ],
)
def test_data_of_another_kind_cannot_be_added(run, change, reason):
    arrays = protocol.load(run, "phantom_mr", GRID)
    with pytest.raises(BadInput, match=reason):
        protocol.joined(arrays, [replace(others(arrays), **change)])


def test_a_case_or_patient_of_two_data_is_refused(run):
    arrays = protocol.load(run, "phantom_mr", GRID)
    with pytest.raises(BadInput, match="case 'p00000' is in both"):
        protocol.joined(arrays, [arrays])
    other = others(arrays)
    with pytest.raises(BadInput, match="case 'xp00000' is in both"):
        protocol.joined(arrays, [other, other])
    other = replace(other, table=other.table.assign(patient=arrays.table["patient"]))
    with pytest.raises(BadInput, match="patient 'p00000' is in both"):
        protocol.joined(arrays, [other])


def test_an_unknown_scheme_and_a_bad_fold_are_named(run):
    arrays = protocol.load(run, "phantom_mr", GRID)
    with pytest.raises(BadInput, match="'crss' is not known"):
        protocol.divide(arrays, 0, 5, scheme="crss")
    with pytest.raises(BadInput, match="5 of 5"):
        protocol.divide(arrays, 5, 5, scheme="cross")


def test_a_method_for_films_is_refused(shared, tmp_path):
    arrays = load_arrays(shared / "phantom_mr", GRID)
    with pytest.raises(BadInput, match="unet is made for films, and these data are volumes") as error:
        protocol.model(a_run(shared, tmp_path, method="unet"), arrays)
    assert "unet3d" in str(error.value)
    with pytest.raises(BadInput, match="unet3d"):
        protocol.model(a_run(shared, tmp_path, method="unet33d"), arrays)


def test_a_true_answer_scores_what_the_grid_allows(run, monkeypatch):
    arrays = protocol.load(run, "phantom_mr", GRID)
    films = protocol.scored_films(arrays, zero_shot=False)
    scored = evaluated(run, Truth(films), arrays, monkeypatch)
    rows, result = scored.rows, scored.results["phantom_mr"]
    assert set(rows["unit"]) == {"1", "mm", "%", "levels"}
    assert set(rows["view"]) == {"sagittal"}
    assert (rows.loc[rows["metric"] == "level_shift", "value"] == 0).all()
    assert (result.dice > 0.6).all()
    np.testing.assert_array_equal(result.dice, dice_of(rows, "all"))
    # On the network's grid nothing is lost but what rounding moves.
    assert result.predictions.shape == result.references.shape == (3, *GRID)
    assert result.predictions.dtype == np.uint8
    assert (result.predictions == result.references).mean() > 0.97
    kept = load_predictions(run.folder / "predictions" / "phantom_mr.npz")
    np.testing.assert_array_equal(kept.labels, result.predictions)
    assert list(kept.cases) == result.names == films.table["case"].tolist()
    pd.testing.assert_series_equal(pd.read_csv(run.folder / "cases.csv")["value"], rows["value"])


def evaluated(run, network, arrays, monkeypatch):
    """The scores of a run whose folder holds `network`."""
    predictor_of(run, network, arrays, monkeypatch)
    return protocol.evaluate(run, {"phantom_mr": arrays})


def dice_of(rows, structure):
    chosen = rows[(rows["structure"] == structure) & (rows["metric"] == "dice")]
    return chosen.sort_values("case")["value"].to_numpy()


def test_scores_are_of_native_voxels_and_known_structures(run, shared, monkeypatch):
    arrays = protocol.load(run, "phantom_mr", GRID)
    films = protocol.scored_films(arrays, zero_shot=False)
    rows = evaluated(run, Truth(films, {STRUCTURES.index("L4") + 1: 0}), arrays, monkeypatch).rows
    partial = rows[rows["case"] == "p00009"]
    assert set(partial["structure"]) == {*LOW, "vertebrae", "discs", "all"}
    assert set(rows[rows["case"] == "p00008"]["structure"]) == {*STRUCTURES, "vertebrae", "discs", "all"}
    entry = films.table.iloc[2]
    reference, spacing, _ = native(shared / "phantom_mr", dict(entry))
    assert reference.shape == (7, 128, 112)
    # Missed: its own length in mm, as the native label map has it.
    at = np.argwhere(reference == STRUCTURES.index("L4") + 1)
    length = np.linalg.norm((np.ptp(at, axis=0) + 1) * spacing)
    missed = partial[(partial["structure"] == "L4") & (partial["unit"] == "mm")]
    assert set(missed["metric"]) == {"hd95", "assd"}
    np.testing.assert_allclose(missed["value"], length, rtol=1e-6)
    assert set(missed["status"]) == {"empty_prediction"}
    single = partial[(partial["metric"] == "dice") & ~partial["structure"].isin(["vertebrae", "discs", "all"])]
    present = single[single["status"] != "absent"]
    assert dice_of(partial, "all") == pytest.approx(present["value"].mean())
    table = protocol.score_table(rows)
    assert table.loc[("phantom_mr", "test", "L4"), "missed"] == 3
    assert table.loc[("phantom_mr", "test", "all"), "cases"] == 3


def test_a_network_trains_and_is_scored_from_end_to_end(run):
    arrays = protocol.load(run, "phantom_mr", GRID)
    network = protocol.model(run, arrays)
    table = protocol.train(run, network, arrays, protocol.divide(arrays, 0, 3))
    assert np.isfinite(table["validation_loss"]).all()
    assert run.facts["recipe"]["elastic"] is not None
    assert protocol.input_shape(run, arrays) == (1, *GRID)
    scored = protocol.evaluate(run, {"phantom_mr": arrays})
    assert scored.results["phantom_mr"].dice.shape == (3,)
    assert (scored.rows["dataset"] == "phantom_mr").all()
    assert set(scored.rows["method"]) == {"unet3d"}


def test_data_without_a_test_case_say_so(run, monkeypatch):
    arrays = protocol.load(run, "phantom_mr", GRID)
    none = replace(arrays, table=arrays.table.assign(split="train"))
    with pytest.raises(BadInput, match="has no test case"):
        evaluated(run, Truth(arrays), none, monkeypatch)


def test_a_run_that_is_not_trained_is_refused(run):
    arrays = protocol.load(run, "phantom_mr", GRID)
    with pytest.raises(BadInput, match=r"holds no model\.safetensors"):
        protocol.evaluate(run, {"phantom_mr": arrays})


def test_a_window_that_covers_all_changes_nothing(shared, tmp_path):
    found = []
    for window in ([], [8, 64, 16], [8, 20, 16]):
        run = a_run(shared, tmp_path / str(window), window=window)
        arrays = protocol.load(run, "phantom_mr", GRID)
        leave(run, protocol.model(run, arrays), arrays)
        cases = arrays.subset([7, 8])
        found.append(predict_volumes(Predictor.from_folder(run.folder, "cpu"), cases, cases, shared / "phantom_mr"))
    (maps, rows), (again, same), (pieces, _) = found
    np.testing.assert_array_equal(maps, again)
    pd.testing.assert_frame_equal(rows, same)
    assert pieces.shape == maps.shape
    assert (pieces != maps).any()
    for wrong in ([8, 20], [8, 0, 16]):
        with pytest.raises(BadInput, match=rf"\[{wrong[0]}, {wrong[1]}.* is no window"):
            RunConfig.of({"window": wrong})


def test_the_window_of_a_run_is_what_its_network_sees(shared, tmp_path, monkeypatch):
    run = a_run(shared, tmp_path, window=[8, 20, 16])
    arrays = protocol.load(run, "phantom_mr", GRID)
    network, seen = protocol.model(run, arrays), set()
    network.register_forward_pre_hook(lambda _, inputs: seen.add(tuple(inputs[0].shape[2:])))
    evaluated(run, network, arrays, monkeypatch)
    corner = (2, 32, 16)  # shows how the network's layers are wired (spinelib.prediction.fused)
    assert seen == {(8, 20, 16), corner}


def test_added_cases_on_another_grid_than_a_paper_s_are_named(shared, tmp_path):
    run = a_run(shared, tmp_path, recipe="published")
    arrays = protocol.load(run, "phantom_mr", GRID)
    both = protocol.joined(arrays, [others(arrays)])
    with pytest.raises(BadInput, match=r"cases were added on the grid \[8, 32, 16\], not \[18, 256, 128\]"):
        protocol.train(run, protocol.model(run, arrays), both, protocol.divide(both, 0, 3))
