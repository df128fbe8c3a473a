"""Every file of a folder of slices is used, or named."""

import shutil

import numpy as np
import pytest

from spinelib.cases import read_volume
from spinelib.cases.readers import slices
from spinelib.core.errors import BadInput

from ..volumes import SPACING, lumbar, save_series

IMAGE, _ = lumbar()


@pytest.fixture
def folder(tmp_path):
    save_series(tmp_path / "s", IMAGE, SPACING)
    return tmp_path / "s"


def refused(folder):
    with pytest.raises(BadInput) as error:
        read_volume(folder)
    return error.value


def test_a_slice_without_preamble_or_meta_information_is_read(folder):
    file = folder / "IM0011"
    content = file.read_bytes()
    file.write_bytes(content[132:])
    np.testing.assert_array_equal(read_volume(folder).array, IMAGE)
    # Group 2 begins with its own length; behind it the data set starts.
    file.write_bytes(content[132 + 12 + int.from_bytes(content[140:144], "little") :])
    volume = read_volume(folder)
    np.testing.assert_array_equal(volume.array, IMAGE)
    assert volume.remark == ""


@pytest.mark.parametrize(
    ("length", "words"), [(0, "is empty (0 bytes)"), (100, "is not DICOM"), (400, "holds no image")]
)
@pytest.mark.parametrize("name", ["IM0011", "IM0099", "last.dcm"])
def test_a_file_called_as_a_slice_that_holds_none_is_named(folder, name, length, words):
    content = (folder / "IM0011").read_bytes()
    (folder / name).write_bytes(content[:length])
    error = refused(folder)
    assert error.file == str(folder / name)
    assert error.reason == f"{words}: a slice of its series may be missing"


def test_other_files_are_passed_over_and_listed(folder):
    (folder / "notes.txt").write_text("no slice")
    (folder / "README").write_text("no slice")
    (folder / ".hidden").write_text("left by a file system")
    save_series(folder / "report", IMAGE[:1], SPACING, SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11", Rows=None)
    (folder / "report" / "IM0000").rename(folder / "report.dcm")
    (folder / "report").rmdir()
    volume = read_volume(folder)
    assert volume.remark == "passed over: README, notes.txt, report.dcm (no slices of this series)"
    np.testing.assert_array_equal(volume.array, IMAGE)


def test_slices_of_the_series_in_folders_below_belong_to_it(folder):
    (folder / "more").mkdir()
    shutil.move(folder / "IM0011", folder / "more")
    save_series(folder / "scout", IMAGE[:2], SPACING, uid="9.9")
    volume = read_volume(folder)
    np.testing.assert_array_equal(volume.array, IMAGE)
    assert volume.remark == (
        "takes slices from folders below it (more/IM0011); "
        "passed over: scout/IM0000, scout/IM0007 (no slices of this series)"
    )


def test_a_damaged_file_in_a_folder_of_something_else_is_no_slice_of_this_series(folder):
    (folder / "other").mkdir()
    (folder / "other" / "IM0001").write_bytes(b"")
    assert read_volume(folder).remark == "passed over: other/IM0001 (no slices of this series)"


def test_a_link_that_leads_nowhere_is_a_missing_slice(folder):
    (folder / "IM0050").symlink_to(folder / "gone")
    assert refused(folder).reason.startswith("cannot be opened (No such file or directory)")


def test_two_series_in_a_folder_are_named(folder, tmp_path):
    save_series(tmp_path / "other", IMAGE[:1], SPACING, uid="9.9")
    shutil.move(tmp_path / "other" / "IM0000", folder / "other")
    assert refused(folder).reason == "holds several series (t2 1.2.3, t2 9.9)"


def test_a_folder_without_slices_says_where_they_are(folder, tmp_path):
    assert refused(tmp_path).reason == "has its DICOM images in folders below it (s)"
    (tmp_path / "empty").mkdir()
    assert refused(tmp_path / "empty").reason == "is a folder without DICOM images"


def test_a_folder_of_very_many_files_is_refused(folder, monkeypatch):
    monkeypatch.setattr(slices, "MAX_FILES", 6)
    assert refused(folder).reason == "holds more than 6 files"
