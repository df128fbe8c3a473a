"""images/ and masks/ (or labels/), with folders below them, and the same in a folder per view.

(C, our choice) In a layout with views, films of one name are one patient's.

Marks: (C) our choice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from spinelib.cases.manifest import Case
from spinelib.core.layout import LANDMARK_TABLE
from spinelib.sources.conversion import Conversion
from spinelib.sources.folder_names import folders_tell, view_called
from spinelib.sources.layouts import is_image, is_label, labels_beside, match
from spinelib.sources.listing import Listing

IMAGE_FOLDERS = ("images", "image", "imgs", "films")
LABEL_FOLDERS = ("masks", "mask", "labels", "label")


def fits(listing: Listing) -> bool:
    """Whether there is a folder of images, or one of a view with a folder of images in it."""
    return bool(_image_folders(listing) or _views(listing))


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
    return {f: view for f, view in called.items() if view and _image_folders(listing.inside(f))}


def _image_folders(listing: Listing) -> list[str]:
    """Folders of images; one that has a folder of labels in itself is a whole data set (films/images, films/masks)."""
    found = listing.called(*IMAGE_FOLDERS)
    return [folder for folder in found if not listing.inside(folder).called(*LABEL_FOLDERS)]


def holds_masks(listing: Listing) -> bool:
    """Whether a folder of masks holds pictures or volumes: then other files of labels are not looked for."""
    return any(is_image(path) for folder in _label_folders(listing) for path in listing.inside(folder).files.values())


def _label_folders(listing: Listing) -> list[str]:
    places = ["", *_views(listing)]
    return [f"{place}/{name}".lstrip("/") for place in places for name in listing.inside(place).called(*LABEL_FOLDERS)]


def _from_folder(conversion: Conversion, listing: Listing, view: str) -> Iterator[Case]:
    images: dict[Path, str] = {}
    masks: dict[Path, str] = {}
    apart = listing.called(*LABEL_FOLDERS)
    for folder in _image_folders(listing):
        inside = listing.inside(folder).files
        # Labelme saves its files beside the images; some people their masks.
        films, beside = labels_beside(inside, pictures=not apart)
        images |= films
        masks |= beside
    for folder in apart:
        files = listing.inside(folder).files
        masks |= {path: name for name, path in files.items() if is_label(path)}
    told = folders_tell(images)
    table = listing.files.get(LANDMARK_TABLE)
    for case in match(images, masks, view, conversion.problems, table, images | masks):
        patient, split = told.get(Path(case.image), ("", ""))
        yield replace(case, patient=patient, split=split)
