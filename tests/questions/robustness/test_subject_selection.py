"""Which runs are asked again, on which patients."""

import json
import shutil
from dataclasses import replace

import matplotlib as mpl
import pandas as pd

mpl.use("Agg")
from spinelib.core.layout import CARD, WEIGHTS
from spinelib.prediction.card import Card
from spinelib.questions import robustness
from spinelib.questions.robustness import degradation
from tests.questions.robustness.made import made


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


def test_a_released_network_is_asked_whatever_the_pairs_name_and_has_no_place_in_the_order(study, tmp_path):
    cases = pd.read_csv(study / "cases.csv", keep_default_na=False)
    own = cases[cases["run"] == "phantom-unet-s0"].assign(run="released", method="released", variant="film")
    pd.concat([cases, own]).to_csv(tmp_path / "cases.csv", index=False)
    shutil.copytree(study / "runs", tmp_path / "runs")
    folder = tmp_path / "runs" / "released"
    shutil.copytree(study / "runs" / "phantom-unet-s0", folder)
    record = json.loads((folder / "run.json").read_text())
    record["parameters"] |= {"method": "released", "variant": "film"}
    (folder / "run.json").write_text(json.dumps(record))
    tested, _ = robustness.subjects(tmp_path, [["plunet/full", "unet/none"]], 2)
    assert [one.name for one in tested] == ["plunet/full", "released/film"]
    rows = robustness.measure_robustness(tested, study / "data", ["blur"], [1], device="cpu")
    assert set(rows["name"]) == {"plunet/full", "released/film"}
    three = {(name, "none", 0): value for name, value in (("a/full", 0.9), ("b/full", 0.8), ("c/full", 0.7))}
    three |= {(name, "blur", 3): value / 2 for (name, _, _), value in three.items()}
    whole = {**three, ("released/film", "none", 0): 0.95, ("released/film", "blur", 3): 0.1}
    order = degradation.rank_stability(made(whole), 3)
    assert order[["entries", "best_clean", "tau"]].to_numpy().tolist() == [[3, "a/full", 1.0]]
    replace(Card.read(folder), pipeline={"stages": 4}).write(folder)
    left_out = robustness.subjects(tmp_path, [["plunet/full", "unet/none"]], 2)[1]
    assert "in one pass" in left_out["released"]


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
