"""One tiny folder of each layout of films with labels, made from numbers."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from spinelib.cases.readers.landmarks import AXES, LEVELS
from spinelib.core.layout import IMAGES, LANDMARK_TABLE, MASKS
from spinelib.sources.formats.samples import RING, SHAPE, file_with, film_sample, mask_sample
from spinelib.sources.formats.table import TABLE

Fill = Callable[[Path], None]
NAMES = ("ann", "ben")


def corner_sample() -> Any:
    """Corners [17, 4, 2] of a straight column on the film of the samples."""
    top = np.linspace(2, 44, 17)[:, None]
    left, right = np.full((17, 1), 12.0), np.full((17, 1), 20.0)
    points = [np.hstack(pair) for pair in ((left, top), (right, top), (left, top + 2), (right, top + 2))]
    return np.stack(points, 1)


def write_film_files(folder: Path, pattern: str = "{}.png") -> None:
    """The films of the samples in `folder`."""
    _each(folder, pattern, lambda path, k: Image.fromarray(film_sample() + np.uint8(9 * k)).save(path))


def write_mask_files(folder: Path, pattern: str = "{}.png") -> None:
    """Their masks in `folder`."""
    _each(folder, pattern, lambda path, _: Image.fromarray(mask_sample()).save(path))


def write_text_files(folder: Path, pattern: str, text: str) -> None:
    """A text for each of them in `folder`."""
    _each(folder, pattern, lambda path, _: path.write_text(text, encoding="utf-8"))


def _each(folder: Path, pattern: str, write: Callable[[Path, int], Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for k, name in enumerate(NAMES):
        write(folder / pattern.format(name), k)


def masks_apart(labels: str) -> Fill:
    """images/ beside a folder of masks called `labels`."""

    def fill(folder: Path) -> None:
        write_film_files(folder / IMAGES)
        write_mask_files(folder / labels)

    return fill


def folders_of_views(folder: Path) -> None:
    """A folder for each view, with images/ and masks/ in it."""
    for view in ("coronal", "lateral"):
        masks_apart(MASKS)(folder / view)


def masks_beside(folder: Path) -> None:
    """Masks beside their films."""
    write_film_files(folder)
    write_mask_files(folder, "{}_mask.png")


def labelme_beside(folder: Path) -> None:
    """Labelme files beside their films."""
    write_film_files(folder)
    write_text_files(
        folder, "{}.json", json.dumps({"shapes": [{"label": "spine", "points": RING, "shape_type": "polygon"}]})
    )


def table_of_cases(folder: Path) -> None:
    """cases.csv beside films and masks."""
    write_film_files(folder)
    write_mask_files(folder, "{}-spine.png")
    rows = [f"{name},{name}.png,{name}-spine.png" for name in NAMES]
    (folder / TABLE).write_text("\n".join(["patient,image,mask", *rows]))


def table_of_landmarks(folder: Path) -> None:
    """A table of corners beside films."""
    write_film_files(folder)
    rows = [
        ",".join(map(str, (name, level, *points.ravel())))
        for name in NAMES
        for level, points in zip(LEVELS, corner_sample(), strict=True)
    ]
    (folder / LANDMARK_TABLE).write_text("\n".join([f"case,vertebra,{','.join(AXES)}", *rows]))


def mat_files(folder: Path) -> None:
    """Corners in .mat files beside films."""
    from scipy.io import savemat

    write_film_files(folder)
    _each(folder, "{}.mat", lambda path, _: savemat(path, {"p2": corner_sample().reshape(68, 2)}))


def nnunet_folders(folder: Path) -> None:
    """nnU-Net's folders."""
    write_film_files(folder / "imagesTr", "{}_0000.png")
    _each(folder / "labelsTr", "{}.png", lambda path, _: Image.fromarray(mask_sample(1)).save(path))
    file_with("dataset.json", json.dumps({"labels": {"background": 0, "spine": 1}}).encode())(folder)


def coco_file(**annotation: Any) -> Fill:
    """COCO JSON beside images/, one annotation of this kind per film."""

    def fill(folder: Path) -> None:
        write_film_files(folder / IMAGES)
        images = [
            {"id": k, "file_name": f"{n}.png", "height": SHAPE[0], "width": SHAPE[1]} for k, n in enumerate(NAMES)
        ]
        marks = [{"id": k, "image_id": k, "category_id": 1, **annotation} for k in range(len(NAMES))]
        kinds = [{"id": 1, "name": "spine"}]
        whole = {"images": images, "annotations": marks, "categories": kinds}
        file_with("coco.json", json.dumps(whole).encode())(folder)

    return fill


def yolo_folders(line: str, facts: str = "names: [spine]") -> Fill:
    """YOLO's folders, one line per film."""

    def fill(folder: Path) -> None:
        write_film_files(folder / IMAGES)
        write_text_files(folder / "labels", "{}.txt", line)
        (folder / "data.yaml").write_text(facts)

    return fill


def zip_of_films(folder: Path) -> None:
    """images/ and masks/ in a zip archive."""
    inner = folder / "inner"
    masks_apart(MASKS)(inner)
    files = sorted(path for path in inner.rglob("*") if path.is_file())
    with zipfile.ZipFile(folder / "films.zip", "w") as packed:
        for path in files:
            packed.write(path, path.relative_to(inner).as_posix())
            path.unlink()
    for place in (inner / IMAGES, inner / MASKS, inner):
        place.rmdir()


def other_program(name: str, text: str) -> Fill:
    """A file of labels of a program whose own format is not read, beside images/."""

    def fill(folder: Path) -> None:
        write_film_files(folder / IMAGES)
        file_with(name, text.encode())(folder)

    return fill
