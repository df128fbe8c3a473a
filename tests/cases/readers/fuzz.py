"""Damages files by chance and reads them: a value or a BadInput is right, anything else is a fault.

A program of its own (`python -m tests.cases.readers.fuzz MINUTES FOLDER`), so that a crash, a hang or a reader that
takes all memory is seen from outside; FOLDER keeps the file that was being read. Prints what each reader did as JSON.
"""

import json
import os
import random
import resource
import shutil
import signal
import sys
import time
from pathlib import Path

import nibabel
import numpy as np
from PIL import Image
from pydicom.uid import RLELossless

from spinelib.cases.readers.images import picture_size, read_picture
from spinelib.cases.readers.landmarks import read_landmarks, write_landmarks
from spinelib.cases.readers.masks import read_mask
from spinelib.cases.volume import read_volume
from spinelib.core.errors import BadInput
from tests.cases.readers.dicoms import data_set, dicom, encoded, table
from tests.cases.readers.pngs import GREY_ALPHA, RGB, png
from tests.cases.readers.tiffs import tiff
from tests.cases.volumes import save_nrrd

SECONDS = 60
# What one reader may need beyond what the libraries take: far more than any of these files.
MEMORY = 3 << 30
SHAPE = (24, 32)
FILM = (np.arange(SHAPE[0] * SHAPE[1]).reshape(SHAPE) * 5 % 4096).astype(np.uint16)
WORDS = [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\x80", b"\0\x01", b"\xff\xff", b"nan", b"1e999"]
WORDS += [b"-1", b"{", b"[[", b'"', b",", b"\n"]


def picture(path):
    """Both ways to look at a picture."""
    picture_size(path)
    read_picture(path)


def mask(path):
    read_mask(path, SHAPE)


def read_folder(path):
    read_volume(path.parent)


def pictures(folder):
    grey = (FILM >> 4).astype(np.uint8)
    names = ("a.png", "a.jpg", "a.bmp", "a.webp", "a.jp2", "a.tif", "b.tif")
    for name in names:
        options = {"compression": "tiff_lzw"} if name == "b.tif" else {}
        Image.fromarray(grey).save(folder / name, **options)
    np.save(folder / "a.npy", FILM)
    tiff(folder / "c.tif", FILM.astype(np.int16), order=">", compression=8, rows_per_strip=7)
    png(folder / "b.png", np.stack([FILM] * 3, 2), bits=16, colour=RGB)
    png(folder / "c.png", np.stack([FILM] * 2, 2), bits=16, colour=GREY_ALPHA, interlaced=True)
    return sorted(folder.glob("*.*"))


def dicoms(folder):
    ramp = np.arange(4096)
    tags = {"PatientOrientation": ["L", "H"], "PixelSpacing": [0.2, 0.3], "WindowCenter": 2000, "WindowWidth": 4000}
    plain = dicom(folder / "a.dcm", FILM, **tags, PixelPaddingValue=0, RescaleSlope=2, RescaleIntercept=-4)
    tables = dicom(folder / "b.dcm", FILM, ModalityLUTSequence=[table(ramp, 0)], VOILUTSequence=[table(ramp, 0)])
    run_lengths = data_set(FILM)
    run_lengths.compress(RLELossless)
    run_lengths.save_as(folder / "c.dcm")
    encoded(folder, FILM, "JPEG2000Lossless")
    return [plain, tables, folder / "c.dcm", folder / "encoded.dcm"]


def dicoms_by_gdcm(folder):
    encoded(folder, FILM, "JPEGLSLossless")
    (folder / "encoded.dcm").rename(folder / "a.dcm")
    encoded(folder, FILM, "JPEGLosslessProcess14_1")
    return [folder / "a.dcm", folder / "encoded.dcm"]


def volumes(folder):
    voxels = np.stack([FILM.astype(np.int16)] * 5, 2)
    # the third axis runs from left to right
    sagittal = np.array([[0, 0, 4, 0], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1]], float)
    image = nibabel.Nifti1Image(voxels, sagittal)
    nibabel.save(image, folder / "a.nii")
    nibabel.save(image, folder / "a.nii.gz")
    header = "NDims = 3\nDimSize = 32 24 5\nElementSpacing = 1 1 4\nElementType = MET_SHORT\nOffset = 0 0 0\n"
    header += "TransformMatrix = 0 1 0 0 0 1 1 0 0\nElementDataFile = LOCAL\n"
    raw = np.ascontiguousarray(voxels.transpose(2, 0, 1)).tobytes()
    (folder / "a.mha").write_bytes(b"ObjectType = Image\nBinaryData = True\n" + header.encode() + raw)
    slices = voxels.transpose(2, 1, 0)
    save_nrrd(folder / "a.nrrd", slices, (4.0, 1.0, 1.0))
    save_nrrd(folder / "b.nrrd", slices, (4.0, 1.0, 1.0), encoding="gzip")
    return [folder / name for name in ("a.nii", "a.nii.gz", "a.mha", "a.nrrd", "b.nrrd")]


