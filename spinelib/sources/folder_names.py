"""What the names of somebody's folders tell: patient, split and view.

(C, our choice) Several folders beside each other are patients, unless they are called as parts of a data set (train,
val, test; "Training data", test_set): those are the split, where there is a test. val is a part of train, and so are
films beside these folders; a row says so.

Marks: (C) our choice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from spinelib.cases.manifest import VIEWS, Case, Problem

PARTS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "validating", "dev"), "val"),
    **dict.fromkeys(("test", "testing"), "test"),
}
# What people add to the name of a part, before it or after.
WORD = r"(?:data ?set|data|set|split|part|cases?|images?|imgs?|films?|masks?|labels?)"
KNOWN = "|".join(sorted(PARTS, key=len, reverse=True))
PART = re.compile(rf"(?:{WORD}[ _.-]*){{0,2}}({KNOWN})(?:[ _.-]*{WORD}){{0,2}}")
REMEDY = "Nothing needs to be done if that is right; else put every film into train or test, or give cases.csv."


def part_called(folder: str) -> str:
    """The part of a data set ("train", "val", "test") that a folder's name means, "" where it means none."""
    found = PART.fullmatch(folder.strip().casefold())
    return PARTS[found[1]] if found else ""


def folders_tell(names: Mapping[Path, str]) -> dict[Path, tuple[str, str]]:
    """Patient and part ("train", "val", "test") of each image, by their names from one folder ("p9/film9.png").

    "" where nothing tells; `settle_split` makes a split of the parts.
    """
    parts = {path: name.split("/")[:-1] for path, name in names.items()}
    # A folder that all share tells nothing.
    while parts and all(parts.values()) and len({folders[0] for folders in parts.values()}) == 1:
        parts = {path: folders[1:] for path, folders in parts.items()}
    level = _level_of_parts(list(parts.values()))
    if level is None:
        return {path: (folders[0] if folders else "", "") for path, folders in parts.items()}
    told = {}
    for path, folders in parts.items():
        part = part_called(folders[level]) if len(folders) > level else ""
        # Beside the folders of parts lie those of patients; in these, too.
        patient = folders[level + 1 : level + 2] if part else folders[:1]
        told[path] = ("".join(patient), part)
    return told


def _level_of_parts(folders: Sequence[Sequence[str]]) -> int | None:
    """How deep the folders lie that are called as parts; below others (site1/train) only where there are several."""
    kinds = [
        len({part_called(each[level]) for each in folders if len(each) > level} - {""})
        for level in range(max(map(len, folders), default=0))
    ]
    return next((level for level, count in enumerate(kinds) if count > min(level, 1)), None)


def settle_split(cases: Sequence[Case], problems: list[Problem], source: Path, told: bool = False) -> list[Case]:
    """The cases with a split on train and test, or with none; a row of `problems` says what was understood.

    Films of "val" and, where only some films have a split, those without one are to train. Where no film is to test,
    parts that folders tell are no split; `told` leaves it as it is, for a split that the user wrote.
    """
    given = {case.split for case in cases} - {""}
    if not given or (given == {"train"} and told):
        return list(cases)
    if "test" not in given:
        text = f"films in folders of {' and '.join(sorted(given))}, and none with a label to test: all are divided anew"
        problems.append(Problem("", str(source), text, REMEDY, "kept"))
        return [replace(case, split="") for case in cases]
    for part, said in (("val", "called val: they are"), ("", "without a split where others have one: they are put")):
        names = [case.case for case in cases if case.split == part]
        if names:
            first = f"{', '.join(names[:4])}{', ...' if len(names) > 4 else ''}"
            text = f"{len(names)} films {said} to train ({first})"
            problems.append(Problem("", str(source), text, REMEDY, "kept"))
    return [replace(case, split="test" if case.split == "test" else "train") for case in cases]


def view_called(folder: str) -> str:
    """The view that a folder's name means, "" where it means none."""
    word = folder.casefold().replace(" ", "_").replace("-", "_")
    return word if word in VIEWS else ""


def without_folder(name: str, *words: str) -> str:
    """A file's name less the last folder called one of `words`, so that images/a.png meets labels/a.txt."""
    parts = name.split("/")
    for k in range(len(parts) - 2, -1, -1):
        if parts[k].casefold() in words:
            return "/".join(parts[:k] + parts[k + 1 :])
    return name
