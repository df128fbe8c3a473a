"""What nnU-Net is given: the study's cases with the study's own sides."""

import json

import numpy as np
import pytest
from PIL import Image

from spinelib import protocol
from spinelib.cases.volume import read_volume
from spinelib.protocol.nnunet_data import NnunetFolders, case_name, write_raw
from spinelib.protocol.volume_scores import native
from tests.protocol.made import arrays
from tests.protocol.made_volumes import GRID, volume_run


@pytest.fixture
def folders(tmp_path):
    return NnunetFolders(tmp_path / "nnunet")


def stems(folder, end):
    return {path.name.removesuffix(end) for path in folder.iterdir()}


def test_every_film_is_on_the_side_that_the_study_has_it_on(folders, tmp_path):
    films = arrays()
    division = protocol.divide(films, 1, 3)
    tested = protocol.scored_films(films, False)
    write_raw(folders, films, division, {"a": tested}, {"a": tmp_path}, "a")
    (split,) = json.loads((folders.preprocessed / "splits_final.json").read_text())
    for side, index in (("train", division.train), ("val", division.validation)):
        assert split[side] == [case_name("a", films.table["case"][i]) for i in index]
    learned = {*split["train"], *split["val"]}
    assert stems(folders.raw / "imagesTr", "_0000.png") == stems(folders.raw / "labelsTr", ".png") == learned
    assert stems(folders.raw / "imagesTs", "_0000.png") == {case_name("a", name) for name in tested.table["case"]}
    assert not learned & stems(folders.raw / "imagesTs", "_0000.png")
    facts = json.loads((folders.raw / "dataset.json").read_text())
    assert facts["labels"] == {"background": 0, "spine": 1}
    assert (facts["numTraining"], facts["file_ending"]) == (len(learned), ".png")
    i = int(division.train[0])
    name = split["train"][0]
    np.testing.assert_array_equal(Image.open(folders.raw / "imagesTr" / f"{name}_0000.png"), films.images[i, 0])
    np.testing.assert_array_equal(Image.open(folders.raw / "labelsTr" / f"{name}.png"), films.labels[i])
    assert folders.answers("a", tested)[0].name == f"{case_name('a', tested.table['case'][0])}.png"


def test_volumes_keep_their_own_voxels_and_their_place(shared, tmp_path, folders):
    run = volume_run(shared, tmp_path)
    volumes = protocol.load(run, "phantom_mr", GRID)
    place = shared / "phantom_mr"
    division = protocol.divide(volumes, 0, 5)
    tested = protocol.scored_films(volumes, False).subset([0])
    write_raw(folders, volumes, division, {"phantom_mr": tested}, {"phantom_mr": place}, "phantom_mr")
    row = volumes.table.iloc[int(division.train[0])]
    name = case_name("phantom_mr", row["case"])
    labels, spacing, image = native(place, row.to_dict())
    found = read_volume(folders.raw / "imagesTr" / f"{name}_0000.nii.gz")
    np.testing.assert_array_equal(found.array, image)
    np.testing.assert_allclose(found.spacing, spacing)
    np.testing.assert_allclose(found.affine, read_volume(place / row["image"]).affine, atol=1e-4)
    np.testing.assert_array_equal(read_volume(folders.raw / "labelsTr" / f"{name}.nii.gz").array, labels)
    assert len(json.loads((folders.raw / "dataset.json").read_text())["labels"]) == 20
