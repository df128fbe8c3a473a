"""The table of formats: one tiny file or folder of each kind is written and read, and what came of it is the row."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from spinelib.cases.readers.images import read_picture
from spinelib.cases.readers.masks import inspect_mask
from spinelib.cases.volume import read_volume
from spinelib.core.errors import BadInput
from spinelib.sources.archives import unpack
from spinelib.sources.folder import find_in_source
from spinelib.sources.formats import layout_samples as layouts
from spinelib.sources.formats import samples
from spinelib.sources.formats.table import TABLE

BEGIN, END = "<!-- formats: begin -->", "<!-- formats: end -->"
FLAT_RING = [float(number) for point in samples.RING for number in point]
SHARES = " ".join(f"{x / samples.SHAPE[1]} {y / samples.SHAPE[0]}" for x, y in samples.RING)
RUNS = {"size": list(samples.SHAPE), "counts": [12 * 48 + 8, *[32, 16] * 7, 32, 8 + 12 * 48]}
FOUR = [number for x, y in samples.RING for number in (x, y, 2)]
ALL = np.pad(layouts.corner_sample().reshape(-1, 2), ((0, 0), (0, 1)), constant_values=2).ravel().tolist()
POSE = " ".join(f"{x / 32} {y / 48}" for x, y in layouts.corner_sample().reshape(-1, 2))


@dataclass(frozen=True)
class FormatRow:
    """One kind of file or folder, and what came of reading one: "" where it was read, else the message."""

    group: str
    kind: str
    refused: str


FILMS: dict[str, samples.Write] = {
    "PNG, 8 and 16 bit": samples.picture_file("film.png", samples.film_sample(16)),
    "JPEG": samples.picture_file("film.jpg", samples.film_sample()),
    "TIFF": samples.picture_file("film.tif", samples.film_sample(16)),
    "TIFF with several pages": samples.tiff_of_pages,
    "BMP": samples.picture_file("film.bmp", samples.film_sample()),
    "WebP": samples.picture_file("film.webp", samples.film_sample(), lossless=True),
    "JPEG 2000": samples.picture_file("film.jp2", samples.film_sample()),
    "GIF": samples.picture_file("film.gif", samples.film_sample()),
    "PDF": samples.file_with("film.pdf", b"%PDF-1.4 " + bytes(200)),
    "NumPy (.npy)": samples.numpy_file,
    "NIfTI of one plane": samples.nifti_film,
    "DICOM, uncompressed": samples.dicom_file(),
    "DICOM, run lengths": samples.dicom_file("RLELossless"),
    "DICOM, JPEG lossless": samples.dicom_file("JPEGLosslessProcess14_1"),
    "DICOM, JPEG-LS": samples.dicom_file("JPEGLSLossless"),
    "DICOM, JPEG 2000": samples.dicom_file("JPEG2000Lossless"),
    "DICOM, JPEG with 12 bits": samples.dicom_file("JPEGExtendedProcess2_4", bits=12),
    "DICOM with several frames": samples.dicom_file(frames=2),
}
VOLUMES: dict[str, samples.Write] = {
    "NIfTI (.nii)": samples.nifti_file("volume.nii"),
    "NIfTI (.nii.gz)": samples.nifti_file("volume.nii.gz"),
    "NIfTI (.nii.bz2)": samples.nifti_bzip2,
    "NIfTI that does not say how the patient lies": samples.nifti_without_place,
    "Analyze (.hdr and .img)": samples.analyze_files,
    "MetaImage (.mha)": samples.itk_file("volume.mha"),
    "MetaImage (.mhd and .raw)": samples.itk_file("volume.mhd"),
    "NRRD (.nrrd)": samples.itk_file("volume.nrrd"),
    "NRRD (.nhdr and .raw)": samples.itk_file("volume.nhdr"),
    "Folder of DICOM slices": samples.series_folder,
}
MASKS: dict[str, samples.Write] = {
    "PNG, 0 outside": samples.picture_file("film.png", samples.mask_sample()),
    "TIFF, 0 outside": samples.picture_file("film.tif", samples.mask_sample(1)),
    "JPEG, 0 outside": samples.picture_file("film.jpg", samples.mask_sample(), quality=90),
    "PNG, 255 outside": samples.picture_file("film.png", 255 - samples.mask_sample()),
    "PNG, a picture": samples.picture_file("film.png", samples.film_sample()),
    "Labelme: polygon": samples.labelme_file("spine", samples.RING),
    "Labelme: rectangle": samples.labelme_file("T1", [samples.RING[0], samples.RING[2]], "rectangle"),
    "Labelme: circle": samples.labelme_file("vertebra", samples.RING[:2], "circle"),
    "Labelme: points alone": samples.labelme_file("spine", samples.RING[:1], "point"),
    "Labelme: a name that nobody knows": samples.labelme_file("object", samples.RING),
}
LAYOUTS: dict[str, layouts.Fill] = {
    TABLE: layouts.table_of_cases,
    "images/ and masks/": layouts.masks_apart("masks"),
    "images/ and labels/": layouts.masks_apart("labels"),
    "coronal/, lateral/ ... with images/ and masks/ in each": layouts.folders_of_views,
    "films with NAME_mask.png beside them": layouts.masks_beside,
    "films with Labelme files beside them": layouts.labelme_beside,
    "films with landmarks.csv": layouts.table_of_landmarks,
    "films with .mat files of AASCE beside them": layouts.mat_files,
    "imagesTr/, labelsTr/, dataset.json (nnU-Net, Decathlon)": layouts.nnunet_folders,
    "COCO JSON: polygons": layouts.coco_file(segmentation=[FLAT_RING]),
    "COCO JSON: run lengths": layouts.coco_file(segmentation=RUNS, iscrowd=1),
    "COCO JSON: 68 key points": layouts.coco_file(keypoints=ALL),
    "COCO JSON: boxes alone": layouts.coco_file(bbox=[12, 8, 8, 32]),
    "YOLO: polygons": layouts.yolo_folders(f"0 {SHARES}"),
    "YOLO: 68 key points": layouts.yolo_folders(f"0 0.5 0.5 0.2 0.6 {POSE}", "names: [spine]\nkpt_shape: [68, 2]"),
    "YOLO: boxes alone": layouts.yolo_folders("0 0.5 0.5 0.2 0.6"),
    "CVAT's own XML": layouts.other_program("annotations.xml", "<annotations/>"),
    "VIA's own JSON": layouts.other_program("via.json", '{"_via_img_metadata": {}}'),
    "a zip archive of one of these": layouts.zip_of_films,
}
ARCHIVES: dict[str, samples.Write] = {
    "zip with a password": samples.locked_zip,
    "zip with paths that lead outside": samples.outward_zip,
}


def _find(folder: Path) -> object:
    return find_in_source(folder, folder.parent / "out")


def _mask(path: Path) -> object:
    return inspect_mask(path, samples.SHAPE)


def _unpack(path: Path) -> object:
    return unpack(path, path.with_suffix(""))


def format_rows() -> list[FormatRow]:
    """What comes of every kind, each written and read anew."""
    found = []
    with tempfile.TemporaryDirectory() as place:
        for group, kinds, read in (
            ("Films", FILMS, read_picture),
            ("Volumes", VOLUMES, read_volume),
            ("Masks", MASKS, _mask),
            ("Layouts", {kind: _filled(fill) for kind, fill in LAYOUTS.items()}, _find),
            ("Archives", ARCHIVES, _unpack),
        ):
            for k, (kind, write) in enumerate(kinds.items()):
                folder = Path(place) / group / str(k)
                folder.mkdir(parents=True)
                found.append(FormatRow(group, kind, _refusal(read, write(folder), place)))
    return found


def _filled(fill: layouts.Fill) -> samples.Write:
    """Writes a folder of its own, so that what is unpacked lies beside it."""

    def write(folder: Path) -> Path:
        (folder / "films").mkdir()
        fill(folder / "films")
        return folder / "films"

    return write


def formats_table() -> str:
    """The rows as a Markdown table."""
    lines = ["| | kind | read? |", "|---|---|---|"]
    group = ""
    for row in format_rows():
        shown = row.group if row.group != group else ""
        group = row.group
        lines.append(f"| {shown} | {row.kind} | {'yes' if not row.refused else f'no: {row.refused}'} |")
    return "\n".join(lines)


def put_into(text: str, table: str) -> str:
    """The text with `table` between the two marks. Raises BadInput without them."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise BadInput("the page", f"has not the marks {BEGIN} and {END}", "Put them where the table shall stand.")
    return f"{before}{begin}\n\n{table}\n\n{end}{after}"


def _refusal(read: Callable[[Path], object], path: Path, place: str) -> str:
    try:
        read(path)
    except BadInput as error:
        said = f"{error.reason.rstrip('.')}. {error.remedy}"
        return " ".join(said.replace(f"{place}/", "").replace("|", "\\|").split())
    return ""
