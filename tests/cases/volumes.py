"""Small made-up volumes with vertebrae and discs for the tests of this room."""

from __future__ import annotations

from pathlib import Path

import nibabel
import numpy as np
from nibabel import orientations

from spinelib.cases import Case, save_volume, write_classes, write_manifest
from spinelib.cases.volume import AXES, canonical_affine
from spinelib.core.structures import STRUCTURES

SHAPE, SPACING = (7, 60, 48), (4.0, 1.5, 1.25)
NAME = "volume {}, ü.nii.gz"


def lumbar(shape=SHAPE, seed=0):
    """Image int16 and labels uint8, canonical: bodies L5..T12 as boxes with discs between, a bright canal behind."""
    _, h, w = shape
    labels = np.zeros(shape, np.uint8)
    step = 0.9 * h / 6
    front, back = round(0.4 * w), round(0.55 * w)
    for k in range(6):
        bottom = 0.95 * h - k * step
        labels[1:-1, round(bottom - 0.7 * step) : round(bottom), front:back] = 2 + k
        labels[1:-1, round(bottom - step) : round(bottom - 0.7 * step), front:back] = 12 + k
    image = np.random.default_rng(seed).normal(100, 8, shape) + 60 * (labels > 0)
    image[:, :, back + 2 : back + 7] += 150
    return image.astype(np.int16), labels


def save_turned(path, array, spacing, axes="RAS", codes=(1, 1)):
    """Write a canonical array in another order of axes, with the header that says so."""
    turn = orientations.ornt_transform(orientations.axcodes2ornt(AXES), orientations.axcodes2ornt(tuple(axes)))
    affine = canonical_affine(array.shape, spacing) @ orientations.inv_ornt_aff(turn, array.shape)
    image = nibabel.Nifti1Image(orientations.apply_orientation(array, turn), affine)
    image.set_qform(affine, codes[0])
    image.set_sform(affine, codes[1])
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(image, path)


def volume_set(folder: Path, count=4, shape=SHAPE):
    """A manifest with `count` volumes of different sizes, one per patient; gives the cases."""
    cases = []
    for k in range(count):
        image, labels = lumbar((shape[0] + k % 2, shape[1] + 4 * k, shape[2]), k)
        for part, array in (("images", image), ("labels", labels)):
            (folder / part).mkdir(parents=True, exist_ok=True)
            save_volume(folder / part / NAME.format(k), array, SPACING)
        image, mask = (f"{part}/{NAME.format(k)}" for part in ("images", "labels"))
        split = "train" if k < count - 1 else "test"
        cases.append(Case(f"c{k}", f"p{k}", "sagittal", image, mask, modality="mr", split=split))
    write_classes(STRUCTURES, folder)
    write_manifest(cases, folder)
    return cases


def save_mha(path, array, spacing, *, compressed=False, **changes):
    """Write a canonical array as MetaImage, its axes as ITK would store them: first axis fastest, LPS."""
    import zlib

    kind = {"int16": "MET_SHORT", "uint8": "MET_UCHAR", "float32": "MET_FLOAT"}[array.dtype.name]
    content = array.tobytes(order="F")
    if compressed:
        content = zlib.compress(content)
    fields = {
        "ObjectType": "Image",
        "NDims": array.ndim,
        "BinaryData": "True",
        "BinaryDataByteOrderMSB": "False",
        "CompressedData": str(compressed),
        # Columns of the direction matrix in LPS: to the left, downwards, to the back.
        "TransformMatrix": "1 0 0 0 0 -1 0 1 0",
        "Offset": "-12 -30 45",
        "ElementSpacing": " ".join(map(str, spacing)),
        "DimSize": " ".join(map(str, array.shape)),
        "ElementType": kind,
        "ElementDataFile": "LOCAL",
    } | changes
    # This line ends the header.
    fields["ElementDataFile"] = fields.pop("ElementDataFile")
    header = "".join(f"{name} = {value}\n" for name, value in fields.items() if value is not None)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(header.encode() + content)


def save_series(folder, array, spacing, *, skip=(), uid="1.2.3", change=lambda k, data: None, **changes):
    """Write a canonical array as a folder of DICOM slices, in an order of names that is not theirs.

    `changes` are tags of all slices; change(k, data) makes its own of slice k.
    """
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

    folder.mkdir(parents=True, exist_ok=True)
    for k in range(len(array)):
        if k in skip:
            continue
        data = Dataset()
        data.file_meta = FileMetaDataset()
        data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID = MRImageStorage
        data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID = generate_uid(entropy_srcs=[uid, str(k)])
        data.Modality, data.SeriesInstanceUID, data.SeriesDescription = "MR", uid, f"t2 {uid}"
        data.Rows, data.Columns = array.shape[1:]
        data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
        data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 16, 15, 0
        # Rows run to the back (+y), columns downwards (-z), slices to the left (+x).
        data.ImageOrientationPatient = [0, 1, 0, 0, 0, -1]
        data.ImagePositionPatient = [k * spacing[0] - 20, -15, 30]
        data.PixelSpacing = [spacing[1], spacing[2]]
        data.SliceThickness = 0.9 * spacing[0]
        data.PixelData = array[k].astype("<u2").tobytes()
        for name, value in changes.items():
            setattr(data, name, value)
        change(k, data)
        data.save_as(folder / f"IM{(7 * k) % 31:04d}", enforce_file_format=True)


def save_nrrd(path, array, spacing, *, encoding="raw", beside="", keys=(), **changes):
    """Write a canonical array as NRRD in the space of ITK; a field that is None is left out."""
    import gzip

    kind = {"int16": "short", "uint8": "unsigned char", "float64": "double"}[array.dtype.name]
    content = array.tobytes(order="F")
    d, h, w = spacing
    fields = {
        "type": kind,
        "dimension": array.ndim,
        "space": "left-posterior-superior",
        "sizes": " ".join(map(str, array.shape)),
        # To the left, downwards, to the back.
        "space directions": f"({d},0,0) (0,0,{-h}) (0,{w},0)",
        "kinds": "domain domain domain",
        "endian": "little",
        "encoding": encoding,
        "space origin": "(-12,-30,45)",
    } | changes
    if beside:
        fields["data file"] = beside
    lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
    lines += [f"{name}:={value}" for name, value in dict(keys).items()]
    head = ("NRRD0004\n" + "\n".join(lines) + "\n").encode()
    content = gzip.compress(content) if encoding == "gzip" else content
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(head if beside else head + b"\n" + content)
    if beside:
        (Path(path).parent / beside).parent.mkdir(parents=True, exist_ok=True)
        (Path(path).parent / beside).write_bytes(content)
