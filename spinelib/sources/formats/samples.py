"""One tiny film, volume or mask of each kind, made from numbers: what the table of formats is read from."""

from __future__ import annotations

import bz2
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from spinelib.cases.volume import save_volume

Write = Callable[[Path], Path]
SHAPE = (48, 32)
# The rectangle from row 8 to 39 and from column 12 to 19, by the edges of its pixels.
RING: list[list[float]] = [[12, 8], [20, 8], [20, 40], [12, 40]]
SPACING = (3.0, 1.0, 1.0)
# Columns to the back, rows to the feet, slices to the left.
DIRECTION = (0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, -1.0, 0.0)
ROOT = "1.2.826.0.1.3680043.8.498"
CR_IMAGE = "1.2.840.10008.5.1.4.1.1.1"


def film_sample(bits: int = 8) -> NDArray[Any]:
    """Greys of a film [48, 32] in 8 or 16 bits."""
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    greys = (40 + 3 * rows + columns) * (1 if bits == 8 else 256)
    return greys.astype(np.uint8 if bits == 8 else np.uint16)


def mask_sample(value: int = 255) -> NDArray[np.uint8]:
    """A mask of that film: `value` in a rectangle."""
    out = np.zeros(SHAPE, np.uint8)
    out[8:40, 12:20] = value
    return out


def picture_file(name: str, pixels: NDArray[Any], **options: Any) -> Write:
    """Writes `pixels` as the picture `name`."""

    def write(folder: Path) -> Path:
        Image.fromarray(pixels).save(folder / name, **options)
        return folder / name

    return write


def tiff_of_pages(folder: Path) -> Path:
    """A TIFF with two pages."""
    first, second = (Image.fromarray(film_sample()) for _ in range(2))
    first.save(folder / "film.tif", save_all=True, append_images=[second])
    return folder / "film.tif"


def file_with(name: str, data: bytes) -> Write:
    """Writes `data` to the file `name`."""

    def write(folder: Path) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    return write


def numpy_file(folder: Path) -> Path:
    """A film as NumPy saves it."""
    np.save(folder / "film.npy", film_sample(16))
    return folder / "film.npy"


def dicom_file(syntax: str = "", frames: int = 1, bits: int = 16) -> Write:
    """Writes a radiograph as DICOM, in the transfer syntax that GDCM calls `syntax` ("" for little endian)."""

    def write(folder: Path) -> Path:
        import pydicom
        from pydicom.uid import UID, ExplicitVRLittleEndian

        header = pydicom.Dataset()
        header.file_meta = pydicom.dataset.FileMetaDataset()
        header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        header.SOPClassUID = header.file_meta.MediaStorageSOPClassUID = UID(CR_IMAGE)
        header.SOPInstanceUID = header.file_meta.MediaStorageSOPInstanceUID = UID(f"{ROOT}.9")
        header.Modality, header.PatientID = "CR", "sample"
        header.Rows, header.Columns, header.SamplesPerPixel = *SHAPE, 1
        header.BitsAllocated, header.BitsStored, header.HighBit = (16, bits, bits - 1)
        header.PixelRepresentation, header.PhotometricInterpretation = 0, "MONOCHROME2"
        if frames > 1:
            header.NumberOfFrames = frames
        header.PixelData = np.stack([film_sample(16) >> (16 - bits)] * frames).tobytes()
        path = folder / "film.dcm"
        header.save_as(path, enforce_file_format=True)
        return _transcoded(path, syntax) if syntax else path

    return write


def _transcoded(path: Path, syntax: str) -> Path:
    import gdcm

    reader, change, writer = gdcm.ImageReader(), gdcm.ImageChangeTransferSyntax(), gdcm.ImageWriter()
    reader.SetFileName(str(path))
    change.SetTransferSyntax(gdcm.TransferSyntax(getattr(gdcm.TransferSyntax, syntax)))
    if not reader.Read():
        raise OSError(f"{path} cannot be read")
    change.SetInput(reader.GetImage())
    if not change.Change():
        raise OSError(f"{path} cannot be written as {syntax}")
    writer.SetFileName(str(path))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    if not writer.Write():
        raise OSError(f"{path} cannot be written")
    return path


