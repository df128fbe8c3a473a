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
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.manifest import Case, Problem, read_table
from spinelib.cases.volume import is_volume
from spinelib.core.errors import BadInput
from spinelib.core.structures import DISCS, STRUCTURES, VERTEBRAE
from spinelib.sources.layouts import folders_called
from spinelib.sources.mr import by_stem, match_volumes, write_volumes

LAYOUT = "Give the folder of the unpacked download, with images/, masks/ (7_t2.mha in both) and overview.csv."
SEQUENCES = ("t1", "t2", "t2_SPACE")
SUBSETS = {"training": "train", "train": "train", "validation": "test"}
LEVELS = len(DISCS)


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
    images, masks = ([p for part in folders_called(source, name) for p in _files(part)] for name in ("images", "masks"))
    cases = match_volumes(images, by_stem(masks, problems), problems)
    named = [_named(case, problems) for case in cases]
    chosen = [case for case in named if case is not None and sequence in (case.note, "all")]
    if not chosen:
        raise BadInput(source, f"holds no volume of SPIDER ({sequence})", LAYOUT)
    if split == "official":
        chosen = _official(chosen, source)
    write_volumes(chosen, source, folder, problems, convert=renumber, test_fraction=test_fraction, seed=seed)


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


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file() and is_volume(path) and path.name[0] != ".")


def _named(case: Case, problems: list[Problem]) -> Case | None:
    """The case with its patient, and its sequence as the note."""
    parts = re.fullmatch(rf"(\d+)_({'|'.join(SEQUENCES)})", case.case)
    if not parts:
        problems.append(Problem(case.case, case.image, "is not called as SPIDER's files are", LAYOUT, "excluded"))
        return None
    return replace(case, patient=parts[1], note=parts[2])


def _official(cases: list[Case], source: Path) -> list[Case]:
    """The cases with the split that overview.csv states."""
    path = next(iter(sorted(source.glob("overview.csv")) + sorted(source.glob("*/overview.csv"))), None)
    if path is None:
        raise BadInput(source, "has no overview.csv, which holds the official split", 'Add it, or use split="random".')
    rows = read_table(path)
    if not rows or not {"new_file_name", "subset"} <= set(rows[0]):
        raise BadInput(path, "has no columns new_file_name and subset", 'Download it again, or use split="random".')
    subsets = {row["new_file_name"].strip(): row["subset"].strip().lower() for row in rows}
    for case in cases:
        if subsets.get(case.case) not in SUBSETS:
            reason = f"does not say whether {case.case} is for training or validation"
            raise BadInput(path, reason, 'Download it again, or use split="random".')
    return [replace(case, split=SUBSETS[subsets[case.case]]) for case in cases]
