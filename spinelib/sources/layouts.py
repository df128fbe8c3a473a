"""Which image belongs to which mask in a folder of somebody's own films or volumes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from spinelib.cases.manifest import SPLITS, VIEWS, Case, Problem, parse_spacing, read_table
from spinelib.cases.readers.dicom import is_dicom
from spinelib.cases.readers.images import SUFFIXES
from spinelib.cases.volume import is_volume, volume_stem
from spinelib.core.errors import BadInput
from spinelib.core.layout import IMAGES, LANDMARK_TABLE, MASKS

COLUMNS = ("case", "patient", "view", "image", "mask", "landmarks", "spacing", "split", "note")
TABLE = "cases.csv"  # by which people list films of their own
ENDINGS = ("", "_segmentation", "_Segmentation", "_mask", "-mask", "_seg", "_label")
LAYOUTS = (
    "Give cases.csv (columns case, patient, view, image, mask or landmarks, spacing, split), or images/ and masks/ "
    "with the same file names, or coronal/, left_bending/, right_bending/ with images/ and masks/ in each."
)
# Left by operating systems and people, never a film or a volume.
PASSED_OVER = (".txt", ".csv", ".md", ".json", ".db", ".ini", ".xlsx", ".pdf")


def find_cases(source: Path, problems: list[Problem]) -> list[Case]:
    """The cases that `source` names or holds, with absolute paths; files without a partner become problems.

    Raises BadInput when there is no known layout, a bad cases.csv, or no image with a label.
    """
    views = [view for view in VIEWS if (source / view).is_dir()]
    if (source / TABLE).exists():
        cases = _from_table(source / TABLE)
    elif views:
        cases = [case for view in views for case in _from_folder(source / view, view, problems)]
        cases = _unique_across_views(cases)
    elif (source / IMAGES).is_dir():
        cases = list(_from_folder(source, "coronal", problems))
    else:
        raise BadInput(source, "has none of the known layouts", LAYOUTS)
    if not cases:
        first = f" (the first of {len(problems)} problems: {problems[0].problem})" if problems else ""
        raise BadInput(source, f"holds no image with a mask{first}", LAYOUTS)
    return cases


def _from_table(path: Path) -> list[Case]:
    rows = read_table(path)
    unknown = set(rows[0]) - set(COLUMNS) if rows else set()
    if not rows or "image" not in rows[0] or unknown:
        reason = (
            f"has unknown columns ({', '.join(sorted(unknown))})" if unknown else "has no rows or no column 'image'"
        )
        raise BadInput(path, reason, f"Use the columns {', '.join(COLUMNS)}.")
    cases: list[Case] = []
    seen: dict[str, int] = {}
    for line, row in enumerate(rows, 2):
        case = _table_case(path, line, {name: value.strip() for name, value in row.items()})
        if case.case in seen:
            reason = f"case {case.case!r} is in rows {seen[case.case]} and {line}"
            raise BadInput(path, reason, "Give every image its own case id.")
        seen[case.case] = line
        cases.append(case)
    return cases


def _table_case(path: Path, line: int, row: dict[str, str]) -> Case:
    if not row["image"] or ("case" in row and not row["case"]):
        missing = "image" if not row["image"] else "case"
        raise BadInput(path, f"row {line} has no {missing}", f"Fill the column {missing!r} in every row.")
    view, split = row.get("view") or "coronal", row.get("split", "")
    if view not in VIEWS or split not in SPLITS:
        word = view if view not in VIEWS else split
        raise BadInput(path, f"row {line} holds {word!r}", f"Views: {', '.join(VIEWS)}; split: train, test or nothing.")

    def absolute(name: str) -> str:
        return str((path.parent / row[name]).resolve()) if row.get(name) else ""

    case = row.get("case") or _stem(Path(row["image"]))
    return Case(
        case=case,
        patient=row.get("patient") or case,
        view=view,
        image=absolute("image"),
        mask=absolute("mask"),
        landmarks=absolute("landmarks"),
        spacing=parse_spacing(row.get("spacing", ""), path, line),
        split=split,
        note=row.get("note", ""),
    )


def _from_folder(folder: Path, view: str, problems: list[Problem]) -> Iterator[Case]:
    images, masks, table = folder / IMAGES, folder / MASKS, folder / LANDMARK_TABLE
    if not images.is_dir():
        raise BadInput(folder, "has no folder images/", LAYOUTS)
    labels = [*files_in(masks), *_labelme(images)]
    yield from match(files_in(images), labels, view, problems, table if table.exists() else None)


def match(
    images: Iterable[Path], masks: Iterable[Path], view: str, problems: list[Problem], landmarks: Path | None = None
) -> Iterator[Case]:
    """A case for every image with a mask of its name (and one of ENDINGS), or with `landmarks` for those without.

    Paths become absolute, every image a patient of its own. What has no partner becomes a row of `problems`.
    """
    partners = _by_stem(masks)
    seen: set[str] = set()
    for image in images:
        name = _stem(image)
        mask = next((partners.pop(name + end) for end in ENDINGS if name + end in partners), None)
        problem = ""
        if not _is_image(image):
            problem = "is not of a kind that can be read"
        elif name in seen:
            problem = "has the name of another image"
        elif mask is None and not landmarks:
            problem = f"has no mask called {name}"
        if problem:
            remedy = "Give every image a name of its own and a mask of the same name."
            problems.append(Problem(name, str(image), problem, remedy, "excluded"))
            continue
        seen.add(name)
        table = str(landmarks.resolve()) if landmarks and mask is None else ""
        yield Case(name, name, view, str(image.resolve()), str(mask.resolve()) if mask else "", table)
    for mask in partners.values():
        problems.append(
            Problem(_stem(mask), str(mask), "has no image", "Add the image or remove the mask.", "excluded")
        )


def folders_called(source: Path, *names: str, depth: int = 3) -> list[Path]:
    """Folders with one of `names` in `source` or up to `depth` below it: archives unpack into folders of theirs."""
    inside = (path for k in range(depth + 1) for name in names for path in source.glob("*/" * k + name))
    return sorted({path for path in inside if path.is_dir()})


def files_in(folder: Path) -> list[Path]:
    """The films, volumes or masks in `folder`, in the order of their names, less what people leave beside them.

    A folder that holds DICOM files is a volume.
    """
    inside = sorted(folder.iterdir()) if folder.is_dir() else []
    labelme = folder.name == MASKS
    return [
        path
        for path in inside
        if not path.name.startswith(".")
        and (path.is_file() or _is_series(path))
        and (path.suffix.lower() not in PASSED_OVER or (labelme and path.suffix.lower() == ".json"))
    ]


def _labelme(images: Path) -> list[Path]:
    """Labelme saves its files beside the images."""
    return sorted(path for path in images.glob("*.json") if not path.name.startswith("."))


def _by_stem(paths: Iterable[Path]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in paths:
        found.setdefault(_stem(path), path)
    return found


def _stem(path: Path) -> str:
    """The name without its ending; that of a volume may have two."""
    return volume_stem(path) if is_volume(path) else path.stem


def _is_series(folder: Path) -> bool:
    """Whether one of the first files in the folder is DICOM."""
    if not folder.is_dir():
        return False
    inside = sorted(path for path in folder.iterdir() if path.is_file() and path.stat().st_size > 132)
    return any(is_dicom(path) for path in inside[:5])


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES or is_volume(path) or (path.stat().st_size > 132 and is_dicom(path))


def _unique_across_views(cases: list[Case]) -> list[Case]:
    """One patient's films carry one name in every view's folder; the view makes the case ids different."""
    return [replace(case, case=f"{case.patient}_{case.view}") for case in cases]
