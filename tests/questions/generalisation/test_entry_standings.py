"""Several studies side by side: what is read, what is ranked, when an order may be said to hold."""

import json

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from PIL import Image

mpl.use("Agg")

from matplotlib import pyplot as plt

from spinelib.core.errors import BadInput
from spinelib.questions import generalisation
from spinelib.runs.predictions import save_predictions
from spinelib.runs.tables import CASE_COLUMNS
from spinelib.sources import prepare
from tests.questions.compare.volume_rows import volume_rows

FIVE = ["mdwcnet", "unet", "plunet", "fcn8s", "pspnet"]
ABOUT = {"variant": "full", "recipe": "common", "width": 0.5, "seed": 0, "fold": 0, "split": "test"}
FILM = {"view": "other", "condition": "none", "severity": 0, "near_duplicate": "", "status": "ok"}


def run_rows(study, method, value, structure="lung", spread=0.001, films=8, **changes):
    """Dice and pooled Dice of one run; the first two films (f0, f1) have a near-duplicate in training if `twin`."""
    twin = changes.pop("twin", "")
    about = {"study": study, "dataset": study, "trained_on": study, "method": method, **ABOUT, **changes}
    about["run"] = "-".join(str(about[name]) for name in ("method", "variant", "recipe", "width", "seed", "trained_on"))
    rows = []
    for i in range(films):
        film = {"case": f"f{i}", "patient": f"f{i}", **FILM, "near_duplicate": twin if i < 2 else ""}
        score = {"structure": structure, "metric": "dice", "value": value + spread * i, "unit": "1"}
        rows.append({**about, **film, **score})
    pooled = {"case": "all", "patient": "all", **FILM, "view": "all", "structure": structure}
    return [*rows, {**about, **pooled, "metric": "dice_pooled", "value": value, "unit": "1"}]


def write(folder, *parts, grid=(16, 16)):
    table = pd.DataFrame([row for part in parts for row in part])
    folder.mkdir(parents=True, exist_ok=True)
    table[CASE_COLUMNS].to_csv(folder / "cases.csv", index=False)
    for run in table["run"].unique():
        record = {
            "parameters": {"grid": list(grid), "epochs": 9},
            "facts": {"params": 2e6, "training": {"epochs": 9.1}},
        }
        (folder / "runs" / run).mkdir(parents=True)
        (folder / "runs" / run / "run.json").write_text(json.dumps(record))
    return folder


def study(root, name, order, structure="lung", **changes):
    values = [run_rows(name, method, 0.9 - 0.05 * i, structure, **changes) for i, method in enumerate(order)]
    return write(root / name, *values)


def test_a_study_counts_once_and_what_has_not_run_is_named(tmp_path):
    chest = study(tmp_path, "chest", FIVE)
    write(tmp_path / "empty", run_rows("empty", "unet", 0.5, trained_on="phantom"))
    beside = [chest / ".." / "chest", tmp_path / "skin", tmp_path / "empty", chest]
    found = generalisation.gather_studies(chest, beside)
    assert list(found.folders) == ["chest"]
    assert len(found.cases) == 5 * 9
    assert found.absent["skin"] == "has not run"
    assert "tested on what it learned from" in found.absent["empty"]


def test_only_clean_test_films_of_the_first_structure_and_of_the_own_data_are_read(tmp_path):
    wanted = run_rows("quick", "unet", 0.8, "spine", dataset="phantom", trained_on="phantom")
    others = [
        run_rows("quick", "unet", 0.1, "spine", dataset="phantom", trained_on="aasce"),
        run_rows("quick", "unet", 0.2, "spine_column", dataset="phantom", trained_on="phantom"),
        run_rows("quick", "unet", 0.3, "spine", dataset="phantom", trained_on="phantom", split="development"),
    ]
    noisy = [{**row, "condition": "noise", "severity": 1} for row in wanted]
    found = generalisation.gather_studies(write(tmp_path / "quick", wanted, *others, noisy))
    assert list(found.folders) == ["phantom_quick"]
    assert len(found.cases) == len(wanted)
    assert found.cases["value"].min() == 0.8


def test_without_any_finished_run_it_says_what_to_do(tmp_path):
    with pytest.raises(BadInput, match="make study"):
        generalisation.gather_studies(tmp_path / "chest", [tmp_path / "skin"])


def test_volumes_are_left_aside_with_a_plain_sentence(tmp_path):
    films = run_rows("quick", "unet", 0.8, "spine", dataset="phantom", trained_on="phantom")
    both = write(tmp_path / "quick", films, volume_rows("unet3d", 0.7))
    found = generalisation.gather_studies(both)
    assert list(found.folders) == ["phantom_quick"]
    assert found.absent["quick, data mr"].startswith("holds volumes")
    assert generalisation.standings(found, "dice")["method"].tolist() == ["unet"]


