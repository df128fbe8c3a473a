"""Films that were read, as files of all kinds: plain, oblong, turned by their header, and such as cannot be read."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from pydicom.uid import generate_uid
from scipy.ndimage import distance_transform_cdt

from spinelib.apply import apply_run
from spinelib.apply.export.pictures import upright_film
from spinelib.apply.export.results import read_results
from spinelib.cases import draw_quadrilaterals, load_arrays, read_manifest
from spinelib.cases.manifest import read_problems
from spinelib.cases.readers.landmarks import read_landmarks
from spinelib.sources import prepare

from ...cases.films import spine
from ...cases.readers.dicoms import dicom
from ..made import bright

PLAIN, OBLONG, TURNED, FLAT = "p9/plain ü.png", "oblong.dcm", "turned.dcm", "flat.png"
NAMES = {"PatientName": "Nobody^", "StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid()}


def column(bend, seed):
    """A film [640, 300] with seventeen bright vertebrae in noise."""
    air = np.random.default_rng(seed).integers(20, 40, (640, 300))
    bone = draw_quadrilaterals(spine(640, 300, bend), (640, 300)) > 0
    return np.where(bone, 250, air).astype(np.uint8)


def write_films(folder):
    (folder / "p9").mkdir(parents=True)
    Image.fromarray(column(25, 3)).save(folder / PLAIN)
    pairs = np.rint(column(15, 4).reshape(320, 2, 300).mean(1)).astype(np.uint8)
    dicom(folder / OBLONG, pairs, PixelSpacing=[1.0, 0.5], PatientID="A", **NAMES)
    # Its rows run to the feet: three quarter turns anticlockwise set it upright.
    lying = np.ascontiguousarray(np.rot90(column(-20, 5), -3))
    dicom(folder / TURNED, lying, PatientOrientation=["F", "R"], PixelSpacing=[0.5, 0.5], PatientID="A", **NAMES)
    Image.new("L", (50, 90), 7).save(folder / FLAT)


def read_films(folder):
    """The folder of results of those films in `folder`."""
    write_films(folder / "films")
    with pytest.MonkeyPatch.context() as patch:
        predictor = bright(folder / "study", patch, evaluation=(640, 320))
        apply_run(predictor, folder / "films", folder / "results", progress=False)
    return folder / "results"


def read_back(source, folder):
    """What the data set `folder` makes of an export: cases, label maps and corners by the names of their pictures."""
    prepare("folder", folder, source, audit=False)
    arrays, cases = load_arrays(folder, (640, 300)), read_manifest(folder)
    assert not read_problems(folder)
    table = folder / "landmarks.csv"
    corners = read_landmarks(table) if table.exists() else {}
    order = list(arrays.table["case"])
    labels = {_key(case.image): arrays.labels[order.index(case.case)] for case in cases}
    return {_key(case.image): case for case in cases}, labels, {_key(c.image): corners.get(c.case) for c in cases}


def _key(image):
    return next(name for name in ("plain", "oblong", "turned") if name in image)


def expected(results):
    """Of each film that was read: its labels on a grid of its own body's proportions, and corners in its picture."""
    films = [upright_film(read) for read in read_results(results, [])]
    labels = {_key(film.read.image.name): film.labels for film in films}
    # Its pixels are twice as high as wide.
    labels["oblong"] = np.repeat(labels["oblong"], 2, axis=0)
    corners = {_key(film.read.image.name): np.stack([quad for _, quad in film.vertebrae]) for film in films}
    return labels, corners


def drawn(corners, name):
    """The labels that polygons of these corners mean, on the same grid."""
    high = 320 if name == "oblong" else 640
    labels = np.minimum(draw_quadrilaterals(corners, (high, 300)), 1)
    return np.repeat(labels, 640 // high, axis=0)


def moved_by(one, other):
    """How many px the border between two masks has moved at most."""
    return distance_transform_cdt(one != other).max()
