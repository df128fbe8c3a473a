"""Training films, metrics, views and category errors on constructed case tables."""

import json

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from spinelib.questions.learning import amount_figures, figures
from spinelib.questions.learning.categories import category_errors, category_rows, sacrum_board
from spinelib.questions.learning.films import film_amounts, film_losses
from spinelib.questions.learning.pixels import film_metrics, sensitivity_table
from spinelib.questions.learning.spread import patient_spread, view_spread
from spinelib.runs.tables import CASE_COLUMNS
from spinelib.statistics import comparison

USUAL = {"study": "made", "dataset": "phantom", "trained_on": "phantom", "recipe": "common", "width": 1.0}
CLEAN = {"split": "test", "condition": "none", "severity": 0, "near_duplicate": "", "seed": 0, "fold": 0}


def row(method, patient, value, metric="dice", structure="spine", view="coronal", status="ok", variant="full"):
    about = {**USUAL, **CLEAN, "run": f"{method}-{variant}", "method": method, "variant": variant, "view": view}
    what = {"structure": structure, "metric": metric, "unit": "1", "status": status, "value": value}
    return {**about, **what, "case": f"{patient}-{view}", "patient": patient}


def cases(rows):
    return pd.DataFrame(rows)[CASE_COLUMNS]


def viewed(shift, spread=0.02, patients=40, seed=0):
    random = np.random.default_rng(seed)
    noise = random.normal(0, spread, (patients, 3))
    views = ("left_bending", "coronal", "right_bending")
    return cases(
        [
            row("unet", f"p{i:02d}", 0.8 + noise[i, k] + shift * (k - 1), view=view)
            for i in range(patients)
            for k, view in enumerate(views)
        ]
    )


def test_views_that_differ_are_told_from_chance():
    far, alike = (view_spread(viewed(shift), "phantom", "spine").iloc[0] for shift in (0.05, 0.0))
    assert far["between views"] == pytest.approx(0.05, abs=0.01)
    assert far["low"] < far["between views"] < far["high"]
    assert far["low"] > 0.03
    assert far["p"] < 0.01
    assert far["worst view"].startswith("left_bending")
    assert alike["between views"] < 0.01
    # Of independent views the spread of three means is about their standard error.
    assert alike["chance"] == pytest.approx(0.02 / np.sqrt(40), rel=0.3)
    assert far["within patients"] > alike["within patients"]
    one = cases([row("unet", p, 0.5) for p in "abc"])
    assert view_spread(one, "phantom", "spine").empty


def test_p_of_equal_views_is_uniform():
    found = [view_spread(viewed(0, patients=12, seed=k), "phantom", "spine")["p"].iloc[0] for k in range(60)]
    assert np.mean(found) == pytest.approx(0.5, abs=0.12)
    assert 0.005 < np.mean(np.asarray(found) < 0.2) < 0.4


def test_a_patients_own_spread_is_a_row():
    table = cases([row("unet", "a", value, view=view) for view, value in (("x", 0.5), ("y", 0.7))])
    lonely = cases([row("unet", "b", 0.9, view="x")])
    found = patient_spread(pd.concat([table, lonely]))
    assert found["patient"].tolist() == ["a"]
    assert found["value"].iloc[0] == pytest.approx(np.std([0.5, 0.7], ddof=1))
    assert found["metric"].iloc[0] == "dice_view_sd"
    assert list(found.columns) == CASE_COLUMNS


def volume(patient, statuses, values=(), method="safnet"):
    values = values or [0.8 if status == "ok" else 0.0 for status in statuses]
    names = ("S", "L5", "L4", "L3")
    parts = zip(names, statuses, values, strict=False)
    rows = [row(method, patient, value, structure=name, status=status) for name, status, value in parts]
    return [*rows, row(method, patient, float(np.mean(values)), structure="all")]


