"""The layouts that are looked for in a folder of the user's, and the cases of the first that fits.

A module of a layout has `fits(listing) -> bool` and `cases(conversion) -> list[Case]`: paths are absolute or start at
the prepared folder; `patient` and `view` are "" where nobody has told them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from spinelib.cases.manifest import Case
from spinelib.core.errors import BadInput
from spinelib.sources.conversion import Conversion
from spinelib.sources.folder_names import settle_split
from spinelib.sources.layouts import name_with_number
from spinelib.sources.listing import Listing

LAYOUTS = (
    "Give cases.csv (columns case, patient, view, image, mask or landmarks, spacing, split), or images/ and masks/ "
    "with the same file names, or coronal/, left_bending/, right_bending/ with images/ and masks/ in each; "
    "docs/how-to/own-films.md lists the others."
)
# Files in which annotation programs keep labels in their own ways.
FOREIGN = (".xml", ".json")


@dataclass(frozen=True)
class Format:
    """A layout of films with their labels: the module that reads it, and what it is in a few words."""

    name: str
    title: str

    @property
    def module(self) -> Any:
        """`fits` and `cases`; imported on first use."""
        return import_module(f"spinelib.sources.formats.{self.name}")


# In the order in which they are looked for.
FORMATS = (
    Format("table", "cases.csv, one row per image"),
    Format("nnunet", "imagesTr/ and labelsTr/ with dataset.json (nnU-Net, Medical Segmentation Decathlon)"),
    Format("yolo", "images/ and labels/ with a text file per film (YOLO polygons and key points)"),
    Format("coco", "COCO JSON: polygons, run lengths, key points"),
    Format("mat", "corners in a .mat file beside each film (AASCE)"),
    Format("dicomseg", "DICOM films with DICOM segmentations of them"),
    Format("folders", "images/ and masks/ or labels/, also in a folder per view"),
    Format("flat", "films with their masks or Labelme files beside them"),
)


def find_cases(conversion: Conversion) -> list[Case]:
    """The cases that the user's folder names or holds; what has no partner joins the problems of `conversion`.

    Where nothing fits and all lies in one folder, that folder is looked into. Raises BadInput when it has none of the
    layouts, a bad cases.csv, or no image with a label.
    """
    listing, problems = conversion.listing, conversion.problems
    inner, found = listing, _fitting(listing)
    while found is None and len(inner.folders()) == 1:
        inner = inner.inside(inner.folders()[0])
        found = _fitting(inner)
    if found is None:
        raise BadInput(listing.source, f"has none of the known layouts; it holds {listing.summary()}", LAYOUTS)
    conversion.listing = inner
    cases: list[Case] = found.module.cases(conversion)
    if not cases:
        first = f"; the first of {len(problems)} problems: {problems[0].problem}" if problems else ""
        reason = f"holds no image with a label{first}; it holds {listing.summary()}"
        raise BadInput(listing.source, reason, _remedy(conversion))
    return settle_split(_unique(cases), problems, listing.source, told=found.name == "table")


def _remedy(conversion: Conversion) -> str:
    """What to do where no film could be used."""
    files = conversion.listing.files.values()
    if any(path.suffix.lower() in FOREIGN and path not in conversion.listing.decided for path in files):
        return "Labels of annotation programs are read as COCO JSON, YOLO or Labelme: export them as one of these."
    return conversion.problems[0].remedy if conversion.problems else LAYOUTS


def _fitting(listing: Listing) -> Format | None:
    return next((each for each in FORMATS if each.module.fits(listing)), None)


def _unique(cases: list[Case]) -> list[Case]:
    """The cases with a number after an id that an earlier one has, as ann_lateral in images/ and ann in lateral/.

    Layouts that write masks themselves give ids that differ already, since their files are called as these.
    """
    names = name_with_number([case.case for case in cases])
    return [replace(case, case=name) for case, name in zip(cases, names, strict=True)]
