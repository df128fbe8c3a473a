"""The split of a study for images that were read: which are its test cases, and the folds of the others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from spinelib.apply.export.results import ReadImage
from spinelib.cases.manifest import Case, read_manifest, to_table
from spinelib.cases.splits import folds
from spinelib.core.errors import BadInput
from spinelib.core.layout import DATA, DataFolder

# nnU-Net trains five folds unless it is told otherwise.
FOLDS = 5
Fold = dict[str, list[str]]


class StudySplit:
    """The split of the study in the folder `study`, reports/STUDY; without one nothing is split.

    Images are known by their files. Raises BadInput for a folder without prepared data.
    """

    def __init__(self, study: Path | None) -> None:
        self.cases: dict[Path, Case] = {}
        if study is None:
            return
        folders = sorted(path for path in (study / DATA).glob("*") if DataFolder(path).manifest.is_file())
        if not folders:
            raise BadInput(study, "holds no prepared data", "Name the folder of a study, reports/STUDY.")
        for folder in folders:
            self.cases |= {(folder / case.image).resolve(): case for case in read_manifest(folder)}

    def tests(self, image: ReadImage) -> bool:
        """Whether an image is a test case of the study."""
        case = self._case(image)
        return case is not None and case.split == "test"

    def folds(self, images: Mapping[str, ReadImage]) -> list[Fold]:
        """Names that train and that validate in each fold: whole patients, dealt as the study deals its training cases.

        Images that are none of the study's train in every fold; empty where there are fewer patients than folds.
        """
        cases = {name: self._case(image) for name, image in images.items()}
        own = {name: case for name, case in cases.items() if case is not None}
        if len({case.patient for case in own.values()}) < FOLDS:
            return []
        names, others = list(own), [name for name in images if name not in own]
        dealt = folds(to_table(list(own.values())), FOLDS, 0)
        return [{"train": [*(names[k] for k in t), *others], "val": [names[k] for k in v]} for t, v in dealt]

    def _case(self, image: ReadImage) -> Case | None:
        return self.cases.get(image.image.path.resolve())
