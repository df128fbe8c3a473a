"""A study at a smaller scale: the same file and the same plan, with smaller numbers (``scales`` in the study file).

(C, our choice) Patients, channels, size of the input, length and seeds shrink together, so that the whole study fits a
budget; a paper's own recipe is then `shortened` and never counts as the published one. A run from fewer films than
there are keeps its share of all: of digital patients it has as many fewer as these are, of given films as many as ever,
so that it still takes as many steps as one from all.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spinelib.core.errors import BadInput, closest
from spinelib.core.names import SHORTENED
from spinelib.runs.parameters import read_parameters
from spinelib.study.known import find_notebook
from spinelib.study.schema import check_keys

NUMBER = (int, float)
FACTORS = ("patients", "width", "size", "epochs")
SCALE = dict.fromkeys(FACTORS, NUMBER) | {
    "seeds": int,
    "slices": int,
    "folds": int,
    "given": dict,
    "recipe": str,
    "data": dict,
    "parameters": dict,
    "questions": dict,
}
# Networks halve their input up to four times; fewer patients than five make no five folds.
STEP, FEWEST = 16, 5
SIZES = ("size", "grid")


@dataclass(frozen=True)
class Scale:
    """Factors (above 0, at most 1) on digital patients, channels, rows and columns, and epochs; how many seeds run.

    slices: of volumes and of their grid, at most; folds: so many of the first ones run (0: all there are);
    recipe: what a paper's own recipe becomes; data and questions: options and parameters by name, parameters: of runs,
    given: of runs that learn from data of the user's, which are as many as they are; each in place of the study's.
    """

    patients: float
    width: float
    size: float
    epochs: float
    seeds: int
    slices: int = 0
    folds: int = 0
    recipe: str = SHORTENED
    data: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    questions: Mapping[str, Any] = field(default_factory=dict)

    def words(self, name: str, most: int, foreign: bool) -> str:
        """What it shrinks, in a sentence or two; most: seeds at full scale; foreign: some data are the user's."""
        parts = dict(zip(FACTORS, ("digital patients", "channels", "rows and columns", "epochs"), strict=True))
        factors = {word: getattr(self, key) for key, word in parts.items()}
        shares = ", ".join(f"{100 * factor:g} % of the {word}" for word, factor in factors.items() if factor < 1)
        shares += f", {self.slices} slices" if self.slices else ""
        shares += f", the first {self.folds} folds" if self.folds else ""
        other = _listed(self.parameters) + (_listed(self.given, " on given data") if foreign else "")
        text = f"At {name} scale: {shares}, {min(self.seeds, most)} of {most} seeds{other}."
        return text + " No recipe of a paper runs at its full length: nothing here replicates or contradicts one."

    def grid(self, grid: Sequence[int]) -> list[int]:
        """Rows and columns shrunk to multiples of 16, and slices before them to `slices`."""
        slices = [min(number, self.slices or number) for number in grid[:-2]]
        return [*slices, *(max(STEP, STEP * round(side * self.size / STEP)) for side in grid[-2:])]

    def count(self, number: int) -> int:
        """So many patients shrunk, but not below five."""
        return min(number, max(FEWEST, round(number * self.patients)))


def banner_text(*texts: str) -> str:
    """Texts of a banner as one, which ends without a full stop: pages add it."""
    return ". ".join(text.strip().rstrip(".") for text in texts if text.strip())


def _listed(parameters: Mapping[str, Any], where: str = "") -> str:
    return "".join(f", {key} {value}{where}" for key, value in parameters.items() if value != "")


