"""MRSpineSeg (2nd CSIG challenge): T2 lumbar volumes with 19 structures; files stay where they are.

Pang et al., IEEE TMI 2021;40(1):262-273. 172 labelled volumes, `train/MR` and `train/Mask` (spinesegmentation-
challenge.com, page 1162), called `Case12.nii.gz` and `mask_case12.nii.gz` (PaddleCV-SIG/MedicalSeg, tools/
prepare_mri_spine_seg; SpineParseNet has the same names in `original_mr` and `mask`). The 43 test volumes have no
labels. (C, our choice) The release states no patient ids, so that a volume counts as a patient.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from spinelib.cases.manifest import Case, Problem
from spinelib.cases.volume import is_volume, volume_stem
from spinelib.core.errors import BadInput
from spinelib.sources.layouts import folders_called
from spinelib.sources.mr import match_volumes, write_volumes

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
    images, labels = (_numbered(folders, problems) for folders in _folders(source))
    if not images or not labels:
        missing = "MR volume (train/MR)" if not images else "label map (train/Mask)"
        raise BadInput(source, f"holds no {missing}", LAYOUT)
    cases = _match(images, labels, problems)
    options = {"label_header": label_header, "test_fraction": test_fraction, "seed": seed}
    write_volumes(cases, source, folder, problems, **options)  # type: ignore[arg-type]


def _folders(source: Path) -> tuple[list[Path], list[Path]]:
    """Folders of volumes and of label maps that lie beside each other: the test volumes have no labels beside them."""
    parents = [source, *folders_called(source, "*", depth=2)]
    images, labels = [], []
    for parent in parents:
        inside = {path.name.lower(): path for path in sorted(parent.iterdir()) if path.is_dir()}
        pair = [
            next((inside[name] for name in names if name in inside), None) for names in (IMAGE_FOLDERS, LABEL_FOLDERS)
        ]
        if pair[0] and pair[1]:
            images.append(pair[0])
            labels.append(pair[1])
    return images, labels


def _numbered(folders: list[Path], problems: list[Problem]) -> dict[int, Path]:
    """Volumes by the number in their names; what has none or a taken one becomes a row of `problems`."""
    found: dict[int, Path] = {}
    for path in (file for folder in folders for file in sorted(folder.iterdir())):
        if path.name.startswith(".") or not path.is_file():
            continue
        number = re.fullmatch(r"\D*?(\d+)\D*", volume_stem(path))
        if not is_volume(path) or not number:
            reason = "has no case number in its name" if is_volume(path) else "is not of a kind that can be read"
            problems.append(Problem(volume_stem(path), str(path), reason, LAYOUT, "excluded"))
        elif found.setdefault(int(number[1]), path) != path:
            reason = f"has the number of {found[int(number[1])]}"
            problems.append(Problem(f"Case{int(number[1])}", str(path), reason, "Keep one of the two.", "excluded"))
    return found


def _match(images: dict[int, Path], labels: dict[int, Path], problems: list[Problem]) -> list[Case]:
    named = {volume_stem(path): number for number, path in images.items()}
    partners = {name: labels.get(number) for name, number in named.items()}
    partners |= {f"Case{number}": path for number, path in labels.items() if number not in images}
    cases = match_volumes(
        [images[number] for number in sorted(images)],
        {name: path for name, path in partners.items() if path},
        problems,
    )
    return [Case(f"Case{named[c.case]}", f"Case{named[c.case]}", "sagittal", c.image, c.mask) for c in cases]
