"""Films with their labels beside them: film.png with film_mask.png, or with Labelme's film.json, in any folders.

A landmarks.csv at the top serves films without a mask. (C, our choice) With several folders each is a patient.

Marks: (C) our choice.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from spinelib.cases.manifest import Case
from spinelib.core.layout import LANDMARK_TABLE
from spinelib.sources.conversion import Conversion
from spinelib.sources.folder_names import folders_tell, view_called
from spinelib.sources.layouts import is_image, labels_beside, match
from spinelib.sources.listing import Listing


def fits(listing: Listing) -> bool:
    """Whether a film has a label beside it, or there is a table of landmarks."""
    images, labels = _parts(listing)
    return bool(images and (labels or LANDMARK_TABLE in listing.files))


def cases(conversion: Conversion) -> list[Case]:
    """A case for every film with a label beside it."""
    images, labels = _parts(conversion.listing)
    table = conversion.listing.files.get(LANDMARK_TABLE)
    views = {path: view_called(name.split("/")[0]) for path, name in images.items()}
    told = folders_tell({path: "" if views[path] else name for path, name in images.items()})
    found = []
    for case in match(images, labels, "", conversion.problems, table, images | labels):
        patient, split = told.get(Path(case.image), ("", ""))
        found.append(replace(case, patient=patient, split=split, view=views[Path(case.image)]))
    return found


def _parts(listing: Listing) -> tuple[dict[Path, str], dict[Path, str]]:
    """Films and their labels; JSON that is called as no film is no label."""
    found, beside = labels_beside(listing.files)
    images = {path: name for path, name in found.items() if is_image(path)}
    stems = {name[: -len(path.suffix)] for path, name in images.items()}
    labels = {path: name for path, name in beside.items() if path.suffix.lower() != ".json" or name[:-5] in stems}
    return images, labels
