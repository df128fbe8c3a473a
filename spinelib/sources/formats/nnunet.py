"""imagesTr/ and labelsTr/ with dataset.json: nnU-Net and the Medical Segmentation Decathlon, films and volumes.

(C, our choice) imagesTs/ with labelsTs/ is the test set; without labels it is passed over. Of several channels the
first is read. dataset.json names the structures, unless there is only one and that is the spine; the number that it
calls ignore counts as background.

Marks: (C) our choice.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from spinelib.cases.manifest import Case, Problem
from spinelib.cases.readers.spine_names import is_spine
from spinelib.cases.readers.text import read_text
from spinelib.core.errors import BadInput
from spinelib.sources.conversion import Conversion
from spinelib.sources.layouts import is_image, match, stem_of
from spinelib.sources.listing import Listing

FACTS, SPLITS_FILE = "dataset.json", "splits_final.json"
CHANNEL = re.compile(r"(.+)_(\d{4})$")
REMEDY = "Give it as nnU-Net does: names with the values 0 (background), 1, 2, ..."
NO_STRUCTURE = ("background", "ignore")


def fits(listing: Listing) -> bool:
    """Whether there are imagesTr/ and labelsTr/."""
    return bool(listing.called("imagestr") and listing.called("labelstr"))


def cases(conversion: Conversion) -> list[Case]:
    """A case for every image with its label map. Raises BadInput for a dataset.json that cannot be followed."""
    listing = conversion.listing
    if FACTS in listing.files:
        listing.decide(listing.files[FACTS], "used", "names of the structures")
        named = _values(listing.files[FACTS])
        _take_classes(conversion, _structures(listing.files[FACTS], named))
        _take_ignored(conversion, listing.files[FACTS], named)
    found = _part(conversion, "tr")
    if not listing.called("labelsts"):
        for path in _below(listing, "imagests").values():
            listing.decide(path, "ignored", "a test image without labels")
        return found
    tested = _part(conversion, "ts")
    return [replace(case, split="train") for case in found] + [replace(case, split="test") for case in tested]


def _below(listing: Listing, word: str) -> dict[str, Path]:
    """Images, volumes and label maps in the folders called `word`, by their names from there."""
    files = (listing.inside(folder).files for folder in listing.called(word))
    return {name: path for inside in files for name, path in inside.items() if is_image(path)}


def _part(conversion: Conversion, part: str) -> list[Case]:
    listing = conversion.listing
    images, labels = _below(listing, f"images{part}"), _below(listing, f"labels{part}")
    stems = {stem_of(name) for name in labels}
    channels: dict[str, dict[str, Path]] = defaultdict(dict)
    for name, path in images.items():
        stem = stem_of(name)
        parted = CHANNEL.fullmatch(stem) if stem not in stems else None
        channels[parted[1] if parted else stem][parted[2] if parted else ""] = path
    first: dict[Path, str] = {}
    for name, found in channels.items():
        path = found[min(found)]
        first[path] = name + path.name[len(stem_of(path.name)) :]
        for other in set(found.values()) - {path}:
            listing.decide(other, "ignored", f"another channel of {path.name}")
        if len(found) > 1:
            text = f"has {len(found)} channels; the first is read"
            remedy = "Nothing needs to be done if that is the image you mean."
            conversion.problems.append(Problem(name, str(path), text, remedy, "kept"))
    names = first | {path: name for name, path in labels.items()}
    return list(match(first, labels.values(), "", conversion.problems, names=names))


def _values(path: Path) -> list[tuple[str, int]]:
    """Names and values of dataset.json. Raises BadInput."""
    try:
        labels = json.loads(read_text(path, 50_000_000)[0])["labels"]
        return [_pair(key, value) for key, value in labels.items()]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadInput(path, "has no labels that can be read", REMEDY) from error


def _structures(path: Path, named: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    """Names of the values 1, 2, ... Raises BadInput."""
    numbered = {value: name for name, value in named if not _is_ignored(name) and value != 0}
    if sorted(numbered) != list(range(1, len(numbered) + 1)) or not numbered:
        raise BadInput(path, f"has the values {', '.join(map(str, sorted(numbered))) or 'none'}", REMEDY)
    return tuple(numbered[value] for value in sorted(numbered))


def _is_ignored(name: str) -> bool:
    return name.strip().casefold() in NO_STRUCTURE


def _take_ignored(conversion: Conversion, path: Path, named: Sequence[tuple[str, int]]) -> None:
    """Let values other than 0 that are no structure count as background, with a row that says so. Raises BadInput."""
    structures = {value for name, value in named if not _is_ignored(name)}
    for name, value in named:
        if not _is_ignored(name) or value == 0:
            continue
        if value in structures:
            raise BadInput(path, f"gives the value {value} to {name} and to a structure", REMEDY)
        conversion.ignored += (value,)
        text = f"calls the value {value} {name!r}: it counts as background"
        remedy = "Nothing needs to be done if those pixels are no structure."
        conversion.problems.append(Problem("", str(path), text, remedy, "kept"))


def _pair(key: str, value: Any) -> tuple[str, int]:
    """Name and value, in whichever order dataset.json has them."""
    if isinstance(value, str) and key.strip().isdigit():
        return value, int(key)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{key}: {value}")
    return key, value


def _take_classes(conversion: Conversion, names: tuple[str, ...]) -> None:
    if conversion.classes == ("spine",):
        conversion.classes = conversion.classes if len(names) == 1 and is_spine(names[0]) else names
    elif conversion.classes != names:
        reason = f"are {', '.join(conversion.classes)}, and {FACTS} names {', '.join(names)}"
        raise BadInput("classes", reason, "Leave the option out.")
