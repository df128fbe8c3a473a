"""Labelme JSON: outlines as a mask, vertebrae with their names, and the corners of these."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.drawing import fill_polygon
from spinelib.cases.outlines import corners_of_outlines, region_outline
from spinelib.cases.readers.label_names import LabelNames, snippet
from spinelib.cases.readers.labelme_lines import read_lines
from spinelib.cases.readers.labelme_shapes import (
    LINES,
    MASK,
    REMEDY,
    is_click,
    shape_kind,
    shape_mask,
    shape_points,
    shape_ring,
)
from spinelib.cases.readers.landmarks import LEVELS
from spinelib.cases.readers.spine_names import is_vertebra
from spinelib.cases.readers.text import read_text, say_encoding
from spinelib.core.errors import BadInput

Ring = NDArray[np.float64]
# Names listed in a message.
SHOWN = 8


@dataclass(frozen=True)
class Shapes:
    """What a Labelme file outlines on a film, in file pixels, centres at integers.

    mask: uint8 [H, W] of the classes; all 0 where nothing is outlined. instances: the outline [P, 2] (x, y) of each
    vertebra that is drawn once, by its level. corners: [17, 4, 2] (T1..L5; TL, TR, BL, BR), NaN for those that are not
    outlined or not four-cornered; None without any. remark: what was left out or understood; "" for nothing.
    """

    mask: NDArray[np.uint8]
    instances: dict[str, Ring] = field(default_factory=dict)
    corners: NDArray[np.float64] | None = None
    remark: str = ""


@dataclass
class _Drawing:
    """The shapes read so far."""

    mask: NDArray[np.uint8]
    levels: dict[str, list[Ring]] = field(default_factory=dict)
    unnamed: list[Ring] = field(default_factory=list)
    clicks: list[int] = field(default_factory=list)
    lines: Counter[str] = field(default_factory=Counter)
    outside: list[int] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    crossed: list[int] = field(default_factory=list)
    unknown: dict[str, int] = field(default_factory=dict)
    # The greatest coordinate of an area.
    reach: float = 0.0


def read_shapes(
    path: Path, shape: tuple[int, int], classes: tuple[str, ...] = ("spine",), names: LabelNames | None = None
) -> Shapes:
    """What a Labelme file outlines on a film of `shape` (height, width) in file pixels.

    Areas are polygons, rectangles (two corners, or four as X-AnyLabeling writes them, turned or not), circles, AI
    masks, lines that close, and four points of one level's name (`labelme_lines`). Other points and lines have no area,
    and a shape begun by a stray click has none either: the remark lists them. A name must be known to
    `LabelNames.find`. Seventeen vertebrae without a level are T1 to L5 from above.

    Only points and masks are read: the film's own data and paths inside the file are ignored. Labelme counts from pixel
    edges, masks from pixel centres, hence the shift by half a pixel. Raises BadInput for another kind of file, one that
    was drawn on a film of another size, shapes that cannot be drawn, and unknown names, with a line for labels.yaml.
    """
    content, encoding = load_labelme(path, shape)
    drawing = _Drawing(np.zeros(shape, np.uint8))
    for number, item in enumerate(read_lines(path, content["shapes"]), 1):
        if item is None:
            continue
        _draw(path, number, item, drawing, classes, names or LabelNames())
    if drawing.unknown:
        unknown = list(drawing.unknown)
        said = ", ".join(f"{name!r} ({drawing.unknown[name]})" for name in unknown[:SHOWN])
        read = f" ({say_encoding(encoding)})" if say_encoding(encoding) else ""
        reason = f"outlines what is no known structure: {said}{', ...' if len(unknown) > SHOWN else ''}{read}"
        raise BadInput(path, reason, snippet("structures", unknown, classes))
    if 0 < drawing.reach <= 1 and max(shape) > 2:
        raise BadInput(path, "gives its points as shares of the film", "Give them in pixels.")
    notes = [say_encoding(encoding), *_left_out(drawing)]
    instances, corners = _vertebrae(drawing, notes)
    return Shapes(drawing.mask, instances, corners, "; ".join(filter(None, notes)))


def load_labelme(path: Path, shape: tuple[int, int]) -> tuple[dict[str, Any], str]:
    """What a Labelme file holds, with its list "shapes", and its encoding, for a film of `shape` (height, width).

    Raises BadInput for another kind of file, and for one that states another size of the film.
    """
    text, encoding = read_text(path)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno}: {error.msg})" if isinstance(error, json.JSONDecodeError) else ""
        raise BadInput(path, f"is not valid JSON{where}", REMEDY) from error
    if not isinstance(content, dict) or not isinstance(content.get("shapes"), list):
        raise BadInput(path, "has no list of shapes", REMEDY)
    _check_size(path, content, shape)
    return content, encoding


def _check_size(path: Path, content: dict[str, Any], shape: tuple[int, int]) -> None:
    """Compare the film's size as the file states it, however the number is written."""
    stated = [_pixels(path, content, key) for key in ("imageHeight", "imageWidth")]
    if all(said is None or said == true for said, true in zip(stated, shape, strict=True)):
        return
    height, width = (said if said is not None else "?" for said in stated)
    turned = "; it looks turned by 90 degrees" if stated == [shape[1], shape[0]] else ""
    reason = f"was drawn on a film of {width} x {height} pixels, this one has {shape[1]} x {shape[0]}{turned}"
    raise BadInput(path, reason, "Draw it on the film itself.")


