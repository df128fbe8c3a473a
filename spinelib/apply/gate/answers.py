"""The types of answers that a gate judges: of films from the front, of films from the side, of volumes.

All go through one machinery: signs, two rules, thresholds at the same rates. A type says what its signs are, when an
answer is right, and what a user is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spinelib.apply.film import OutlinedFilm, outline_film
from spinelib.apply.gate.compare import compare_film, compare_side, compare_volume
from spinelib.apply.gate.side_signs import SIDE_SIGNS, SIDE_SURE, count_row, measure_side
from spinelib.apply.gate.signs import SIGNS, SURE_SIGNS, measure_signs
from spinelib.apply.gate.volume_signs import VOLUME_SIGNS, VOLUME_SURE, count_structures, measure_volume
from spinelib.apply.volume import OutlinedVolume, outline_volume
from spinelib.core.structures import STRUCTURES
from spinelib.measures.cobb.table import STRUCTURE

if TYPE_CHECKING:
    from spinelib.prediction.card import Card

# Degrees within which a largest angle is right: about what readers differ from themselves by.
WITHIN = 5.0
# (C, our choice) Mean Dice of a volume that is right: most structures bear their own name, and can be corrected.
LEAST_DICE = 0.6
LYING = "the picture is wider than high: a film on its side is turned upright first"


@dataclass(frozen=True)
class AnswerType:
    """What a gate has to know of the answers of a network.

    name, things: in words, things in the plural; good, real: kinds of pictures (`MadePicture.kind`) that ought to be
    answered, digital and with a label of people ("": there are none). signs: what is said of an answer that a sign
    speaks against, by sign; sure: signs that say whether an answer is right. own: how the confidence is called that an
    answer has without a gate, and its sign. within: the greatest error (`compare`) of an answer that is right; right,
    risk: what that means, and what the error is, in words. remedy: for an answer that is refused.

    outline(predictor, path) gives an answer; measure(predictor, answer) its signs, None where there is nothing to
    judge; nothing(answer) says why; compare(answer, picture) its error and its mean Dice, NaN where not known.
    """

    name: str
    things: str
    good: str
    real: str
    signs: Mapping[str, str]
    sure: tuple[str, ...]
    own: tuple[str, str]
    within: float
    right: str
    risk: str
    remedy: str
    outline: Callable[..., Any]
    measure: Callable[..., dict[str, float] | None]
    nothing: Callable[[Any], str]
    compare: Callable[..., tuple[float, float]]


def answer_type(card: Card) -> AnswerType | None:
    """The type of the answers of the network with this card; None for one that no gate is for."""
    if card.pipeline.get("named"):
        return SIDE_ANSWER
    return {(STRUCTURE,): FILM_ANSWER, STRUCTURES: VOLUME_ANSWER}.get(card.classes)


def _no_column(found: OutlinedFilm) -> str:
    reading = found.reading
    words = f"no column of vertebrae: {0 if reading is None else len(reading.corners)} bodies found"
    if reading is not None and reading.status == "out_of_range":
        words = f"no column of vertebrae: {reading.reason}"
    return words + _lying(found)


def _no_row(found: OutlinedFilm) -> str:
    return f"no row of vertebrae: {count_row(found)} found{_lying(found)}"


def _no_structures(found: OutlinedVolume) -> str:
    return f"no column of vertebrae: {count_structures(found)} vertebrae and discs found"


def _lying(found: OutlinedFilm) -> str:
    high, wide = found.film.place.film
    return f"; {LYING}" if wide > high else ""


FILM_ANSWER = AnswerType(
    name="film",
    things="films",
    good="film",
    real="development film",
    signs=SIGNS,
    sure=SURE_SIGNS,
    own=("reading", "alone"),
    within=WITHIN,
    right=f"the largest angle is within {WITHIN:g} degrees",
    risk="error of the largest angle (degrees)",
    remedy="Give a film of the whole spine from the front, upright. If it is one, read it by hand.",
    outline=outline_film,
    measure=measure_signs,
    nothing=_no_column,
    compare=compare_film,
)
SIDE_ANSWER = AnswerType(
    name="side",
    things="films from the side",
    good="side film",
    real="",
    signs=SIDE_SIGNS,
    sure=SIDE_SURE,
    own=("detector", "score"),
    # (C, our choice) All labelled vertebrae: a name that is wrong moves those after it.
    within=0.0,
    right="all vertebrae are found and rightly named",
    risk="vertebrae missed or misnamed (share)",
    remedy=(
        "Give a film of the neck or the loin from the side, upright. If it shows the spine from the front, name the "
        "network that reads it (--network film); if it is one from the side, read it by hand."
    ),
    outline=outline_film,
    measure=measure_side,
    nothing=_no_row,
    compare=compare_side,
)
VOLUME_ANSWER = AnswerType(
    name="volume",
    things="volumes",
    good="volume",
    real="real volume",
    signs=VOLUME_SIGNS,
    sure=VOLUME_SURE,
    own=("network", "inside"),
    within=1 - LEAST_DICE,
    right=f"the mean Dice of vertebrae and discs is {LEAST_DICE:g} or more",
    risk="1 - mean Dice",
    remedy="Give a T2 volume of the loin whose header says how the patient lies. If it is one, outline it by hand.",
    outline=outline_volume,
    measure=measure_volume,
    nothing=_no_structures,
    compare=compare_volume,
)
