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

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.manifest import Case, Problem
from spinelib.cases.readers.images import picture_size
from spinelib.cases.readers.tables import UserTable, read_bare_table
from spinelib.core.errors import BadInput
from spinelib.sources.accounting import write_account
from spinelib.sources.layouts import is_image, match
from spinelib.sources.levels import Corners, LabelledFilm, check_quads, draw_levels, write_levels
from spinelib.sources.listing import Listing, list_files

LEVELS = tuple(f"L{k}" for k in range(1, 6))
VIEWS = {"AP": "coronal", "LA": "lateral"}
ROWS = {"AP": 10, "LA": 11}
NAME = re.compile(r"(\d+)-([A-Za-z])-(\d+)Y(\d)")
SUFFIX = {"AP": "0", "LA": "1"}
COLUMNS = ("x_left", "y_left", "x_right", "y_right", "class")
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
    test set, whole patients, by `seed`. `audit` searches for near-duplicates, which reads every film once more. What
    cannot be used becomes a row of problems.csv. Raises BadInput for another layout or view, or when no film is left.
    """
    if isinstance(views, str) or not views or not set(views) <= set(VIEWS):
        raise BadInput("buu_lspine", f"views is {views!r}", "Give a list of: AP, LA.")
    if source is None:
        raise BadInput("buu_lspine", "needs the folder of its films", OFFICIAL)
    problems: list[Problem] = []
    listing = list_files(source, problems, (folder,))
    root = _root(listing, views)
    cases = [case for view in VIEWS if view in views for case in _cases(root.inside(view), view, problems)]
    for view in VIEWS.keys() - set(views):
        for path in root.inside(view).files.values():
            listing.decide(path, "ignored", f"view {view} is not chosen")
    films = _films(cases, problems)
    write_levels(films, LEVELS, source, folder, problems, test_fraction=test_fraction, seed=seed, audit=audit)
    write_account(listing, cases, problems, folder, unasked="ignored")


def _root(listing: Listing, views: Sequence[str]) -> Listing:
    for root in (listing, *(listing.inside(name) for name in listing.folders())):
        if set(views) <= set(root.folders()):
            return root
    raise BadInput(listing.source, f"does not hold {' and '.join(views)}", OFFICIAL)


def _cases(listing: Listing, view: str, problems: list[Problem]) -> list[Case]:
    """The films of one view with their tables as masks; what has no partner joins `problems`."""
    direct = [path for name, path in listing.files.items() if "/" not in name]
    tables = [path for path in direct if path.suffix.lower() == ".csv"]
    return list(match([path for path in direct if is_image(path)], tables, VIEWS[view], problems, label="CSV file"))


def _films(cases: Sequence[Case], problems: list[Problem]) -> Iterator[LabelledFilm]:
    for case in cases:
        try:
            yield _film(case, problems)
        except BadInput as error:
            problems.append(Problem.of(case.case, error))


def _film(case: Case, problems: list[Problem]) -> LabelledFilm:
    parts, view = NAME.fullmatch(case.case), next(name for name, view in VIEWS.items() if view == case.view)
    if not parts or parts[4] != SUFFIX[view]:
        reason = f"is not called patient-sex-ageY{SUFFIX[view]} as films of {view} are"
        raise BadInput(case.image, reason, "Take the names of the download.")
    shape, table = picture_size(case.image), Path(case.mask)
    corners, said = read_end_plates(table, ROWS[view])
    corners, exchanged = check_quads(table, corners, shape)
    remark = "; ".join(filter(None, (exchanged, said)))
    if remark:
        action: Literal["repaired", "kept"] = "repaired" if exchanged else "kept"
        problems.append(Problem(case.case, str(table), remark, "Compare it with the film.", action))
    note = f"{parts[2].upper()}, {int(parts[3])} years"
    found = replace(case, patient=parts[1], mask="", note=note)
    return LabelledFilm(found, draw_levels(corners, shape, LEVELS), corners)


def read_end_plates(path: Path, rows: int) -> tuple[Corners, str]:
    """Corners [4,2] px (upper left, upper right, lower left, lower right) of L1..L5; with 11 `rows` also of S1.

    S1 has its upper corners only, the lower ones are NaN. A header is passed over. The text says what is unusual about
    the file. Raises BadInput for another number of rows or columns, or a value that is no number.
    """
    table = read_bare_table(path, COLUMNS)
    values = _numbers(table)
    if len(values) != rows:
        reason = f"has {len(values)} end-plates, not {rows}"
        raise BadInput(path, reason, f"Films with more or fewer vertebrae cannot be named. {TABLE}")
    plates = values[:, :4].reshape(-1, 2, 2)
    corners = {level: plates[2 * k : 2 * k + 2].reshape(4, 2) for k, level in enumerate(LEVELS)}
    if rows > 2 * len(LEVELS):
        corners["S1"] = np.concatenate([plates[-1], np.full((2, 2), np.nan)])
    return corners, table.remark


def _numbers(table: UserTable) -> NDArray[np.float64]:
    found = []
    for row in sorted((*table.rows, *table.bad), key=lambda row: row.line):
        values = [table.number(text) for text in row.values.values()]
        if row.fault or None in values or np.abs(np.array(values, float)).max() > 1e6:
            reason = row.fault or "holds something that is not a number, or none that is a place"
            raise BadInput(table.path, f"row {row.line} {reason}", TABLE)
        found.append(values)
    return np.array(found, float).reshape(-1, len(COLUMNS))