def series(folder):
    for k in range(4):
        place = {"ImageOrientationPatient": [0, 1, 0, 0, 0, -1], "ImagePositionPatient": [4.0 * k, 0, 0]}
        dicom(folder / f"{k}.dcm", FILM, **place, PixelSpacing=[1, 1], SeriesInstanceUID="1.2.3")
    return [folder / "1.dcm"]


def masks(folder):
    inside = np.zeros(SHAPE, np.uint8)
    inside[4:20, 8:24] = 1
    Image.fromarray(inside).save(folder / "a.png")
    Image.fromarray(inside * 255).save(folder / "b.tif")
    points = [[4, 4], [20, 4], [20, 20], [4, 20]]
    shapes = [{"label": "spine", "points": points, "shape_type": "polygon", "group_id": None, "flags": {}}]
    content = {"version": "5.2.1", "flags": {}, "shapes": shapes, "imagePath": "a.png", "imageData": None}
    content |= {"imageHeight": SHAPE[0], "imageWidth": SHAPE[1]}
    (folder / "c.json").write_text(json.dumps(content))
    return [folder / name for name in ("a.png", "b.tif", "c.json")]


def landmarks(folder):
    corners = {"film": np.arange(17 * 8, dtype=float).reshape(17, 4, 2)}
    return [write_landmarks(corners, folder)]


# What makes sound files, what reads them, and a share of the time.
READERS = {
    "pictures": (pictures, picture, 4),
    "dicom": (dicoms, picture, 4),
    "dicom by GDCM": (dicoms_by_gdcm, picture, 1),
    "volumes": (volumes, read_volume, 2),
    "series": (series, read_folder, 1),
    "masks": (masks, mask, 2),
    "landmarks": (landmarks, read_landmarks, 1),
}


def damaged(content, chance):
    """The bytes with a few of them changed, words put in, a piece left out, or cut short; more often near the start."""
    content = bytearray(content)
    for _ in range(chance.choice([1, 1, 1, 2, 4, 16])):
        if len(content) < 16:
            break
        at = min(int(len(content) * chance.random() ** chance.choice([1, 3])), len(content) - 1)
        way = chance.random()
        if way < 0.5:
            content[at] ^= 1 << chance.randrange(8)
        elif way < 0.7:
            content[at] = chance.randrange(256)
        elif way < 0.9:
            word = chance.choice(WORDS)
            content[at : at + len(word)] = word
        elif way < 0.95:
            del content[at : at + chance.randrange(1, 9)]
        else:
            del content[max(at, 1) :]
    return bytes(content)


def stopped(*_):
    raise TimeoutError(f"not read within {SECONDS} s")


def try_one(read, path, content):
    """What came of a damaged file: 'read', 'refused', or the fault in words."""
    path.write_bytes(content)
    signal.alarm(SECONDS)
    try:
        read(path)
        return "read"
    except BadInput as error:
        # a limit of ours that is looked at too late
        return "refused" if "memory" not in str(error) else f"MemoryError: {error}"
    except BaseException as error:
        return f"{type(error).__name__}: {error}"[:300]
    finally:
        signal.alarm(0)


def run(minutes, folder, seed=0):
    """Damage and read for so many minutes: {reader: {"read": n, "refused": n, "faults": {words: n}}}."""
    chance, found = random.Random(seed), {}
    whole = sum(share for *_, share in READERS.values())
    for name, (make, read, share) in READERS.items():
        place = folder / name
        place.mkdir(parents=True)
        files = [(path, path.read_bytes()) for path in make(place)]
        for path, _ in files:
            read(path)
        counts, faults = {"read": 0, "refused": 0}, {}
        end = time.monotonic() + 60 * minutes * share / whole
        while time.monotonic() < end:
            path, content = chance.choice(files)
            bad = damaged(content, chance)
            said = try_one(read, path, bad)
            if said in counts:
                counts[said] += 1
            else:
                if said not in faults:
                    (folder / f"fault{len(list(folder.glob('fault*')))}{path.suffix}").write_bytes(bad)
                faults[said] = faults.get(said, 0) + 1
            path.write_bytes(content)
        found[name] = counts | {"faults": faults}
    return found


def main():
    minutes, folder = float(sys.argv[1]), Path(sys.argv[2])
    shutil.rmtree(folder, ignore_errors=True)
    signal.signal(signal.SIGALRM, stopped)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    print(json.dumps(run(minutes, folder, int(os.environ.get("SPINE_FUZZ_SEED", "0")))))


if __name__ == "__main__":
    main()
