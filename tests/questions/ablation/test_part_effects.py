"""Which parts pay, and how scores run along a swept option."""

import pytest

from spinelib.questions import ablation
from spinelib.questions.ablation.compare import COLUMNS


def test_a_part_pays_hurts_or_cannot_be_told(study):
    study.add("full", 0.80).add("no_r2jump", 0.77).add("no_mcskip", 0.83).add("no_scse", 0.80, noise=0.02)
    table = study.effects()
    assert table["verdict"].to_dict() == {"R2-Jump": "pays", "MC-Skip": "hurts", "SCSE-Lite": "cannot tell"}
    assert table.loc["R2-Jump", "mean"] == pytest.approx(0.03, abs=0.003)
    assert table.loc["R2-Jump", "low"] > 0.025
    assert tuple(table.reset_index()[list(COLUMNS)].columns) == COLUMNS


def test_smaller_is_better_for_errors(study):
    for variant, level in (("full", 10.0), ("no_gate", 13.0), ("no_triangle", 8.0)):
        study.add(variant, level, method="seg4regplus", metric="smape", noise=0.1)
    table = study.effects()
    found = table[table["metric"] == "smape"]["verdict"].to_dict()
    assert found == {"the gate by activation maps": "pays", "triangle consistency": "hurts"}


def test_a_variant_that_the_ledger_does_not_know_is_set_beside_the_full_model(study):
    study.add("full", 0.80, method="unet").add("resnet18", 0.85, method="unet")
    table = study.effects()
    assert table.index.tolist() == ["full instead of resnet18"]
    assert table["verdict"].tolist() == ["hurts"]


def test_parts_that_are_added_step_by_step(study):
    for variant, level in (("base", 0.7), ("aspp", 0.75), ("full", 0.74)):
        study.add(variant, level, method="safnet")
    table = study.effects()
    found = dict(zip(zip(table["one"], table["other"], strict=True), table["verdict"], strict=True))
    assert found == {("aspp", "base"): "pays", ("full", "base"): "pays", ("full", "aspp"): "hurts"}


def test_without_anything_to_compare_the_tables_are_empty(study):
    study.add("full", 0.80, method="unet")
    assert len(study.effects()) == 0
    assert len(ablation.view_effects(study.folder, study.cases)) == 0
    assert len(ablation.sweeps(study.folder, study.cases)) == 0


def test_a_sweep_needs_three_values(study):
    for variant, level in (("t0", 0.7), ("full", 0.8)):
        study.add(variant, level)
    assert len(ablation.sweeps(study.folder, study.cases)) == 0
    table = ablation.sweeps(study.folder, study.add("t3", 0.75).cases)
    assert table["at"].tolist() == [0, 2, 3]
    assert table["mean"].to_numpy() == pytest.approx([0.7, 0.8, 0.75], abs=0.01)
