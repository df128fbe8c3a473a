"""Networks asked again: clean scores as recorded, images the same for all, every score right where it is known."""

from dataclasses import replace
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import torch

mpl.use("Agg")


from spinelib.cases import load_arrays
from spinelib.corruptions import CORRUPTIONS
from spinelib.prediction.card import Card
from spinelib.prediction.predictor import Predictor
from spinelib.questions import robustness
from spinelib.questions.robustness import degradation
from spinelib.questions.robustness.predict import Conditions, _rows, conditioned, corrupted_films, score
from spinelib.runs.tables import CASE_COLUMNS, check_cases
from tests.cases.films import data_set
from tests.prediction.made import leave, stand_in
from tests.questions.robustness.made import GRID, write_run


def test_the_clean_scores_are_those_of_the_record(measured):
    tested, left_out, rows = measured
    assert [one.name for one in tested] == ["unet/full", "unet/full", "plunet/full"]
    assert list(left_out.values()) == ["was trained on some views only"]
    recorded = pd.concat([one.rows for one in tested])
    both = rows[rows["condition"] == "none"].merge(recorded, on=["run", "case"], suffixes=("", "_then"))
    assert len(both) == len(recorded) == 3 * recorded["case"].nunique()
    assert np.allclose(both["value"], both["value_then"], atol=1e-6)
    assert recorded["patient"].nunique() == 2


def test_a_network_that_sees_another_grid_and_mirrored_films_is_asked_as_it_was_scored(study, tmp_path):
    data = study / "data" / "phantom"
    arrays = load_arrays(data, tuple(GRID))
    films = arrays.subset((arrays.table["split"] == "test").to_numpy())
    rows = write_run(tmp_path, data, "unet", films, own_grid=[96, 40], flip=True)
    rows[CASE_COLUMNS].to_csv(tmp_path / "cases.csv", index=False)
    tested, left_out = robustness.subjects(tmp_path)
    assert ([one.name for one in tested], left_out) == (["unet/full_grid_96x40_flip"], {})
    found = robustness.measure_robustness(tested, study / "data", ["blur", "rotation"], [5], device="cpu")
    both = found[found["condition"] == "none"].merge(tested[0].rows, on=["run", "case"], suffixes=("", "_then"))
    assert len(both) == len(films)
    np.testing.assert_array_equal(both["value"], both["value_then"])
    assert len(found) == 3 * len(films)
    worst = degradation.worst_cases(found, 5)
    shown = robustness.worst_shown(worst, tested, study / "data", device="cpu")
    for case, line in zip(shown, worst.itertuples(), strict=True):
        assert case.image.shape[1:] == tuple(GRID)
        assert score(case.prediction, case.reference, np.array([True]), True)[0] == pytest.approx(line.value, abs=1e-6)


class Light(torch.nn.Module):
    """Outlines what is brighter than the mean of its film."""

    def __init__(self):
        super().__init__()
        self.anchor = torch.nn.Parameter(torch.ones(1))

    def forward(self, inputs):
        return self.anchor * inputs


@pytest.mark.parametrize("grid", [(64, 32), (128, 64), (64, 64), (96, 56)])
def test_a_film_that_was_moved_is_outlined_where_it_is_scored(tmp_path, monkeypatch, grid):
    """Narrow films that a crop and a turn bring beyond the place that they had on the grid."""
    data_set(tmp_path / "data", count=4)
    cases = load_arrays(tmp_path / "data", (64, 32))

    def light(arrays):
        """The films with their left half bright, and the label that says so."""
        left = (arrays.images > 0) & (np.arange(arrays.grid[1]) < arrays.grid[1] / 2)
        images = np.where(left, 250, np.minimum(arrays.images, 9)).astype(np.uint8)
        return replace(arrays, images=images, labels=left[:, 0].astype(np.uint8))

    def loaded(arrays, folder, grid):
        return light(load_arrays(folder, grid))

    monkeypatch.setattr("spinelib.questions.robustness.predict.on_grid", loaded)
    stand_in(monkeypatch, Light())
    own = Card("unet", "full", 1.0, 1, ("spine",), grid, (64, 32))
    predictor = Predictor.from_folder(leave(tmp_path / "run", Light(), own), "cpu")
    conditions = Conditions(light(cases), tmp_path / "data", 0, "cpu")
    for name in ("crop", "rotation"):
        met = conditions.under(CORRUPTIONS[name], 5)
        found = conditions.outlines(predictor, CORRUPTIONS[name], 5, np.arange(4))
        assert (met.area & ~conditioned(cases, None, 0, 0).area).any()
        for one, labels in zip(found, met.cases.labels, strict=True):
            assert score(one, labels, np.array([True]), True)[0] > 0.93


