"""Options of a data set, held to the names and types of the function that prepares it."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from spinelib.core.errors import BadInput, closest

SCALARS = {bool: "true or false", int: "a whole number", str: "a text"}
NOT_OPTIONS = ("source", "folder")
# Rows or columns of a picture that is made: beyond any detector's, and what no memory holds many of.
LARGEST = 4096


def check_options(name: str, prepare: Callable[..., None], options: Mapping[str, Any]) -> None:
    """Raise BadInput for an option that the function `prepare` of the data set `name` has not, or of another type."""
    hints = get_type_hints(prepare)
    known = [option for option in inspect.signature(prepare).parameters if option not in NOT_OPTIONS]
    for option, value in options.items():
        if option not in known:
            near = closest(option, known)
            remedy = near if near.startswith("Known") else f"{near} Its options: {', '.join(known)}."
            raise BadInput(name, f"has no option {option!r}", remedy)
        if not has_type(value, hints[option]):
            raise BadInput(name, f"{option} is {value!r}", f"Give {kind_words(hints[option])}.")


def made_size(name: str, size: Sequence[int], least: tuple[int, int]) -> tuple[int, int]:
    """Height and width (px) of the pictures that the data set `name` makes.

    Raises BadInput unless they are two, each from its `least` to LARGEST.
    """
    if len(size) != 2 or not all(low <= side <= LARGEST for low, side in zip(least, size, strict=True)):
        remedy = f"Ask for height and width from {least[0]} x {least[1]} to {LARGEST} x {LARGEST} px."
        raise BadInput(name, f"size is {' x '.join(map(str, size)) or 'empty'}", remedy)
    return int(size[0]), int(size[1])


def has_type(value: Any, hint: Any) -> bool:
    """Whether a value as YAML gives it is what a type `hint` says; numbers are finite, lists stand for sequences."""
    kind, parts = get_origin(hint), get_args(hint)
    if kind in (Union, UnionType):
        return any(has_type(value, part) for part in parts)
    if kind is Literal:
        return any(value == part and type(value) is type(part) for part in parts)
    if hint is float:
        return type(value) in (int, float) and math.isfinite(value)
    if hint in SCALARS:
        return type(value) is hint
    if isinstance(value, Mapping):
        pairs = parts if len(parts) == 2 else (Any, None)
        return pairs[1] is not None and all(has_type(k, pairs[0]) and has_type(v, pairs[1]) for k, v in value.items())
    return isinstance(value, (list, tuple)) and len(parts) == 1 and all(has_type(part, parts[0]) for part in value)


def kind_words(hint: Any) -> str:
    """What a type `hint` asks for, in words."""
    kind, parts = get_origin(hint), get_args(hint)
    if kind in (Union, UnionType):
        return " or ".join(kind_words(part) for part in parts)
    if kind is Literal:
        return "one of " + ", ".join(map(str, parts)) if len(parts) > 1 else str(parts[0])
    if hint is float:
        return "a number"
    if hint in SCALARS:
        return SCALARS[hint]
    if len(parts) == 2:
        return f"a mapping, each of {kind_words(parts[0])} and {kind_words(parts[1])}"
    return f"a list, each of {kind_words(parts[0])}"
