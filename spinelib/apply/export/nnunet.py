"""nnU-Net: raw folders DatasetNNN_NAME with imagesTr/, labelsTr/ and dataset.json, of films or of volumes.

(A) nnU-Net v2, documentation/dataset_format.md: CASE_0000 and CASE with one ending for both, labels 0, 1, 2, ...;
splits_final.json is a list of {"train", "val"}. (C) Films with the same structures are one data set, volumes another.
With a study its own split is kept: its test cases lie in imagesTs/ and labelsTs/, its folds in splits_final.json, which
goes to nnU-Net's folder of preprocessed data.

Marks: (A) stated in the format, (C) our choice.
"""

from __future__ import annotations

import json
import re
import shutil
from collections import defaultdict
from pathlib import Path

from PIL import Image

from spinelib.apply.export.pictures import UprightFilm, upright_film
from spinelib.apply.export.results import ReadImage
from spinelib.apply.export.study_split import StudySplit
from spinelib.apply.export.task import ExportTask
from spinelib.apply.volume import save_like
from spinelib.cases.volume import read_volume
from spinelib.core.errors import BadInput
from spinelib.sources.formats.nnunet import FACTS, SPLITS_FILE
from spinelib.sources.layouts import name_with_number, short_name

FIRST = 501
# nnU-Net does not turn pictures as their EXIF says, and takes one ending for all.
COPIED = (".png",)
UNNAMED = "Export it as labelme or coco, and name them there."
Group = tuple[bool, tuple[str, ...]]


def export_nnunet(task: ExportTask) -> None:
    """Write a raw folder for each kind of images; each is one that the data set `folder` reads. Raises BadInput."""
    groups: dict[Group, list[ReadImage]] = defaultdict(list)
    for image in task.images:
        groups[image.is_film, image.classes].append(image)
    split = StudySplit(task.study)
    for number, images in enumerate(groups.values(), FIRST):
        name = re.sub(r"[^A-Za-z0-9_]+", "_", task.name).strip("_") or "read"
        _Dataset(task, f"Dataset{number:03d}_{name}", split).write(images)


class _Dataset:
    """One raw folder while it is written."""

    def __init__(self, task: ExportTask, folder: str, split: StudySplit) -> None:
        self.task, self.folder, self.split = task, folder, split
        self.written: dict[str, ReadImage] = {}

    def write(self, images: list[ReadImage]) -> None:
        self.names = dict(zip(map(id, images), name_with_number([_case(each) for each in images]), strict=True))
        self.task.each(images, self._one)
        if not self.written:
            return
        trained = [name for name, image in self.written.items() if not self.split.tests(image)]
        labels = {"background": 0} | {name: k for k, name in enumerate(images[0].classes, 1)}
        kind, ending = ("xray", ".png") if images[0].is_film else ("MR", ".nii.gz")
        facts = {"channel_names": {"0": kind}, "labels": labels, "numTraining": len(trained), "file_ending": ending}
        self._json(FACTS, facts)
        folds = self.split.folds({name: self.written[name] for name in trained})
        if folds:
            self._json(SPLITS_FILE, folds)

    def _one(self, image: ReadImage) -> None:
        name, side = self.names[id(image)], "Ts" if self.split.tests(image) else "Tr"
        if image.is_film:
            film = upright_film(image, COPIED)
            if film.labels.max() > len(image.classes):
                raise BadInput(name, "holds vertebrae whose level is not known", UNNAMED)
            self._put(f"images{side}/{name}_0000.png", film.save_picture)
            self._put(f"labels{side}/{name}.png", lambda path: _save_labels(film, path))
        else:
            self._put(f"images{side}/{name}_0000.nii.gz", lambda path: _save_image(image, path))
            self._put(f"labels{side}/{name}.nii.gz", lambda path: shutil.copyfile(image.mask, path))
        self.written[name] = image

    def _put(self, name: str, write: object) -> None:
        self.task.put(f"{self.folder}/{name}", write)  # type: ignore[arg-type]

    def _json(self, name: str, content: object) -> None:
        text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        self._put(name, lambda path: path.write_text(text, encoding="utf-8"))


def _case(image: ReadImage) -> str:
    return short_name(image.image.stem)


def _save_labels(film: UprightFilm, path: Path) -> None:
    Image.fromarray(film.labels).save(path, "PNG")


def _save_image(image: ReadImage, path: Path) -> None:
    source = image.image.path
    if source.name.endswith(".nii.gz"):
        shutil.copyfile(source, path)
        return
    volume = read_volume(source)
    # The writer of NIfTI goes by the whole ending.
    whole = path.with_name(f"{path.name}.nii.gz")
    save_like(whole, volume.array, volume, source)
    whole.replace(path)
