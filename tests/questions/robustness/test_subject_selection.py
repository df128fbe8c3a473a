"""Which runs are asked again, on which patients."""

import shutil

import matplotlib as mpl
import pandas as pd

mpl.use("Agg")
from spinelib.core.layout import CARD, WEIGHTS
from spinelib.questions import robustness
from spinelib.questions.robustness import degradation


def test_a_run_without_its_card_is_left_out(study, tmp_path):
    cases = pd.read_csv(study / "cases.csv", keep_default_na=False)
    cases[cases["run"] == "phantom-unet-s0"].to_csv(tmp_path / "cases.csv", index=False)
    shutil.copytree(study / "runs" / "phantom-unet-s0", tmp_path / "runs" / "phantom-unet-s0")
    assert len(robustness.subjects(tmp_path)[0]) == 1
    for name in (CARD, WEIGHTS):
        (tmp_path / "runs" / "phantom-unet-s0" / name).unlink()
        assert robustness.subjects(tmp_path) == ([], {"phantom-unet-s0": f"has no {name}"})


def test_more_patients_contain_fewer_and_pairs_choose_entries(study):
    few, more = (robustness.subjects(study, [], n)[0][0].rows["patient"] for n in (1, 3))
    assert set(few) < set(more)
    named, _ = robustness.subjects(study, [["plunet/full", "unet/none"]])
    assert {one.name for one in named} == {"plunet/full"}
    everyone, _ = robustness.subjects(study, [["safnet/full", "unet3d/full"]])
    assert {one.name for one in everyone} == {"plunet/full", "unet/full"}


def test_runs_that_cannot_be_asked_again_are_named(study, tmp_path):
    cases = pd.read_csv(study / "cases.csv")
    (tmp_path / "runs").mkdir()
    cases[cases["run"] == "phantom-unet-s0"].to_csv(tmp_path / "cases.csv", index=False)
    tested, left_out = robustness.subjects(tmp_path)
    assert tested == []
    assert "no network" in left_out["phantom-unet-s0"]
    rows = robustness.measure_robustness(tested, tmp_path, [], [3])
    assert rows.empty
    assert degradation.losses(rows).empty
    assert degradation.rank_stability(rows, 3).empty
    assert degradation.worst_cases(rows, 3).empty
