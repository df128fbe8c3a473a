"""Several studies side by side: what is read and what is ranked."""

import json

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

mpl.use("Agg")


from spinelib.core.errors import BadInput
from spinelib.questions import generalisation
from spinelib.runs.predictions import save_predictions
from spinelib.sources import prepare
from tests.questions.compare.volume_rows import volume_rows
from tests.questions.generalisation.made import FIVE, run_rows, study, write


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


def test_a_study_by_a_papers_recipe_alone_ranks_what_that_recipe_made(tmp_path):
    for name in ("own", "chest"):
        study(tmp_path, name, FIVE, recipe="published" if name == "own" else "common")
    found = generalisation.gather_studies(tmp_path / "own", [tmp_path / "chest"])
    recipe = generalisation.ranked_recipe(found, tmp_path / "own")
    ranked = generalisation.ranked(generalisation.standings(found, "dice"), "dice", recipe)
    assert (recipe, set(ranked["data"]), ranked["method"].tolist()) == ("published", {"own"}, FIVE)
    assert generalisation.ranked_recipe(found, tmp_path / "chest") == "common"


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


def test_a_network_that_learned_nothing_is_named_and_not_ranked(tmp_path):
    chest = study(tmp_path, "chest", FIVE)
    path = next(chest.glob("runs/pspnet-*/run.json"))
    facts = {"params": 2e6, "signs": {"chest": {"empty": 1.0}}}
    path.write_text(json.dumps({"status": "finished", "run": path.parent.name, "parameters": {}, "facts": facts}))
    found = generalisation.gather_studies(chest)
    ranked = generalisation.ranked(generalisation.standings(found, "dice"), "dice")
    assert sorted(ranked["method"]) == sorted(FIVE[:-1])
    reason = found.absent[f"chest, run {path.parent.name}"]
    assert reason == "learned nothing: nothing was predicted in 100% of the test cases"
