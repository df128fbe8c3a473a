"""Which DICOM files of a folder are slices of a volume, and which are films.

(C, our choice) Slices say where in the patient they lie, and there are several of a series; others are films.

Marks: (C) our choice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from spinelib.cases.readers.dicom import is_dicom
from spinelib.sources.layouts import is_image

# Kinds of DICOM images that are films even where they have a place in the patient.
RADIOGRAPHS = ("CR", "DX", "RG", "RF", "XA", "IO")
# DICOM files of a folder that are opened before none of them is taken for a slice.
PROBED = 5


def slices_in(files: Mapping[str, Path]) -> dict[str, tuple[str, Path]]:
    """Which of the files of a folder, by name, are slices, with their series and path.

    Slices say where in the patient they lie, and there are several of a series; what else is DICOM is a film.
    """
    stated: dict[str, tuple[str, Path]] = {}
    dicom = [name for name, path in sorted(files.items()) if is_image(path) and path.is_file() and is_dicom(path)]
    for number, name in enumerate(dicom):
        if number == PROBED and not stated:
            break
        uid = slice_series(files[name])
        if uid is not None:
            stated[name] = (uid, files[name])
    count = Counter(uid for uid, _ in stated.values())
    return {name: each for name, each in stated.items() if count[each[0]] > 1}


def slice_series(path: Path) -> str | None:
    """The series of a DICOM file that has a place in the patient; None for any other, and for radiographs."""
    import pydicom

    try:
        tags = ["ImagePositionPatient", "SeriesInstanceUID", "Modality"]
        header = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=tags)
        placed = header.get("ImagePositionPatient") and str(header.get("Modality") or "") not in RADIOGRAPHS
        return str(header.get("SeriesInstanceUID") or "") if placed else None
    # What is no DICOM file surfaces as many kinds of errors.
    except Exception:
        return None