def test_category_errors_are_counted():
    table = cases(
        [
            *volume("a", ("ok", "empty_prediction", "empty_reference", "ok"), (0.8, 0.0, 0.0, 0.05)),
            *volume("b", ("ok", "ok", "absent", "ok"), (0.6, 0.9, np.nan, 0.9)),
            *volume("b", ("ok", "empty_prediction", "empty_prediction", "ok"), method="unet3d"),
        ]
    )
    found = category_errors(table, "phantom").set_index("name")
    assert found.index.tolist() == ["safnet/full", "unet3d/full"]
    safnet = found.loc["safnet/full"]
    assert safnet[["missed", "invented", "misplaced", "errors"]].tolist() == [0.5, 0.5, 0.5, 1.0]
    assert safnet["volumes without"] == 0.5
    rows = category_rows(table)
    assert rows["value"].tolist() == [2.0, 0.0, 2.0]
    assert rows["unit"].unique().tolist() == ["structures"]
    board = sacrum_board(comparison.summarise(table), "phantom")
    assert board.set_index("name").loc["safnet/full", "mean"] == pytest.approx(0.7)
    plt.close(figures.category_error_bars(found.reset_index(), board))
    assert category_errors(cases([row("unet", "a", 0.5)]), "phantom").empty


def film(method, patient, tp, fp, fn, tn):
    scores = {
        "dice": 2 * tp / (2 * tp + fp + fn),
        "sensitivity": tp / (tp + fn),
        "pixel_accuracy": (tp + tn) / (tp + fp + fn + tn),
        "miou": (tp / (tp + fp + fn) + tn / (tn + fp + fn)) / 2,
    }
    return [row(method, patient, value, metric=metric) for metric, value in scores.items()]


def test_the_share_of_a_structure_follows_from_its_scores():
    rows = [film(m, p, 80 + k, 30, 20, 870) for k, m in enumerate(("unet", "plunet", "pspnet")) for p in "ab"]
    table = film_metrics(cases([line for lines in rows for line in lines]), "phantom")
    shares = [(100 + k) / (1000 + k) for k in (0, 0, 1, 1, 2, 2)]
    assert table["share"].tolist() == pytest.approx(shares)
    found = sensitivity_table(table)
    assert found.loc["GPA", "an empty mask"] == pytest.approx(1 - shares[2], abs=1e-3)
    assert found.loc["Dice", "gap"] == pytest.approx(164 / 214 - 160 / 210)
    assert (found["order as by Dice"] == 1).all()
    plt.close(figures.metric_scatters(table))
    assert film_metrics(cases(volume("a", ("ok",))), "phantom").empty


def test_what_fewer_films_lose(tmp_path):
    rows = []
    for films, value in ((8, 0.6), (16, 0.79), (32, 0.8)):
        variant = "full" if films == 32 else f"full_films{films}"
        rows += [row("unet", p, value + d, variant=variant) for p, d in (("a", 0.1), ("b", -0.1), ("c", 0.0))]
        folder = tmp_path / "runs" / f"unet-{variant}"
        folder.mkdir(parents=True)
        training = {"steps": 80, "epochs": 80 * 4 / films}
        given = {"method": "unet", "variant": "full", "width": 1.0, "trained_on": "phantom"}
        record = {"parameters": given, "facts": {"training": training, "recipe": {"batch": 4}}}
        (folder / "run.json").write_text(json.dumps(record))
    table = film_amounts(tmp_path, cases(rows), "phantom")
    assert table["training films"].tolist() == [8, 16, 32]
    assert table["value"].tolist() == pytest.approx([0.6, 0.79, 0.8])
    found = film_losses(table, cases(rows), "phantom")
    # Patients differ by 0.1, but all of them lose the same.
    assert found[["lost", "low", "high"]].to_numpy().ravel().tolist() == pytest.approx([0.2] * 3 + [0.01] * 3)
    assert found["enough"].tolist() == [False, True]
    assert found["share"].tolist() == [0.25, 0.5]
    plt.close(amount_figures.film_amount_lines(table, "Dice"))
    alone = cases([r for r in rows if r["variant"] == "full"])
    assert film_amounts(tmp_path, alone, "phantom").empty
