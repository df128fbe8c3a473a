"""Downloads of volumes in the layouts of their sources, small and made up."""

import csv

import nibabel
import numpy as np

from spinelib.cases import read_manifest, read_problems
from spinelib.sources import prepare

from ..cases.volumes import SPACING, lumbar, save_turned


def save(path, array, axes="LIP"):
    """A canonical array as NIfTI in another order of axes."""
    save_turned(path, array.astype(np.int16) if array.dtype == np.int64 else array, SPACING, axes)


def pair(image, mask, seed=0, change=None, axes="LIP"):
    """A volume with its label map, changed by `change` if given; gives the labels."""
    array, labels = lumbar(seed=seed)
    labels = change(labels) if change else labels
    save(image, array, axes)
    save(mask, labels, axes)
    return labels


def run(name, source, **options):
    """Prepare beside `source`; gives the folder, its cases by name, and its problems by case."""
    out = source.parent / "out"
    prepare(name, out, source, **options)
    cases = {case.case: case for case in read_manifest(out)}
    return out, cases, {problem.case: problem for problem in read_problems(out)}


def no_orientation(path):
    """Take the orientation out of a NIfTI file's header."""
    image = nibabel.load(path)
    array = np.asarray(image.dataobj)
    bare = nibabel.Nifti1Image(array, None)
    bare.header.set_zooms(image.header.get_zooms())
    bare.set_qform(None, 0)
    bare.set_sform(None, 0)
    nibabel.save(bare, path)


def write_rows(path, columns, rows):
    """A CSV file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns, *rows])
