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

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from spinelib.cases.manifest import Case, Problem
from spinelib.cases.readers.images import check_file, read_image, to_grey
from spinelib.core.errors import BadInput
from spinelib.sources.levels import Corners, LabelledFilm, check_quads, draw_levels, write_levels

LEVELS = tuple(f"C{k}" for k in range(2, 8))
POINT = re.compile(r"(C[2-7]) (top|bottom) (left|right)|C2 centroid")
CORNER = {"top left": 0, "top right": 1, "bottom left": 2, "bottom right": 3}
NAME = re.compile(r"\d{7}")
MAX_BYTES = 50_000_000
DEPTH = 3  # folders below the source that are searched
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

    `source` holds PNG and JSON files called by seven digits, in one folder or in several up to three folders down.
    `films` of them are drawn by `seed` (0: all of them); the search for near-duplicates compares every two. Every film
    counts as a patient. What cannot be used becomes a row of problems.csv. Raises BadInput for another layout, an
    unknown option or when no film is left.
    """
    if source is None:
        raise BadInput("csxa", "needs the folder of its films", "Give it as source (make study DATA=...).")
    _check_options(films, c2, inverted)
    problems: list[Problem] = []
    pairs = _pairs(source, problems)
    if films and films < len(pairs):
        chosen = np.sort(np.random.default_rng(seed).choice(len(pairs), films, replace=False))
        pairs = [pairs[k] for k in chosen]
    levels = LEVELS if c2 == "parallelogram" else LEVELS[1:]
    usable = _films(pairs, levels, inverted == "left_out", problems)
    write_levels(usable, levels, source, folder, problems, test_fraction=test_fraction, seed=seed, audit=audit)


def _check_options(films: int, c2: str, inverted: str) -> None:
    if films < 0:
        raise BadInput("csxa", f"films is {films}", "Give a number of films, or 0 for all of them.")
    for name, value, allowed in (
        ("c2", c2, ("parallelogram", "left_out")),
        ("inverted", inverted, ("left_out", "kept")),
    ):
        if value not in allowed:
            raise BadInput("csxa", f"{name} is {value!r}", f"Use {allowed[0]} or {allowed[1]}.")


def _pairs(source: Path, problems: list[Problem]) -> list[tuple[Path, Path]]:
    """Films with their JSON files, in the order of their names; what has no partner becomes a problem."""
    images, points = (_numbered(source, suffix) for suffix in (".png", ".json"))
    if not images or not points:
        raise BadInput(source, f"holds {len(images)} PNG and {len(points)} JSON files called by seven digits", OFFICIAL)
    for name in sorted(set(images) ^ set(points)):
        path = images.get(name) or points[name]
        other = "JSON file" if name in images else "PNG film"
        problems.append(Problem(name, str(path), f"has no {other} of its name", "Add it, or remove this.", "excluded"))
    return [(images[name], points[name]) for name in sorted(set(images) & set(points))]


def _numbered(source: Path, suffix: str) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for depth in range(DEPTH + 1):
        for path in sorted(source.glob("*/" * depth + "*" + suffix)):
            if NAME.fullmatch(path.stem) and path.is_file():
                found.setdefault(path.stem, path)
    return found


def _films(
    pairs: Sequence[tuple[Path, Path]], levels: Sequence[str], drop_inverted: bool, problems: list[Problem]
) -> Iterator[LabelledFilm]:
    for image, points in pairs:
        try:
            yield _film(image, points, levels, drop_inverted, problems)
        except BadInput as error:
            problems.append(Problem.of(image.stem, error))


def _film(
    image: Path, points: Path, levels: Sequence[str], drop_inverted: bool, problems: list[Problem]
) -> LabelledFilm:
    pixels = to_grey(read_image(image))
    shape = (pixels.shape[0], pixels.shape[1])
    corners = {level: quad for level, quad in read_points(points, shape).items() if level in levels}
    corners, remark = check_quads(points, corners, shape)
    lost = [level for level in levels if level not in corners]
    remark = remark or (f"{', '.join(lost)} without all of its corners; left out" if lost else "")
    if len(corners) < 2:
        raise BadInput(points, "marks fewer than two vertebrae", SAVE)
    labels = draw_levels(corners, shape, levels)
    if drop_inverted and is_inverted(pixels, labels):
        raise BadInput(image, "seems to have inverted greys", "Invert it, or use the option inverted: kept.")
    if remark:
        action: Literal["repaired", "kept"] = "kept" if lost else "repaired"
        problems.append(Problem(image.stem, str(points), remark, "Compare it with the film.", action))
    return LabelledFilm(Case(image.stem, image.stem, "lateral", str(image.resolve()), note="neck"), labels, corners)


def read_points(path: Path, shape: tuple[int, int]) -> Corners:
    """Corners [4,2] px (upper left, upper right, lower left, lower right) of every vertebra that has all of them.

    `shape` is the film's height and width. Labelme counts from pixel edges, hence the shift by half a pixel. C2 is
    the parallelogram on its lower corners around its centroid. Labels that are none of the 23 points are passed over.
    Raises BadInput for a file of another kind, a point given twice, or one that is no pair of numbers.
    """
    content = _load(path)
    stated = content.get("imageHeight"), content.get("imageWidth")
    if all(isinstance(n, int) for n in stated) and stated != shape:
        reason = f"was drawn on a film of {stated[1]} x {stated[0]} pixels, this one has {shape[1]} x {shape[0]}"
        raise BadInput(path, reason, SAVE)
    points: dict[str, NDArray[np.float64]] = {}
    for number, item in enumerate(content["shapes"], 1):
        label = " ".join(str(item.get("label", "")).split()) if isinstance(item, dict) else ""
        if POINT.fullmatch(label):
            if label in points:
                raise BadInput(path, f"gives the point {label!r} twice", "Keep one of them.")
            points[label] = _point(path, number, item) - 0.5
    quads = {level: [points.get(f"{level} {corner}") for corner in CORNER] for level in LEVELS}
    low, middle = quads["C2"][2:], points.get("C2 centroid")
    if middle is not None and low[0] is not None and low[1] is not None:
        quads["C2"] = [2 * middle - low[1], 2 * middle - low[0], low[0], low[1]]
    whole = {level: [point for point in quad if point is not None] for level, quad in quads.items()}
    return {level: np.stack(quad) for level, quad in whole.items() if len(quad) == len(CORNER)}


def _load(path: Path) -> dict[str, Any]:
    try:
        if check_file(path).stat().st_size > MAX_BYTES:
            raise BadInput(path, f"has more than {MAX_BYTES // 10**6} MB", SAVE)
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except BadInput:
        raise
    except (OSError, ValueError, RecursionError) as error:
        raise BadInput(path, "is not valid JSON", SAVE) from error
    if not isinstance(content, dict) or not isinstance(content.get("shapes"), list):
        raise BadInput(path, "has no list of shapes", SAVE)
    return content


def _point(path: Path, number: int, item: dict[str, Any]) -> NDArray[np.float64]:
    try:
        point = np.array(item["points"], dtype=float)
    except (TypeError, ValueError, KeyError, OverflowError) as error:
        raise BadInput(path, f"shape {number} has no usable point", SAVE) from error
    if point.shape != (1, 2) or not np.isfinite(point).all() or np.abs(point).max() > 1e6:
        raise BadInput(path, f"shape {number} has no usable point", SAVE)
    return point[0]


def is_inverted(pixels: NDArray[np.float32], labels: NDArray[np.uint8]) -> bool:
    """Whether bone is darker than what lies around it: the bodies [H,W] against a band before and behind them."""
    body = labels > 0
    deep = max(round(float(np.sqrt(body.sum() / max(len(np.unique(labels)) - 1, 1))) * 0.6), 1)
    near = ndimage.maximum_filter1d(body.astype(np.uint8), 2 * deep + 1, axis=1).astype(bool) & ~body
    return bool(near.any()) and float(np.median(pixels[body])) < float(np.median(pixels[near]))
