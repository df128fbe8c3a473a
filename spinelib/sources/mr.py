"""Volumes with their label maps checked, divided and written as a data set: what every MR source shares.

Headers are judged by `spinelib.cases.volume`; a volume that does not say how the patient lies, or whose labels do not
fit, is left out. (C, our choice) Files with equal voxels count as one patient; copies that were resampled are not
searched for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.labelled import write_labelled
from spinelib.cases.manifest import Case, Problem, write_classes, write_manifest, write_problems
from spinelib.cases.readers.limits import EXPORT
from spinelib.cases.splits import check_disjoint, holdout
from spinelib.cases.volume import IDENTITY, Volume, read_volume, save_volume, segment_names
from spinelib.cases.volume_frame import place
from spinelib.cases.volumes import check_labels, laid_on, read_like, read_pair
from spinelib.core.errors import BadInput
from spinelib.core.files import digest
from spinelib.core.structures import STRUCTURES
from spinelib.sources.segments import by_names

# Stored values of a label map to labels 0..K, and the structures that are labelled then (None: those of the set).
Convert = Callable[[Path, NDArray[Any]], tuple[NDArray[np.uint8], tuple[str, ...] | None]]
HALF = "Cut the volume so that the spine lies in the middle half from front to back; what lies outside is lost."
LAYOUT = "Give one volume with its label map for each patient (NIfTI, MetaImage or NRRD; folders of DICOM slices)."


@dataclass(frozen=True)
class Checked:
    """A case that can be used: its row, its labelled structures (None: all), remarks, and a mark of its voxels."""

    case: Case
    labelled: tuple[str, ...] | None
    notes: tuple[Problem, ...]
    mark: str


def write_volumes(
    cases: Sequence[Case],
    source: Path,
    folder: Path,
    problems: list[Problem],
    *,
    classes: tuple[str, ...] = STRUCTURES,
    labelled: Mapping[str, Sequence[str]] | None = None,
    convert: Convert | None = None,
    label_header: Literal["own", "image"] = "own",
    test_fraction: float = 0.2,
    seed: int = 0,
) -> None:
    """Write those of `cases` that can be used to `folder`: manifest, problems, classes and labelled.csv.

    `source` is named in errors. `labelled` names the structures that are labelled in each partly labelled case.
    `convert` turns stored values into labels, and label_header="image" lays label maps on their volumes as both are
    stored; such label maps are written anew to `folder`/labels. Where no case has a split, `test_fraction` of the
    patients with each note become the test set, by `seed`; with 1 all do. What cannot be used joins `problems`. Raises
    BadInput when no volume is left, a patient is on both sides, for fewer than two patients, or another `label_header`.
    """
    if label_header not in ("own", "image"):
        raise BadInput("label_header", f"is {label_header!r}", "Use own or image.")
    check = _Check(folder, classes, labelled or {}, convert, label_header == "image")
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(check.attempt, cases))
    problems += [result for result in results if isinstance(result, Problem)]
    good = [result for result in results if isinstance(result, Checked)]
    if not good:
        first = f"{problems[0].file}: {problems[0].problem}" if problems else "none was found"
        raise BadInput(source, f"holds no usable volume; the first problem: {first}", LAYOUT)
    problems += [note for each in good for note in each.notes]
    volumes = merge_equal(good, problems)
    check_disjoint(volumes)
    if not any(case.split for case in volumes):
        volumes = split_by_note(volumes, source, test_fraction, seed)
    write_classes(classes, folder)
    write_labelled({each.case.case: each.labelled for each in good if each.labelled is not None}, folder)
    write_problems(problems, folder)
    write_manifest(volumes, folder)


@dataclass(frozen=True)
class _Check:
    """What every case must fulfil."""

    folder: Path
    classes: tuple[str, ...]
    labelled: Mapping[str, Sequence[str]]
    convert: Convert | None
    like: bool

    def attempt(self, case: Case) -> Checked | Problem:
        try:
            return self._check(replace(case, view="sagittal", modality="mr"))
        except BadInput as error:
            return Problem.of(case.case, error)

    def _check(self, case: Case) -> Checked:
        named = tuple(self.labelled[case.case]) if case.case in self.labelled else None
        file, path = self.folder / case.image, self.folder / case.mask
        names = segment_names(path) if case.mask else {}
        if self.convert is None and not self.like and not names:
            image, labels, remarks = read_pair(self.folder, case, len(self.classes))
        else:
            case, image, labels, remarks, found = self._anew(case, names)
            named = found if named is None else named
        if named is not None:
            _check_named(path, labels, self.classes, named)
        lost = outside(image, labels)
        if lost > 0.005:
            remarks.append(f"{lost:.1%} of its labelled voxels lie outside of the middle half from front to back")
        said = [(str(file), image.remark)] if image.remark else []
        said += [(str(path), remark) for remark in remarks]
        notes = tuple(Problem(case.case, name, remark, _remedy(remark), "kept") for name, remark in said)
        spacing = (image.spacing[1], image.spacing[2])
        whole = named is not None and set(named) == set(self.classes)
        return Checked(replace(case, spacing=spacing), None if whole else named, notes, digest(image.array.tobytes()))

    def _anew(
        self, case: Case, names: Mapping[int, str]
    ) -> tuple[Case, Volume, NDArray[np.uint8], list[str], tuple[str, ...] | None]:
        """The case with a label map of its own in the data set's folder."""
        path, file = self.folder / case.mask, self.folder / case.image
        if not case.mask or Path(case.case).name != case.case:
            reason = f"belongs to case {case.case!r}, which cannot name a file" if case.mask else "has no label map"
            raise BadInput(file, reason, "Give every volume a label map, and a case id without slashes.")
        image = read_volume(file)
        stored = read_like(path, file, image) if self.like else read_volume(path)
        segments = by_names(names, self.classes)
        convert = self.convert or segments
        values, named = convert(path, stored.array) if convert else (stored.array, None)
        if self.convert and segments and not np.array_equal(values, segments(path, stored.array)[0]):
            reason = "is named by its own segments in another way than by labels.csv or labels.yaml"
            raise BadInput(path, reason, "Correct that table, or take it away.")
        values, remark = laid_on(path, image, replace(stored, array=values))
        labels, said = check_labels(path, values, len(self.classes))
        if names and convert is None and len(self.classes) > 1:
            said = f"its segments ({', '.join(names.values())}) have none of the structures' names: their numbers count"
        name = f"labels/{case.case}.nii.gz"
        save_volume(self.folder / name, labels, image.spacing, image.affine)
        case = replace(case, mask=name)
        read_pair(self.folder, case, len(self.classes))
        return case, image, labels, [each for each in (stored.remark, remark, said) if each], named


