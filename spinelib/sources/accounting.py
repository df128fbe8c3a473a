"""What became of each of the user's files: used, ignored, or a problem; the three add up to all of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Literal

from spinelib.cases.manifest import Case, FileUse, Problem, read_manifest, write_file_uses, write_problems
from spinelib.sources.archives import PACKED
from spinelib.sources.layouts import is_image
from spinelib.sources.listing import Listing, Use, is_archive

ARCHIVE = "is an archive of a kind that is not unpacked here"
Unasked = Literal["problem", "ignored"]


def write_account(
    listing: Listing, cases: Sequence[Case], problems: list[Problem], folder: Path, unasked: Unasked = "problem"
) -> None:
    """Write files.csv beside the manifest in `folder`, and problems.csv again with what `account` adds to it."""
    kept = {case.case for case in read_manifest(folder)}
    write_file_uses(account(listing, cases, kept, problems, unasked), folder)
    write_problems(problems, folder)


def account(
    listing: Listing,
    cases: Sequence[Case],
    kept: Collection[str],
    problems: list[Problem],
    unasked: Unasked = "problem",
) -> list[FileUse]:
    """A row for every file of `listing`: those of `cases` whose ids were `kept` are used, those of others a problem.

    What else is a film, a volume or a mask and was asked for by nothing becomes a row of `problems`; with
    unasked="ignored", as in a download that holds more than is read, it is ignored.
    """
    for case in cases:
        if case.case in kept:
            _decide_case(listing, case, "used", f"case {case.case}")
    excluded = {problem.file: problem.problem for problem in problems if problem.action == "excluded"}
    by_case = {problem.case: problem.problem for problem in problems if problem.action == "excluded"}
    for case in cases:
        _decide_case(listing, case, "problem", f"case {case.case} is left out: {by_case.get(case.case, '')}")
    whole = {path: folder for folder, files in listing.parts.items() for path in files}
    rows = sorted(listing.names.items(), key=lambda item: item[1])
    return [
        FileUse(name, *_decision(listing, path, whole.get(path, path), excluded, problems, unasked))
        for path, name in rows
    ]


def _decision(
    listing: Listing, path: Path, whole: Path, excluded: dict[str, str], problems: list[Problem], unasked: Unasked
) -> tuple[Use, str]:
    """What became of a file; `whole` is the folder of slices that it belongs to, or the file itself."""
    if path in listing.decided:
        return listing.decided[path]
    if str(whole) in excluded:
        return "problem", excluded[str(whole)]
    if is_archive(path):
        return "ignored", "an archive beside films that can be used; it was not unpacked"
    packed = path.name.lower().endswith(PACKED) and not is_image(path)
    if not packed and not is_image(path):
        return "ignored", "neither an image nor a label that this layout uses"
    text = ARCHIVE if packed else "lies where this layout looks for no image or mask"
    if unasked == "ignored":
        return "ignored", text
    remedy = "Unpack it." if packed else "Put it where the layout has it, or take it away."
    problems.append(Problem("", str(whole), text, remedy, "excluded"))
    return "problem", text


def _decide_case(listing: Listing, case: Case, use: Use, reason: str) -> None:
    for place in filter(None, (case.image, case.mask, case.landmarks)):
        for found in listing.parts.get(Path(place), [Path(place)]):
            listing.decide(found, use, reason)
