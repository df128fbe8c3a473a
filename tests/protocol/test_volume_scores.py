"""Volumes scored in their own voxels."""

import functools

import numpy as np
import pandas as pd
import pytest

from spinelib import protocol
from spinelib.cases.volumes import native
from spinelib.core.errors import BadInput
from spinelib.core.structures import STRUCTURES
from spinelib.prediction.predictor import Predictor
from spinelib.protocol import RunConfig
from spinelib.protocol.volume_scores import score_volumes
from tests.protocol.made import leave
from tests.protocol.made_volumes import GRID, LOW, Truth, dice_of, evaluated, volume_run


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


def test_a_window_that_covers_all_changes_nothing(shared, tmp_path):
    found = []
    for window in ([], [8, 64, 16], [8, 20, 16]):
        run = volume_run(shared, tmp_path / str(window), window=window)
        arrays = protocol.load(run, "phantom_mr", GRID)
        leave(run, protocol.model(run, arrays), arrays)
        cases = arrays.subset([7, 8])
        predictor = Predictor.from_folder(run.folder, "cpu")
        find = functools.partial(predictor.native_labels, cases)
        found.append(score_volumes(find, cases, shared / "phantom_mr"))
    (maps, rows), (again, same), (pieces, _) = found
    np.testing.assert_array_equal(maps, again)
    pd.testing.assert_frame_equal(rows, same)
    assert pieces.shape == maps.shape
    assert (pieces != maps).any()
    for wrong in ([8, 20], [8, 0, 16]):
        with pytest.raises(BadInput, match=rf"\[{wrong[0]}, {wrong[1]}.* is no window"):
            RunConfig.of({"window": wrong})
