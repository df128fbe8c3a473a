"""DICOM files of numbers alone."""

from pathlib import Path

import gdcm
import numpy as np
import pydicom
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from spinelib.cases.readers.dicom_header import read_header

PIXELS = (np.arange(48).reshape(6, 8) * 60).astype(np.uint16)


def data_set(pixels=PIXELS, syntax=ExplicitVRLittleEndian, path="film.dcm", **tags):
    """A computed-radiography object; a tag that is None is left out."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = syntax
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.1"
    meta.MediaStorageSOPInstanceUID = generate_uid()
    header = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    header.SOPClassUID, header.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    header.PatientID = "P7"
    colour = pixels.ndim == 3 and pixels.shape[2] == 3
    frames = pixels if pixels.ndim == 3 and not colour else pixels[None]
    header.Rows, header.Columns = frames.shape[1:3]
    if len(frames) > 1:
        header.NumberOfFrames = len(frames)
    header.SamplesPerPixel, header.PhotometricInterpretation = (3, "RGB") if colour else (1, "MONOCHROME2")
    if colour:
        header.PlanarConfiguration = 0
    bits = 8 * pixels.dtype.itemsize
    header.BitsAllocated, header.BitsStored, header.HighBit = bits, bits, bits - 1
    if pixels.dtype == np.uint16:
        header.BitsStored, header.HighBit = 12, 11
    header.PixelRepresentation = int(pixels.dtype.kind == "i")
    header.PixelData = pixels.tobytes()
    header["PixelData"].VR = "OB" if bits == 8 else "OW"
    for name, value in tags.items():
        if value is None:
            delattr(header, name)
        else:
            setattr(header, name, value)
    return header


def dicom(path, pixels=PIXELS, **tags):
    """The object as a file; gives its path."""
    data_set(pixels, path=path, **tags).save_as(path)
    return path


def with_text(path, name, words):
    """The file with other bytes as the value of an element of numbers, which the library would not write."""
    header = pydicom.dcmread(path)
    place = "8" * (len(words) + len(words) % 2)
    setattr(header, name, place)
    header.save_as(path)
    content = path.read_bytes()
    start = header[name].VR.encode() + len(place).to_bytes(2, "little")
    at = content.index(start + place.encode()) + len(start)
    path.write_bytes(content[:at] + words.ljust(len(place)).encode() + content[at + len(place) :])
    return path


def encoded(folder, pixels, syntax, **tags):
    """The object as GDCM encodes it, read again; `syntax` by its name in GDCM."""
    plain, path = folder / "plain.dcm", folder / "encoded.dcm"
    data_set(pixels, **tags).save_as(plain)
    reader = gdcm.ImageReader()
    reader.SetFileName(str(plain))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(getattr(gdcm.TransferSyntax, syntax)))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFileName(str(path))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()
    return read_header(path)


def bundled(name):
    """A file that lies in the library's own package."""
    return read_header(Path(get_testdata_file(name, download=False)))


def table(entries, first, bits=16, name="LUTData"):
    """An item of a sequence of tables."""
    item = Dataset()
    item.LUTDescriptor = [len(entries) % 65536, first, bits]
    item["LUTDescriptor"].VR = "SS" if first < 0 else "US"
    item.add_new(0x00283006, "OW", np.asarray(entries, "<u1" if bits == 8 else "<u2").tobytes())
    return item
