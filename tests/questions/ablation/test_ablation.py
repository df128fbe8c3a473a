"""Which parts pay: who is compared with whom, and what the interval says."""

import json

import numpy as np
import pandas as pd
import pytest

from spinelib.literature import claims
from spinelib.questions import ablation
from spinelib.questions.ablation.compare import COLUMNS

PATIENTS, VIEWS = 20, ("left_bending", "coronal", "right_bending")


class Study:
    """Made-up case tables and run records: `add` a run whose patients score `level` plus their own offset and noise."""

    def __init__(self, folder):
        self.folder, self.tables = folder, []

    def add(self, variant, level, *, method="r2mfnet", seed=0, steps=100, noise=0.004, metric="dice", **given):
        """`level` is a number, or one for every view by name; `given` are further parameters of the run."""
        name = f"{method}-{variant}-{len(self.tables)}"
        parameters = {"method": method, "variant": variant, "options": [], "trained_on": "own", **given}
        films = given.get("train_films") or 90 / (3 if given.get("views") else 1)
        training = {"steps": steps, "epochs": steps * 8 / films}
        record = {"run": name, "parameters": parameters, "facts": {"training": training, "recipe": {"batch": 8}}}
        (self.folder / "runs" / name).mkdir(parents=True)
        (self.folder / "runs" / name / "run.json").write_text(json.dumps(record))
        table = pd.DataFrame([(p, v) for p in range(PATIENTS) for v in VIEWS], columns=["patient", "view"])
        noises = np.random.default_rng([seed, len(self.tables)]).normal(0, noise, len(table))
        levels = table["view"].map(level) if isinstance(level, dict) else level
        table["value"] = levels + 0.02 * np.sin(table["patient"]) + noises
        about = {"study": "s", "run": name, "dataset": "own", "trained_on": "own", "method": method, "variant": variant}
        where = {"recipe": "common", "width": 1.0, "seed": seed, "fold": 0, "split": "test", "condition": "none"}
        unit, structure = ("1", "spine") if metric == "dice" else ("%", "angles")
        facts = {"severity": 0, "near_duplicate": "", "structure": structure, "metric": metric, "unit": unit}
        case = table["patient"].astype(str) + table["view"]
        self.tables.append(table.assign(**about, **where, **facts, case=case, status="ok"))
        return self

    @property
    def cases(self):
        return pd.concat(self.tables, ignore_index=True)

    def effects(self, comparisons=(), **options):
        return ablation.effects(self.folder, self.cases, comparisons, **options).set_index("part")


@pytest.fixture
def study(tmp_path):
    return Study(tmp_path)


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


def test_sentences_say_what_the_interval_says(study):
    study.add("full", 0.80).add("no_r2jump", 0.77)
    row = study.effects().reset_index().iloc[0]
    low, high = f"{row['low']:.3f}", f"{row['high']:.3f}"
    assert row["sentence"].startswith("R2-Jump pays: with it Dice is 0.03")
    assert f"higher [{low}, {high}] ({PATIENTS} patients, 1 seed)." in row["sentence"]


def test_holm_counts_what_was_named_and_nothing_else(study):
    study.add("full", 0.80).add("no_r2jump", 0.797).add("no_mcskip", 0.8).add("no_scse", 0.8).add("base", 0.7)
    pairs = [["r2mfnet/full", f"r2mfnet/{name}"] for name in ("no_r2jump", "no_mcskip")]
    table = study.effects([*pairs, ["r2mfnet/full", "unet/full"], ["unet/full", "plunet/full"]])
    assert table["named"].to_dict()["R2-Jump"]
    assert not table["named"].to_dict()["SCSE-Lite"]
    assert table["p_holm"].notna().sum() == 2
    assert table.loc["R2-Jump", "p_holm"] == pytest.approx(min(1, 2 * table.loc["R2-Jump", "p"]))


def test_variants_trained_otherwise_are_left_out_and_said(study):
    study.add("full", 0.80).add("no_r2jump", 0.77, steps=50)
    study.add("no_mcskip", 0.77, seed=1).add("no_scse", 0.77, pretrained="x").add("base", 0.7, train_films=30)
    table = study.effects()
    assert len(table) == 0
    words = table.attrs["left out"]
    assert words == [
        "R2MF-Net, R2-Jump: not trained alike, steps 100 and 50",
        "R2MF-Net, MC-Skip: no seed and fold in common",
    ]


def test_only_seeds_that_both_have_are_compared(study):
    study.add("full", 0.80).add("full", 0.60, seed=1).add("no_r2jump", 0.77)
    row = study.effects().loc["R2-Jump"]
    assert row["seeds"] == 1
    assert row["mean"] == pytest.approx(0.03, abs=0.003)


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


def test_the_papers_number_stands_beside_and_is_called_not_comparable(study):
    for variant, level in (("base", 0.7), ("aspp", 0.75)):
        study.add(variant, level, method="safnet")
    row = study.effects().loc["ASPP"]
    known = claims.read_claims().set_index("id")
    assert row["published"] == pytest.approx(known.loc["safnet-part-aspp", "published"]) == pytest.approx(0.0397)
    assert "The paper prints +0.0397, on other data: not comparable." in row["sentence"]


def test_joint_training_is_judged_on_the_films_of_each_view(study):
    study.add("full", 0.80)
    for view in VIEWS:
        own = 0.70 if view == "coronal" else 0.80
        study.add("full", dict.fromkeys(VIEWS, 0.1) | {view: own}, steps=101, views=[view])
    study.add("full", 0.75, train_films=30)
    table = ablation.view_effects(study.folder, study.cases)
    steps = table[table["part"] == "joint training, as many steps"].set_index("view")
    assert steps.loc["coronal", "mean"] == pytest.approx(0.10, abs=0.005)
    assert steps.loc["coronal", "verdict"] == "pays"
    assert abs(steps.loc["left_bending", "mean"]) < 0.005
    assert steps.loc["all", "mean"] == pytest.approx(0.10 / 3, abs=0.005)
    films = table[table["part"] == "joint training, as many films"].set_index("view")
    assert films.loc["coronal", "mean"] == pytest.approx(0.05, abs=0.005)
    assert films.loc["right_bending", "verdict"] == "hurts"
    assert steps.loc["coronal", "sentence"].startswith("Coronal films: joint training, as many steps pays")
    # Such networks are no variants, and must not be averaged with the full model.
    assert len(study.add("no_scse", 0.80).effects()) == 1
    assert study.effects().loc["SCSE-Lite", "mean"] == pytest.approx(0.0, abs=0.005)


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


def test_the_figures_show_every_row(study):
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    from spinelib.questions.ablation import figures

    study.add("full", 0.80).add("no_r2jump", 0.77).add("t0", 0.7).add("t1", 0.71)
    table = study.effects().reset_index()
    figure = figures.part_effects(table)
    assert len(figure.axes[0].get_yticklabels()) == 3
    assert figure.get_size_inches()[0] <= 6.4
    line = figures.sweep_line(ablation.sweeps(study.folder, study.cases), "dice")
    assert line.axes[0].get_xlabel() == "steps T of R2-Jump"
    plt.close("all")
