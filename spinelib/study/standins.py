"""Data and weights that a user may give: what a study takes instead where they are not there.

A data set with ``otherwise: NAME`` has the data set NAME stand in for it when its files are not in the folder given as
``$DATA``; ``otherwise: nothing`` leaves it out with its runs. A parameter that begins with ``$DATA`` names a file that
may be there: without it the parameter keeps its notebook's value, and a published recipe, which begins from such
weights, becomes the common one. So it does for every method that the study compares with that one: both sides of a
comparison have one recipe.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from spinelib.core.errors import BadInput, closest
from spinelib.study.jobs import from_notebooks
from spinelib.study.scale import rename_recipe

SOURCE, NOTHING = "$DATA", "nothing"
MASKS = "masks"  # the parameter that names a folder of masks made elsewhere


def with_given(file: Path, given: Mapping[str, Any], data: str) -> tuple[dict[str, Any], list[str]]:
    """The study `given` with the data that are in the folder `data` ('': none), and a sentence for each that is not.

    Raises BadInput for a stand-in that is no data of the study, and for a folder that holds nothing it could use.
    """
    known = {name: options for name, options in given.get("data", {}).items() if isinstance(options, dict)}
    standing = {str(options["otherwise"]) for options in known.values() if "otherwise" in options}
    if not standing:
        return dict(given), []
    absent = _absent(file, given, data)
    runs = [_replaced(entry, absent) for entry in given.get("runs", []) if _kept(entry, absent)]
    used = {name for entry in runs if isinstance(entry, dict) for name in _data_of(entry)}
    out = {*absent, *(standing - used)}
    kept = {name: _plain(options) for name, options in given["data"].items() if name not in out}
    return {**given, "data": kept, "runs": runs}, [_said(name, other) for name, other in absent.items()]


def _plain(options: Any) -> Any:
    if not isinstance(options, dict):
        return options
    return {key: value for key, value in options.items() if key != "otherwise"}


def with_weights(given: Mapping[str, Any], data: str) -> tuple[dict[str, Any], list[str]]:
    """The study `given` with the weights to begin from that are in the folder `data`, and a sentence on others."""
    files = _Files(data)
    runs = [files.fill(entry) for entry in given.get("runs", []) if not files.lacks_masks(entry)]
    pairs = [pair for pair in given.get("comparisons", []) if not files.unscored & set(_sides(pair))]
    moved = _with_rivals(files.without, pairs, runs)
    runs = [_by_common(entry) if _methods(entry) & moved else entry for entry in runs]
    pairs = rename_recipe(pairs, "published", "common", moved)
    changed = {key: value for key, value in (("runs", runs), ("comparisons", pairs)) if key in given}
    rivals = sorted(moved - files.without)
    also = [f"{', '.join(rivals)}: by the common recipe, too, to be compared with"] if rivals else []
    return {**given, **changed}, [*files.notes, *also]


def _methods(entry: Any) -> set[str]:
    """The methods of a run's entry, as far as they are names: whatever else stands there is refused later."""
    given = entry if isinstance(entry, dict) else {}
    several = given.get("methods", [])
    named = [given.get("method", ""), *(several if isinstance(several, list) else [])]
    return {name for name in named if isinstance(name, str)} - {""}


def _with_rivals(methods: Collection[str], pairs: Iterable[Any], entries: Iterable[Any]) -> set[str]:
    """`methods`, all that are compared with one of them, and all that share the entry of a run with one of those."""
    sides = [{str(side).partition("/")[0] for side in pair} for pair in pairs if isinstance(pair, list)]
    groups, found = [*sides, *map(_methods, entries)], set(methods)
    while more := set().union(*(group for group in groups if group & found)) - found:
        found |= more
    return found


def _by_common(entry: dict[str, Any]) -> dict[str, Any]:
    return {**entry, "recipe": "common"} if entry.get("recipe") == "published" else entry


def _sides(pair: Any) -> list[str]:
    return [side for side in pair if isinstance(side, str)] if isinstance(pair, list) else []


