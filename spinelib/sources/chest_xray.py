"""Chest films of Montgomery County and Shenzhen with outlined lungs as a manifest; films stay where they are.

Jaeger et al., Quant. Imaging Med. Surg. 2014;4(6):475; Candemir et al., IEEE TMI 2014;33(2):577; masks of Shenzhen:
Stirenko et al. 2018, arXiv 1803.01199. 138 + 662 PA films, one of each patient; 138 + 566 of them have masks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from PIL import Image

from spinelib.cases.manifest import Case, Problem
from spinelib.cases.readers.images import picture_size
from spinelib.cases.readers.masks import read_mask
from spinelib.core import files
from spinelib.core.errors import BadInput
from spinelib.core.layout import MASKS, DataFolder
from spinelib.sources.layouts import files_in, folders_called, match
from spinelib.sources.pairs import write_films

CLASSES = ("lung",)
SITES = {"MCUCXR": "montgomery", "CHNCXR": "shenzhen"}
FILM_FOLDERS, MASK_FOLDERS, HALVES = ("CXR_png", "images"), ("mask", "masks"), ("leftMask", "rightMask")
OFFICIAL = (
    "Give the folder of the unpacked downloads: MontgomerySet (CXR_png, ManualMask), or ChinaSet_AllFiles (CXR_png) "
    "and the folder mask of its lung masks, or both; or images/ and masks/ with the official file names."
)


def prepare_chest_xray(
    source: Path | None, folder: Path, test_fraction: float = 0.2, seed: int = 0, audit: bool = True
) -> None:
    """Write manifest, problems, classes and (unless `audit` is off) audit.csv of the films in `source` to `folder`.

    Films and masks are found by the names of their folders, up to three folders below `source`, and matched by their
    own names, so that both downloads may lie there. Montgomery's masks of the left and the right lung are united in
    `folder`/masks. The note of a case is its site. `test_fraction` of the films become the test set, by `seed`.
    What cannot be used becomes a row of problems.csv. Raises BadInput when no film of either site can be used.
    """
    if source is None:
        raise BadInput("chest_xray", "needs the folder of its films", "Give it as source (make study DATA=...).")
    problems: list[Problem] = []
    films = [film for film in _files(source, FILM_FOLDERS) if _is_of_a_site(film, problems)]
    if not films:
        raise BadInput(source, "holds no film of Montgomery or Shenzhen", OFFICIAL)
    united = _unite_all(films, _halves(source), folder, problems)
    failed = {problem.case for problem in problems}
    masks = [*united.values(), *_files(source, MASK_FOLDERS)]
    cases = match((film for film in films if film.stem not in failed), masks, "other", problems)
    named = [_named(case, united) for case in cases]
    write_films(
        named,
        source,
        folder,
        problems,
        classes=CLASSES,
        modality="xray",
        test_fraction=test_fraction,
        seed=seed,
        audit=audit,
    )


def _files(source: Path, names: Sequence[str]) -> list[Path]:
    return [file for folder in folders_called(source, *names) for file in files_in(folder)]


def _is_of_a_site(film: Path, problems: list[Problem]) -> bool:
    known = film.stem.partition("_")[0] in SITES
    if not known:
        remedy = "Prepare films of other origin as the data set 'folder'."
        problems.append(Problem(film.stem, str(film), f"is named as none of {', '.join(SITES)}", remedy, "excluded"))
    return known


def _halves(source: Path) -> dict[str, list[Path]]:
    """Masks of the left and of the right lung by the name of their film."""
    found: dict[str, list[Path]] = {}
    for side in HALVES:
        for stem, file in {file.stem: file for file in _files(source, [side])}.items():
            found.setdefault(stem, []).append(file)
    return found


def _unite_all(
    films: Sequence[Path], halves: Mapping[str, Sequence[Path]], folder: Path, problems: list[Problem]
) -> dict[str, Path]:
    """The united mask of every film with halves, by the film's name; what cannot be united joins `problems`."""
    of_name = {film.stem: film for film in films}

    def attempt(stem: str) -> Path | Problem:
        try:
            return _unite(of_name.get(stem), halves[stem], folder)
        except BadInput as error:
            return Problem.of(stem, error)

    with ThreadPoolExecutor(2) as pool:
        results = dict(zip(sorted(halves), pool.map(attempt, sorted(halves)), strict=True))
    problems += [result for result in results.values() if isinstance(result, Problem)]
    return {stem: result for stem, result in results.items() if isinstance(result, Path)}


def _unite(film: Path | None, halves: Sequence[Path], folder: Path) -> Path:
    if film is None:
        raise BadInput(halves[0], "has no image", "Add the image or remove the mask.")
    if len(halves) < len(HALVES):
        raise BadInput(halves[0], "is the mask of one lung only", "Add the mask of the other lung.")
    left, right = (read_mask(half, picture_size(film), CLASSES) for half in halves)
    target = DataFolder(folder).masks / f"{film.stem}.png"
    with files.replace(target) as temporary:
        Image.fromarray((left | right) * 255).convert("1").save(temporary)
    return target


def _named(case: Case, united: Mapping[str, Path]) -> Case:
    mask = f"{MASKS}/{case.case}.png" if case.case in united else case.mask
    return replace(case, mask=mask, note=SITES[case.case.partition("_")[0]])
