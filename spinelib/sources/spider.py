"""SPIDER: lumbar volumes of 218 patients with vertebrae, discs and spinal canal; images stay where they are.

van der Graaf et al., Sci. Data 2024;11:264 (zenodo.org/records/10159290, CC BY 4.0). `images/7_t2.mha` and
`masks/7_t2.mha`, with `t1`, `t2` and `t2_SPACE`; overview.csv (`new_file_name`, `subset`) has the official split.
Masks: 1..25 vertebrae from below (L5 is 1), 100 the canal, 101..125 vertebrae that are partly in the picture, 201..225
discs from below (L5/S is 201) (huggingface.co/datasets/cdoswald/SPIDER, README and SPIDER.py).

(C, our choice) The numbers become MRSpineSeg's names up to T9. The sacrum and vertebrae that are partly seen are
unknown: whether SPIDER outlines them as MRSpineSeg does is not written. Canal and levels above T9 are background.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.manifest import Case, Problem
from spinelib.cases.readers.tables import read_user_table
from spinelib.core.errors import BadInput
from spinelib.core.structures import DISCS, STRUCTURES, VERTEBRAE
from spinelib.sources.accounting import write_account
from spinelib.sources.layouts import match
from spinelib.sources.listing import Listing, list_files
from spinelib.sources.mr import write_volumes

LAYOUT = "Give the folder of the unpacked download, with images/, masks/ (7_t2.mha in both) and overview.csv."
SEQUENCES = ("t1", "t2", "t2_SPACE")
SUBSETS = {"training": "train", "train": "train", "validation": "test"}
LEVELS = len(DISCS)
OVERVIEW = re.compile(r"([^/]+/)?overview\.csv")
RANDOM = 'use split="random".'


def prepare_spider(
    source: Path | None,
    folder: Path,
    sequence: Literal["t2", "t1", "t2_SPACE", "all"] = "t2",
    split: Literal["official", "random"] = "official",
    test_fraction: float = 0.2,
    seed: int = 0,
) -> None:
    """Write manifest, problems, classes, labelled.csv and the label maps in MRSpineSeg's numbers to `folder`.

    `sequence` chooses among a patient's series; the number in a file's name is the patient. With split="official" the
    validation patients of overview.csv are the test set, with "random" `test_fraction` of the patients, by `seed`.
    Raises BadInput for another layout, an unknown option, or when no volume is left.
    """
    if sequence not in (*SEQUENCES, "all") or split not in ("official", "random"):
        raise BadInput(
            "spider", f"has no {sequence!r} or {split!r}", "Use t2, t1, t2_SPACE or all; official or random."
        )
    if source is None:
        raise BadInput("spider", "needs the folder of its volumes", LAYOUT)
    problems: list[Problem] = []
    listing = list_files(source, problems, (folder,))
    images, masks = (listing.in_folders(name) for name in ("images", "masks"))
    cases = list(match(images, masks, "sagittal", problems, label="label map"))
    named = [each for each in (_named(case, problems) for case in cases) if each is not None]
    chosen = [case for case in named if sequence in (case.note, "all")]
    for case in named:
        for path in (case.image, case.mask) if case not in chosen else ():
            listing.decide(Path(path), "ignored", f"sequence {case.note} is not chosen")
    if not chosen:
        raise BadInput(source, f"holds no volume of SPIDER ({sequence})", LAYOUT)
    if split == "official":
        chosen = _official(chosen, {case.case for case in named}, listing, problems)
    write_volumes(chosen, source, folder, problems, convert=renumber, test_fraction=test_fraction, seed=seed)
    write_account(listing, cases, problems, folder, unasked="ignored")


def renumber(path: Path, values: NDArray[Any]) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """SPIDER's numbers as labels of STRUCTURES, and the structures that are labelled. Raises BadInput."""
    found = np.unique(values)
    allowed = [0, *range(1, 26), 100, *range(101, 126), *range(201, 226)]
    if not np.isin(found, allowed).all():
        odd = ", ".join(f"{value:g}" for value in found[~np.isin(found, allowed)][:4])
        raise BadInput(path, f"holds values that are none of SPIDER's ({odd})", LAYOUT)
    table = np.zeros(226, np.uint8)
    table[1 : LEVELS + 1] = np.arange(2, 2 + LEVELS)
    table[201 : 201 + LEVELS] = np.arange(len(VERTEBRAE) + 1, len(STRUCTURES) + 1)
    partly = {VERTEBRAE[int(value) - 100] for value in found if 100 < value <= 100 + LEVELS}
    unknown = partly | {"S"}
    labels = table[values.astype(np.intp)]
    return labels, tuple(name for name in STRUCTURES if name not in unknown)


def _named(case: Case, problems: list[Problem]) -> Case | None:
    """The case with its patient, and its sequence as the note."""
    parts = re.fullmatch(rf"(\d+)_({'|'.join(SEQUENCES)})", case.case)
    if not parts:
        problems.append(Problem(case.case, case.image, "is not called as SPIDER's files are", LAYOUT, "excluded"))
        return None
    return replace(case, patient=parts[1], note=parts[2])


def _official(cases: list[Case], here: Collection[str], listing: Listing, problems: list[Problem]) -> list[Case]:
    """The cases with the split that overview.csv states; those of which it states none become rows of `problems`."""
    places = sorted((name for name in listing.files if OVERVIEW.fullmatch(name)), key=lambda name: name.count("/"))
    if not places:
        reason = "has no overview.csv, which holds the official split"
        raise BadInput(listing.source, reason, f"Add it, or {RANDOM}")
    path = listing.files[places[0]]
    listing.decide(path, "used", "the official split")
    stated = _subsets(path, here, problems)
    found = []
    for case in cases:
        subsets = stated.get(case.case, set())
        if len(subsets) == 1 and subsets <= set(SUBSETS):
            found.append(replace(case, split=SUBSETS[subsets.pop()]))
            continue
        said = " and ".join(sorted(subsets)) or "nothing"
        reason = f"says {said!r} of {case.case}, not whether it is for training or validation"
        problems.append(Problem(case.case, str(path), reason, f"Download it again, or {RANDOM}", "excluded"))
    return found


def _subsets(path: Path, here: Collection[str], problems: list[Problem]) -> dict[str, set[str]]:
    """The subsets that overview.csv states for each volume; rows that are spoilt or name nothing join `problems`."""
    table = read_user_table(path, ("new_file_name", "subset"))
    stated: dict[str, set[str]] = {}
    for row in table.rows:
        stated.setdefault(row.values["new_file_name"], set()).add(row.values["subset"].lower())
    said = [f"row {row.line} {row.fault}" for row in table.bad] + ([table.remark] if table.remark else [])
    absent = [name for name in stated if name not in here]
    if absent:
        said.append(f"names {len(absent)} volumes that cannot be used or are not here ({', '.join(absent[:3])} ...)")
    problems += [Problem("", str(path), text, "Nothing needs to be done if that is known.", "kept") for text in said]
    return stated
