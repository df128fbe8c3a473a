"""``python -m spinelib.apply.view_fit``: make the rule that tells films from the front and from the side.

(C, our choice) It learns from digital patients: whole films from the front, standing and bending, and parts of them,
and films of neck and loin from the side, wide and narrow, among frames and in many grey scales. It is tested on other
digital patients, and with ``--real FOLDER`` on the development films of AASCE, all from the front; these choose
nothing. No whole spine from the side and no real film from the side was there to test it on.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spinelib.apply.gate.rule import solve_logistic
from spinelib.apply.view import CERTAIN, FRONT, SIDE, ViewRule, rule_text, view_features
from spinelib.cases.area import find_area
from spinelib.cases.readers.film import read_film
from spinelib.core.command_line import OneLineParser
from spinelib.core.files import write_text
from spinelib.core.layout import VIEW_RULE
from spinelib.core.shipped import shipped
from spinelib.phantom import films, sample_anatomy
from spinelib.phantom.lateral import VIEWS as SIDE_VIEWS
from spinelib.phantom.lateral import lateral_films, straightened
from spinelib.phantom.style import Style
from spinelib.phantom.surroundings import surround
from spinelib.sources.aasce_patients import development_names

Floats = NDArray[np.float64]
KINDS = ("front", "part from the front", "neck from the side", "loin from the side")
FRONT_VIEWS = ("coronal", "coronal", "left_bending", "right_bending")
# Digital patients to learn from, to choose the strength of the penalty on, and to test on; seeds of the latter two.
PATIENTS, SEED, CHOOSING, CHOOSING_SEED, TESTED, TESTED_SEED = 300, 31, 60, 32, 200, 33
PENALTIES = (3.0, 10.0, 30.0, 100.0)
FRAMED = 0.35
# How often a film to learn from is seen, each time in another frame and grey scale.
LOOKS = 3


def drawn_films(patients: int, seed: int, looks: int = 1) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Films [h, w] of digital patients, two of each, each `looks` times, with their kind (one of KINDS)."""
    for number in range(patients):
        draw = np.random.default_rng([seed, number, 6])
        patient = sample_anatomy(1, seed, number)
        style = Style(str(draw.choice(["plain", "close", "open"])), metal=2.0, tones=0.35)
        front = films(patient, FRONT_VIEWS[number % 4], (320, 160), seed, style)
        part = number % 5 < 2
        image = _part(front.images[0], front.corners[0], draw) if part else front.images[0]
        yield from ((KINDS[int(part)], _framed(_cut(image), draw)) for _ in range(looks))
        view = number % 2
        side = lateral_films(straightened(patient), SIDE_VIEWS[view], (256, 208), seed)
        image = _narrow(side.images[0], side.corners[0], draw) if draw.uniform() < 0.5 else side.images[0]
        yield from ((KINDS[2 + view], _framed(_cut(image), draw)) for _ in range(looks))


def _part(image: NDArray[np.uint8], corners: Floats, draw: np.random.Generator) -> NDArray[np.uint8]:
    """Some vertebrae of a film [H, W] with corners [17, 4, 2] px: the height of 5 to 12 of them and what is beside."""
    count = int(draw.integers(5, 13))
    first = int(draw.integers(0, 18 - count))
    rows = corners[first : first + count, :, 1]
    top, bottom = max(int(rows.min()) - 4, 0), min(int(rows.max()) + 5, len(image))
    return image[top:bottom]


def _narrow(image: NDArray[np.uint8], corners: Floats, draw: np.random.Generator) -> NDArray[np.uint8]:
    """The column of a film [H, W] with corners [V, 4, 2] px, and some of what is beside it."""
    columns, room = corners[..., 0], draw.uniform(0.2, 1.5, 2)
    wide = float(columns.max() - columns.min())
    left, right = int(columns.min() - room[0] * wide), int(columns.max() + room[1] * wide) + 1
    return image[:, max(left, 0) : right]


