"""The data sets a study can name, each turned into a manifest by one short file."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from spinelib.core.errors import BadInput
from spinelib.core.layout import LOCK, PREPARED, DataFolder
from spinelib.sources.options import check_options


@dataclass(frozen=True)
class Dataset:
    """A source of cases: its name, a title, the function that prepares it, and whether it needs the user's files.

    `function` is an import path ``module:name``; see `prepare` for its arguments. dims: 2 for films, 3 for volumes, 0
    for a source that may hold either. told: how its patients are told, in words; by the value of the option `patients`
    where it has that option, the default first.
    """

    name: str
    title: str
    function: str
    told: str | Mapping[str, str]
    needs_source: bool = True
    dims: int = 2

    @property
    def prepare(self) -> Callable[..., None]:
        """The function that prepares it, of source, folder and its own options; imported on first use."""
        module, name = self.function.split(":")
        return getattr(import_module(module), name)


MADE = "each is made from a number of its own"
VOLUMES = "no ids are stated: every volume is a patient, and files with equal voxels are one patient's"

DATASETS: dict[str, Dataset] = {
    entry.name: entry
    for entry in (
        Dataset(
            "phantom",
            "Digital patient: made from a seed",
            "spinelib.sources.phantom:prepare_phantom",
            told=MADE,
            needs_source=False,
        ),
        Dataset(
            "aasce",
            "AASCE 2019 (SpineWeb set 16): AP scoliosis films",
            "spinelib.sources.aasce:prepare_aasce",
            told={"number": "the number in the file name", "near_duplicate": "every film is a patient"},
        ),
        Dataset(
            "chest_xray",
            "Montgomery and Shenzhen: chest films with lungs",
            "spinelib.sources.chest_xray:prepare_chest_xray",
            told="the file name: these sets hold one film of each patient",
        ),
        Dataset(
            "isic2016",
            "ISIC 2016: dermoscopy images with skin lesions",
            "spinelib.sources.isic2016:prepare_isic2016",
            told="no ids are stated: every image is a patient",
        ),
        Dataset(
            "phantom_lateral",
            "Digital patient from the side: cervical and lumbar films",
            "spinelib.sources.phantom_lateral:prepare_phantom_lateral",
            told=MADE,
            needs_source=False,
        ),
        Dataset(
            "csxa",
            "CSXA: lateral cervical films",
            "spinelib.sources.csxa:prepare_csxa",
            told="no ids are stated: every film is a patient",
        ),
        Dataset(
            "nhanes2",
            "NHANES II in SpineFM's layout",
            "spinelib.sources.nhanes2:prepare_nhanes2",
            told="the digits in the file name",
        ),
        Dataset(
            "buu_lspine",
            "BUU-LSPINE: lumbar films",
            "spinelib.sources.buu_lspine:prepare_buu_lspine",
            told="the number at the start of the file name",
        ),
        Dataset(
            "lumbar",
            "Open T2 lumbar MR: vertebral bodies or discs",
            "spinelib.sources.lumbar:prepare_lumbar",
            told=VOLUMES,
            dims=3,
        ),
        Dataset(
            "mrspineseg",
            "MRSpineSeg: T2 lumbar MR, 19 structures",
            "spinelib.sources.mrspineseg:prepare_mrspineseg",
            told=VOLUMES,
            dims=3,
        ),
        Dataset(
            "spider",
            "SPIDER: lumbar MR, vertebrae and discs",
            "spinelib.sources.spider:prepare_spider",
            told="the number in the file name",
            dims=3,
        ),
        Dataset(
            "folder",
            "Your own films or volumes with masks or landmarks",
            "spinelib.sources.folder:prepare_folder",
            told={
                "header": "the DICOM PatientID, the user's table or folders, or else the file name",
                "files": "the user's table or folders, or else the file name",
            },
            dims=0,
        ),
        Dataset(
            "phantom_mr",
            "Digital patient: MR volumes",
            "spinelib.sources.phantom_mr:prepare_phantom_mr",
            told=MADE,
            needs_source=False,
            dims=3,
        ),
    )
}


def prepare(name: str, folder: Path | str, source: Path | str = "", **options: Any) -> Path:
    """Write manifest.csv, problems.csv and what else the data set `name` needs into `folder`; gives the manifest.

    `source` is the folder of the user's own copy (not needed for "phantom"); `options` are the data set's own.
    Raises BadInput for an unknown name or option, an option of another type, a source that cannot be used, and a
    `folder` that is or holds the source, or holds files of somebody else.
    """
    entry, folder = _entry(name), Path(folder)
    if entry.needs_source and not str(source):
        raise BadInput(name, "needs the folder of its files", "Give it as source (make study DATA=...).")
    if str(source):
        _check_source(entry, Path(source))
    check_options(name, entry.prepare, options)
    _check_folder(folder, Path(source) if str(source) else None)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PREPARED).touch()
    entry.prepare(Path(source) if str(source) else None, folder, **options)
    return DataFolder(folder).manifest


def check_data(options: Mapping[str, Any]) -> None:
    """Raise BadInput for an unknown data set, option or type among `options`, those of a study's data."""
    name = str(options["dataset"])
    own = {key: value for key, value in options.items() if key not in ("dataset", "source")}
    check_options(name, _entry(name).prepare, own)