def _absent(file: Path, given: Mapping[str, Any], data: str) -> dict[str, str]:
    """By the name of data that are not there, the name of what stands in for them."""
    known = given.get("data", {})
    asked = {name: options for name, options in known.items() if isinstance(options, dict) and "otherwise" in options}
    for name, options in asked.items():
        if options["otherwise"] not in {*known, NOTHING} - {name}:
            near = closest(options["otherwise"], {*known, NOTHING})
            raise BadInput(file, f"data '{name}' has 'otherwise: {options['otherwise']}'", near)
    absent = {name: str(options["otherwise"]) for name, options in asked.items() if not _path(options, data)}
    if data and asked and len(absent) == len(asked):
        wanted = ", ".join(str(options.get("source", "")).replace(SOURCE, data) for options in asked.values())
        raise BadInput(repr(data), f"holds none of the data of {file.stem}", f"Name a folder with one of: {wanted}.")
    return absent


def _path(options: Mapping[str, Any], data: str) -> Path | None:
    path = Path(str(options.get("source", "")).replace(SOURCE, data))
    return path if data and path.exists() else None


def _said(name: str, other: str) -> str:
    return f"Without {name}: " + ("its runs are left out." if other == NOTHING else f"{other} stands in.")


def _kept(entry: Any, absent: Mapping[str, str]) -> bool:
    return not isinstance(entry, dict) or absent.get(entry.get("trained_on", "")) != NOTHING


def _replaced(entry: Any, absent: Mapping[str, str]) -> Any:
    """A run's entry with stand-ins in the place of data that are absent."""
    if not isinstance(entry, dict) or not absent:
        return entry
    made = dict(entry)
    for key in ("trained_on", "tested_on", "added"):
        if isinstance(made.get(key), str):
            made[key] = absent.get(made[key], made[key])
        elif isinstance(made.get(key), list):
            names = dict.fromkeys(absent.get(name, name) for name in made[key])
            made[key] = [name for name in names if name != NOTHING]
    return made


def _data_of(entry: Mapping[str, Any]) -> list[str]:
    return [entry.get("trained_on", ""), *entry.get("tested_on", ()), *entry.get("added", ())]


class _Files:
    """Fills in the files that runs may begin from; `notes`: sentences on those that are not there.

    without: methods that lack weights; unscored: entries, method/variant, that lack masks.
    """

    def __init__(self, data: str) -> None:
        self.data, self.notes = data, list[str]()
        self.without, self.unscored = set[str](), set[str]()

    def fill(self, entry: Any) -> Any:
        """A run's entry with paths in place of ``$DATA``, and without the parameters whose file is not there."""
        own = entry.get("parameters", {}) if isinstance(entry, dict) else {}
        # What is no mapping is told where all of the study's entries are checked.
        own = own if isinstance(own, dict) else {}
        named = {name: str(value) for name, value in own.items() if str(value).startswith(SOURCE)}
        if not named:
            return entry
        paths = {name: Path(text.replace(SOURCE, self.data)) for name, text in named.items()}
        there = {name: from_notebooks(path) for name, path in paths.items() if self.data and path.exists()}
        made = {**entry, "parameters": {k: v for k, v in own.items() if k not in named} | there}
        lacking = [path.name for name, path in paths.items() if name not in there]
        if lacking:
            self.without |= _methods(entry)
            self._note(f"Without {', '.join(lacking)}: begun from nothing, by the common recipe.")
        return made

    def lacks_masks(self, entry: Any) -> bool:
        """Whether the entry scores a folder of masks that is not there; says so. Nothing else can stand in for it."""
        own = entry.get("parameters", {}) if isinstance(entry, dict) else {}
        name = str(own.get(MASKS, "")) if isinstance(own, dict) else ""
        if not name.startswith(SOURCE) or (self.data and Path(name.replace(SOURCE, self.data)).is_dir()):
            return False
        variants = entry.get("variants", [entry.get("variant", "full")])
        self.unscored |= {f"{method}/{variant}" for method in _methods(entry) for variant in variants}
        self._note(f"Without {name.removeprefix(SOURCE).strip('/')}: its masks are not scored.")
        return True

    def _note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)
