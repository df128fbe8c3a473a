"""Whose film it is: by its header, by the user's table or folders, or else by its own name.

(C, our choice) Two films are one patient's where the header (DICOM PatientID) or the user says so. Where the two do not
agree, all they join is one patient, and a row says so; across a split that the user gave it is an error. Where that
would make one patient of all PatientIDs, as folders of years do, the header alone counts, and a row says so.

Marks: (C) our choice.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from spinelib.cases.manifest import Case, Problem
from spinelib.cases.readers.images import Facts
from spinelib.core.errors import BadInput

# What programs write in place of an id when they take it away.
NOBODY = {
    *("", "0", "00000000", "-", "none", "null", "unknown", "na", "n/a", "no id", "removed", "deleted", "xxx", "x"),
    *("anon", "anonym", "anonymous", "anonymized", "anonymised", "anonymize", "de-identified", "deidentified"),
}
PLACEHOLDER = "Where the PatientID is a placeholder, give the option patients: files."
BESIDE = f"Correct header, table or folder. {PLACEHOLDER}"
# What a film's ViewPosition says of our views.
HEADER_VIEWS = {"AP": "coronal", "PA": "coronal", "LL": "lateral", "RL": "lateral", "LAT": "lateral"}
NOTES = {"header": "patient by header", "user": "", "name": "patient by file name"}


@dataclass
class _Groups:
    """Cases that belong together, joined by any word they share."""

    parent: dict[str, str] = field(default_factory=dict)

    def root(self, word: str) -> str:
        while self.parent.setdefault(word, word) != word:
            # Each look halves the way: chains as long as a folder of many patients would make it quadratic.
            self.parent[word] = word = self.parent[self.parent[word]]
        return word

    def join(self, one: str, other: str) -> None:
        self.parent[self.root(one)] = self.root(other)


def settle_patients(
    cases: Sequence[Case],
    facts: Mapping[str, Facts],
    problems: list[Problem],
    header: bool = True,
    write: Callable[[str], str] = str,
) -> list[Case]:
    """The cases with their patients, by the facts of their headers (by case), what was told of them, and their names.

    A case whose patient is "" was told none. With `header` off, headers are passed over. Words that stand for nobody
    ("anonymous", "0") are no patients. `write` turns an id into what may be read of it (`short_hash`). Raises BadInput
    where one PatientID is on both sides of a given split.
    """
    stated = {case.case: _stated(facts.get(case.case)) if header else "" for case in cases}
    members = _grouped(cases, stated)
    if _one_of_all(members, stated):
        cases = _by_header(cases, stated, problems, write)
        members = _grouped(cases, stated)
    name: dict[str, tuple[str, str]] = {}
    for group in members:
        patient = _name(group, stated, problems, write)
        how = "header" if stated[group[0].case] and not group[0].patient else "user" if group[0].patient else "name"
        name |= {case.case: (patient, NOTES[how]) for case in group}
    return [
        replace(
            case,
            patient=write(name[case.case][0]),
            note=case.note or name[case.case][1],
            accession=write(case.accession) if case.accession else "",
        )
        for case in cases
    ]


def settle_view(case: Case, facts: Facts, problems: list[Problem]) -> Case:
    """The case with the view that its header gives where nobody has told one, and with what else the header says."""
    word = HEADER_VIEWS.get(facts.view_position.strip().upper(), "")
    if case.view and word and (word == "lateral") != (case.view == "lateral"):
        text = f"its header says view {facts.view_position}, the folder or table {case.view}"
        problems.append(Problem(case.case, case.image, text, "The latter counts; correct one of them.", "kept"))
    return replace(
        case,
        view=case.view or word or "coronal",
        study_date=facts.study_date,
        laterality=facts.laterality,
        view_position=facts.view_position,
        accession=facts.accession,
    )


def series_facts(folder: Path) -> Facts:
    """What the first readable slice in a folder says of the patient; nothing for a file or without a slice."""
    import pydicom

    tags = ["PatientID", "StudyDate", "Laterality", "ViewPosition", "AccessionNumber"]
    for path in sorted(folder.iterdir())[:20] if folder.is_dir() else []:
        try:
            header = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=tags)
        # What is no DICOM file surfaces as many kinds of errors, and may lie beside the slices.
        except Exception:
            continue
        return Facts(*(str(header.get(tag) or "").strip() for tag in tags))
    return Facts()


def short_hash(word: str) -> str:
    """The first 12 hex digits of the SHA-256 of a word."""
    return hashlib.sha256(word.encode("utf-8", "backslashreplace")).hexdigest()[:12]


def _stated(facts: Facts | None) -> str:
    word = " ".join(facts.patient.split()) if facts else ""
    return "" if word.casefold() in NOBODY else word


def _name(
    group: Sequence[Case], stated: Mapping[str, str], problems: list[Problem], write: Callable[[str], str]
) -> str:
    """The id of one patient, after a look at whether header and user agree. Raises BadInput."""
    headers, told = _words(group, stated)
    first = group[0]
    sides = {case.split: case for case in group if case.split}
    if headers and len(sides) > 1:
        raise BadInput(
            first.image, _on_both_sides(group, stated, write), f"Put all films of a patient on one side. {BESIDE}"
        )
    if len(headers) > 1 or (headers and len(told) > 1):
        ids, words = _listed(headers, write), _listed(told, write)
        text = f"header (PatientID {ids}) and table or folders ({words}) tell different patients: taken as one"
        problems.append(Problem(first.case, first.image, text, BESIDE, "kept"))
        return headers[0] if len(headers) == 1 else told[0]
    return told[0] if told else headers[0] if headers else first.case


def _words(group: Sequence[Case], stated: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """The PatientIDs of a group, and the patients that were told of it."""
    return sorted({stated[case.case] for case in group} - {""}), sorted({case.patient for case in group} - {""})


def _grouped(cases: Sequence[Case], stated: Mapping[str, str]) -> list[list[Case]]:
    """The cases that share a PatientID or what was told, also by way of others, together."""
    groups = _Groups()
    for case in cases:
        for kind, word in (("told", case.patient), ("header", stated[case.case])):
            if word:
                groups.join(f"case {case.case}", f"{kind} {word}")
    members: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        members[groups.root(f"case {case.case}")].append(case)
    return list(members.values())


def _one_of_all(groups: Sequence[Sequence[Case]], stated: Mapping[str, str]) -> bool:
    """Whether what was told makes one patient of all PatientIDs, though no split of the user's makes it matter."""
    known = [group for group in groups if any(stated[case.case] for case in group)]
    if len(known) != 1 or len({case.split for case in known[0] if case.split}) > 1:
        return False
    headers, told = _words(known[0], stated)
    # One name for several PatientIDs among other patients is a patient with several.
    return len(headers) > 1 and (len(groups) == 1 or len(told) > 1)