def _pixels(path: Path, content: dict[str, Any], key: str) -> int | None:
    value = content.get(key)
    if value is None or value == "":
        return None
    try:
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if not number.is_integer() or number < 1:
        raise BadInput(path, f"states {key} {str(value)[:40]!r}", "Draw it on the film itself.")
    return int(number)


def _draw(path: Path, number: int, item: Any, drawing: _Drawing, classes: tuple[str, ...], names: LabelNames) -> None:
    kind = shape_kind(path, number, item)
    name = _name(path, number, item)
    points = shape_points(path, number, item)
    if kind in LINES:
        drawing.lines[name] += 1
        return
    if is_click(kind, points):
        drawing.clicks.append(number)
        return
    found = names.find(name, classes)
    if found is None:
        drawing.unknown[name] = drawing.unknown.get(name, 0) + 1
        return
    label, level = found
    if not label:
        drawing.ignored[name] += 1
        return
    ring = _fill(path, number, item, kind, points, drawing.mask, label)
    drawing.reach = max(drawing.reach, float(ring.max()) + 0.5)
    if len(points) == 4 and _crosses(points):
        drawing.crossed.append(number)
    if not _meets(ring, drawing.mask.shape):
        drawing.outside.append(number)
    elif level:
        drawing.levels.setdefault(level, []).append(ring)
    elif is_vertebra(name):
        drawing.unnamed.append(ring)


def _name(path: Path, number: int, item: dict[str, Any]) -> str:
    name = item.get("label")
    if name is not None and not isinstance(name, str | int):
        raise BadInput(path, f"shape {number} has a name that is no text", REMEDY)
    return "" if name is None else str(name)


def _fill(
    path: Path, number: int, item: dict[str, Any], kind: str, points: Ring, mask: NDArray[np.uint8], label: int
) -> Ring:
    """Draw one shape; gives its outline, pixel centres at integers."""
    if kind == MASK:
        region, top, left = shape_mask(path, number, item, points, (mask.shape[0], mask.shape[1]))
        if not region.any():
            raise BadInput(path, f"shape {number} is a mask that marks no pixel", REMEDY)
        mask[top : top + region.shape[0], left : left + region.shape[1]][region] = label
        return region_outline(region, left, top)
    ring = shape_ring(path, number, kind, points) - 0.5
    fill_polygon(mask, ring, label)
    return ring


def _meets(ring: Ring, shape: tuple[int, ...]) -> bool:
    """Whether any part of an outline lies on the film."""
    return bool((ring.max(0) > -0.5).all() and (ring.min(0) < np.array(shape[1::-1]) - 0.5).all())


def _crosses(ring: Ring) -> bool:
    """Whether a ring of four points crosses itself: then its area is half of what was meant."""
    step = np.roll(ring, -1, 0) - ring
    after = np.roll(step, -1, 0)
    turn = step[:, 0] * after[:, 1] - step[:, 1] * after[:, 0]
    return int((turn > 0).sum()) == 2 and int((turn < 0).sum()) == 2


def _left_out(drawing: _Drawing) -> list[str]:
    """What the remark says of shapes that mark nothing."""
    notes = []
    if drawing.clicks:
        notes.append(f"left out as stray clicks: shape {', '.join(map(str, drawing.clicks[:SHOWN]))}")
    if drawing.lines:
        notes.append(f"points and lines have no area and are left out: {_counts(drawing.lines)}")
    if drawing.ignored:
        notes.append(f"no structure, as labels.yaml says: {_counts(drawing.ignored)}")
    if drawing.outside:
        notes.append(f"outside the film: shape {', '.join(map(str, drawing.outside[:SHOWN]))}")
    if drawing.crossed:
        notes.append(
            f"four points that cross, so half of the area: shape {', '.join(map(str, drawing.crossed[:SHOWN]))}"
        )
    return notes


def _vertebrae(drawing: _Drawing, notes: list[str]) -> tuple[dict[str, Ring], NDArray[np.float64] | None]:
    """The outline of each vertebra that is drawn once, by level, and corners [17, 4, 2] px; adds to `notes`."""
    twice = [level for level, rings in drawing.levels.items() if len(rings) > 1]
    instances = {level: rings[0] for level, rings in drawing.levels.items() if len(rings) == 1}
    if twice:
        notes.append(f"drawn more than once, so without corners: {', '.join(twice)}")
    if len(drawing.unnamed) == len(LEVELS) and not drawing.levels:
        from_above = sorted(drawing.unnamed, key=lambda ring: float(ring[:, 1].mean()))
        instances = dict(zip(LEVELS, from_above, strict=True))
        notes.append("17 vertebrae without levels are taken as T1 to L5 from above")
    elif len(drawing.unnamed) > 1:
        notes.append(f"{len(drawing.unnamed)} vertebrae without levels get no corners; call them T1 to L5")
    known = [level for level in LEVELS if level in instances]
    if not known:
        return instances, None
    corners = np.full((len(LEVELS), 4, 2), np.nan)
    corners[[LEVELS.index(level) for level in known]] = corners_of_outlines([instances[level] for level in known])
    round_ones = [level for level in known if not np.isfinite(corners[LEVELS.index(level)]).all()]
    if round_ones:
        notes.append(f"not four-cornered, so without corners: {', '.join(round_ones)}")
    return instances, corners if np.isfinite(corners).any() else None


def _counts(names: Counter[str]) -> str:
    words = [f"{name!r} ({count})" for name, count in names.items()]
    return ", ".join(words[:SHOWN]) + (", ..." if len(words) > SHOWN else "")
