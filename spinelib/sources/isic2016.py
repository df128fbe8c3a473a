"""ISIC 2016, part 1: dermoscopy images with outlined lesions as a manifest; images stay where they are.

Gutman et al. 2016, arXiv 1605.01397: 900 training and 379 test images in colour. No patient ids.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

from spinelib.cases.manifest import Case, Problem
from spinelib.core.errors import BadInput
from spinelib.sources.accounting import write_account
from spinelib.sources.layouts import match, without_repeated
from spinelib.sources.listing import Listing, list_files
from spinelib.sources.pairs import write_films

PARTS = {"train": "Training", "test": "Test"}
NAME = "ISBI2016_ISIC_Part1_{}_{}"
OFFICIAL = (
    "Give the folder with the unpacked downloads of part 1: ISBI2016_ISIC_Part1_Training_Data and _GroundTruth, "
    "ISBI2016_ISIC_Part1_Test_Data and _GroundTruth."
)


def prepare_isic2016(
    source: Path | None,
    folder: Path,
    split: Literal["official", "random"] = "official",
    test_fraction: float = 0.2,
    seed: int = 0,
    audit: bool = True,
) -> None:
    """Write manifest, problems, classes and (unless `audit` is off) audit.csv of the images in `source` to `folder`.

    `source` holds the four official folders, or folders with these in them. With split="random" training and test
    images are put together and `test_fraction` of them become the test set, by `seed`. What cannot be used becomes a
    row of problems.csv. Raises BadInput for another layout or an unknown value of `split`.
    """
    if split not in ("official", "random"):
        raise BadInput("split", f"is {split!r}", "Use official or random.")
    if source is None:
        raise BadInput("isic2016", "needs the folder of its images", "Give it as source (make study DATA=...).")
    problems: list[Problem] = []
    listing = list_files(source, problems, (folder,))
    cases = [case for part in PARTS for case in _part(listing, part, problems)]
    missing = [PARTS[part] for part in PARTS if not any(case.split == part for case in cases)]
    if not cases or (missing and split == "official"):
        reason = f"holds no {' and no '.join(missing).lower()} image with a mask"
        raise BadInput(source, reason, OFFICIAL if "Training" in missing else f"{OFFICIAL} Or use split: random.")
    usable = without_repeated(cases, problems)
    if split == "random":
        usable = [replace(case, split="") for case in usable]
    write_films(
        usable,
        source,
        folder,
        problems,
        classes=("lesion",),
        modality="rgb",
        test_fraction=test_fraction,
        seed=seed,
        audit=audit,
    )
    write_account(listing, cases, problems, folder, unasked="ignored")


def _part(listing: Listing, split: str, problems: list[Problem]) -> Iterator[Case]:
    images, masks = (listing.in_folders(NAME.format(PARTS[split], kind)) for kind in ("Data", "GroundTruth"))
    for case in match(images, masks, "other", problems):
        yield replace(case, split=split)
