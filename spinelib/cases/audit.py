"""Which films show the same exposure, found from their bytes and from their pixels, and what follows for the split."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from itertools import chain, combinations, pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from spinelib.cases import registration
from spinelib.cases.journal import Journal
from spinelib.cases.manifest import Case, Problem
from spinelib.cases.stored import reserve
from spinelib.cases.thumbnails import Thumbnails, read_thumbnails
from spinelib.core.errors import BadInput
from spinelib.core.files import REMEDY, digest, write_text
from spinelib.core.layout import AUDIT, AUDIT_TABLE, AUDITING, PAIR_STEPS

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

    `folder` is where relative image paths start; small copies of the films and what was found of them so far lie in
    it meanwhile, and a search that was killed goes on there. Pairs are in the order of the cases. Every image is read
    once and compared closely with the PER_FILM others that are most like it: time grows with the number of films
    (`spinelib.cases.neighbours`), memory by some kilobytes a film. Of equal files the first stands for all.
    Turned or mirrored copies are not searched for. A file that cannot be read becomes a row of `problems`
    (raises BadInput when that is None). Raises BadInput where the disk is full.
    """
    found: dict[tuple[int, int], DuplicatePair] = {}
    place, work = Path(folder) / AUDITING, _own_code()
    with Thumbnails(place, work) as films, Journal(place / PAIR_STEPS, work) as steps:
        readable, groups = _read(cases, Path(folder), films, problems)
        for first, second, match in _matches(films, place, steps):
            i, j = groups[first][0], groups[second][0]
            a, b = readable[i], readable[j]
            if match.similarity >= similar:
                found[i, j] = DuplicatePair(a.case, b.case, *match.numbers, False, _across(a, b))
    shutil.rmtree(place, ignore_errors=True)
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
    whole = (folder / case.image for case in cases)
    for case, found in zip(cases, read_thumbnails(whole, films.kept), strict=True):
        if isinstance(found, BadInput):
            if problems is None:
                raise found
            problems.append(Problem.of(case.case, found))
            continue
        same = groups.setdefault(found.content, [])
        if not same:
            films.add(found.mark, found.film)
        same.append(len(kept))
        kept.append(case)
    return kept, list(groups.values())


def _own_code() -> str:
    """A digest of the code by which films are read and compared: what other code has found is not gone on from."""
    return digest(*sorted(Path(__file__).parent.rglob("*.py")))


def _matches(films: Thumbnails, place: Path, steps: Journal) -> Iterator[tuple[int, int, registration.Match]]:
    """Every two films that were compared closely and how they lie on each other; what `steps` has is not done again."""
    if len(films) < 2:
        return
    level = registration.SMALL
    try:
        table = reserve(place / AUDIT_TABLE, np.dtype(np.float32), (len(films), level.numbers))
    except OSError as error:
        raise BadInput(place, f"cannot be written ({error.strerror or error})", REMEDY) from error
    pairs = registration.nearest(films, level, PER_FILM, SMALL, table)
    medium, large = (registration.Spectra(films, level) for level in (registration.MEDIUM, registration.LARGE))
    bounds = np.flatnonzero(np.diff(pairs[:, 1], prepend=-1, append=-1))
    for begin, end in pairwise(bounds.tolist()):
        second, firsts = int(pairs[begin, 1]), pairs[begin:end, 0].tolist()
        key = digest(*(films.marks[k] for k in (second, *firsts)))
        known = steps.get(key)
        if known is None:
            similarity, scales = registration.correlate(medium, firsts, second)
            near = [(k, float(scales[k])) for k in np.flatnonzero(similarity >= MEDIUM).tolist()]
            known = [[k, *registration.register(large, firsts[k], second, scale).numbers] for k, scale in near]
            steps.add(key, known)
        for k, *numbers in known:
            yield firsts[k], second, registration.Match.of(*numbers)


def _identical(group: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Pairs of equal files: every two of them, of many each with the first, which links them as well."""
    return combinations(group, 2) if len(group) <= PER_FILM else ((group[0], k) for k in group[1:])


def _across(a: Case, b: Case) -> bool:
    return {a.split, b.split} == {"train", "test"}


def _components(count: int, links: Sequence[tuple[int, int]]) -> list[int]:
    rows, columns = np.array(links, int).reshape(-1, 2).T
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(count, count))
    return list(connected_components(graph, directed=False)[1])
