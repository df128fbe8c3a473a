"""What a study agreed on before its first run, kept as it was; what changed later is kept too, and every page says so.

Comparisons, test sets and recipes decide what a study can find. Chosen after results were seen they prove less; so the
state at the first start is frozen, and each other one that a later start finds is added behind it. Nothing is removed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from spinelib.core.errors import BadInput
from spinelib.core.files import digest, write_text
from spinelib.core.layout import StudyFolder
from spinelib.core.seals import read_sealed, sealed
from spinelib.runs import machine

# By part (comparisons, test sets, recipes) and name in it: its values by name.
Agreed = Mapping[str, Mapping[str, Mapping[str, Any]]]
SHOWN = 3  # names in one sentence
NOTHING = "nothing"
STATES, ELSEWHERE = "states", "elsewhere"


class Wording(NamedTuple):
    """How two agreements are told apart: what is said of a part, of names that one of them lacks, and of two values."""

    part: str
    more: str
    fewer: str
    values: str


LATER = Wording("were changed after the first run", "added", "taken away", "{key} was {old}, is {new}")
THERE = Wording("are others there", "only there", "only here", "{key} is {old} here, {new} there")


def freeze(folder: Path, agreed: Agreed, finished: int, begun: bool = True) -> list[str]:
    """Keep `agreed` as what the study in `folder` agreed on, unless its last state is the same; gives what changed.

    finished: how many of its runs have finished already, which the first state keeps. begun: whether any run has left
    a trace; until then nothing is frozen, as after a start that only looked what would be done. A file that was damaged
    or edited is begun anew, and says so for good.
    """
    path = StudyFolder(folder).protocol
    states = _states(path) if begun else []
    now = json.loads(json.dumps(agreed))
    mark = digest(json.dumps(now, sort_keys=True))
    if not states or states[-1]["digest"] != mark:
        code = machine.code()
        state = {"when": datetime.now(UTC).isoformat(timespec="seconds"), "commit": code["commit"], "digest": mark}
        state |= {"finished": finished, "edited": begun and path.exists() and not states, "agreed": now}
        _write(path, [*states, state], _read(path).get(ELSEWHERE, []))
        return protocol_changes(folder)
    return []


def agreed_differences(folder: Path, other: Path) -> list[str]:
    """In what the study in `other` agrees on something else than that in `folder`, a sentence each; [] for nothing.

    Raises BadInput for a folder in which nothing was agreed yet, or whose agreement was damaged or edited.
    """
    here, there = (last_agreement(each) for each in (folder, other))
    return list(_differences(here, there, THERE))


def last_agreement(folder: Path) -> Agreed:
    """What the study in `folder` agrees on by its last start. Raises BadInput where that is not known."""
    path = StudyFolder(folder).protocol
    states = _states(path)
    if not states:
        reason = "is damaged, or was edited" if path.exists() else "is not there: no study was started in this folder"
        raise BadInput(path, reason, "Start the study there: make study STUDY=NAME.")
    agreed: Agreed = states[-1]["agreed"]
    return agreed


def agreed_commit(folder: Path) -> str:
    """The commit by which the study in `folder` was last started; '' where that is not known."""
    states = _states(StudyFolder(folder).protocol)
    return str(states[-1]["commit"]) if states else ""


def keep_changes(folder: Path, other: Path) -> None:
    """Say of the study in `folder`, for good, what was changed in `other` after the first run there had started."""
    path = StudyFolder(folder).protocol
    kept = _read(path).get(ELSEWHERE, [])
    said = [f"on another machine, {sentence}" for sentence in protocol_changes(other)]
    if set(said) - set(kept):
        _write(path, _states(path), [*dict.fromkeys([*kept, *said])])


def _write(path: Path, states: list[dict[str, Any]], elsewhere: list[str]) -> None:
    kept = {STATES: states} | ({ELSEWHERE: elsewhere} if elsewhere else {})
    write_text(path, json.dumps(sealed(kept), indent=1, ensure_ascii=False) + "\n")


def protocol_changes(folder: Path) -> list[str]:
    """What was changed after the first run of the study in `folder` had started, a sentence each."""
    path = StudyFolder(folder).protocol
    states = _states(path)
    if not states:
        return [f"{path.name} is damaged, or was edited: what was agreed is not known"] if path.exists() else []
    said = []
    if states[0]["finished"]:
        said.append(f"what was agreed was first written down when {states[0]['finished']} runs had finished")
    if states[0]["edited"]:
        said.append("what was agreed before was damaged or edited, and is not known")
    for before, after in pairwise(states):
        made = f"{after['when'][:10]}, commit {after['commit'][:7]}" if after["commit"] else after["when"][:10]
        said += [f"{sentence} ({made})" for sentence in _differences(before["agreed"], after["agreed"])]
    return said + _read(path).get(ELSEWHERE, [])


def _states(path: Path) -> list[dict[str, Any]]:
    return list(_read(path).get(STATES, []))


def _read(path: Path) -> dict[str, Any]:
    return (read_sealed(path) if path.exists() else None) or {}


def _differences(before: Agreed, after: Agreed, wording: Wording = LATER) -> Iterator[str]:
    for part in dict.fromkeys([*before, *after]):
        was, now = before.get(part, {}), after.get(part, {})
        start = f"the {part} {wording.part}:"
        for words, names in ((wording.more, [*now]), (wording.fewer, [*was])):
            alone = [name for name in names if name not in was or name not in now]
            if alone:
                yield f"{start} {words} {_some(alone)}"
        changed: dict[tuple[str, str, str], list[str]] = {}
        for name in (name for name in now if name in was):
            for key in dict.fromkeys([*was[name], *now[name]]):
                values = _said(was[name].get(key)), _said(now[name].get(key))
                if values[0] != values[1] and not (wording is LATER and _path_before(was[name], now[name], key)):
                    changed.setdefault((key, *values), []).append(name)
        for (key, old, new), names in changed.items():
            yield f"{start} {wording.values.format(key=key, old=old, new=new)} ({_some(names)})"


def _path_before(was: Mapping[str, Any], now: Mapping[str, Any], key: str) -> bool:
    """Whether only one of two states keeps what a file holds, the other where it lies: whether it changed is unknown.

    An earlier version kept paths alone, as is done of a file that is not there.
    """
    one, other = sorted((was.get(key), now.get(key)), key=lambda value: isinstance(value, dict))
    return isinstance(one, str) and bool(one) and isinstance(other, dict)


def _some(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _said(value: Any) -> str:
    return NOTHING if value is None else json.dumps(value, ensure_ascii=False)
