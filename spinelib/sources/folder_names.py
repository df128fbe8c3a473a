"""What the names of somebody's folders tell: patient, split and view.

(C, our choice) Several folders beside each other are patients, unless they are called train, val or test (train_set and
the like, too): those are the split, val a part of train, where there is a test; what lies beside them is to train.

Marks: (C) our choice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from spinelib.cases.manifest import VIEWS

SPLIT_FOLDERS = {
    **dict.fromkeys(("train", "training", "val", "valid", "validation"), "train"),
    **dict.fromkeys(("test", "testing"), "test"),
}
SET = re.compile(r"[ _-]*(?:set|data|images|films)$")


def folders_tell(names: Mapping[Path, str]) -> dict[Path, tuple[str, str]]:
    """Patient and split ("" where nothing tells) of each image, by their names from one folder ("p9/film9.png")."""
    parts = {path: name.split("/")[:-1] for path, name in names.items()}
    # A folder that all share tells nothing.
    while parts and all(parts.values()) and len({folders[0] for folders in parts.values()}) == 1:
        parts = {path: folders[1:] for path, folders in parts.items()}
    tops = {path: folders[0] if folders else "" for path, folders in parts.items()}
    splits = {top: SPLIT_FOLDERS.get(SET.sub("", top.casefold()), "") for top in set(tops.values())}
    if {"train", "test"} <= {*splits.values()}:
        below = {path: folders[1] if len(folders) > 1 else "" for path, folders in parts.items()}
        # A folder that is neither is a patient's.
        return {path: (below[path] if splits[top] else top, splits[top] or "train") for path, top in tops.items()}
    return {path: ("" if splits[top] else top, "") for path, top in tops.items()}


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
