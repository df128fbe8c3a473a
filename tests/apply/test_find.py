"""Which files of a folder are films or volumes, and what their results are called."""

import numpy as np
import pytest

from spinelib.apply.find import find_sources
from spinelib.core.errors import BadInput

from ..cases.volumes import SPACING, save_series


def touch(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def names(folder, dims=2, out=None):
    return [(each.name, each.stem) for each in find_sources(folder, dims, out).images]


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


def test_a_folder_of_slices_is_one_volume_and_many_films(tmp_path):
    save_series(tmp_path / "a series", np.ones((3, 4, 5), np.uint16), SPACING)
    touch(tmp_path, "b.nii.gz")
    assert names(tmp_path, 3) == [("a series", "a series"), ("b.nii.gz", "b")]
    assert len(names(tmp_path, 2)) == 4
    assert names(tmp_path / "a series", 3) == [("a series", "a series")]


def test_a_single_file_is_a_source_of_its_own(tmp_path):
    touch(tmp_path, "a.png", "b.png")
    (found,) = find_sources(str(tmp_path / "b.png"), 2).images
    assert (found.path, found.name, found.stem) == (tmp_path / "b.png", "b.png", "b")


@pytest.mark.parametrize(("dims", "what"), [(2, "films"), (3, "volumes")])
def test_nothing_to_outline_is_refused(tmp_path, dims, what):
    touch(tmp_path, "notes.txt")
    with pytest.raises(BadInput, match=f"holds no {what}.* Choose the folder"):
        find_sources(tmp_path, dims)
    with pytest.raises(BadInput, match=r"does not exist\. Check the path"):
        find_sources(tmp_path / "nowhere", dims)
