"""Slices and films among DICOM files."""

import numpy as np

from spinelib.sources.listing import list_files
from spinelib.sources.series_folders import slices_in

from ..cases.readers.test_dicom import dicom
from ..cases.volumes import SPACING, lumbar, save_series


def test_a_series_is_slices_and_radiographs_are_films(tmp_path):
    save_series(tmp_path, lumbar()[0].astype(np.uint16), SPACING, uid="1.2.3")
    count = len(list(tmp_path.iterdir()))
    place = {"ImagePositionPatient": [0, 0, 0], "SeriesInstanceUID": "1.2.4"}
    dicom(tmp_path / "alone", **place)
    dicom(tmp_path / "film.dcm", PatientID="p")
    for k in range(2):
        dicom(tmp_path / f"dx{k}", **{**place, "SeriesInstanceUID": "1.2.5", "Modality": "DX"})
    (tmp_path / "notes.txt").write_text("x" * 200)
    found = slices_in({path.name: path for path in tmp_path.iterdir()})
    assert len(found) == count
    assert {uid for uid, _ in found.values()} == {"1.2.3"}


def test_slices_of_a_series_in_a_folder_below_belong_to_it(tmp_path):
    array = lumbar()[0].astype(np.uint16)
    save_series(tmp_path / "s", array, SPACING, uid="1.2.3")
    names = sorted(path.name for path in (tmp_path / "s").iterdir())
    (tmp_path / "s" / "more").mkdir()
    for name in names[-3:]:
        (tmp_path / "s" / name).rename(tmp_path / "s" / "more" / name)
    save_series(tmp_path / "s" / "other", array, SPACING, uid="1.2.9")
    listing = list_files(tmp_path, [])
    assert set(listing.files) == {"s", "s/other"}
    assert len(listing.parts[tmp_path.resolve() / "s"]) == len(names)
