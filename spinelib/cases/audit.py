"""Which films show the same exposure, found from their bytes and from their pixels, and what follows for the split."""

from __future__ import annotations

import hashlib
import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from spinelib.cases import registration
from spinelib.cases.manifest import Case, Problem
from spinelib.cases.readers.film import read_film
from spinelib.cases.readers.picture import to_grey
from spinelib.core.errors import BadInput
from spinelib.core.files import write_text
from spinelib.core.layout import AUDIT

# Height of the films that are compared, px.
HEIGHT = 256
# On 545 films (AASCE 2019) pairs of one exposure reach 0.74 to 0.95, the most alike other pair 0.67.
SIMILAR = 0.70
# Correlations below which a pair is not looked at more closely; pairs of one exposure stay above 0.79 and 0.75.
SMALL, MEDIUM = 0.65, 0.65
# At most this many pairs per film go on to the next resolution.
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

    `folder` is where relative image paths start. Pairs are in the order of the cases. Every image is read once at low
    resolution and every two are compared: the time grows with the square of their number (545 films: about 15 s).
    Turned or mirrored copies are not searched for. A file that cannot be read becomes a row of `problems`
    (raises BadInput when that is None).
    """
    readable, films = _thumbnails(cases, Path(folder), problems)
    found: dict[tuple[int, int], DuplicatePair] = {}
    for i, j, match in _matches(films, similar):
        a, b = readable[i], readable[j]
        found[i, j] = DuplicatePair(
            a.case, b.case, match.similarity, match.overlap, match.scale, *match.shift, False, _across(a, b)
        )
    for i, j in _identical(readable, Path(folder)):
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


def thumbnail(path: Path, height: int = HEIGHT) -> NDArray[np.float32]:
    """A film in grey at `height` px, its width in proportion. Raises BadInput."""
    picture = Image.fromarray(np.ascontiguousarray(to_grey(read_film(path).pixels)))
    width = max(2, round(picture.width * height / picture.height))
    return np.asarray(picture.resize((width, height), Image.Resampling.BOX), np.float32)


def _thumbnails(
    cases: Sequence[Case], folder: Path, problems: list[Problem] | None
) -> tuple[list[Case], list[NDArray[np.float32]]]:
    def attempt(case: Case) -> NDArray[np.float32] | BadInput:
        try:
            return thumbnail(folder / case.image)
        except BadInput as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(attempt, cases))
    kept, films = [], []
    for case, result in zip(cases, results, strict=True):
        if not isinstance(result, BadInput):
            kept.append(case)
            # Depth does not matter: detail is relative, but its floor is meant for 8 bit.
            films.append((result - result.min()) * (255 / max(float(np.ptp(result)), 1e-6)))
        elif problems is None:
            raise result
        else:
            problems.append(Problem.of(case.case, result))
    return kept, films


def _matches(films: list[NDArray[np.float32]], similar: float) -> list[tuple[int, int, registration.Match]]:
    if len(films) < 2:
        return []
    small, _ = registration.correlate(films, registration.SMALL, np.ones((len(films),) * 2, bool))
    medium, scale = registration.correlate(films, registration.MEDIUM, _best(small, SMALL))
    rough = [(int(i), int(j), float(scale[i, j])) for i, j in np.argwhere(_best(medium, MEDIUM))]
    matches = registration.register(films, rough)
    return [(i, j, match) for (i, j, _), match in zip(rough, matches, strict=True) if match.similarity >= similar]


def _best(score: NDArray[np.floating], floor: float) -> NDArray[np.bool_]:
    """Pairs with a score of `floor` or more, not more than the best PER_FILM per film."""
    count = min(PER_FILM * len(score), score.size)
    return score >= max(floor, float(np.partition(score, score.size - count, None)[score.size - count]))


def _identical(cases: Sequence[Case], folder: Path) -> Iterable[tuple[int, int]]:
    same: dict[bytes, list[int]] = defaultdict(list)
    for k, case in enumerate(cases):
        same[hashlib.sha256((folder / case.image).read_bytes()).digest()].append(k)
    return itertools.chain.from_iterable(itertools.combinations(group, 2) for group in same.values())


def _across(a: Case, b: Case) -> bool:
    return {a.split, b.split} == {"train", "test"}


def _components(count: int, links: Sequence[tuple[int, int]]) -> list[int]:
    rows, columns = np.array(links, int).reshape(-1, 2).T
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(count, count))
    return list(connected_components(graph, directed=False)[1])
