import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from spinelib import protocol
from spinelib.cases import load_arrays, read_classes, read_manifest, read_problems
from spinelib.core.errors import BadInput
from spinelib.core.layout import RunFolder
from spinelib.sources import prepare

from ..cases.films import film
from .accounts import uses

REAL = os.environ.get("SPINE_DATA", "")
SHAPE = (64, 80)
PART = "ISBI2016_ISIC_Part1_{}_{}"


def lesion(seed=0):
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    middle_y, middle_x, high, wide = np.random.default_rng(seed).uniform((25, 30, 9, 9), (39, 50, 22, 26))
    return (((y - middle_y) / high) ** 2 + ((x - middle_x) / wide) ** 2 < 1).astype(np.uint8) * 255


def skin(seed):
    """A dark brown spot on light skin."""
    shade = 1 - 0.4 * (lesion(seed) > 0) + (film(*SHAPE, seed=seed) / 255.0 - 0.5) * 0.4
    return np.clip(shade[:, :, None] * [200, 150, 130], 0, 255).astype(np.uint8)


def save(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def part(root, name, numbers, ending="_Segmentation"):
    for k in numbers:
        save(root / PART.format(name, "Data") / f"ISIC_{k:07d}.jpg", skin(k))
        save(root / PART.format(name, "GroundTruth") / f"ISIC_{k:07d}{ending}.png", lesion(k))
    return root


def official(root):
    return part(part(root, "Training", range(8)), "Test", range(20, 24))


def run(source, **options):
    out = source.parent / "out"
    prepare("isic2016", out, source, **{"audit": False, **options})
    return {case.case: case for case in read_manifest(out)}, {problem.case: problem for problem in read_problems(out)}


def test_the_official_folders_become_a_manifest_in_colour(tmp_path):
    cases, problems = run(official(tmp_path / "skin, ü"), audit=True)
    assert problems == {}
    assert [case.split for case in cases.values()] == ["train"] * 8 + ["test"] * 4
    assert {(case.view, case.modality) for case in cases.values()} == {("other", "rgb")}
    assert read_classes(tmp_path / "out") == ("lesion",)
    data = load_arrays(tmp_path / "out", (64, 80))
    assert data.images.shape == (12, 3, 64, 80)
    red, green, blue = data.images.mean(axis=(0, 2, 3))
    assert red > green > blue
    assert (data.labels[3] == (lesion(3) > 0)).all()


def test_archives_in_folders_of_their_own_and_small_endings(tmp_path):
    part(tmp_path / "in" / PART.format("Training", "Data"), "Training", range(4), "_segmentation")
    part(tmp_path / "in", "Test", range(4, 6))
    cases, problems = run(tmp_path / "in")
    assert len(cases) == 6
    assert problems == {}


def test_a_random_split_puts_all_images_together(tmp_path):
    source = official(tmp_path / "in")
    cases, _ = run(source, split="random", test_fraction=0.25)
    assert sum(case.split == "test" for case in cases.values()) == 3
    others = [run(source, split="random", test_fraction=0.25, seed=seed)[0] for seed in (0, 1, 2)]
    assert others[0] == cases
    assert any(other != cases for other in others[1:])


def test_a_training_image_among_the_test_images_is_declared(tmp_path):
    source = official(tmp_path / "in")
    copy = source / PART.format("Test", "Data") / "ISIC_0000020.jpg"
    copy.write_bytes((source / PART.format("Training", "Data") / "ISIC_0000003.jpg").read_bytes())
    cases, problems = run(source, audit=True)
    assert cases["ISIC_0000020"].near_duplicate == ("ISIC_0000003",)
    assert problems["ISIC_0000020"].action == "kept"
    cases, _ = run(source, audit=True, split="random")
    assert cases["ISIC_0000020"].split == cases["ISIC_0000003"].split


def test_each_bad_image_or_mask_is_a_row_and_the_rest_goes_on(tmp_path):
    source = official(tmp_path / "in")
    images, masks = (source / PART.format("Training", kind) for kind in ("Data", "GroundTruth"))
    save(masks / "ISIC_0000000_Segmentation.png", lesion()[:-1])
    (masks / "ISIC_0000001_Segmentation.png").unlink()
    (images / "ISIC_0000002.jpg").unlink()
    (images / "ISIC_0000003.jpg").write_bytes((images / "ISIC_0000003.jpg").read_bytes()[:400])
    cases, problems = run(source)
    assert set(cases) == {f"ISIC_{k:07d}" for k in (4, 5, 6, 7, 20, 21, 22, 23)}
    reasons = {name: problem.problem.split(" (")[0] for name, problem in problems.items()}
    assert reasons == {
        "ISIC_0000000": "has 80 x 63 pixels, its film 80 x 64",
        "ISIC_0000001": "has no mask called ISIC_0000001",
        "ISIC_0000002_Segmentation": "has no image",
        "ISIC_0000003": "is damaged or cut short",
    }


@pytest.mark.parametrize(
    ("make", "options", "reason"),
    [
        (lambda root: root.mkdir(), {}, "holds no training and no test image"),
        (lambda root: part(root, "Training", range(3)), {}, "holds no test image .*split: random"),
        (lambda root: part(root, "Test", range(3)), {}, "holds no training image"),
        (official, {"split": "thirds"}, "Give one of official, random"),
    ],
)
def test_another_folder_or_split_is_refused(tmp_path, make, options, reason):
    make(tmp_path / "in")
    with pytest.raises(BadInput, match=reason):
        run(tmp_path / "in", **options)


def test_training_images_alone_can_be_split_at_random(tmp_path):
    cases, _ = run(part(tmp_path / "in", "Training", range(5)), split="random")
    assert sorted(case.split for case in cases.values()) == ["test"] + ["train"] * 4


@pytest.mark.parametrize(("in_colour", "channels"), [(1, 1), (2, 3)])
def test_most_images_of_a_folder_decide_whether_it_is_in_colour(tmp_path, in_colour, channels):
    for k in range(3):
        image = skin(k)
        save(tmp_path / "in" / "images" / f"{k}.png", image if k < in_colour else image[:, :, 0])
        save(tmp_path / "in" / "masks" / f"{k}_Segmentation.png", lesion(k))
    prepare("folder", tmp_path / "out", tmp_path / "in", classes="lesion", audit=False)
    assert load_arrays(tmp_path / "out", SHAPE).images.shape == (3, channels, *SHAPE)


def test_colour_reaches_network_scores_and_figures(tmp_path):
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    from spinelib import plots

    run(official(tmp_path / "in"))
    usual = {"method": "unet", "variant": "full", "width": 0.0625, "trained_on": "skin", "tested_on": ["skin"]}
    usual |= {
        "recipe": "common",
        "epochs": 1,
        "batch": 4,
        "learning_rate": 0.003,
        "precision": "float32",
        "grid": [32, 32],
    }
    facts = {"parameters": usual, "seed": 0, "device": "cpu", "threads": 1, "folder": tmp_path / "run", "facts": {}}
    a_run = SimpleNamespace(
        **facts, trained={}, cases=lambda rows: rows, manifest=lambda *_, **__: tmp_path / "out/manifest.csv"
    )
    a_run.note = a_run.facts.update
    a_run.files = RunFolder(a_run.folder)
    arrays = protocol.load(a_run, "skin", [32, 32])
    division = protocol.divide(arrays, 0, 4)
    network = protocol.model(a_run, arrays)
    # Red, green, blue and the local contrast of each.
    seen = protocol.inputs(a_run, arrays, division.train)
    assert protocol.input_shape(a_run, arrays) == tuple(seen.shape[1:]) == (6, 32, 32)
    assert len(protocol.train(a_run, network, arrays, division)) == 1
    scored = protocol.evaluate(a_run, {"skin": arrays})
    assert set(scored.rows["structure"]) == {"lesion"}
    result = scored.results["skin"]
    assert result.images.shape == (4, 3, 32, 32)
    figure = plots.best_median_worst(
        result.images, result.references, result.predictions, result.dice, result.names, each=1
    )
    shown = figure.axes[0].images[0].get_array()
    assert shown.shape == (32, 32, 3)
    assert (shown == np.moveaxis(result.images[np.argmax(result.dice)], 0, -1)).all()
    facts = protocol.film_facts({"skin": arrays})
    assert facts["mean grey"].between(1, 255).all()
    plt.close("all")


def test_every_file_is_accounted_for_and_of_two_of_one_name_none_is_taken(tmp_path):
    source = official(tmp_path / "in")
    training = source / PART.format("Training", "Data")
    Image.open(training / "ISIC_0000000.jpg").save(training / "ISIC_0000000.png")
    part(source, "Test", [1])
    (training / "ISIC_0000002.jpg").unlink()
    (training / "ISIC_0000002.jpg").symlink_to(source / "nowhere.jpg")
    (training / "LICENSE.txt").write_text("x")
    cases, problems = run(source)
    numbers = [*range(3, 8), *range(20, 24)]
    assert sorted(cases) == [f"ISIC_{k:07d}" for k in numbers]
    assert "has the name of another image" in problems["ISIC_0000000"].problem
    assert "has the name of another image" in problems["ISIC_0000001"].problem
    found = uses(source, tmp_path / "out")
    assert sum(use == "used" for use in found.values()) == 2 * len(cases)
    assert sum(use == "problem" for use in found.values()) == 3 + 4 + 2
    assert [name for name, use in found.items() if use == "ignored"] == [f"{training.name}/LICENSE.txt"]


@pytest.mark.real
@pytest.mark.skipif(not REAL, reason="set SPINE_DATA to the folder of the real images to run this")
@pytest.mark.parametrize(("name", "count"), [("skin_isic2017", 9), ("skin_ham10000", 5)])
def test_the_small_real_sets_are_read_as_a_folder(tmp_path, name, count):
    prepare("folder", tmp_path, Path(REAL) / name, classes="lesion")
    cases = read_manifest(tmp_path)
    assert len(cases) == count
    assert {case.modality for case in cases} == {"rgb"}
    assert pd.read_csv(tmp_path / "audit.csv").empty
    data = load_arrays(tmp_path, (96, 128))
    assert data.images.shape == (count, 3, 96, 128)
    assert data.classes == ("lesion",)
    assert (data.labels > 0).any(axis=(1, 2)).all()