def outside(image: Volume, labels: NDArray[np.uint8]) -> float:
    """The share of labelled voxels that lie outside of the kept half, from front to back."""
    kept = place(image.array.shape, image.array.shape).kept()[2]
    marked = labels > 0
    return float(marked[:, :, ~kept].sum() / marked.sum())


def merge_equal(checked: Sequence[Checked], problems: list[Problem]) -> list[Case]:
    """The cases, those with equal voxels as one patient; each repetition becomes a row of `problems`."""
    first: dict[str, Case] = {}
    cases = [each.case for each in checked]
    for each in checked:
        original = first.setdefault(each.mark, each.case)
        if original is each.case:
            continue
        text = f"holds the voxels of case {original.case!r}"
        problems.append(Problem(each.case.case, each.case.image, text, "Both count as one patient.", "kept"))
        patient = {case.case: case.patient for case in cases}
        one, other = patient[original.case], patient[each.case.case]
        cases = [replace(case, patient=one) if case.patient == other else case for case in cases]
    return cases


def split_by_note(cases: Sequence[Case], source: Path, fraction: float, seed: int) -> list[Case]:
    """Hold out `fraction` of the patients with each note, at least one of two or more; all of them with 1.

    Raises BadInput when that leaves no test patient or is no share.
    """
    if fraction == 1:
        return [replace(case, split="test") for case in cases]
    held: set[str] = set()
    for note in sorted({case.note for case in cases}):
        group = [case for case in cases if case.note == note]
        if len({case.patient for case in group}) > 1:
            held |= {group[k].patient for k in holdout(group, fraction, seed)[1]}
    if not held:
        raise BadInput(source, "cannot be split: it holds one patient", "Give two patients or more.")
    return [replace(case, split="test" if case.patient in held else "train") for case in cases]


def _check_named(path: Path, labels: NDArray[np.uint8], classes: tuple[str, ...], named: Sequence[str]) -> None:
    odd = [classes[k - 1] for k in np.unique(labels) if k and classes[k - 1] not in named]
    if odd:
        reason = f"holds labels of {', '.join(odd[:4])}, which is said to be unlabelled here"
        raise BadInput(
            path, reason, f"Correct the labels, or name the structures among the labelled ({', '.join(named)})."
        )


def _remedy(remark: str) -> str:
    if IDENTITY in remark:
        return f"Look at one volume; unless it is right: {EXPORT[0].lower()}{EXPORT[1:]}"
    return HALF if "middle half" in remark else "Look at one volume; nothing needs to be done if it is right."
