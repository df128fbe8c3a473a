"""From finished runs to losses: runs are found and asked again, images shared, numbers right where they are known."""

import json
import shutil
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import torch

mpl.use("Agg")

from matplotlib import pyplot as plt

from spinelib.cases import load_arrays
from spinelib.core.layout import CARD, WEIGHTS
from spinelib.core.names import entry
from spinelib.corruptions import CORRUPTIONS
from spinelib.measures.tables import score_maps
from spinelib.models import build_model
from spinelib.prediction.card import Card
from spinelib.prediction.predictor import Predictor
from spinelib.protocol.data import on_grid
from spinelib.questions import robustness
from spinelib.questions.robustness import degradation, figures, quality, unseen
from spinelib.questions.robustness.predict import Conditions, conditioned, corrupted_films, score
from spinelib.runs.tables import CASE_COLUMNS, check_cases
from spinelib.sources import prepare
from tests.cases.films import data_set
from tests.prediction.made import leave, stand_in

GRID, VIEWS = [64, 32], ["left_bending", "coronal", "right_bending"]
ABOUT = {"study": "s", "dataset": "phantom", "trained_on": "phantom", "recipe": "common", "width": 0.125, "fold": 0}


def write_run(root, data, method, films, seed=0, **parameters):
    """A finished run of an untrained network in the study `root`, scored as runs are on the prepared `data`."""
    torch.manual_seed(seed)
    network = build_model(method, "full", 2, 1, 0.125)
    tag = "-".join(parameters.get("views", []))
    run = f"phantom-{method}-s{seed}{tag}"
    folder = root / "runs" / run
    seen, how = tuple(parameters.get("own_grid", GRID)), {"local": True, "flip": parameters.get("flip", False)}
    leave(folder, network, Card(method, "full", 0.125, 1, ("spine",), seen, tuple(GRID), **how))
    given = {"method": method, "variant": "full", "width": 0.125, "grid": GRID, "trained_on": "phantom", **parameters}
    record = {"status": "finished", "parameters": given, "facts": {"precision": "float32"}, "seed": seed, "threads": 1}
    (folder / "run.json").write_text(json.dumps(record))
    rows = score_maps(Predictor.from_folder(folder, "cpu").labels(on_grid(films, data, seen)), films)
    return rows.assign(**ABOUT, method=method, variant=entry(given)[1], run=run, seed=seed)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    root = tmp_path_factory.mktemp("study")
    prepare("phantom", root / "data" / "phantom", patients=8, seed=3, size=GRID, views=VIEWS, test_fraction=0.5)
    arrays = load_arrays(root / "data" / "phantom", tuple(GRID))
    films = arrays.subset((arrays.table["split"] == "test").to_numpy())
    views = [films.table["view"].iloc[0]]
    about = root, root / "data" / "phantom"
    parts = [write_run(*about, "unet", films, seed=k) for k in (0, 1)]
    parts += [write_run(*about, "plunet", films), write_run(*about, "unet", films, views=views).assign(variant="full")]
    pd.concat(parts)[CASE_COLUMNS].to_csv(root / "cases.csv", index=False)
    return root


@pytest.fixture(scope="module")
def measured(study):
    tested, left_out = robustness.subjects(study, [], 2)
    asked = ["inverted", "blur", "rotation"]
    return tested, left_out, robustness.measure_robustness(tested, study / "data", asked, [1, 5], device="cpu")


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
        seen = conditions.under(CORRUPTIONS[name], 5)
        found = conditions.outlines(predictor, CORRUPTIONS[name], 5, np.arange(4))
        assert (seen.area & ~conditioned(cases, None, 0, 0).area).any()
        for one, labels in zip(found, seen.cases.labels, strict=True):
            assert score(one, labels, np.array([True]), True)[0] > 0.93


def test_a_run_without_its_card_is_left_out(study, tmp_path):
    cases = pd.read_csv(study / "cases.csv", keep_default_na=False)
    cases[cases["run"] == "phantom-unet-s0"].to_csv(tmp_path / "cases.csv", index=False)
    shutil.copytree(study / "runs" / "phantom-unet-s0", tmp_path / "runs" / "phantom-unet-s0")
    assert len(robustness.subjects(tmp_path)[0]) == 1
    for name in (CARD, WEIGHTS):
        (tmp_path / "runs" / "phantom-unet-s0" / name).unlink()
        assert robustness.subjects(tmp_path) == ([], {"phantom-unet-s0": f"has no {name}"})


def test_every_run_case_corruption_and_severity_has_one_row(measured):
    tested, _, rows = measured
    cases = tested[0].rows["case"].nunique()
    assert len(rows) == 3 * cases * (1 + 3 * 2)
    written = corrupted_films(rows)
    assert len(written) == 3 * cases * 6
    assert list(check_cases(written, "cases.csv").columns) == CASE_COLUMNS
    twice = rows[rows["condition"] == "inverted"].groupby(["run", "case"])["value"].nunique()
    assert (twice == 1).all()


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


