"""Which films show the same exposure, found from their bytes and from their pixels, and what follows for the split."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from itertools import chain, combinations
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from spinelib.cases import registration
from spinelib.cases.manifest import Case, Problem
from spinelib.cases.thumbnails import Thumbnails, read_thumbnails
from spinelib.core.errors import BadInput
from spinelib.core.files import content_digest, write_text
from spinelib.core.layout import AUDIT

# On 545 films (AASCE 2019) pairs of one exposure reach 0.74 to 0.95, the most alike other pair 0.67.
SIMILAR = 0.70
# Correlations below which a pair is not looked at more closely; pairs of one exposure stay above 0.79 and 0.75.
SMALL, MEDIUM = 0.65, 0.65
# With this many others, the most promising, a film is compared closely.
PER_FILM = 30


@dataclass(frozen=True)
class DuplicatePair:
    """Two cases that show one exposure.

    `similarity` is the correlation of their detail after registration (1 for identical files), `overlap` the share of
    the smaller film that both show. Counted in heights of their film, a = b * scale + (shift_y, shift_x).
    `identical` says that the files are the same byte for byte, `across_split` that one is in train, one in test.
    """

    a: str
    b: str
    similarity: float
    overlap: float
    scale: float
    shift_y: float
    shift_x: float
    identical: bool = False
    across_split: bool = False


def near_duplicates(
    cases: Sequence[Case],
    folder: Path | str = ".",
    similar: float = SIMILAR,
    problems: list[Problem] | None = None,
) -> list[DuplicatePair]:
    """Pairs of cases whose images are one exposure: the same file, or re-crops that differ by shift, scale, exposure.

    `folder` is where relative image paths start; small copies of the films lie on its disk meanwhile. Pairs are in the
    order of the cases. Every image is read once and compared closely with the PER_FILM others that are most like it:
    time grows with the number of films, memory by some kilobytes a film. Of equal files the first stands for all.
    Turned or mirrored copies are not searched for. A file that cannot be read becomes a row of `problems`
    (raises BadInput when that is None). Raises BadInput where the disk is full.
    """
    found: dict[tuple[int, int], DuplicatePair] = {}
    with Thumbnails(Path(folder)) as films:
        readable, groups = _read(cases, Path(folder), films, problems)
        for first, second, match in _matches(films, similar):
            i, j = groups[first][0], groups[second][0]
            a, b = readable[i], readable[j]
            found[i, j] = DuplicatePair(
                a.case, b.case, match.similarity, match.overlap, match.scale, *match.shift, False, _across(a, b)
            )
    for i, j in chain.from_iterable(map(_identical, groups)):
        a, b = readable[i], readable[j]
        found[i, j] = DuplicatePair(a.case, b.case, 1.0, 1.0, 1.0, 0.0, 0.0, True, _across(a, b))
    return [found[key] for key in sorted(found)]


def merge_patients(cases: Sequence[Case], pairs: Iterable[DuplicatePair]) -> list[Case]:
    """The cases with connected near-duplicates under one patient id, and `near_duplicate` filled on both sides.

    A group takes the smallest of its patient ids. `near_duplicate` of a case names every case of its group of
    near-duplicates that is on the other side of the split.
    """
    place = {case.case: k for k, case in enumerate(cases)}
    links = [(place[pair.a], place[pair.b]) for pair in pairs]
    same = _components(len(cases), links)
    first_of: dict[str, int] = {}
    owners = [(k, first_of.setdefault(case.patient, k)) for k, case in enumerate(cases)]
    patients = _components(len(cases), links + owners)
    name: dict[int, str] = {}
    groups: dict[int, list[Case]] = defaultdict(list)
    for case, group, patient in zip(cases, same, patients, strict=True):
        groups[group].append(case)
        name[patient] = min(name.get(patient, case.patient), case.patient)
    return [
        replace(
            case,
            patient=name[patient],
            near_duplicate=tuple(other.case for other in groups[group] if _across(case, other)),
        )
        for case, group, patient in zip(cases, same, patients, strict=True)
    ]


def write_audit(pairs: Sequence[DuplicatePair], folder: Path | str) -> Path:
    """Write `folder`/audit.csv, one row per pair; gives its path."""
    path = Path(folder) / AUDIT
    table = pd.DataFrame([asdict(pair) for pair in pairs], columns=[field.name for field in fields(DuplicatePair)])
    write_text(path, table.to_csv(index=False, float_format="%.5g", lineterminator="\n"))
    return path


def _read(
    cases: Sequence[Case], folder: Path, films: Thumbnails, problems: list[Problem] | None
) -> tuple[list[Case], list[list[int]]]:
    """Fill `films` with one of each group of equal files; gives the cases that can be read, and the groups."""
    kept: list[Case] = []
    groups: dict[str, list[int]] = {}
    whole = [folder / case.image for case in cases]
    for case, path, found in zip(cases, whole, read_thumbnails(whole), strict=True):
        if isinstance(found, BadInput):
            if problems is None:
                raise found
            problems.append(Problem.of(case.case, found))
            continue
        same = groups.setdefault(content_digest(path), [])
        if not same:
            films.add(found)
        same.append(len(kept))
        kept.append(case)
    return kept, list(groups.values())


def _matches(films: Thumbnails, similar: float) -> Iterator[tuple[int, int, registration.Match]]:
    if len(films) < 2:
        return
    pairs = registration.nearest(films, registration.SMALL, PER_FILM, SMALL)
    similarity, scales = registration.correlate(films, pairs, registration.MEDIUM)
    good = similarity >= MEDIUM
    rough = [(int(i), int(j), float(scale)) for (i, j), scale in zip(pairs[good], scales[good], strict=True)]
    for (i, j, _), match in zip(rough, registration.register(films, rough), strict=True):
        if match.similarity >= similar:
            yield i, j, match


def _identical(group: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Pairs of equal files: every two of them, of many each with the first, which links them as well."""
    return combinations(group, 2) if len(group) <= PER_FILM else ((group[0], k) for k in group[1:])


def _across(a: Case, b: Case) -> bool:
    return {a.split, b.split} == {"train", "test"}


def _components(count: int, links: Sequence[tuple[int, int]]) -> list[int]:
    rows, columns = np.array(links, int).reshape(-1, 2).T
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(count, count))
    return list(connected_components(graph, directed=False)[1])
