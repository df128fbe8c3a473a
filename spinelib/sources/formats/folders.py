"""images/ and masks/ (or labels/), with folders below them, and the same in a folder per view.

(C, our choice) Where images/ has several folders, each is a patient, unless they are called train, val or test: those
are the split, val a part of train, where there is a test. In a layout with views, films of one name are one patient's.

Marks: (C) our choice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from spinelib.cases.manifest import VIEWS, Case
from spinelib.core.layout import LANDMARK_TABLE
from spinelib.sources.conversion import Conversion
from spinelib.sources.layouts import PASSED_OVER, match
from spinelib.sources.listing import Listing

IMAGE_FOLDERS = ("images", "image", "imgs", "films")
LABEL_FOLDERS = ("masks", "mask", "labels", "label")
SPLIT_FOLDERS = {
    "train": "train",
    "training": "train",
    "val": "train",
    "valid": "train",
    "validation": "train",
    "test": "test",
    "testing": "test",
}


def fits(listing: Listing) -> bool:
    """Whether there is a folder of images, or one of a view with a folder of images in it."""
    return bool(listing.called(*IMAGE_FOLDERS) or _views(listing))


def cases(conversion: Conversion) -> list[Case]:
    """A case for every image with its mask, whichever of the folders it lies in."""
    listing, views = conversion.listing, _views(conversion.listing)
    found = list(_from_folder(conversion, listing, ""))
    if views:
        # One patient's films carry one name in every view's folder; the view makes the case ids different.
        found = [replace(case, patient=case.patient or case.case) for case in found]
        for folder, view in views.items():
            films = _from_folder(conversion, listing.inside(folder), view)
            found += [replace(case, case=f"{case.case}_{view}", patient=case.patient or case.case) for case in films]
    return found


def _views(listing: Listing) -> dict[str, str]:
    """The view of each folder that is called as one and has a folder of images."""
    called = {folder: view_called(folder) for folder in listing.folders()}
    return {f: view for f, view in called.items() if view and listing.inside(f).called(*IMAGE_FOLDERS)}


def view_called(folder: str) -> str:
    """The view that a folder's name means, "" where it means none."""
    word = folder.casefold().replace(" ", "_").replace("-", "_")
    return word if word in VIEWS else ""


def _from_folder(conversion: Conversion, listing: Listing, view: str) -> Iterator[Case]:
    images, masks, names = [], [], {}
    for folder in listing.called(*IMAGE_FOLDERS):
        for name, path in listing.inside(folder).files.items():
            names[path] = name
            if path.suffix.lower() == ".json":
                # Labelme saves its files beside the images.
                masks.append(path)
            elif path.suffix.lower() not in PASSED_OVER:
                images.append(path)
    for folder in listing.called(*LABEL_FOLDERS):
        for name, path in listing.inside(folder).files.items():
            names[path] = name
            if path.suffix.lower() not in PASSED_OVER or path.suffix.lower() == ".json":
                masks.append(path)
    table = listing.files.get(LANDMARK_TABLE)
    told = folders_tell({path: names[path] for path in images})
    for case in match(images, masks, view, conversion.problems, table, names):
        patient, split = told.get(Path(case.image), ("", ""))
        yield replace(case, patient=patient, split=split)


def folders_tell(names: dict[Path, str]) -> dict[Path, tuple[str, str]]:
    """Patient and split that the folders below images/ tell, by the path of the image."""
    tops = {path: name.split("/")[0] if "/" in name else "" for path, name in names.items()}
    splits = {top: SPLIT_FOLDERS.get(top.casefold(), "") for top in set(tops.values())}
    if "test" in splits.values() and "train" in splits.values() and all(splits.values()):
        return {path: ("", splits[top]) for path, top in tops.items()}
    if len(splits) < 2:
        return {}
    return {path: ("" if splits[top] else top, "") for path, top in tops.items()}
