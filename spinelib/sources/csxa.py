"""CSXA, the Cervical Spine X-ray Atlas: lateral cervical films with key points, as label maps of C2 to C7.

Ran et al., Sci Data 2024, s41597-024-03383-0: 4,963 PNG films and as many JSON files in the manner of Labelme, 23 key
points each. (B) Their names, as public readers of the set have them: four corners of C3..C7 ("C3 top left", ...), the
two lower corners of C2 and "C2 centroid"; files are called by seven digits. SpineFM built its masks from the corners,
took 200/200/200 films and left out those with inverted greys [sjsimons/SpineFM, issue 1 and data/README.md].
(C) How it built C2 is not public: here C2 is the parallelogram on its lower corners around its centroid, or is left
out. A film counts as inverted where its bodies are darker than their surroundings.

Marks: (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from spinelib.cases.manifest import Case, Problem
from spinelib.cases.readers.images import read_image, to_grey
from spinelib.cases.readers.labelme import load_labelme
from spinelib.cases.readers.labelme_shapes import shape_kind, shape_points
from spinelib.cases.readers.text import say_encoding
from spinelib.core.errors import BadInput
from spinelib.sources.accounting import write_account
from spinelib.sources.layouts import is_image, match
from spinelib.sources.levels import Corners, LabelledFilm, check_quads, draw_levels, write_levels
from spinelib.sources.listing import Listing, list_files

LEVELS = tuple(f"C{k}" for k in range(2, 8))
POINT = re.compile(r"(C[2-7]) (top|bottom) (left|right)|C2 centroid", re.IGNORECASE)
CORNER = {"top left": 0, "top right": 1, "bottom left": 2, "bottom right": 3}
NAME = re.compile(r"\d{7}")
OFFICIAL = "Give the folder of the unpacked download: films 0000001.png, ... and JSON files of the same names."
SAVE = "Take the file from the download again."


def prepare_csxa(
    source: Path | None,
    folder: Path,
    films: int = 600,
    c2: Literal["parallelogram", "left_out"] = "parallelogram",
    inverted: Literal["left_out", "kept"] = "left_out",
    test_fraction: float = 1 / 3,
    seed: int = 0,
    audit: bool = True,
) -> None:
    """Write manifest, problems, classes, masks, corners and (unless `audit` is off) audit.csv to `folder`.

    `source` holds PNG and JSON files called by seven digits, in one folder or in several.
    `films` of them are drawn by `seed` (0: all of them); the search for near-duplicates compares every two. Every film
    counts as a patient. What cannot be used becomes a row of problems.csv. Raises BadInput for another layout, an
    unknown option or when no film is left.
    """
    if source is None:
        raise BadInput("csxa", "needs the folder of its films", "Give it as source (make study DATA=...).")
    _check_options(films, c2, inverted)
    problems: list[Problem] = []
    listing = list_files(source, problems, (folder,))
    cases = _cases(listing, problems)
    chosen = cases
    if films and films < len(cases):
        drawn = np.sort(np.random.default_rng(seed).choice(len(cases), films, replace=False))
        chosen = [cases[k] for k in drawn]
    levels = LEVELS if c2 == "parallelogram" else LEVELS[1:]
    usable = _films(chosen, levels, inverted == "left_out", problems)
    write_levels(usable, levels, source, folder, problems, test_fraction=test_fraction, seed=seed, audit=audit)
    names = {case.case for case in chosen}
    for case in cases:
        for path in (case.image, case.mask) if case.case not in names else ():
            listing.decide(Path(path), "ignored", "not among the films drawn")
    write_account(listing, chosen, problems, folder, unasked="ignored")


def _check_options(films: int, c2: str, inverted: str) -> None:
    if films < 0:
        raise BadInput("csxa", f"films is {films}", "Give a number of films, or 0 for all of them.")
    for name, value, allowed in (
        ("c2", c2, ("parallelogram", "left_out")),
        ("inverted", inverted, ("left_out", "kept")),
    ):
        if value not in allowed:
            raise BadInput("csxa", f"{name} is {value!r}", f"Use {allowed[0]} or {allowed[1]}.")


def _cases(listing: Listing, problems: list[Problem]) -> list[Case]:
    """Films with their JSON files as masks, in the order of their names; what has no partner becomes a problem."""
    numbered = [path for path in listing.files.values() if NAME.fullmatch(path.stem)]
    points = [path for path in numbered if path.suffix.lower() == ".json"]
    images = [path for path in numbered if is_image(path)]
    if not images or not points:
        reason = f"holds {len(images)} PNG and {len(points)} JSON files called by seven digits"
        raise BadInput(listing.source, reason, OFFICIAL)
    cases = match(images, points, "lateral", problems, label="JSON file")
    return sorted((replace(case, note="neck") for case in cases), key=lambda case: case.case)


def _films(
    cases: Sequence[Case], levels: Sequence[str], drop_inverted: bool, problems: list[Problem]
) -> Iterator[LabelledFilm]:
    for case in cases:
        try:
            yield _film(case, levels, drop_inverted, problems)
        except BadInput as error:
            problems.append(Problem.of(case.case, error))


def _film(case: Case, levels: Sequence[str], drop_inverted: bool, problems: list[Problem]) -> LabelledFilm:
    pixels = to_grey(read_image(case.image))
    shape, points = (pixels.shape[0], pixels.shape[1]), Path(case.mask)
    found, said = read_points(points, shape)
    corners, exchanged = check_quads(points, {level: found[level] for level in levels if level in found}, shape)
    lost = [level for level in levels if level not in corners]
    if len(corners) < 2:
        raise BadInput(points, "marks fewer than two vertebrae", SAVE)
    labels = draw_levels(corners, shape, levels)
    if drop_inverted and is_inverted(pixels, labels):
        raise BadInput(case.image, "seems to have inverted greys", "Invert it, or use the option inverted: kept.")
    notes = [exchanged, f"{', '.join(lost)} without all of its corners; left out" if lost else "", said]
    if any(notes):
        action: Literal["repaired", "kept"] = "repaired" if exchanged and not lost else "kept"
        remark = "; ".join(filter(None, notes))
        problems.append(Problem(case.case, str(points), remark, "Compare it with the film.", action))
    return LabelledFilm(replace(case, mask=""), labels, corners)


def read_points(path: Path, shape: tuple[int, int]) -> tuple[Corners, str]:
    """Corners [4,2] px (upper left, upper right, lower left, lower right) of every vertebra that has all of them.

    `shape` is the film's height and width. Labelme counts from pixel edges, hence the shift by half a pixel. C2 is
    the parallelogram on its lower corners around its centroid. The text names what is none of the 23 points and is
    passed over, and an encoding other than UTF-8. Raises BadInput for a file of another kind, one that was drawn on a
    film of another size, a point given twice, or one that is no pair of numbers.
    """
    content, encoding = load_labelme(path, shape)
    points: dict[str, NDArray[np.float64]] = {}
    others: Counter[str] = Counter()
    for number, item in enumerate(content["shapes"], 1):
        kind = shape_kind(path, number, item)
        label = " ".join(str(item.get("label", "")).replace("_", " ").split())
        if kind != "point" or not POINT.fullmatch(label):
            others[label] += 1
            continue
        label = label[0].upper() + label[1:].lower()
        if label in points:
            raise BadInput(path, f"gives the point {label!r} twice", "Keep one of them.")
        points[label] = _point(path, number, item) - 0.5
    notes = [say_encoding(encoding)]
    if others:
        said = ", ".join(f"{label!r}" for label in list(others)[:4])
        notes.append(f"{others.total()} shapes that are none of the 23 points are passed over ({said})")
    return _quads(points), "; ".join(filter(None, notes))


def _quads(points: Mapping[str, NDArray[np.float64]]) -> Corners:
    quads = {level: [points.get(f"{level} {corner}") for corner in CORNER] for level in LEVELS}
    low, middle = quads["C2"][2:], points.get("C2 centroid")
    if middle is not None and low[0] is not None and low[1] is not None:
        quads["C2"] = [2 * middle - low[1], 2 * middle - low[0], low[0], low[1]]
    whole = {level: [point for point in quad if point is not None] for level, quad in quads.items()}
    return {level: np.stack(quad) for level, quad in whole.items() if len(quad) == len(CORNER)}


def _point(path: Path, number: int, item: dict[str, Any]) -> NDArray[np.float64]:
    points = shape_points(path, number, item)
    if len(points) != 1:
        raise BadInput(path, f"shape {number} is a point with {len(points)} points", SAVE)
    return points[0]


def is_inverted(pixels: NDArray[np.float32], labels: NDArray[np.uint8]) -> bool:
    """Whether bone is darker than what lies around it: the bodies [H,W] against a band before and behind them."""
    body = labels > 0
    deep = max(round(float(np.sqrt(body.sum() / max(len(np.unique(labels)) - 1, 1))) * 0.6), 1)
    near = ndimage.maximum_filter1d(body.astype(np.uint8), 2 * deep + 1, axis=1).astype(bool) & ~body
    return bool(near.any()) and float(np.median(pixels[body])) < float(np.median(pixels[near]))
