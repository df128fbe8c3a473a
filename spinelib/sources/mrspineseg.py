"""MRSpineSeg (2nd CSIG challenge): T2 lumbar volumes with 19 structures; files stay where they are.

Pang et al., IEEE TMI 2021;40(1):262-273. 172 labelled volumes, `train/MR` and `train/Mask` (spinesegmentation-
challenge.com, page 1162), called `Case12.nii.gz` and `mask_case12.nii.gz` (PaddleCV-SIG/MedicalSeg, tools/
prepare_mri_spine_seg; SpineParseNet has the same names in `original_mr` and `mask`). The 43 test volumes have no
labels. (C, our choice) The release states no patient ids, so that a volume counts as a patient.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from spinelib.cases.manifest import Problem
from spinelib.cases.volume import volume_stem
from spinelib.core.errors import BadInput
from spinelib.sources.accounting import write_account
from spinelib.sources.layouts import PASSED_OVER, is_image, match
from spinelib.sources.listing import Listing, list_files
from spinelib.sources.mr import write_volumes

DEPTH = 3  # folders below the source in which both are looked for
IMAGE_FOLDERS, LABEL_FOLDERS = ("mr", "original_mr"), ("mask", "masks")
LAYOUT = (
    "Give the folder of the unpacked download: train/MR with Case1.nii.gz ... and train/Mask with mask_case1.nii.gz "
    "... (it is sent on request, after signing the terms of use of spinesegmentation-challenge.com)."
)


def prepare_mrspineseg(
    source: Path | None,
    folder: Path,
    test_fraction: float = 30 / 172,
    seed: int = 0,
    label_header: Literal["own", "image"] = "own",
) -> None:
    """Write manifest, problems, classes and labelled.csv (no row: all is labelled) of `source` to `folder`.

    Volumes and masks are found by the names of their folders, side by side in `source` or up to three below, and
    matched by the number in their names; NIfTI, MetaImage and NRRD are read. `test_fraction` of the volumes, 30 of 172
    as in SAFNet's folds, become the test set, by `seed`. With label_header="image" masks are laid on their volumes
    voxel by voxel, whatever their own headers say. Raises BadInput when the layout is another or no volume is left.
    """
    if source is None:
        raise BadInput("mrspineseg", "needs the folder of its volumes", LAYOUT)
    problems: list[Problem] = []
    listing = list_files(source, problems, (folder,))
    images, labels = (_numbered(files, problems) for files in _folders(listing))
    if not images or not labels:
        missing = "MR volume (train/MR)" if not images else "label map (train/Mask)"
        raise BadInput(source, f"holds no {missing}", LAYOUT)
    cases = list(match(images, labels, "sagittal", problems, names={**images, **labels}, label="label map"))
    options = {"label_header": label_header, "test_fraction": test_fraction, "seed": seed}
    write_volumes(cases, source, folder, problems, **options)  # type: ignore[arg-type]
    write_account(listing, cases, problems, folder, unasked="ignored")


def _folders(listing: Listing) -> tuple[list[Path], list[Path]]:
    """Volumes and label maps in folders that lie beside each other: the test volumes have no labels beside them."""
    found: dict[str, dict[str, list[Path]]] = defaultdict(lambda: defaultdict(list))
    for name, path in listing.files.items():
        parts = name.split("/")
        if 2 <= len(parts) <= DEPTH + 2 and path.suffix.lower() not in PASSED_OVER:
            found["/".join(parts[:-2])][parts[-2].lower()].append(path)
    images, labels = [], []
    for beside in found.values():
        pair = [
            next((beside[name] for name in names if name in beside), []) for names in (IMAGE_FOLDERS, LABEL_FOLDERS)
        ]
        if pair[0] and pair[1]:
            images += pair[0]
            labels += pair[1]
    return images, labels


def _numbered(files: Sequence[Path], problems: list[Problem]) -> dict[Path, str]:
    """The files, in the order of the numbers in their names, with Case and that number; the others are problems."""
    found: dict[Path, int] = {}
    for path in files:
        number = re.fullmatch(r"\D*?(\d+)\D*", volume_stem(path))
        if is_image(path) and number:
            found[path] = int(number[1])
            continue
        reason = "has no case number in its name" if is_image(path) else "is not of a kind that can be read"
        problems.append(Problem(volume_stem(path), str(path), reason, LAYOUT, "excluded"))
    return {path: f"Case{number}.nii.gz" for path, number in sorted(found.items(), key=lambda item: item[1])}
