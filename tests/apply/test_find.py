"""Which files of a folder are films or volumes, and what their results are called."""

import zipfile

import numpy as np
import pytest

from spinelib.apply.find import find_sources
from spinelib.core.errors import BadInput

from ..cases.readers.dicoms import dicom
from ..cases.volumes import SPACING, save_series


def touch(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def names(folder, dims=2, out=None):
    return [(each.name, each.stem) for each in find_sources(folder, dims, out or folder.parent / "elsewhere").images]


def test_files_are_found_however_deep_and_named_without_their_ending(tmp_path):
    touch(tmp_path, "b.png", "a/deep ü/c.dcm", "a/x.tif", "notes.txt", "table.csv", ".hidden.png", ".git/d.png")
    assert names(tmp_path) == [("a/deep ü/c.dcm", "a/deep ü/c"), ("a/x.tif", "a/x"), ("b.png", "b")]


def test_masks_beside_images_and_results_within_the_source_are_passed_over(tmp_path):
    touch(tmp_path, "one/images/a.png", "one/masks/a.png", "one/labels/a.png", "two/masks/b.png", "out/masks/c.png")
    found = [name for name, _ in names(tmp_path, out=tmp_path / "out")]
    # A folder called masks without images beside it may hold somebody's films.
    assert found == ["one/images/a.png", "two/masks/b.png"]


def test_names_that_differ_by_ending_or_capitals_alone_keep_theirs(tmp_path):
    touch(tmp_path, "x.png", "X.bmp", "y.nii.gz", "z.png")
    stems = dict(names(tmp_path))
    assert stems == {"x.png": "x.png", "X.bmp": "X.bmp", "y.nii.gz": "y", "z.png": "z"}


def test_a_folder_of_slices_is_one_volume_for_either_kind_of_network(tmp_path):
    save_series(tmp_path / "a series", np.ones((3, 4, 5), np.uint16), SPACING)
    touch(tmp_path, "b.nii.gz")
    assert names(tmp_path, 3) == [("a series", "a series"), ("b.nii.gz", "b")]
    assert names(tmp_path, 2) == names(tmp_path, 3)
    assert names(tmp_path / "a series", 3) == [("a series", "a series")]


def test_films_and_volumes_are_found_together(tmp_path):
    save_series(tmp_path / "a series", np.ones((3, 4, 5), np.uint16), SPACING)
    dicom(tmp_path / "c.dcm")
    touch(tmp_path, "b.nii.gz", "d.png", "notes.txt")
    found = find_sources(tmp_path, None, tmp_path.parent / "elsewhere")
    assert [each.name for each in found.images] == ["a series", "b.nii.gz", "c.dcm", "d.png"]
    found.pass_over(found.images[0], "is a volume")
    assert [each.name for each in found.images] == ["b.nii.gz", "c.dcm", "d.png"]
    assert found.slices == {}
    assert sum(reason == "is a volume" for reason in found.ignored.values()) == 3


def test_a_single_file_is_a_source_of_its_own(tmp_path):
    touch(tmp_path, "a.png", "b.png")
    (found,) = find_sources(str(tmp_path / "b.png"), 2, tmp_path / "out").images
    assert (found.path, found.name, found.stem) == (tmp_path / "b.png", "b.png", "b")


@pytest.mark.parametrize(("dims", "what"), [(2, "films"), (3, "volumes")])
def test_nothing_to_outline_is_refused(tmp_path, dims, what):
    touch(tmp_path, "notes.txt")
    with pytest.raises(BadInput, match=f"holds no {what}.* Choose the folder"):
        find_sources(tmp_path, dims, tmp_path / "out")
    with pytest.raises(BadInput, match=r"does not exist\. Check the path"):
        find_sources(tmp_path / "nowhere", dims, tmp_path / "out")


def test_discs_of_hospitals_give_their_series_wherever_the_slices_lie(tmp_path):
    disc = tmp_path / "disc"
    save_series(disc / "DICOM" / "S1", np.ones((3, 4, 5), np.uint16), SPACING)
    save_series(disc / "DICOM" / "mixed", np.ones((3, 4, 5), np.uint16), SPACING, uid="1.2.4", SeriesDescription="T1")
    save_series(tmp_path / "other", np.ones((4, 4, 5), np.uint16), SPACING, uid="1.2.5", SeriesDescription="T2")
    for path in sorted((tmp_path / "other").iterdir()):
        path.rename(disc / "DICOM" / "mixed" / f"second {path.name}")
    touch(disc, "DICOMDIR", "autorun.inf", "VIEWER/run.exe", "readme.txt")
    found = find_sources(disc, 3, tmp_path / "out")
    assert [each.name for each in found.images] == ["DICOM/S1", "DICOM/mixed/T1", "DICOM/mixed/T2"]
    assert [len(each.files) for each in found.images] == [0, 3, 4]
    assert set(found.ignored) == {"DICOMDIR", "autorun.inf", "VIEWER/run.exe", "readme.txt"}
    assert len(found.slices) + len(found.ignored) == len([path for path in disc.rglob("*") if path.is_file()])


def test_an_archive_is_unpacked_beside_the_results(tmp_path):
    with zipfile.ZipFile(tmp_path / "films.zip", "w") as packed:
        packed.writestr("a/b.png", b"x")
    (found,) = find_sources(tmp_path / "films.zip", 2, tmp_path / "out").images
    assert (found.name, found.path.read_bytes()) == ("a/b.png", b"x")
    assert tmp_path / "out" in found.path.parents
    assert names(tmp_path, out=tmp_path / "out") == [("films.zip", "films.zip")]
