"""One answer of the index, and words that all of them share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

ELSEWHERE = "It learned longer or from other data, which says nothing of its method."


@dataclass(frozen=True)
class UseAnswer:
    """What a study answers for one use on one set of data; whole sentences, '' where there is nothing to say.

    verdict: told first. found: by how much, and what else was seen. sure: what the verdict rests on. on: which cases.
    link: where the evidence is, within the index or beside it; told: whether the verdict has an answer.
    """

    use: str
    verdict: str
    found: list[str] = field(default_factory=list)
    sure: str = ""
    on: str = ""
    link: str = ""
    told: bool = False


def all_of(names: Sequence[str]) -> str:
    """Every name, as a list within a sentence: ``a, b and c``."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def counted_of(number: int, one: str) -> str:
    """A number and its noun: ``1 patient``, ``2 patients``."""
    return f"{number} {one}{'' if number == 1 else 's'}"
