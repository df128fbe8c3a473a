"""Chest films of Montgomery County and Shenzhen with outlined lungs as a manifest; films stay where they are.

Jaeger et al., Quant. Imaging Med. Surg. 2014;4(6):475; Candemir et al., IEEE TMI 2014;33(2):577; masks of Shenzhen:
Stirenko et al. 2018, arXiv 1803.01199. 138 + 662 PA films, one of each patient; 138 + 566 of them have masks.
"""

from __future__ import annotations

from collections import defaultdict
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
from spinelib.sources.accounting import write_account
from spinelib.sources.layouts import ONE_NAME, match
from spinelib.sources.listing import Listing, list_files
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
    listing = list_files(source, problems, (folder,))
    films = [film for film in listing.in_folders(*FILM_FOLDERS) if _is_of_a_site(film, problems)]
    if not films:
        raise BadInput(source, "holds no film of Montgomery or Shenzhen", OFFICIAL)
    halves = _halves(listing)
    by_name: dict[str, list[Path]] = defaultdict(list)
    for film in films:
        by_name[film.stem].append(film)
    for name, (left, right) in halves.items():
        first, *others = [*by_name.get(name, []), *left, *right]
        listing.join(first, *others)
    united = _unite_all(by_name, halves, folder, problems)
    failed = [film for film in films if film.stem in halves and film.stem not in united]
    masks = [*united.values(), *listing.in_folders(*MASK_FOLDERS)]
    cases = match([film for film in films if film not in failed], masks, "other", problems)
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
    left_out = [Case(film.stem, film.stem, "other", str(film)) for film in failed]
    write_account(listing, [*named, *left_out], problems, folder, unasked="ignored")


def _is_of_a_site(film: Path, problems: list[Problem]) -> bool:
    known = film.stem.partition("_")[0] in SITES
    if not known:
        remedy = "Prepare films of other origin as the data set 'folder'."
        problems.append(Problem(film.stem, str(film), f"is named as none of {', '.join(SITES)}", remedy, "excluded"))
    return known


def _halves(listing: Listing) -> dict[str, tuple[list[Path], list[Path]]]:
    """Masks of the left and of the right lung by the name of their film."""
    found: dict[str, tuple[list[Path], list[Path]]] = defaultdict(lambda: ([], []))
    for side, name in enumerate(HALVES):
        for file in listing.in_folders(name):
            found[file.stem][side].append(file)
    return dict(found)


def _unite_all(
    films: Mapping[str, Sequence[Path]],
    halves: Mapping[str, tuple[list[Path], list[Path]]],
    folder: Path,
    problems: list[Problem],
) -> dict[str, Path]:
    """The united mask of every film with halves, by the film's name; what cannot be united joins `problems`."""

    def attempt(stem: str) -> Path | Problem:
        try:
            return _unite(films.get(stem, []), *halves[stem], folder)
        except BadInput as error:
            return Problem.of(stem, error)

    with ThreadPoolExecutor(2) as pool:
        results = dict(zip(sorted(halves), pool.map(attempt, sorted(halves)), strict=True))
    problems += [result for result in results.values() if isinstance(result, Problem)]
    return {stem: result for stem, result in results.items() if isinstance(result, Path)}


def _unite(films: Sequence[Path], left: Sequence[Path], right: Sequence[Path], folder: Path) -> Path:
    if not films:
        raise BadInput([*left, *right][0], "has no image", "Add the image or remove the mask.")
    for same in (films, left, right):
        if len(same) > 1:
            raise BadInput(same[1], f"has the name of {same[0].name}", ONE_NAME)
    if not left or not right:
        raise BadInput([*left, *right][0], "is the mask of one lung only", "Add the mask of the other lung.")
    size = picture_size(films[0])
    both = read_mask(left[0], size, CLASSES) | read_mask(right[0], size, CLASSES)
    target = DataFolder(folder).masks / f"{films[0].stem}.png"
    with files.replace(target) as temporary:
        Image.fromarray(both * 255).convert("1").save(temporary)
    return target


def _named(case: Case, united: Mapping[str, Path]) -> Case:
    mask = f"{MASKS}/{case.case}.png" if case.case in united else case.mask
    return replace(case, mask=mask, note=SITES[case.case.partition("_")[0]])
