"""Corners in a MATLAB file beside each film: p2, 68 points, as the AASCE challenge keeps them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from spinelib.cases.manifest import Case
from spinelib.core.errors import BadInput
from spinelib.sources.conversion import Conversion, Draw, FilmLabels, label_films
from spinelib.sources.folder_names import without_folder
from spinelib.sources.formats.folders import IMAGE_FOLDERS, LABEL_FOLDERS, holds_masks
from spinelib.sources.layouts import is_image, stem_of
from spinelib.sources.listing import Listing

REMEDY = "Save p2, 68 rows of x and y in px, in MATLAB format 7 or older."


def fits(listing: Listing) -> bool:
    """Whether a film has a .mat file of its name, and no folder of masks lies beside."""
    return not holds_masks(listing) and bool(_pairs(listing))


def cases(conversion: Conversion) -> list[Case]:
    """A case with corners for every film with a .mat file."""
    pairs = _pairs(conversion.listing)
    draw: dict[Path, Draw] = {film: partial(_draw, file=file) for film, file in pairs.items()}
    for file in pairs.values():
        conversion.listing.decide(file, "used", "corners of a film")
    keys = {path: without_folder(name, *IMAGE_FOLDERS) for name, path in conversion.listing.files.items()}
    return label_films(conversion, draw, keys)


def _pairs(listing: Listing) -> dict[Path, Path]:
    """The .mat file of each film: film.mat or film.jpg.mat."""
    files = {
        without_folder(name, *LABEL_FOLDERS)[: -len(".mat")]: path
        for name, path in listing.files.items()
        if name.lower().endswith(".mat")
    }
    found = {}
    for name, path in listing.files.items() if files else ():
        key = without_folder(name, *IMAGE_FOLDERS)
        file = files.get(key) or files.get(stem_of(key))
        if file is not None and file != path and is_image(path):
            found[path] = file
    return found


def _draw(labels: FilmLabels, file: Path) -> Path:
    from scipy.io import loadmat

    try:
        points = np.asarray(loadmat(file, variable_names=["p2"])["p2"], float)
    # Damaged .mat files surface as many kinds of errors.
    except Exception as error:
        raise BadInput(file, f"holds no p2 that can be read ({type(error).__name__})", REMEDY) from error
    if points.size != 136 or not np.isfinite(points).all():
        raise BadInput(file, f"holds p2 of shape {list(points.shape)}", REMEDY)
    labels.column(file, None, points.reshape(17, 4, 2))
    return file