def _entry(name: str) -> Dataset:
    if name not in DATASETS:
        near = difflib.get_close_matches(name, DATASETS, 1)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        raise BadInput(name, "is no data set", f"{hint}Use one of: {', '.join(DATASETS)}.")
    return DATASETS[name]


def how_told(options: Mapping[str, Any]) -> str:
    """How the patients of data with these `options` (with `dataset`) were told, in words; "" for an unknown data set.

    `options` are those of a study's data, as options.json keeps them.
    """
    entry = DATASETS.get(str(options.get("dataset")))
    if entry is None:
        return ""
    words = entry.told if isinstance(entry.told, str) else entry.told[options.get("patients", next(iter(entry.told)))]
    return f"{words}, joined with near-duplicates" if _audits(entry, options) else words


def _audits(entry: Dataset, options: Mapping[str, Any]) -> bool:
    """Whether films are searched for near-duplicates."""
    import inspect

    known = inspect.signature(entry.prepare).parameters
    return entry.dims != 3 and "audit" in known and bool(options.get("audit", known["audit"].default))


def _check_folder(folder: Path, source: Path | None) -> None:
    """Raise BadInput for a folder that is or holds the source, or holds files and was not made by preparing."""
    remedy = "Choose an empty or a new folder for the prepared data."
    if source is not None and (folder.resolve() == source.resolve() or folder.resolve() in source.resolve().parents):
        raise BadInput(folder, f"is or holds the source {source}", remedy)
    ours = any((folder / name).exists() for name in (PREPARED, LOCK))
    theirs = [path.name for path in folder.iterdir() if not path.name.startswith(".")] if folder.is_dir() else []
    if theirs and not ours:
        some = ", ".join(sorted(theirs)[:3])
        raise BadInput(folder, f"is not empty ({some}), and no preparing of ours made it", remedy)


def _check_source(entry: Dataset, source: Path) -> None:
    """Raise BadInput, with what is there instead, for a source that is no folder (nor an archive, for `folder`)."""
    if source.is_dir() or (entry.dims == 0 and source.is_file() and source.suffix.lower() == ".zip"):
        return
    if source.exists():
        remedy = "Give the folder that it lies in." if source.is_file() else "Give a folder."
        raise BadInput(source, "is not a folder", remedy)
    there = next(parent for parent in source.absolute().parents if parent.is_dir())
    missing = source.absolute().relative_to(there).parts[0]
    names = sorted(path.name for path in there.iterdir() if not path.name.startswith("."))
    near = difflib.get_close_matches(missing, names, 1)
    hint = f"Did you mean {str(there / near[0])!r}? " if near else ""
    said = f"{there} holds {', '.join(names[:8]) or 'nothing'}{', ...' if len(names) > 8 else ''}"
    raise BadInput(source, f"is not a folder: there is no {missing!r} in {there}", f"{hint}Check the path; {said}.")
