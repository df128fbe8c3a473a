"""Masks made elsewhere: found by name, brought to the grid, scored as a network's are."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from spinelib import protocol
from spinelib.cases import load_arrays, save_volume
from spinelib.cases.volume import read_volume
from spinelib.cases.volumes import native
from spinelib.core.errors import BadInput
from spinelib.protocol.masks import matched_masks, read_film_mask, read_volume_mask
from spinelib.protocol.signs import training_mask
from spinelib.runs import Run
from spinelib.sources import prepare
from tests.protocol.made_volumes import GRID as VOLUME_GRID
from tests.protocol.made_volumes import volume_run

GRID, SIZE, TURNED = (32, 16), (60, 30), 6  # EXIF: a quarter turn clockwise sets it upright


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """Ten films of one patient each, the last one lying on its side in its file, and their data prepared."""
    root = tmp_path_factory.mktemp("films")
    rng = np.random.default_rng(0)
    for kind in ("images", "masks"):
        (root / "source" / kind).mkdir(parents=True)
    for k in range(10):
        mask = np.zeros(SIZE, np.uint8)
        mask[5:55, 10 + k % 3 : 18] = 255
        image = Image.fromarray(rng.integers(1, 90, SIZE, np.uint8) + mask // 2)
        exif = Image.Exif()
        if k == 9:
            image, exif[274] = image.transpose(Image.Transpose.ROTATE_90), TURNED
        image.save(root / "source" / "images" / f"p{k}.png", exif=exif)
        Image.fromarray(mask).save(root / "source" / "masks" / f"p{k}.png")
    for k in (9,):
        turned = Image.open(root / "source" / "masks" / f"p{k}.png").transpose(Image.Transpose.ROTATE_90)
        turned.save(root / "source" / "masks" / f"p{k}.png", exif=exif)
    prepare("folder", root / "data" / "films", root / "source", audit=False, test_fraction=0.5, seed=1)
    return root


def run_on(root, folder, **changes):
    usual = {"data": str(root / "data"), "trained_on": "films", "tested_on": ["films"], "grid": list(GRID)}
    usual |= {"method": "masks", "variant": "other", "masks": str(folder / "made"), "study": "a"}
    (folder / "made").mkdir(parents=True, exist_ok=True)
    return Run(folder / "run", usual | changes, seed=0, device="cpu", threads=1)


def to_score(run):
    return protocol.scored_films(protocol.load(run, "films", GRID), False)


def save(array, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(array, np.uint8)).save(path)


def dice(rows):
    chosen = rows[(rows["metric"] == "dice") & (rows["structure"] == "spine") & (rows["case"] != "all")]
    return chosen.set_index("case")["value"]


def test_the_references_own_masks_reach_everything_on_the_grid_and_at_the_size_of_the_film(films, tmp_path):
    run = run_on(films, tmp_path)
    arrays = to_score(run)
    assert len(arrays) >= 4
    for k, name in enumerate(arrays.table["case"]):
        if k % 2:
            save(arrays.labels[k], tmp_path / "made" / f"{name}_mask.png")
        else:
            mask = Image.open(films / "source" / "masks" / f"{name}.png")
            save(np.asarray(mask), tmp_path / "made" / "deep" / f"{name}_Pred.png")
    scored = protocol.score_masks(run, {"films": protocol.load(run, "films", GRID)})
    assert (dice(scored.rows) == 1).all()
    assert len(dice(scored.rows)) == len(arrays)
    assert set(scored.rows["method"] + "/" + scored.rows["variant"]) == {"masks/other"}
    np.testing.assert_array_equal(scored.results["films"].predictions, arrays.labels)
    assert run.facts["masks"]["files"] == len(arrays)
    assert run.files.cases.exists()
    assert run.files.predictions("films").exists()
    save(1 - arrays.labels[1], tmp_path / "made" / f"{arrays.table['case'][1]}_mask.png")
    before = run.facts["masks"]["digest"]
    protocol.score_masks(run, {"films": protocol.load(run, "films", GRID)})
    assert run.facts["masks"]["digest"] != before


def test_a_mask_of_a_film_that_lies_in_its_file_is_turned_as_the_film_is(films, tmp_path):
    arrays = load_arrays(films / "data" / "films", GRID)
    i = arrays.table["case"].tolist().index("p9")
    assert arrays.places[i, 2] % 4 != 0 or tuple(arrays.places[i, :2]) == tuple(arrays.frames[i, 3:])
    upright = np.zeros(SIZE, np.uint8)
    upright[5:55, 10:18] = 1
    save(upright, tmp_path / "upright.png")
    np.testing.assert_array_equal(read_film_mask(tmp_path / "upright.png", arrays, i), arrays.labels[i])


def test_an_empty_mask_is_a_missed_structure_and_a_missing_one_stops(films, tmp_path):
    run = run_on(films, tmp_path)
    arrays = to_score(run)
    names = arrays.table["case"].tolist()
    for name, label in zip(names[1:], arrays.labels[1:], strict=True):
        save(label, tmp_path / "made" / f"{name}.png")
    with pytest.raises(BadInput, match=rf"holds no mask, or several, of 1 of {len(names)} cases \({names[0]}\)"):
        protocol.score_masks(run, {"films": protocol.load(run, "films", GRID)})
    save(np.zeros(GRID), tmp_path / "made" / f"{names[0]}.png")
    rows = protocol.score_masks(run, {"films": protocol.load(run, "films", GRID)}).rows
    assert dice(rows)[names[0]] == 0
    save(np.zeros(GRID), tmp_path / "made" / "again" / f"{names[0]}.png")
    with pytest.raises(BadInput, match="or several, of 1 of"):
        matched_masks(tmp_path / "made", arrays, films / "data" / "films")


def test_a_mask_of_another_size_is_refused_with_those_that_would_do(films, tmp_path):
    arrays = load_arrays(films / "data" / "films", GRID)
    save(np.ones((10, 10)), tmp_path / "small.png")
    with pytest.raises(BadInput, match=r"has 10 x 10 pixels, and its film and the grid 16 x 32, 30 x 60"):
        read_film_mask(tmp_path / "small.png", arrays, 0)


def test_without_a_folder_every_film_gets_the_one_mask_and_says_so_by_its_name(films, tmp_path):
    run = run_on(films, tmp_path, masks="", variant="one_mask")
    sets = {"films": protocol.load(run, "films", GRID)}
    scored = protocol.score_masks(run, sets)
    guess = training_mask(sets["films"])
    assert all((found == guess).all() for found in scored.results["films"].predictions)
    with pytest.raises(BadInput, match="masks: is empty"):
        protocol.score_masks(run_on(films, tmp_path, masks=""), sets)
    with pytest.raises(BadInput, match="is no folder of masks"):
        protocol.score_masks(run_on(films, tmp_path, masks=str(tmp_path / "nowhere")), sets)


def test_label_maps_of_volumes_count_where_their_headers_say_or_on_the_grid(shared, tmp_path):
    run = volume_run(shared, tmp_path / "run", method="masks", variant="other", masks=str(tmp_path))
    arrays = protocol.scored_films(protocol.load(run, "phantom_mr", VOLUME_GRID), False)
    data = shared / "phantom_mr"
    row = arrays.table.iloc[0]
    reference = native(data, row.to_dict())[0]
    np.testing.assert_array_equal(read_volume_mask(data / row["mask"], arrays, 0, data), reference)
    save_volume(tmp_path / "grid.nii.gz", arrays.labels[0], arrays.spacing[0])
    found = read_volume_mask(tmp_path / "grid.nii.gz", arrays, 0, data)
    assert found.shape == reference.shape
    inside = reference > 0
    assert (found[inside] == reference[inside]).mean() > 0.5
    save_volume(tmp_path / "empty.nii.gz", np.zeros(VOLUME_GRID, np.uint8), arrays.spacing[0])
    assert not read_volume_mask(tmp_path / "empty.nii.gz", arrays, 0, data).any()
    save_volume(tmp_path / "many.nii.gz", np.full(VOLUME_GRID, 99, np.uint8), arrays.spacing[0])
    with pytest.raises(BadInput, match="no label"):
        read_volume_mask(tmp_path / "many.nii.gz", arrays, 0, data)


def test_volumes_are_scored_as_networks_score_them(shared, tmp_path):
    run = volume_run(shared, tmp_path / "run", method="masks", variant="other", masks=str(shared / "phantom_mr"))
    sets = {"phantom_mr": protocol.load(run, "phantom_mr", VOLUME_GRID)}
    arrays = protocol.scored_films(sets["phantom_mr"], False)
    for name, mask in zip(arrays.table["case"], arrays.table["mask"], strict=True):
        (tmp_path / f"{name}.nii.gz").write_bytes((shared / "phantom_mr" / mask).read_bytes())
    run.parameters["masks"] = str(tmp_path)
    rows = protocol.score_masks(run, sets).rows
    whole = rows[(rows["metric"] == "dice") & (rows["structure"] == "all")]
    assert len(whole) == len(arrays)
    assert (whole["value"] == 1).all()
    assert isinstance(rows, pd.DataFrame)
    assert read_volume(tmp_path / f"{arrays.table['case'][0]}.nii.gz").array.any()