def made(scores, patients=6):
    """Rows of made-up entries: {(entry, condition, severity): Dice}, a little apart from patient to patient."""
    lines = []
    for (name, condition, severity), value in scores.items():
        for k in range(patients):
            about = {"dataset": "d", "name": name, "run": name, "condition": condition, "severity": severity}
            case = {"case": f"c{k}", "patient": f"p{k}", "view": "coronal", "structure": "spine", "status": "ok"}
            lines.append({**about, **case, "value": value * (1 + 0.01 * (k - 2.5))})
    return pd.DataFrame(lines)


THREE = {("a", "none", 0): 0.9, ("b", "none", 0): 0.8, ("c", "none", 0): 0.7}
HIT = {
    **{("a", "blur", 1): 0.88, ("b", "blur", 1): 0.79, ("c", "blur", 1): 0.69},
    **{("a", "blur", 3): 0.45, ("b", "blur", 3): 0.72, ("c", "blur", 3): 0.69},
}


def test_losses_and_their_intervals():
    table = degradation.losses(made(THREE | HIT)).set_index(["name", "severity"])
    assert table.loc[("a", 3), "loss"] == pytest.approx(0.5)
    assert table.loc[("b", 3), "loss"] == pytest.approx(0.1)
    assert (table["low"] <= table["loss"]).all()
    assert (table["loss"] <= table["high"]).all()
    assert (table["n"] == 6).all()
    words = degradation.loss_words(degradation.losses(made(THREE | HIT)), 3)
    assert words.loc["blur", "a"].startswith("50.0% [")


def test_an_entry_without_clean_dice_loses_nothing_that_can_be_told():
    table = degradation.losses(made({("a", "none", 0): 0.0, ("a", "blur", 1): 0.0}))
    assert np.isnan(table["loss"].iloc[0])


def test_the_breaking_severity_is_the_first_beyond_the_share():
    table = degradation.losses(made(THREE | HIT))
    assert degradation.breaking(table, 0.11)["blur"].to_dict() == {"a": "3", "b": "-", "c": "-"}
    assert degradation.breaking(table, 0.01)["blur"].to_dict() == {"a": "1", "b": "1", "c": "1"}
    assert degradation.breaking(table, 0.11)["broken"].tolist() == [1, 0, 0]


def test_the_order_turns_where_it_should():
    line = degradation.rank_stability(made(THREE | HIT), 3).iloc[0]
    assert line["tau"] == pytest.approx(-1 / 3)
    assert (line["best"], line["best_clean"], line["entries"]) == ("b", "a", 3)
    assert line["low"] - 1e-9 <= line["tau"] <= line["high"] + 1e-9
    assert degradation.rank_stability(made(THREE | HIT), 1).iloc[0]["tau"] == 1
    two = {key: value for key, value in (THREE | HIT).items() if key[0] != "c"}
    assert degradation.rank_stability(made(two), 3).empty


def test_the_interval_of_tau_redraws_the_same_patients_on_both_sides():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(30, 4))
    assert degradation.tau_interval(values, values) == (1.0, 1.0)
    assert degradation.tau_interval(values, -values) == (-1.0, -1.0)


def test_the_worst_case_lost_most_over_all_entries():
    rows = made(THREE | HIT)
    rows.loc[(rows["case"] == "c4") & (rows["severity"] == 3) & (rows["name"] == "b"), "value"] = 0.0
    worst = degradation.worst_cases(rows, 3).iloc[0]
    assert (worst["case"], worst["name"], worst["value"]) == ("c4", "b", 0.0)


def test_curves_begin_at_the_clean_score():
    table = degradation.severity_means(made(THREE | HIT))
    own = table[(table["name"] == "a") & (table["condition"] == "blur")]
    assert own["severity"].tolist() == [0, 1, 3]
    assert own["mean"].tolist() == pytest.approx([0.9, 0.88, 0.45])


def test_quality_measures_what_it_is_named_after():
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:80, :60]
    film = 128 + 60 * np.sin(x / 6) * np.sin(y / 9)
    base, noisy = quality.quality_of(film), quality.quality_of(film + rng.normal(0, 8, film.shape))
    assert noisy["noise"] == pytest.approx(8 / 255, rel=0.1)
    assert base["noise"] < 0.1 * noisy["noise"]
    soft = quality.quality_of(128 + 60 * np.sin(x / 12) * np.sin(y / 18))
    assert soft["sharpness"] < 0.5 * base["sharpness"]
    faint = quality.quality_of(128 + 20 * np.sin(x / 6) * np.sin(y / 9))
    assert faint["contrast"] == pytest.approx(base["contrast"] / 3, rel=0.02)
    assert faint["sharpness"] == pytest.approx(base["sharpness"], rel=0.02)
    assert quality.quality_of(film + 50)["exposure"] == pytest.approx(base["exposure"] + 50 / 255, abs=0.01)
    padded = np.pad(film, ((0, 0), (20, 20)))
    assert quality.quality_of(padded) == pytest.approx(base)
    assert quality.quality_of(np.stack([film, padded[:, 20:80], 0 * film])) == pytest.approx(base)
    assert np.isnan(quality.quality_of(0 * film)["noise"])