def test_every_run_case_corruption_and_severity_has_one_row(measured):
    tested, _, rows = measured
    cases = tested[0].rows["case"].nunique()
    assert len(rows) == 3 * cases * (1 + 3 * 2)
    written = corrupted_films(rows)
    assert len(written) == 3 * cases * 6
    assert list(check_cases(written, "cases.csv").columns) == CASE_COLUMNS
    twice = rows[rows["condition"] == "inverted"].groupby(["run", "case"])["value"].nunique()
    assert (twice == 1).all()


def test_corrupted_images_are_the_same_for_whoever_is_asked_and_labels_move_along(study):
    arrays = load_arrays(study / "data" / "phantom", tuple(GRID)).subset(np.arange(4))
    turned = conditioned(arrays, CORRUPTIONS["rotation"], 5, seed=0)
    alone = conditioned(arrays.subset([2]), CORRUPTIONS["rotation"], 5, seed=0)
    assert np.array_equal(turned.cases.images[2], alone.cases.images[0])
    assert not np.array_equal(turned.cases.labels, arrays.labels)
    blurred = conditioned(arrays, CORRUPTIONS["blur"], 5, seed=0)
    assert np.array_equal(blurred.cases.labels, arrays.labels)
    assert np.array_equal(conditioned(arrays, None, 0, 0).cases.images, arrays.images)


def test_a_score_says_what_was_missed():
    full, none = np.ones((4, 4), np.uint8), np.zeros((4, 4), np.uint8)
    known = np.array([True])
    assert score(full, full, known, True) == (1.0, "ok")
    assert score(none, full, known, True) == (0.0, "empty_prediction")
    assert score(full, none, known, True) == (0.0, "empty_reference")
    assert score(none, none, known, True)[1] == "absent"
    two = np.zeros((1, 4, 4), np.uint8)
    two[:, :2], two[:, 2:] = 1, 2
    assert score(two, two, np.array([True, True]), False) == (1.0, "ok")
    assert score(np.where(two == 1, 1, 0), two, np.array([True, True]), False)[0] == 0.5
    assert score(np.where(two == 1, 1, 0), two, np.array([True, False]), False)[0] == 1.0


@pytest.mark.parametrize(("structure", "expected"), [("vertebrae", 0.5), ("L4", 0.0)])
def test_films_of_levels_are_scored_by_what_their_clean_rows_are(structure, expected):
    reference = np.repeat(np.array([1, 1, 2, 2], np.uint8), 3).reshape(4, 3)
    named_otherwise = np.where(reference == 1, 2, 0).astype(np.uint8)
    clean = pd.DataFrame({"case": ["a"], "structure": [structure], "value": [1.0], "status": ["ok"]})
    labels = SimpleNamespace(labels=reference[None], known=np.ones((1, 2), bool), grid=(4, 3), classes=("L4", "L5"))
    seen = SimpleNamespace(cases=labels, condition="noise", severity=3)
    conditions = SimpleNamespace(outlines=lambda *_: [named_otherwise], under=lambda *_: seen)
    found = _rows(SimpleNamespace(rows=clean), None, conditions, (None, 0), {"a": 0})
    assert found["value"].tolist() == [expected]
