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

BEGIN, END = "<!-- formats: begin -->", "<!-- formats: end -->"
FLAT_RING = [float(number) for point in samples.RING for number in point]
SHARES = " ".join(f"{x / samples.SHAPE[1]} {y / samples.SHAPE[0]}" for x, y in samples.RING)
RUNS = {"size": list(samples.SHAPE), "counts": [12 * 48 + 8, *[32, 16] * 7, 32, 8 + 12 * 48]}
FOUR = [number for x, y in samples.RING for number in (x, y, 2)]
ALL = np.pad(layouts.corners().reshape(-1, 2), ((0, 0), (0, 1)), constant_values=2).ravel().tolist()
POSE = " ".join(f"{x / 32} {y / 48}" for x, y in layouts.corners().reshape(-1, 2))


@dataclass(frozen=True)
class Row:
    """One kind of file or folder, and what came of reading one: "" where it was read, else the message."""

    group: str
    kind: str
    refused: str


FILMS: dict[str, samples.Write] = {
    "PNG, 8 and 16 bit": samples.picture("film.png", samples.film(16)),
    "JPEG": samples.picture("film.jpg", samples.film()),
    "TIFF": samples.picture("film.tif", samples.film(16)),
    "TIFF with several pages": samples.pages,
    "BMP": samples.picture("film.bmp", samples.film()),
    "WebP": samples.picture("film.webp", samples.film(), lossless=True),
    "JPEG 2000": samples.picture("film.jp2", samples.film()),
    "GIF": samples.picture("film.gif", samples.film()),
    "PDF": samples.content("film.pdf", b"%PDF-1.4 " + bytes(200)),
    "NumPy (.npy)": samples.array,
    "DICOM, uncompressed": samples.dicom(),
    "DICOM, run lengths": samples.dicom("RLELossless"),
    "DICOM, JPEG lossless": samples.dicom("JPEGLosslessProcess14_1"),
    "DICOM, JPEG-LS": samples.dicom("JPEGLSLossless"),
    "DICOM, JPEG 2000": samples.dicom("JPEG2000Lossless"),
    "DICOM, JPEG with 12 bits": samples.dicom("JPEGExtendedProcess2_4", bits=12),
    "DICOM with several frames": samples.dicom(frames=2),
}
VOLUMES: dict[str, samples.Write] = {
    "NIfTI (.nii)": samples.nifti("volume.nii"),
    "NIfTI (.nii.gz)": samples.nifti("volume.nii.gz"),
    "NIfTI (.nii.bz2)": samples.nifti_bzip2,
    "NIfTI that does not say how the patient lies": samples.nifti_without_place,
    "Analyze (.hdr and .img)": samples.analyze,
    "MetaImage (.mha)": samples.itk("volume.mha"),
    "MetaImage (.mhd and .raw)": samples.itk("volume.mhd"),
    "NRRD (.nrrd)": samples.itk("volume.nrrd"),
    "NRRD (.nhdr and .raw)": samples.itk("volume.nhdr"),
    "Folder of DICOM slices": samples.series,
}
MASKS: dict[str, samples.Write] = {
    "PNG, 0 outside": samples.picture("film.png", samples.mask()),
    "TIFF, 0 outside": samples.picture("film.tif", samples.mask(1)),
    "JPEG, 0 outside": samples.picture("film.jpg", samples.mask(), quality=90),
    "PNG, 255 outside": samples.picture("film.png", 255 - samples.mask()),
    "PNG, a picture": samples.picture("film.png", samples.film()),
    "Labelme: polygon": samples.labelme("spine", samples.RING),
    "Labelme: rectangle": samples.labelme("T1", [samples.RING[0], samples.RING[2]], "rectangle"),
    "Labelme: circle": samples.labelme("vertebra", samples.RING[:2], "circle"),
    "Labelme: points alone": samples.labelme("spine", samples.RING[:1], "point"),
    "Labelme: a name that nobody knows": samples.labelme("object", samples.RING),
}
LAYOUTS: dict[str, layouts.Fill] = {
    "cases.csv": layouts.table,
    "images/ and masks/": layouts.apart("masks"),
    "images/ and labels/": layouts.apart("labels"),
    "coronal/, lateral/ ... with images/ and masks/ in each": layouts.views,
    "films with NAME_mask.png beside them": layouts.beside,
    "films with Labelme files beside them": layouts.labelme_beside,
    "films with landmarks.csv": layouts.landmarks,
    "films with .mat files of AASCE beside them": layouts.mat,
    "imagesTr/, labelsTr/, dataset.json (nnU-Net, Decathlon)": layouts.nnunet,
    "COCO JSON: polygons": layouts.coco(segmentation=[FLAT_RING]),
    "COCO JSON: run lengths": layouts.coco(segmentation=RUNS, iscrowd=1),
    "COCO JSON: 68 key points": layouts.coco(keypoints=ALL),
    "COCO JSON: boxes alone": layouts.coco(bbox=[12, 8, 8, 32]),
    "YOLO: polygons": layouts.yolo(f"0 {SHARES}"),
    "YOLO: 68 key points": layouts.yolo(f"0 0.5 0.5 0.2 0.6 {POSE}", "names: [spine]\nkpt_shape: [68, 2]"),
    "YOLO: boxes alone": layouts.yolo("0 0.5 0.5 0.2 0.6"),
    "CVAT's own XML": layouts.other_program("annotations.xml", "<annotations/>"),
    "VIA's own JSON": layouts.other_program("via.json", '{"_via_img_metadata": {}}'),
    "a zip archive of one of these": layouts.zipped,
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


def rows() -> list[Row]:
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
                found.append(Row(group, kind, _refusal(read, write(folder), place)))
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
    for row in rows():
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
