"""Two open sets of T2 lumbar volumes with part of their structures labelled; files stay where they are.

VB2_T2: vertebral bodies L5 to T11 (labels 2..8); Chu et al., PLoS ONE 2015;10(11):e0143327. IVD_T2: discs L5/S to L1/L2
(labels 11..15); Menezes-Reis et al., Quant. Imaging Med. Surg. 2016;6(4):402-412. Both in MRSpineSeg's numbers, via
Ramos et al., Magn. Reson. Imaging 2024;109:134-146. What a set does not label is unknown there, not background.
"""

from __future__ import annotations

from pathlib import Path

from spinelib.cases.manifest import Case, Problem
from spinelib.cases.volume import is_volume
from spinelib.core.errors import BadInput
from spinelib.core.structures import DISCS, VERTEBRAE
from spinelib.sources.layouts import folders_called
from spinelib.sources.mr import by_stem, match_volumes, write_volumes

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
    cases: list[Case] = []
    labelled: dict[str, tuple[str, ...]] = {}
    for name, structures in SETS.items():
        whole = source.resolve()
        for part in [whole] if whole.name == name else folders_called(whole, name):
            found = _cases(part, problems)
            cases += found
            labelled |= {case.case: structures for case in found}
    if not cases:
        raise BadInput(source, "holds no volume of VB2_T2 or IVD_T2", LAYOUT)
    write_volumes(cases, source, folder, problems, labelled=labelled, test_fraction=test_fraction, seed=seed)


def _cases(part: Path, problems: list[Problem]) -> list[Case]:
    images, labels = (_volumes(part / name) for name in ("images", "labels"))
    cases = match_volumes(images, by_stem(labels, problems), problems)
    return [Case(case.case, case.patient, "sagittal", case.image, case.mask, note=part.name) for case in cases]


def _volumes(folder: Path) -> list[Path]:
    inside = sorted(folder.iterdir()) if folder.is_dir() else []
    return [path for path in inside if path.is_file() and is_volume(path) and not path.name.startswith(".")]
