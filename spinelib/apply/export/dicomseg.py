"""DICOM SEG: a segmentation of every DICOM film or series, in its own study and of its own patient (highdicom).

(A) DICOM PS3.3 A.51, segments by CID 7603 (vertebrae) and the discs below them, codes by name from pydicom's tables.
(C) Segments are the vertebrae that were told apart, else the structures; all in the pixels of the film's file, however
its header turns it. What a header must hold and lacks (type 2) is written empty.

Marks: (A) stated in the standard, (C) our choice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spinelib import __version__
from spinelib.apply.export.results import ReadImage, labels_of
from spinelib.apply.export.segment_codes import structure_code
from spinelib.apply.export.task import ExportTask
from spinelib.cases.drawing import RING, fill_polygon
from spinelib.cases.readers.dicom import is_dicom
from spinelib.cases.readers.dicom_header import read_header
from spinelib.cases.readers.slices import find_slices
from spinelib.cases.readers.stack import stacked
from spinelib.core.errors import BadInput

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

NO_DICOM = "is no DICOM: a segmentation would have no study and no patient to belong to"
EMPTY = (
    *("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "StudyID", "StudyDate", "StudyTime"),
    *("AccessionNumber", "ReferringPhysicianName"),
)
IDENTIFIERS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")


def export_dicomseg(task: ExportTask) -> None:
    """Write NAME.dcm for each film or series that is DICOM; others are left out with the reason."""

    def export(read: ReadImage) -> None:
        headers = _headers(read)
        names, marked = _film_segments(read) if read.is_film else _series_segments(read)
        if not names:
            raise BadInput(read.image.name, "has nothing outlined", "Nothing needs to be done.")
        segmentation = _segmentation(read, headers, names, marked)
        task.put(f"{read.image.stem}.dcm", lambda path: segmentation.save_as(path))

    task.each(task.images, export)


def _headers(read: ReadImage) -> list[Dataset]:
    """The headers of a film, or of a series in the order of its label map. Raises BadInput for other files."""
    path = read.image.path
    if path.is_dir():
        found = [each.header for each in stacked(path, find_slices(path)[0])[0]]
    elif read.is_film and is_dicom(path):
        found = [read_header(path)]
        # A spacing without the thickness that a film has not makes a file that highdicom itself does not open; the film
        # that the segmentation names still states it.
        found[0].pop("PixelSpacing", None)
    else:
        raise BadInput(path, NO_DICOM, f"Export it as {'nnunet or labelme' if read.is_film else 'nnunet'}.")
    for header in found:
        missing = [name for name in IDENTIFIERS if not header.get(name)]
        if missing:
            raise BadInput(path, f"has no {missing[0]}", "Export it again from the archive, with its identifiers.")
        for name in EMPTY:
            if name not in header:
                setattr(header, name, "")
    return found


def _film_segments(read: ReadImage) -> tuple[list[str], NDArray[np.uint8]]:
    """Names and masks [1, H, W, K] of what was read in a film, px of its file."""
    labels = labels_of(read)
    if not read.vertebrae:
        return _by_value(labels[None], read.classes)
    masks = np.zeros((len(read.vertebrae), *labels.shape), np.uint8)
    for mask, (_, quad) in zip(masks, read.vertebrae, strict=True):
        fill_polygon(mask, quad[RING], 1)
    return [name for name, _ in read.vertebrae], np.moveaxis(masks, 0, 2)[None]


def _series_segments(read: ReadImage) -> tuple[list[str], NDArray[np.uint8]]:
    """Names and masks [slices, rows, columns, K] of a series, whose label map has columns, rows, slices."""
    import nibabel

    stored: Any = nibabel.load(read.mask)
    return _by_value(np.asarray(stored.dataobj, np.uint8).T, read.classes)


def _by_value(labels: NDArray[np.uint8], classes: tuple[str, ...]) -> tuple[list[str], NDArray[np.uint8]]:
    found = [(name, labels == value) for value, name in enumerate(classes, 1) if (labels == value).any()]
    masks = np.stack([mask for _, mask in found], 3) if found else np.zeros((*labels.shape, 0), bool)
    return [name for name, _ in found], masks.astype(np.uint8)


def _segmentation(read: ReadImage, headers: list[Dataset], names: list[str], marked: NDArray[np.uint8]) -> Dataset:
    import highdicom as hd
    from pydicom.sr.codedict import codes
    from pydicom.uid import generate_uid

    run = read.row["network"] or "network"
    maker = hd.AlgorithmIdentificationSequence(run, codes.DCM.ArtificialIntelligence, __version__)
    kinds = hd.seg.SegmentAlgorithmTypeValues
    segments = [
        hd.seg.SegmentDescription(
            number, name, *structure_code(name), kinds.AUTOMATIC, maker, tracking_uid=None, tracking_id=None
        )
        for number, name in enumerate(names, 1)
    ]
    # The same film and network give the same identifiers.
    words = [read.row["network_digest"], read.row["file_digest"], headers[0].SOPInstanceUID]
    return hd.seg.Segmentation(
        source_images=headers,
        pixel_array=marked,
        segmentation_type=hd.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=segments,
        series_instance_uid=generate_uid(entropy_srcs=["series", *words]),
        series_number=900,
        sop_instance_uid=generate_uid(entropy_srcs=["instance", *words]),
        instance_number=1,
        manufacturer="spinelib",
        manufacturer_model_name=run,
        software_versions=__version__,
        device_serial_number=read.row["network_digest"],
        content_label="SPINE",
    )
