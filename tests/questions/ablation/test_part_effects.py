"""What the parts do, and how scores run along a swept option."""

import pytest

from spinelib.questions import ablation
from spinelib.questions.ablation.compare import COLUMNS


def test_a_part_is_better_worse_or_open(study):
    study.twice("full", 0.80).twice("no_r2jump", 0.70).twice("no_mcskip", 0.90).twice("no_scse", 0.80)
    named = [["r2mfnet/full", f"r2mfnet/{name}"] for name in ("no_r2jump", "no_mcskip", "no_scse")]
    table = study.effects(named)
    assert table["verdict"].to_dict() == {"R2-Jump": "better", "MC-Skip": "worse", "SCSE-Lite": "open"}
    assert table.loc["R2-Jump", "mean"] == pytest.approx(0.1, abs=0.003)
    assert table.loc["R2-Jump", "low"] > 0.08
    assert tuple(table.reset_index()[list(COLUMNS)].columns) == COLUMNS


def test_smaller_is_better_for_errors(study):
    for variant, level in (("full", 10.0), ("no_gate", 13.0), ("no_triangle", 8.0)):
        study.twice(variant, level, method="seg4regplus", metric="smape", noise=0.1)
    table = study.effects([["seg4regplus/full", f"seg4regplus/{name}"] for name in ("no_gate", "no_triangle")])
    found = table[table["metric"] == "smape"]["verdict"].to_dict()
    assert found == {"the gate by activation maps": "better", "triangle consistency": "worse"}


def test_a_variant_that_the_ledger_does_not_know_is_set_beside_the_full_model(study):
    study.twice("full", 0.80, method="unet").twice("resnet18", 0.85, method="unet")
    assert study.effects().index.tolist() == ["full instead of resnet18"]
    assert study.effects([["unet/resnet18", "unet/full"]])["verdict"].tolist() == ["worse"]


def test_parts_that_are_added_step_by_step(study):
    for variant, level in (("base", 0.7), ("aspp", 0.75), ("full", 0.74)):
        study.add(variant, level, method="safnet")
    table = study.effects()
    assert set(zip(table["one"], table["other"], strict=True)) == {
        ("aspp", "base"),
        ("full", "base"),
        ("full", "aspp"),
    }


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
