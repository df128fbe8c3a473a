"""Series of slices in a source: which files are one volume, and what becomes of slices that cannot be opened."""

import numpy as np

from spinelib.apply.stacks import find_stacks
from spinelib.cases.volume import read_volume
from spinelib.sources.listing import list_files

from ..cases.volumes import SPACING, save_series


def stacks(folder, dims=3):
    listing = list_files(folder, [])
    return find_stacks(listing, dims), listing


def test_a_series_with_a_folder_of_its_own_is_that_folder(tmp_path):
    save_series(tmp_path / "disc" / "s", np.ones((3, 4, 5), np.uint16), SPACING)
    for dims in (2, 3):
        ((stack,), listing) = stacks(tmp_path / "disc", dims)
        assert (stack.name, stack.path, stack.files) == ("s", tmp_path / "disc" / "s", ())
        assert sorted(stack.slices) == sorted((tmp_path / "disc" / "s").iterdir())
        assert {use for use, _ in listing.decided.values()} == {"used"}


def test_the_folder_asked_for_may_be_the_series(tmp_path):
    save_series(tmp_path / "knee", np.ones((3, 4, 5), np.uint16), SPACING)
    ((stack,), _) = stacks(tmp_path / "knee")
    assert (stack.name, stack.path) == ("knee", tmp_path / "knee")


def test_slices_of_one_series_in_several_folders_are_brought_together(tmp_path):
    values = np.arange(60, dtype=np.uint16).reshape(3, 4, 5)
    save_series(tmp_path / "disc" / "a", values, SPACING)
    moved = sorted((tmp_path / "disc" / "a").iterdir())[0]
    (tmp_path / "disc" / "b").mkdir()
    moved.rename(tmp_path / "disc" / "b" / moved.name)
    ((stack,), _) = stacks(tmp_path / "disc")
    assert len(stack.files) == 3
    from spinelib.cases.readers.series_list import link_series

    np.testing.assert_array_equal(read_volume(link_series(stack.files, tmp_path / "links")).array, values)


def test_a_slice_that_cannot_be_opened_belongs_to_the_series_beside_it(tmp_path):
    save_series(tmp_path / "disc" / "s", np.ones((3, 4, 5), np.uint16), SPACING)
    (tmp_path / "disc" / "s" / "last.dcm").touch()
    ((stack,), listing) = stacks(tmp_path / "disc")
    assert tmp_path / "disc" / "s" / "last.dcm" in stack.slices
    assert listing.decided[tmp_path / "disc" / "s" / "last.dcm"] == ("used", "slice of s")
