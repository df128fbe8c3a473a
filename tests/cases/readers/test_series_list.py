"""Series below a folder, however their files lie."""

import shutil
from pathlib import Path

import numpy as np

from spinelib.cases import read_volume
from spinelib.cases.readers.series_list import find_series, link_series

from ..volumes import SPACING, lumbar, save_series

IMAGE, _ = lumbar()


def hospital_disc(folder):
    """DICOMDIR at the top; two series with folders of their own, two in one folder, one in two folders."""
    for name, uid in (("DICOM/S1", "1.1"), ("DICOM/S2", "1.2"), ("DICOM/mixed", "1.3"), ("a", "1.4"), ("b/x", "1.5")):
        save_series(folder / name, IMAGE, SPACING, uid=uid, PatientID="P1")
    for file in (folder / "a").iterdir():
        shutil.move(file, folder / "DICOM" / "mixed" / f"second {file.name}")
    (folder / "b" / "y").mkdir()
    shutil.move(folder / "b" / "x" / "IM0014", folder / "b" / "y")
    save_series(folder / "dir", IMAGE[:1], SPACING, SOPClassUID="1.2.840.10008.1.3.10", Rows=None)
    shutil.move(folder / "dir" / "IM0000", folder / "DICOMDIR")
    (folder / "readme.txt").write_text("a viewer")
    return folder


def test_series_are_told_by_their_uid_and_named_by_their_folder(tmp_path):
    found, others = find_series(hospital_disc(tmp_path / "cd"))
    assert [(each.name, len(each.files), each.uid, each.own) for each in found] == [
        ("DICOM/S1", 7, "1.1", True),
        ("DICOM/S2", 7, "1.2", True),
        ("DICOM/mixed/t2 1.3", 7, "1.3", False),
        ("DICOM/mixed/t2 1.4", 7, "1.4", False),
        ("b/t2 1.5", 7, "1.5", False),
    ]
    assert {each.patient for each in found} == {"P1"}
    assert {file.name: reason for file, reason in others.items()} == {
        "DICOMDIR": "is a DICOM object without an image (Media Storage Directory Storage)",
        "readme.txt": "is not DICOM",
    }


def test_every_series_can_be_read_by_its_folder_or_by_links(tmp_path):
    found, _ = find_series(hospital_disc(tmp_path / "cd"))
    for each in found:
        folder = each.files[0].parent if each.own else link_series(each.files, tmp_path / "links" / each.uid)
        volume = read_volume(folder)
        np.testing.assert_array_equal(volume.array, IMAGE)
        assert volume.remark == ""


def test_series_of_one_name_are_told_apart(tmp_path):
    for uid in ("1.1", "1.2"):
        save_series(tmp_path / "cd" / uid, IMAGE, SPACING, uid=uid, SeriesDescription="t2/sag")
    for file in (tmp_path / "cd" / "1.2").iterdir():
        shutil.move(file, tmp_path / "cd" / "1.1" / f"second {file.name}")
    found, _ = find_series(tmp_path / "cd" / "1.1")
    assert [each.name for each in found] == ["t2_sag 1.1", "t2_sag 1.2"]


def test_links_are_made_anew_and_keep_files_of_one_name_apart(tmp_path):
    for part in ("a", "b"):
        (tmp_path / part).mkdir()
        (tmp_path / part / "IM1").write_text(part)
    files = [tmp_path / "b" / "IM1", tmp_path / "a" / "IM1"]
    for _ in range(2):
        target = link_series(files, tmp_path / "t")
    assert [(file.name, file.read_text()) for file in sorted(target.iterdir())] == [
        ("0000-IM1", "a"),
        ("0001-IM1", "b"),
    ]


def test_where_the_system_makes_no_links_there_are_copies(tmp_path, monkeypatch):
    (tmp_path / "a.dcm").write_bytes(b"slice")

    def refused(*_):
        raise OSError(1314, "A required privilege is not held by the client")

    monkeypatch.setattr(Path, "symlink_to", refused)
    for _ in range(2):
        made = link_series([tmp_path / "a.dcm"], tmp_path / "made") / "0000-a.dcm"
        assert made.read_bytes() == b"slice"
        assert not made.is_symlink()