def at_scale(file: Path, given: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The study `given` at its scale `name` ('': as it is). Raises BadInput for a scale that is not there or faulty."""
    scales = {key: _read(file, given["scales"], key) for key in given.get("scales", {})}
    if not name:
        return dict(given)
    if name not in scales:
        remedy = closest(name, scales) if scales else "Give it one under 'scales', or run it as it is."
        raise BadInput(file, f"has no scale '{name}'", remedy)
    scale = scales[name]
    entries = [entry for entry in given.get("runs", []) if isinstance(entry, dict)]
    most = max((len(entry.get("seeds", [0])) for entry in entries), default=1)
    foreign = {key for key, options in given.get("data", {}).items() if options.get("source")}
    banner = banner_text(scale.words(name, most, bool(foreign)), given.get("banner", ""))
    pairs = rename_recipe(given.get("comparisons", []), "published", scale.recipe)
    data = {key: _data(scale, key, options) for key, options in given.get("data", {}).items()}
    shares = {key: _share(options, data[key], foreign=key in foreign) for key, options in given.get("data", {}).items()}
    few = [shares.get(x.get("trained_on"), 1.0) for x in entries if x.get("parameters", {}).get("train_films")]
    changed = {
        "title": f"{given['title']} ({name} scale)",
        "banner": banner,
        "data": data,
        "defaults": _parameters(scale, given.get("defaults", {}), usual=True),
        "runs": [
            _run(scale, entry, _given(file, scale, entry, foreign), shares)
            for entry in given.get("runs", [])
            if _runs(scale, entry)
        ],
        "questions": [_question(scale, entry) for entry in given.get("questions", [])],
        "comparisons": _with_films(pairs, few or [1.0]),
    }
    return {**given, **changed, **({"grid": scale.grid(given["grid"])} if "grid" in given else {})}


def _read(file: Path, known: Mapping[str, Any], name: str) -> Scale:
    check_keys(known[name], SCALE, file, f"the scale '{name}'", required=(*FACTORS, "seeds"))
    for key in FACTORS:
        if not 0 < known[name][key] <= 1:
            raise BadInput(file, f"'{key}' of the scale '{name}' is {known[name][key]}", "Give a share, 0 to 1.")
    if known[name]["seeds"] < 1:
        raise BadInput(file, f"'seeds' of the scale '{name}' is {known[name]['seeds']}", "Give 1 or more.")
    for key in ("slices", "folds"):
        if known[name].get(key, 0) < 0:
            raise BadInput(file, f"'{key}' of the scale '{name}' is {known[name][key]}", "Give 0 for all, or more.")
    for key in ("data", "questions"):
        for of, own in known[name].get(key, {}).items():
            if not isinstance(own, dict):
                raise BadInput(file, f"'{of}' in '{key}' of the scale '{name}' is {own!r}", "Give a mapping.")
    return Scale(**known[name])


def _data(scale: Scale, name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    made = dict(options)
    if isinstance(made.get("patients"), int):
        made["patients"] = scale.count(made["patients"])
    made |= {key: scale.grid(made[key]) for key in SIZES if made.get(key)}
    return {**made, **scale.data.get(name, {})}


def _share(options: Mapping[str, Any], made: Mapping[str, Any], foreign: bool) -> float:
    """How many of its cases a data set still has; films that are given are as many as they are."""
    before, after = options.get("patients"), made.get("patients")
    return after / before if not foreign and isinstance(before, int) and isinstance(after, int) and before else 1.0


def _films(number: int, share: float) -> int:
    return max(1, round(number * share))


def _parameters(scale: Scale, given: Mapping[str, Any], usual: bool = False) -> dict[str, Any]:
    """Parameters of a run shrunk; usual: they are the study's defaults, where the scale's own parameters go, too."""
    made = _compute(scale, given)
    if "epochs" in made:
        made["epochs"] = max(1, round(made["epochs"] * scale.epochs))
    if usual:
        made["width"] = made.get("width", 1.0) * scale.width
        made |= {"recipe": scale.recipe} if made.get("recipe") == "published" else {}
        return {**made, **scale.parameters}
    return made | {key: value for key, value in scale.parameters.items() if key in made}


def _compute(scale: Scale, given: Mapping[str, Any]) -> dict[str, Any]:
    """Multiply-adds asked for shrink with the square of channels, rows and columns."""
    asked = given.get("compute")
    return (
        {**given, "compute": asked * (scale.width * scale.size) ** 2} if isinstance(asked, int | float) else {**given}
    )


def _given(file: Path, scale: Scale, entry: Any, foreign: Collection[str]) -> dict[str, Any]:
    """What a run on data of the user's has in place of the study's, of all that its notebook knows."""
    if not isinstance(entry, dict) or entry.get("trained_on") not in foreign:
        return {}
    notebook = find_notebook(file.parent.parent, entry["notebook"])
    known = read_parameters(notebook) if notebook.exists() else scale.given
    return {key: value for key, value in scale.given.items() if key in known}


def _folds(scale: Scale, entry: Mapping[str, Any]) -> list[int]:
    """Those of the entry's folds that run."""
    named = entry.get("fold", [])
    every = named if isinstance(named, list) else [named]
    return [fold for fold in every if not scale.folds or fold < scale.folds]


def _runs(scale: Scale, entry: Any) -> bool:
    return not isinstance(entry, dict) or "fold" not in entry or bool(_folds(scale, entry))


def _run(scale: Scale, entry: Any, given: Mapping[str, Any], shares: Mapping[str, float]) -> Any:
    if not isinstance(entry, dict):
        return entry
    made = {**_compute(scale, entry), "seeds": entry.get("seeds", [0])[: scale.seeds]}
    made |= {"fold": _folds(scale, entry)} if isinstance(entry.get("fold"), list) else {}
    made |= {"width": made["width"] * scale.width} if "width" in made else {}
    made |= {"recipe": scale.recipe} if made.get("recipe") == "published" else {}
    parameters = _parameters(scale, made.get("parameters", {}))
    if parameters.get("train_films"):
        parameters["train_films"] = _films(parameters["train_films"], shares.get(str(entry.get("trained_on")), 1.0))
    return {**made, "parameters": {**parameters, **given}}


def _question(scale: Scale, entry: Any) -> Any:
    made: dict[str, Any] = {"notebook": entry} if isinstance(entry, str) else dict(entry)
    own = scale.questions.get(Path(made["notebook"]).stem, {})
    return {**made, "parameters": {**made.get("parameters", {}), **own}} if own else entry


def _with_films(pairs: Iterable[Any], shares: Iterable[float]) -> list[Any]:
    """Comparisons with the numbers of training films that their sides name shrunk to each of the shares; once each."""

    def shrunk(side: Any, share: float) -> Any:
        return re.sub(r"(?<=_films)\d+", lambda found: str(_films(int(found[0]), share)), side)

    found = [[shrunk(side, share) for side in pair] for share in shares for pair in pairs]
    return [pair for k, pair in enumerate(found) if pair not in found[:k]]


def rename_recipe(pairs: Iterable[Any], old: str, new: str, methods: Collection[str] | None = None) -> list[Any]:
    """Comparisons with the recipe `new` for `old` in the names of entries (of `methods` alone, where given)."""
    suffix = "" if new == "common" else f"_{new}"

    def renamed(side: Any) -> Any:
        chosen = isinstance(side, str) and (methods is None or side.partition("/")[0] in methods)
        return re.sub(rf"_{old}(?=$|_width_)", suffix, side) if chosen else side

    return [[renamed(side) for side in pair] if isinstance(pair, list) else pair for pair in pairs]
