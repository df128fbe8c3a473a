"""Small films with known labels for the tests of the layouts: an outline on whole pixels, corners of a column."""

from __future__ import annotations

import json

import numpy as np
from PIL import Image

from spinelib.cases import read_manifest, read_mask, read_problems
from spinelib.cases.manifest import read_file_uses
from spinelib.sources import prepare

from ...cases.films import film, spine

SHAPE = (120, 60)
# The rectangle from row 10 to 109 and from column 20 to 39, by the edges of its pixels.
RING = [[20, 10], [40, 10], [40, 110], [20, 110]]
CORNERS = spine(*SHAPE)


def truth(value=1):
    out = np.zeros(SHAPE, np.uint8)
    out[10:110, 20:40] = value
    return out


def save(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def films(folder, names):
    return [save(folder / name, film(*SHAPE, seed=k)) for k, name in enumerate(names)]


def write_json(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def labelme(path, label="spine"):
    return write_json(path, {"shapes": [{"label": label, "points": RING, "shape_type": "polygon"}]})


def run(source, **options):
    """Cases by id, problems by case, and uses by file of a folder that is prepared beside it."""
    out = source.parent / "out"
    prepare("folder", out, source, **{"audit": False, **options})
    cases = {case.case: case for case in read_manifest(out)}
    uses = {use.file: use for use in read_file_uses(out)}
    return cases, read_problems(out), uses


def masks_are_true(out, cases, value=1, classes=("spine",)):
    return all((read_mask(out / case.mask, SHAPE, classes) == truth(value)).all() for case in cases.values())
