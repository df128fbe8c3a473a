"""BUU-LSPINE: lumbar films with the end-plates of L1 to L5, as label maps.

Klinwichit et al., Appl. Sci. 2023, 13(15), 8646: 3,600 patients, one AP and one lateral film each. (B) Layout as public
readers of the set have it [mohamednourdine/spondylolisthesis-maht-net]: `AP/0001-F-037Y0.jpg` and `LA/0001-F-037Y1.jpg`
(patient, sex, age) with CSV files of the same names, no header, a row of x left, y left, x right, y right and class per
end-plate: L1 upper, L1 lower, ..., L5 lower; lateral films have an eleventh row, the upper end-plate of S1.
(C) The class (a slipped vertebra or not) is not used. S1 has no lower end-plate, hence corners but no mask. Where the
counting of pixels starts is not stated: coordinates are taken as they are.

Marks: (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.manifest import Case, Problem
from spinelib.cases.readers.images import check_file, picture_size
from spinelib.core.errors import BadInput
from spinelib.sources.levels import Corners, LabelledFilm, check_quads, draw_levels, write_levels

LEVELS = tuple(f"L{k}" for k in range(1, 6))
VIEWS = {"AP": "coronal", "LA": "lateral"}
ROWS = {"AP": 10, "LA": 11}
NAME = re.compile(r"(\d+)-([A-Za-z])-(\d+)Y(\d)")
SUFFIX = {"AP": "0", "LA": "1"}
MAX_BYTES = 100_000
OFFICIAL = "Give the folder of the unpacked download, with AP/ and LA/ in it."
TABLE = "Give rows x_left, y_left, x_right, y_right, class: L1 upper, L1 lower, ..., L5 lower (and S1 upper in LA)."


def prepare_buu_lspine(
    source: Path | None,
    folder: Path,
    views: Sequence[str] = ("LA",),
    test_fraction: float = 0.2,
    seed: int = 0,
    audit: bool = False,
) -> None:
    """Write manifest, problems, classes, masks, corners and (with `audit`) audit.csv to `folder`.

    `source` holds AP/ and LA/, or a folder that does. `views` chooses among them. `test_fraction` of the films are the
    test set, whole patients, by `seed`. `audit` compares every two films, which takes hours for all of them. What
    cannot be used becomes a row of problems.csv. Raises BadInput for another layout or view, or when no film is left.
    """
    if isinstance(views, str) or not views or not set(views) <= set(VIEWS):
        raise BadInput("buu_lspine", f"views is {views!r}", "Give a list of: AP, LA.")
    root = _root(source, views)
    problems: list[Problem] = []
    films = (film for view in VIEWS if view in views for film in _films(root / view, view, problems))
    write_levels(films, LEVELS, root, folder, problems, test_fraction=test_fraction, seed=seed, audit=audit)


def _root(source: Path | None, views: Sequence[str]) -> Path:
    for root in [source, *sorted(path for path in source.iterdir() if path.is_dir())] if source else []:
        if root is not None and all((root / view).is_dir() for view in views):
            return root
    raise BadInput(source or "buu_lspine", f"does not hold {' and '.join(views)}", OFFICIAL)


def _films(folder: Path, view: str, problems: list[Problem]) -> Iterator[LabelledFilm]:
    tables = {path.stem for path in folder.glob("*.csv")}
    images = sorted(path for path in folder.iterdir() if path.suffix.lower() in (".jpg", ".jpeg"))
    for image in images:
        try:
            yield _film(image, view, problems)
        except BadInput as error:
            problems.append(Problem.of(image.stem, error))
    for name in sorted(tables - {image.stem for image in images}):
        path = str(folder / f"{name}.csv")
        problems.append(Problem(name, path, "has no film of its name", "Add the film or remove this.", "excluded"))


def _film(image: Path, view: str, problems: list[Problem]) -> LabelledFilm:
    parts = NAME.fullmatch(image.stem)
    if not parts or parts[4] != SUFFIX[view]:
        reason = f"is not called patient-sex-ageY{SUFFIX[view]} as films of {view} are"
        raise BadInput(image, reason, "Take the names of the download.")
    shape, table = picture_size(image), image.with_suffix(".csv")
    corners, remark = check_quads(table, read_end_plates(table, ROWS[view]), shape)
    if remark:
        problems.append(Problem(image.stem, str(table), remark, "Compare it with the film.", "repaired"))
    note = f"{parts[2].upper()}, {int(parts[3])} years"
    case = Case(image.stem, parts[1], VIEWS[view], str(image.resolve()), note=note)
    return LabelledFilm(case, draw_levels(corners, shape, LEVELS), corners)


def read_end_plates(path: Path, rows: int) -> Corners:
    """Corners [4,2] px (upper left, upper right, lower left, lower right) of L1..L5; with 11 `rows` also of S1.

    S1 has its upper corners only, the lower ones are NaN. A header is passed over. Raises BadInput for another number
    of rows or columns, or a value that is no number.
    """
    values = _numbers(path)
    if len(values) != rows:
        reason = f"has {len(values)} end-plates, not {rows}"
        raise BadInput(path, reason, f"Films with more or fewer vertebrae cannot be named. {TABLE}")
    plates = values[:, :4].reshape(-1, 2, 2)
    corners = {level: plates[2 * k : 2 * k + 2].reshape(4, 2) for k, level in enumerate(LEVELS)}
    if rows > 2 * len(LEVELS):
        corners["S1"] = np.concatenate([plates[-1], np.full((2, 2), np.nan)])
    return corners


def _numbers(path: Path) -> NDArray[np.float64]:
    if check_file(path).stat().st_size > MAX_BYTES:
        raise BadInput(path, "is too large for a table of end-plates", TABLE)
    try:
        table = [row for row in csv.reader(path.read_text(encoding="utf-8-sig").splitlines()) if any(row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(path, "cannot be read as CSV", TABLE) from error
    if table and not any(_is_number(cell) for cell in table[0]):
        table = table[1:]
    if any(len(row) != 5 for row in table):
        raise BadInput(path, "has a row without five columns", TABLE)
    if not all(_is_number(cell) for row in table for cell in row):
        raise BadInput(path, "holds something that is not a number", TABLE)
    return np.array(table, dtype=float).reshape(-1, 5)


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)) and abs(float(text)) < 1e6)
    except ValueError:
        return False
