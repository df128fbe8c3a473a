"""The cases of a run as nnU-Net reads them: a raw data set with the study's own training, validation and test side.

(A) nnU-Net v2, documentation/dataset_format.md: imagesTr, labelsTr and imagesTs with dataset.json; CASE_0000 and CASE
with one ending; splits_final.json, a list of {"train", "val"}. (C) Films are written on the study's grid, as every
other network sees them, in 8 bits; volumes in their own voxels. The one fold is that of the run. Structures that a
volume does not label are background there: nnU-Net has one label to ignore for all of them.

Marks: (A) stated in the format, (C) our choice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from spinelib.cases import CaseArrays, save_volume
from spinelib.cases.manifest import Case
from spinelib.cases.volumes import read_pair
from spinelib.core.files import digest, replace, write_text
from spinelib.protocol.division import Division
from spinelib.sources.formats.nnunet import FACTS, SPLITS_FILE

NUMBER, NAME = 501, "Dataset501_study"
CHANNELS = {1: ("xray",), 3: ("R", "G", "B")}


@dataclass(frozen=True)
class NnunetFolders:
    """Where nnU-Net reads and writes, below one folder `root` of the run."""

    root: Path

    @property
    def raw(self) -> Path:
        """The raw data set."""
        return self.root / "raw" / NAME

    @property
    def preprocessed(self) -> Path:
        """The data set as nnU-Net's planning left it, with its plans."""
        return self.root / "preprocessed" / NAME

    @property
    def predicted(self) -> Path:
        """The masks that were predicted."""
        return self.root / "predicted"

    @property
    def variables(self) -> dict[str, str]:
        """What nnU-Net wants in its environment."""
        names = {"nnUNet_raw": "raw", "nnUNet_preprocessed": "preprocessed", "nnUNet_results": "results"}
        return {name: str((self.root / folder).resolve()) for name, folder in names.items()}

    def answers(self, data: str, cases: CaseArrays) -> list[Path]:
        """The predicted mask of each of `cases`, of the data called `data`."""
        return [self.predicted / f"{case_name(data, name)}{ending(cases)}" for name in cases.table["case"]]


def ending(cases: CaseArrays) -> str:
    """The ending of images and masks of films or volumes."""
    return ".png" if len(cases.grid) == 2 else ".nii.gz"


def case_name(data: str, case: str) -> str:
    """The name of a case for nnU-Net, short and without signs that it could misread: another one for each."""
    return f"{data}-{digest(case)}"


def write_raw(
    folders: NnunetFolders,
    arrays: CaseArrays,
    division: Division,
    tested: Mapping[str, CaseArrays],
    places: Mapping[str, Path],
    name: str,
) -> None:
    """Write the raw data set: `arrays`, of the data called `name`, by their division, and the cases `tested` by data.

    places: the folders of the prepared data. Raises BadInput for a volume that can no longer be read.
    """
    sides = {"train": np.unique(division.train), "val": division.validation}
    for index in sides.values():
        for i in map(int, index):
            _write(folders.raw, "Tr", arrays, i, name, places[name], labels=True)
    for data, cases in tested.items():
        for i in range(len(cases)):
            _write(folders.raw, "Ts", cases, i, data, places[data], labels=False)
    named = {side: _names(name, arrays, index) for side, index in sides.items()}
    channels = CHANNELS[arrays.images.shape[1]] if len(arrays.grid) == 2 else ("MR",)
    facts = {
        "channel_names": {str(k): channel for k, channel in enumerate(channels)},
        "labels": {"background": 0} | {structure: k for k, structure in enumerate(arrays.classes, 1)},
        "numTraining": sum(map(len, named.values())),
        "file_ending": ending(arrays),
    }
    _write_json(folders.raw / FACTS, facts)
    _write_json(folders.preprocessed / SPLITS_FILE, [named])


def _names(data: str, cases: CaseArrays, index: NDArray[np.integer]) -> list[str]:
    return [case_name(data, name) for name in cases.table["case"].iloc[index]]


def _write_json(path: Path, content: object) -> None:
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def _write(raw: Path, side: str, cases: CaseArrays, i: int, data: str, place: Path, labels: bool) -> None:
    row = cases.table.iloc[i]
    name, last = case_name(data, row["case"]), ending(cases)
    image, mask = raw / f"images{side}" / f"{name}_0000{last}", raw / f"labels{side}" / f"{name}{last}"
    if len(cases.grid) == 2:
        _save_picture(image, np.moveaxis(cases.images[i], 0, -1).squeeze())
        if labels:
            _save_picture(mask, cases.labels[i])
        return
    case = Case(str(row["case"]), "", "sagittal", str(row["image"]), str(row["mask"]))
    volume, values, _ = read_pair(place, case, len(cases.classes))
    for path, array in ((image, volume.array), *(((mask, values),) if labels else ())):
        path.parent.mkdir(parents=True, exist_ok=True)
        save_volume(path, array, _three(volume.spacing), volume.affine)


def _three(spacing: Sequence[float]) -> tuple[float, float, float]:
    return float(spacing[0]), float(spacing[1]), float(spacing[2])


def _save_picture(path: Path, pixels: NDArray[np.uint8]) -> None:
    with replace(path) as temporary:
        Image.fromarray(np.ascontiguousarray(pixels)).save(temporary, "PNG")
