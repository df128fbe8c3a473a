"""Printed numbers by their id, what follows from them, and texts that name them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import filter as matching

DIGITS = 4  # decimals to which what follows from printed numbers is rounded; the papers print no more


@dataclass(frozen=True)
class Number:
    """A number and how its paper prints it: shares (unit ``1``) in per cent with two decimals, all else plainly."""

    value: float
    unit: str

    def __format__(self, spec: str) -> str:
        """As the paper prints it; a spec such as ``.4f`` shows the plain value instead, ``+`` its sign."""
        if spec.endswith("f"):
            return format(self.value, spec)
        return f"{100 * self.value:{spec}.2f}" if self.unit == "1" else f"{self.value:{spec}g}"


class Numbers(dict[str, Number]):
    """Numbers by id; a key may be arithmetic on ids as well, which is worked out without rounding.

    Known are ``a - b``, ``a / (1 + b)``, ``1 + b`` and ``mean(pattern)``, the mean of all ids that match a pattern such
    as ``safnet-fold*-mr-dice``. Raises KeyError with what is no id.
    """

    def __missing__(self, key: str) -> Number:
        if " / " in key:
            one, other = key.split(" / ")
            return Number(self[one].value / self[other.strip("()")].value, self[one].unit)
        if " - " in key:
            one, other = key.split(" - ")
            return Number(self[one].value - self[other].value, self[one].unit)
        if key.startswith("1 + "):
            added = self[key.removeprefix("1 + ")]
            return Number(1 + added.value, added.unit)
        found = [self[name] for name in matching(self, key.removeprefix("mean(").removesuffix(")"))]
        if not key.startswith("mean(") or not found:
            raise KeyError(key)
        return Number(sum(each.value for each in found) / len(found), found[0].unit)

    def rounded(self, key: str) -> float:
        """The value of an id as it stands there, of arithmetic on ids to DIGITS decimals."""
        return self[key].value if key in self else round(self[key].value, DIGITS)


def in_words(text: str, numbers: Mapping[str, Number]) -> str:
    """`text` with every ``{id}`` or ``{arithmetic on ids}`` as the paper prints that number; KeyError for no id."""
    return text.format_map(numbers)