def _cut(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The film without the black around it; the whole where nothing is lit."""
    rows, columns = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if len(rows) else image


def _framed(image: NDArray[np.uint8], draw: np.random.Generator) -> NDArray[np.uint8]:
    """Some films in a frame, from which they are cut as a reader cuts them; some mirrored; in another grey scale."""
    image = image[:, ::-1] if draw.uniform() < 0.5 else image
    greys = 255 * (image / 255.0) ** np.exp(draw.normal(0, 0.35))
    image = greys.astype(np.uint8)
    if draw.uniform() < FRAMED:
        image = surround(image, draw)[0]
        top, left, height, width = find_area(image.astype(np.float32))
        image = image[top : top + height, left : left + width]
    return image


def seen(patients: int, seed: int, looks: int = 1) -> tuple[list[str], Floats]:
    """Kinds [n] and features [n, F] of the films of digital patients."""
    shown = [(kind, film.astype(np.float32)) for kind, film in drawn_films(patients, seed, looks)]
    return [kind for kind, _ in shown], np.stack([view_features(film) for _, film in shown])


def fit_logistic(features: Floats, side: NDArray[np.bool_], penalty: float) -> tuple[Floats, float]:
    """Weights [F] and bias of a logistic regression with the squared weights times penalty / 2."""
    given = np.concatenate([features, np.ones((len(features), 1))], 1)
    found = solve_logistic(given, np.asarray(side, float), np.ones(len(given)), penalty)
    return found[:-1], float(found[-1])


def make_rule(patients: int = PATIENTS, choosing: int = CHOOSING, tested: int = TESTED) -> ViewRule:
    """The rule of digital patients, its penalty chosen on others, its errors counted on others again."""
    (kinds, given), (others, held) = seen(patients, SEED, LOOKS), seen(choosing, CHOOSING_SEED)
    tries = [(penalty, *fit_logistic(given, _from_side(kinds), penalty)) for penalty in PENALTIES]
    penalty, weights, bias = min(tries, key=lambda one: _loss(held @ one[1] + one[2], _from_side(others)))
    test, unseen = seen(tested, TESTED_SEED)
    wrong = (unseen @ weights + bias > CERTAIN) != _from_side(test)
    errors = {kind: [int(wrong[_is(test, kind)].sum()), int(_is(test, kind).sum())] for kind in KINDS}
    made: dict[str, object] = {"patients": patients, "seed": SEED, "penalty": penalty, "wrong_of_unseen": errors}
    return ViewRule(weights, bias, made)


def _from_side(kinds: list[str]) -> NDArray[np.bool_]:
    return np.array([kind.endswith(SIDE) for kind in kinds])


def _is(kinds: list[str], kind: str) -> NDArray[np.bool_]:
    return np.array([one == kind for one in kinds])


def _loss(scores: Floats, side: NDArray[np.bool_]) -> float:
    return float(np.logaddexp(0, np.where(side, -scores, scores)).mean())


def development_films(folder: Path) -> list[Path]:
    """The films of AASCE below `folder` that the digital patient was tuned on."""
    names = set(development_names())
    return sorted(path for path in folder.rglob("*.jpg") if path.stem in names)


def main(words: list[str] | None = None) -> int:
    """Write the rule beside the released networks, and say how often it was wrong."""
    parser = OneLineParser(prog="python -m spinelib.apply.view_fit", description=__doc__)
    parser.add_argument("--real", type=Path, help="folder with the films of AASCE: those for development are judged")
    parser.add_argument("--out", type=Path, default=shipped("data", "weights", VIEW_RULE), help="the rule's file")
    given = parser.parse_args(words)
    rule = make_rule()
    if given.real:
        found = [rule.view(read_film(path).pixels) for path in development_films(given.real)]
        rule.made["wrong_of_development_films"] = [len(found) - found.count(FRONT), len(found)]
    write_text(given.out, rule_text(rule))
    print(f"{given.out}: {rule.made}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
