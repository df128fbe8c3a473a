"""Two open sets of T2 lumbar volumes with part of their structures labelled; files stay where they are.

VB2_T2: vertebral bodies L5 to T11 (labels 2..8); Chu et al., PLoS ONE 2015;10(11):e0143327. IVD_T2: discs L5/S to L1/L2
(labels 11..15); Menezes-Reis et al., Quant. Imaging Med. Surg. 2016;6(4):402-412. Both in MRSpineSeg's numbers, via
Ramos et al., Magn. Reson. Imaging 2024;109:134-146. What a set does not label is unknown there, not background.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from spinelib.cases.manifest import Case, Problem
from spinelib.core.errors import BadInput
from spinelib.core.structures import DISCS, VERTEBRAE
from spinelib.sources.accounting import write_account
from spinelib.sources.layouts import PASSED_OVER, match, without_repeated
from spinelib.sources.listing import Listing, list_files
from spinelib.sources.mr import write_volumes

# The labelled structures of each set, by the name of its folder.
SETS = {"VB2_T2": VERTEBRAE[1:8], "IVD_T2": DISCS[:5]}
LAYOUT = "Give the folder that holds VB2_T2 and IVD_T2 (or one of them), each with images/ and labels/."


def prepare_lumbar(source: Path | None, folder: Path, test_fraction: float = 0.2, seed: int = 0) -> None:
    """Write manifest, problems, classes and labelled.csv of the volumes in `source` to `folder`.

    Every volume counts as a patient; its note is its set. `test_fraction` of each set becomes the test set, by `seed`.
    What cannot be used becomes a row of problems.csv. Raises BadInput when neither set is there or no volume is left.
    """
    if source is None:
        raise BadInput("lumbar", "needs the folder of its volumes", LAYOUT)
    problems: list[Problem] = []
    listing = list_files(source, problems, (folder,))
    cases = [case for name in SETS for case in _cases(listing, name, problems)]
    if not cases:
        raise BadInput(source, "holds no volume of VB2_T2 or IVD_T2", LAYOUT)
    labelled = {case.case: SETS[case.note] for case in cases}
    usable = without_repeated(cases, problems)
    write_volumes(usable, source, folder, problems, labelled=labelled, test_fraction=test_fraction, seed=seed)
    write_account(listing, cases, problems, folder, unasked="ignored")


def _cases(listing: Listing, name: str, problems: list[Problem]) -> list[Case]:
    """The cases of one set, wherever below the source its folder lies; the source may be that folder."""
    parts: dict[str, list[Path]] = {"images": [], "labels": []}
    for file, path in listing.files.items():
        folders = f"{listing.source.name}/{file}".split("/")[-3:-1]
        if folders[0] == name and folders[-1] in parts and path.suffix.lower() not in PASSED_OVER:
            parts[folders[-1]].append(path)
    cases = match(parts["images"], parts["labels"], "sagittal", problems, label="label map")
    return [replace(case, note=name) for case in cases]