def test_a_study_of_volumes_alone_is_no_error_and_ranks_nothing(tmp_path):
    found = generalisation.gather_studies(write(tmp_path / "lumbar", volume_rows("unet3d", 0.7)))
    assert not found.folders
    assert list(found.absent) == ["lumbar, data mr"]
    table = generalisation.standings(found, "dice")
    assert generalisation.ranked(table, "dice").empty
    settings = generalisation.training_settings(found)
    assert generalisation.across_data(table, settings).empty
    assert generalisation.beside_paper(generalisation.study_means(found)).empty
    assert not generalisation.lung_warnings(generalisation.study_means(found))


@pytest.fixture
def mixed(tmp_path):
    """One study with everything that must not be mixed: recipes, variants, widths, near-duplicates."""
    parts = [
        run_rows("chest", "mdwcnet", 0.80),
        run_rows("chest", "mdwcnet", 0.99, recipe="published"),
        run_rows("chest", "mdwcnet", 0.98, variant="mscaw"),
        run_rows("chest", "unet", 0.97, width=0.25),
        run_rows("chest", "unet", 0.70, width=1.0),
    ]
    for part in parts:
        part[0]["near_duplicate"] = "twin"
        part[0]["value"] = 0.0
    return generalisation.gather_studies(write(tmp_path / "chest", *parts))


def test_only_full_models_of_the_common_recipe_are_ranked_the_widest_of_each(mixed):
    table = generalisation.standings(mixed, "dice")
    assert len(table) == 5
    ranked = generalisation.ranked(table, "dice").set_index("method")
    assert dict(ranked["rank"]) == {"mdwcnet": 1, "unet": 2}
    assert ranked.loc["unet", "width"] == 1.0
    assert generalisation.place_of(ranked.reset_index(), "mdwcnet") == ["chest: mdwcnet has rank 1 of 2"]
    assert generalisation.place_of(ranked.reset_index(), "fcn8s") == ["chest: fcn8s is not among the 2 ranked methods"]


def test_near_duplicates_are_left_out_and_counted(mixed):
    table = generalisation.standings(mixed, "dice").set_index(["method", "variant", "recipe", "width"])
    line = table.loc[("mdwcnet", "full", "common", 0.5)]
    assert line["mean"] == pytest.approx(0.8 + 0.001 * np.mean(range(1, 8)))
    assert (line["n"], line["left_out"]) == (7, 1)


def test_the_table_states_width_and_length_and_keeps_widths_apart(mixed):
    table, trained = generalisation.standings(mixed, "dice"), generalisation.training_settings(mixed)
    common = generalisation.across_data(table[table["recipe"] == "common"], trained)
    assert common.index.names == ["method", "variant", "width"]
    assert common.loc[("unet", "full", 1.0), ("chest", "width, epochs")] == "1, 9"
    assert common.loc[("unet", "full", 1.0), ("chest", "mean [interval]")].startswith("0.704 [")
    own = generalisation.across_data(table[table["recipe"] == "published"], trained)
    assert list(own.index) == [("mdwcnet", "full")]
    assert generalisation.across_data(table.head(0), trained).empty
    assert set(trained["million parameters"]) == {"2.0"}


def agreement(tmp_path, other, **changes):
    folders = study(tmp_path, "chest", FIVE), study(tmp_path, "skin", other, "lesion", **changes)
    found = generalisation.gather_studies(folders[0], folders[1:])
    ranked = generalisation.ranked(generalisation.standings(found, "dice"), "dice")
    return generalisation.order_agreement(found, ranked, "dice").iloc[0]


def test_the_same_order_holds_and_the_reverse_turns_round(tmp_path):
    same = agreement(tmp_path / "same", FIVE)
    assert (same["tau"], same["low"], same["high"], same["methods"]) == pytest.approx((1, 1, 1, 5))
    assert same["p"] == pytest.approx(2 / 120)
    assert same["reading"] == "the order holds"
    turned = agreement(tmp_path / "turned", FIVE[::-1])
    assert (turned["tau"], turned["high"]) == pytest.approx((-1, -1))
    assert turned["reading"] == "the order turns round"


def test_an_order_that_so_few_methods_could_have_by_chance_is_called_that(tmp_path):
    line = agreement(tmp_path, ["mdwcnet", "plunet", "unet", "pspnet", "fcn8s"])
    assert line["tau"] == pytest.approx(0.6)
    assert line["p"] > 0.05
    assert line["reading"] == "the order holds, but so few methods could do so by chance"