def test_thirds_hold_equal_shares_and_their_scores():
    names = [f"c{k}" for k in range(9)]
    table = pd.DataFrame({"case": names, "patient": names, "view": "coronal"})
    table = table.assign(**{m: np.arange(9.0) for m in quality.MEASURES})
    rows = table[["case", "patient"]].assign(name="a", value=np.arange(9) / 10)
    found = quality.by_stratum(rows, table)
    assert found["stratum"].tolist() == ["low", "middle", "high"] * 4
    assert found["mean"].tolist() == pytest.approx([0.1, 0.4, 0.7] * 4)
    assert found[["n", "from", "to"]].iloc[1].tolist() == [3, 3, 5]


def test_a_view_left_out_stands_beside_the_joint_network(study):
    found = unseen.unseen_views(study)
    assert set(found["name"]) == {"unet/full"}
    assert found["seen"].sum() == 1
    assert len(found) == 3
    clean = robustness.clean_dice(study)
    row = found.iloc[0]
    joint = clean[(clean["view"] == row["view"]) & clean["run"].isin(["phantom-unet-s0", "phantom-unet-s1"])]
    assert row["joint"] == pytest.approx(joint.groupby("patient")["value"].mean().mean())
    assert row["loss"] == pytest.approx(row["joint"] - row["mean"])


def test_a_network_from_elsewhere_stands_beside_the_one_trained_there(study, tmp_path):
    cases = pd.read_csv(study / "cases.csv", keep_default_na=False)
    away = cases[cases["run"] == "phantom-unet-s1"].assign(trained_on="aasce", run="aasce-unet")
    away = away.assign(value=pd.to_numeric(away["value"]) / 2)
    own = cases[cases["run"].isin(["phantom-unet-s0", "phantom-plunet-s0"])]
    fewer = own[own["method"] == "unet"].assign(variant="full_films9", run="few")
    pd.concat([fewer, own, away]).to_csv(tmp_path / "cases.csv", index=False)
    for run, films in (("few", 9), ("phantom-unet-s0", 0), ("aasce-unet", 0)):
        (tmp_path / "runs" / run).mkdir(parents=True)
        given = {"variant": "full", "train_films": films}
        (tmp_path / "runs" / run / "run.json").write_text(json.dumps({"parameters": given}))
    found = unseen.unseen_sources(tmp_path)
    line = found.iloc[0]
    assert len(found) == 1
    assert (line["trained_on"], line["beside"]) == ("aasce", "unet/full")
    assert line["loss"] == pytest.approx(line["own"] - line["mean"])
    assert unseen.unseen_views(tmp_path).empty


def test_figures_draw_what_they_are_given(study, measured):
    tested, _, rows = measured
    titles = {name: entry.title for name, entry in CORRUPTIONS.items()}
    kept = degradation.losses(rows)
    assert len(figures.loss_map(kept, 5, titles).axes[0].texts) == 2 * 3
    drawn = figures.severity_curves(
        degradation.severity_means(rows), titles, {name: e.range for name, e in CORRUPTIONS.items()}
    )
    assert drawn.axes[0].get_title().startswith("negative")
    made_rows = made(THREE | HIT)
    assert len(figures.order_dots(degradation.rank_stability(made_rows, 3), titles).axes[0].texts) == 2
    worst = degradation.worst_cases(rows, 5)
    shown = robustness.worst_shown(worst, tested, study / "data", device="cpu")
    assert [case.title.split("\n")[0] for case in shown] == [titles[name] for name in worst["condition"]]
    for case, line in zip(shown, worst.itertuples(), strict=True):
        assert score(case.prediction, case.reference, np.array([True]), True)[0] == pytest.approx(line.value, abs=1e-6)
    sheet = robustness.sheet(tested[0], study / "data", list(CORRUPTIONS.values()), 3, 0)
    assert len(sheet) == 15
    for cases in (shown, sheet):
        assert figures.case_gallery(cases).get_size_inches()[0] == pytest.approx(6.4)
    taken = robustness.quality_table(study / "data" / "phantom", GRID, rows["case"].unique())
    strata = robustness.by_stratum(robustness.clean_dice(study), taken)
    assert len(figures.quality_strata(strata, robustness.MEASURES).axes) == 4
    plt.close("all")