def volume_sample() -> NDArray[np.int16]:
    """A volume [6, 48, 32] of sagittal slices."""
    return np.stack([film_sample().astype(np.int16) + k for k in range(6)])


def nifti_file(name: str) -> Write:
    """Writes the volume as NIfTI."""

    def write(folder: Path) -> Path:
        save_volume(folder / name, volume_sample(), SPACING)
        return folder / name

    return write


def nifti_film(folder: Path) -> Path:
    """A film as NIfTI of one plane, its columns to the patient's left and its rows to the feet."""
    import nibabel

    affine = np.array([[-0.2, 0, 0, 0], [0, 0, 1, 0], [0, -0.2, 0, 0], [0, 0, 0, 1]])
    nibabel.save(nibabel.Nifti1Image(film_sample(16).T[:, :, None], affine), folder / "film.nii.gz")
    return folder / "film.nii.gz"


def nifti_bzip2(folder: Path) -> Path:
    """The volume as NIfTI, packed by bzip2."""
    path = nifti_file("volume.nii")(folder)
    (folder / "volume.nii.bz2").write_bytes(bz2.compress(path.read_bytes()))
    return folder / "volume.nii.bz2"


def nifti_without_place(folder: Path) -> Path:
    """The volume as NIfTI that does not say how the patient lies."""
    import nibabel

    image = nibabel.Nifti1Image(volume_sample(), None)
    nibabel.save(image, folder / "volume.nii")
    return folder / "volume.nii"


def analyze_files(folder: Path) -> Path:
    """The volume as the pair of files of Analyze 7.5."""
    import nibabel

    nibabel.save(nibabel.Spm99AnalyzeImage(volume_sample(), np.eye(4)), folder / "volume.img")
    return folder / "volume.hdr"


def itk_file(name: str) -> Write:
    """Writes the volume by ITK, as the ending of `name` says."""

    def write(folder: Path) -> Path:
        import SimpleITK

        image = SimpleITK.GetImageFromArray(volume_sample())
        image.SetSpacing(SPACING[::-1])
        image.SetDirection(DIRECTION)
        SimpleITK.WriteImage(image, str(folder / name))
        return folder / name

    return write


def series_folder(folder: Path) -> Path:
    """The volume as a folder of DICOM slices."""
    import pydicom

    path = dicom_file()(folder)
    header = pydicom.dcmread(path)
    path.unlink()
    header.Modality, header.SeriesInstanceUID = "MR", f"{ROOT}.8"
    header.ImageOrientationPatient, header.PixelSpacing = [0, 1, 0, 0, 0, -1], [1, 1]
    (folder / "series").mkdir()
    for k in range(6):
        header.ImagePositionPatient = [SPACING[0] * k, 0, 0]
        header.SOPInstanceUID = header.file_meta.MediaStorageSOPInstanceUID = pydicom.uid.UID(f"{ROOT}.9.{k}")
        header.save_as(folder / "series" / f"IM{k:04d}", enforce_file_format=True)
    return folder / "series"


def labelme_file(label: str, points: list[list[float]], kind: str = "polygon") -> Write:
    """Writes one Labelme shape."""
    shape = {"label": label, "points": points, "shape_type": kind}
    return file_with("film.json", json.dumps({"shapes": [shape]}).encode())


def locked_zip(folder: Path) -> Path:
    """A zip archive that says it has a password."""
    path = folder / "films.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("film.png", b"film")
    data = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        struct.pack_into("<H", data, data.index(mark) + place, 1)
    path.write_bytes(bytes(data))
    return path


def outward_zip(folder: Path) -> Path:
    """A zip archive with a path that leads outside."""
    with zipfile.ZipFile(folder / "films.zip", "w") as packed:
        packed.writestr("../film.png", b"film")
    return folder / "films.zip"