def test_methods_that_only_one_data_set_has_do_not_count(tmp_path):
    line = agreement(tmp_path, ["r2mfnet", *FIVE[:4]])
    assert (line["methods"], line["reading"]) == (4, "too few methods to tell")
    assert line["tau"] == pytest.approx(1)
    alone = agreement(tmp_path / "alone", ["r2mfnet"])
    assert (alone["methods"], alone["reading"]) == (0, "too few methods to tell")
    assert np.isnan(alone["tau"])


def test_an_order_within_the_noise_stays_open(tmp_path):
    rng = np.random.default_rng(1)
    parts = {name: [run_rows(name, method, 0.8, spread=0) for method in FIVE] for name in ("chest", "skin")}
    for rows in [rows for part in parts.values() for rows in part]:
        for row in rows:
            row["value"] += rng.normal(0, 0.05)
    folders = [write(tmp_path / name, *part) for name, part in parts.items()]
    found = generalisation.gather_studies(folders[0], folders)
    ranked = generalisation.ranked(generalisation.standings(found, "dice"), "dice")
    line = generalisation.order_agreement(found, ranked, "dice").iloc[0]
    assert line["low"] < 0 < line["high"]
    assert line["reading"] == "open, the interval holds 0"


def test_one_data_set_has_no_second_order(mixed):
    ranked = generalisation.ranked(generalisation.standings(mixed, "dice"), "dice")
    table = generalisation.order_agreement(mixed, ranked, "dice")
    assert table.empty
    assert "tau" in table


def test_the_ranks_are_drawn_with_gaps_where_a_method_did_not_run():
    table = pd.DataFrame({"data": ["a", "a", "b"], "method": ["mdwcnet", "unet", "unet"], "rank": [1, 2, 1]})
    figure = generalisation.rank_lines(table.assign(mean=[0.9, 0.8, 0.7]), "dice")
    words = [text.get_text() for text in figure.axes[0].texts]
    assert words == ["0.900", "MDWC-Net", "0.800", "0.700", "U-Net"]
    plt.close("all")


@pytest.fixture
def pictures(tmp_path):
    """A study of three test films on disk: unet errs on the first, mdwcnet on the last."""
    source, folder = tmp_path / "source", tmp_path / "chest"
    for name in ("images", "masks"):
        (source / name).mkdir(parents=True)
    mask = np.zeros((16, 16), np.uint8)
    mask[4:12, 4:12] = 1
    rows = ["case,image,mask,split"]
    for i, split in enumerate(["test"] * 3 + ["train"]):
        grey = np.random.default_rng(i).integers(1, 255, (16, 16), np.uint8)
        Image.fromarray(grey).save(source / "images" / f"f{i}.png")
        Image.fromarray(mask * 255).save(source / "masks" / f"f{i}.png")
        rows.append(f"f{i},images/f{i}.png,masks/f{i}.png,{split}")
    (source / "cases.csv").write_text("\n".join(rows))
    prepare("folder", folder / "data" / "chest", source, audit=False)
    (folder / "data" / "chest" / "options.json").write_text('{"dataset": "folder"}')
    parts = [
        run_rows("chest", "mdwcnet", 0.9, spread=-0.1, films=3),
        run_rows("chest", "unet", 0.3, spread=0.2, films=3),
    ]
    write(folder, *parts)
    for part in parts:
        path = folder / "runs" / part[0]["run"] / "predictions" / "chest.npz"
        save_predictions(path, ["f0", "f1", "f2"], np.stack([mask] * 3))
    return generalisation.gather_studies(folder)


def test_the_worst_film_is_the_methods_own_or_that_of_the_mean(pictures):
    ranked = generalisation.ranked(generalisation.standings(pictures, "dice"), "dice")
    own = generalisation.worst_film(pictures, ranked, "chest", "mdwcnet", "dice", "1")
    assert (own.case, own.judge) == ("f2", "mdwcnet")
    assert own.scores == pytest.approx({"mdwcnet/full": 0.7, "unet/full": 0.7})
    mean = generalisation.worst_film(pictures, ranked, "chest", "fcn8s", "dice", "1")
    assert (mean.case, mean.judge) == ("f0", "mean over methods")
    assert mean.image.shape == (1, 16, 16)
    assert mean.predictions["unet/full"].sum() == mean.reference.sum() == 64


def test_a_study_whose_records_are_gone_says_so(pictures):
    ranked = generalisation.ranked(generalisation.standings(pictures, "dice"), "dice")
    for path in pictures.folders["chest"].glob("runs/*/run.json"):
        path.unlink()
    with pytest.raises(BadInput, match="names this run"):
        generalisation.worst_film(pictures, ranked, "chest", "unet", "dice", "1")


def test_means_carry_the_registered_data_set_and_its_films(pictures):
    means = generalisation.study_means(pictures)
    assert set(means["dataset"]) == {"folder"}
    assert set(means["films"]) == {4}
    assert set(means["averaging"]) == {"per_image", "pooled"}
