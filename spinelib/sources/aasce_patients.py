"""Whose film it is in AASCE 2019, which films a study asks for, and that no patient is learned from and tested.

The set states no patients, but its films are called by a number and a letter: `10-Jan-2017-243 B AP`. (C, our reading)
The number is the patient, over all dates: numbers run on from July 2016 to March 2017 without starting anew, letters go
on where a number goes over to a later day (254 D on 10 January, 254 E on the next), and the six numbers of January that
return in February are the same exposures again. Films of one number resemble each other far more than those of two: the
page of 00_explore prints the intraclass correlation. Films called `coronal9` have no such number: theirs is a count of
its own, since the audit finds `coronal15` in `16 C` and `coronal8` in `5 A`. Each of them is a patient of its own.

Marks: (C) our choice.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from spinelib.cases.manifest import Case, Problem
from spinelib.core.errors import BadInput

SHARED = "its patient is among the test films"
OFFICIAL_SPLIT = "Nothing needs to be done; with the option split: official it stays a training film."


def told_patient(case: str, patients: str = "number") -> str:
    """The patient that the name of a film tells, as "number 243"; the name itself where it has no number.

    patients: "near_duplicate" passes the number over.
    """
    found = re.search(r"\d{4}-(\d+) [A-Z]", case) if patients == "number" else None
    return f"number {found[1]}" if found else case


def development_names() -> list[str]:
    """Names of the films that the digital patient was tuned on: what they score is no test of it."""
    return list(pd.read_csv(Path(__file__).with_name("aasce_development.csv"))["case"])


@dataclass(frozen=True)
class FilmChoice:
    """Which films are kept: those called in `only` (empty: all), less those called in `without` and their patients.

    train: names of those of `only` that are learned from. lost: patients of `without`, told: the patient of every
    known film; both are empty until `with_patients`.
    """

    only: frozenset[str]
    without: frozenset[str]
    train: frozenset[str]
    lost: frozenset[str] = frozenset()
    told: dict[str, str] = field(default_factory=dict)
    patients: str = "number"

    @classmethod
    def of(
        cls, only: Sequence[str], without: Sequence[str], train: Sequence[str], known: Collection[str]
    ) -> FilmChoice:
        """The choice that options make; "development" stands for the development films. Raises BadInput.

        known: every film of these data, with those that cannot be used.
        """
        names = {
            "only": development_names() if only == "development" else only,
            "without": development_names() if without == "development" else without,
            "train": train,
        }
        for option, given in names.items():
            _check_names(option, given, known)
        return cls(frozenset(names["only"]), frozenset(names["without"]), frozenset(names["train"]))

    def sides(self, cases: Sequence[Case]) -> list[Case]:
        """The cases of `only`, all of them test films but those of `train`; all cases as they are without it."""
        if not self.only:
            return list(cases)
        return [
            replace(case, split="train" if case.case in self.train else "test")
            for case in cases
            if case.case in self.only
        ]

    def with_patients(self, cases: Sequence[Case], patients: str) -> FilmChoice:
        """The same choice, which now knows the patients of `cases`, near-duplicates joined."""
        told = {told_patient(case.case, patients): case.patient for case in cases}
        told |= {case.case: case.patient for case in cases}
        known = replace(self, told=told, patients=patients)
        return replace(known, lost=frozenset(known._owner(name) for name in self.without))

    def _owner(self, name: str) -> str:
        """The patient of a film, by others of its number where the film itself cannot be used."""
        number = told_patient(name, self.patients)
        return self.told.get(name, self.told.get(number, number))

    def keeps(self, name: str) -> bool:
        """Whether the film called `name` is asked for."""
        return (not self.only or name in self.only) and self._owner(name) not in self.lost


def _check_names(option: str, names: Sequence[str], known: Collection[str]) -> None:
    unknown = [name for name in names if name not in known]
    if unknown or isinstance(names, str):
        near = difflib.get_close_matches(str(names if isinstance(names, str) else unknown[0]), known, 1)
        reason = f"{unknown[0]!r} is no film of these data" if unknown else f"is {names!r}"
        raise BadInput(option, reason, f"Give a list of names of films{f', as {near[0]!r}' if near else ''}.")


def without_test_patients(cases: Sequence[Case], official: bool, problems: list[Problem]) -> list[Case]:
    """The cases, in which no patient is on both sides of the split: training films of test patients are left out.

    A row of `problems` says so of each. With `official` they stay, and every film of such a patient names in
    `near_duplicate` its near-duplicates on the other side, or where it has none the patient's films there.
    """
    sides: dict[tuple[str, str], list[str]] = defaultdict(list)
    for case in cases:
        sides[case.patient, case.split].append(case.case)
    if official:
        other = {"train": "test", "test": "train"}
        return [
            replace(case, near_duplicate=case.near_duplicate or tuple(sides[case.patient, other[case.split]]))
            for case in cases
        ]
    left = [case for case in cases if case.split == "train" and sides[case.patient, "test"]]
    problems += [Problem(case.case, case.image, SHARED, OFFICIAL_SPLIT, "excluded") for case in left]
    gone = {case.case for case in left}
    return [replace(case, near_duplicate=()) for case in cases if case.case not in gone]
