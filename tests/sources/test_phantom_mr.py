import numpy as np
import pytest

from spinelib.cases import load_arrays, read_classes, read_manifest, read_problems, read_volume
from spinelib.core.errors import BadInput
from spinelib.core.structures import STRUCTURES
from spinelib.sources import prepare

OPTIONS = {"patients": 3, "seed": 4, "test_fraction": 0.34, "size": (96, 96), "slices": 9}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("phantom_mr")
    prepare("phantom_mr", folder, **OPTIONS)
    return folder


def test_manifest_names_every_volume(folder):
    cases = read_manifest(folder)
    assert [case.split for case in cases] == ["train", "train", "test"]
    assert {(case.view, case.modality) for case in cases} == {("sagittal", "mr")}
    assert read_classes(folder) == STRUCTURES
    assert read_problems(folder) == []


def test_files_read_back_in_canonical_orientation(folder):
    for case in read_manifest(folder):
        image, mask = read_volume(folder / case.image), read_volume(folder / case.mask)
        assert image.array.shape == mask.array.shape == (9, 96, 96)
        assert image.spacing == mask.spacing
        assert {1, 2, 3, 4, 11, 12, 13} <= set(np.unique(mask.array).tolist()) <= set(range(20))


def test_arrays_load_on_a_small_grid(folder):
    arrays = load_arrays(folder, (12, 64, 32))
    assert arrays.images.shape == (3, 1, 12, 64, 32)
    assert arrays.classes == STRUCTURES
    assert all((labels == 4).any() for labels in arrays.labels)


def test_processes_change_no_bit(folder, tmp_path):
    prepare("phantom_mr", tmp_path, **OPTIONS, processes=2)
    for name in ("manifest.csv", "images/p00002.nii.gz", "masks/p00002.nii.gz"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


@pytest.mark.parametrize(
    "wrong",
    [
        {"patients": 0},
        {"test_fraction": 2},
        {"limit": 100},
        {"size": (8, 8)},
        {"size": 128},
        {"size": (9, 128, 128)},
        {"slices": 1},
        {"curves": -1},
        {"processes": 0},
        {"views": ()},
    ],
)
def test_wrong_options_are_named(tmp_path, wrong):
    with pytest.raises(BadInput, match=next(iter(wrong))):
        prepare("phantom_mr", tmp_path, **wrong)