def _by_header(
    cases: Sequence[Case], stated: Mapping[str, str], problems: list[Problem], write: Callable[[str], str]
) -> list[Case]:
    """The cases without what was told of those that a header names, with a row that says so."""
    with_header = [case for case in cases if stated[case.case]]
    headers, told = _words(with_header, stated)
    ids, words = (_listed(each, write) for each in (headers, told))
    text = f"table or folders ({words}) would make one patient of PatientID {ids}: those of the headers count"
    problems.append(Problem("", str(Path(with_header[0].image).parent), text, BESIDE, "kept"))
    return [replace(case, patient="") if stated[case.case] else case for case in cases]


def _on_both_sides(group: Sequence[Case], stated: Mapping[str, str], write: Callable[[str], str]) -> str:
    """Which PatientID, or else what that was told, lies in train and in test."""
    rest = _conflict(group, stated, write)
    for kind, word_of in (("PatientID", lambda case: stated[case.case]), ("patient", lambda case: case.patient)):
        for word in sorted({word_of(case) for case in group} - {""}):
            sides = {case.split: case for case in group if case.split and word_of(case) == word}
            if len(sides) > 1:
                names = f"{sides['train'].case} in train, {sides['test'].case} in test"
                return f"{kind} {write(word)!r} is on both sides of the split ({names}){rest}"
    return f"is of patients that are on both sides of the split{rest}"


def _conflict(group: Sequence[Case], stated: Mapping[str, str], write: Callable[[str], str]) -> str:
    """What headers and table or folders say of a group, where the two do not agree; "" where they do."""
    headers, told = _words(group, stated)
    if len(headers) < 2 and len(told) < 2:
        return ""
    return f"; headers say PatientID {_listed(headers, write)}, table or folders {_listed(told, write) or 'nothing'}"


def _listed(words: Sequence[str], write: Callable[[str], str], most: int = 6) -> str:
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(repr(write(word)) for word in words[:most]) + more
