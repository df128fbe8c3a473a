"""What a published index says first: where its numbers come from, how to make them again, what was left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from spinelib.plots.words import listed
from spinelib.report.words import duration

Records = Mapping[str, Mapping[str, Any]]


def origin_facts(runs: Records, questions: Records, uncommitted: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Commits, date, seeds, budget and machine of what finished, as pairs of words.

    uncommitted: names of what code that is in no commit has made.
    """
    trainings = [record["trained"] for record in runs.values() if record.get("trained")]
    records = [*runs.values(), *questions.values()]
    days = sorted({str(record.get("started", ""))[:10] for record in records} - {""})
    commits = _several(
        f"{r['commit']}{' with local changes' if r.get('dirty') else ''}"
        for r in (*records, *trainings)
        if r.get("commit")
    )
    pairs = [
        ("commit", commits),
        ("made by code that was not committed", listed(list(uncommitted))),
        ("date", " to ".join(dict.fromkeys([days[0], days[-1]])) if days else ""),
        ("seeds", _several(_given(runs, "seed"))),
        ("budget", _budget(runs)),
        ("machine", _several(_machine(record) for record in records)),
    ]
    return [(name, words) for name, words in pairs if words]


def _budget(runs: Records) -> str:
    training = [(record.get("facts") or {}).get("training") or {} for record in runs.values()]
    # A run made again keeps its weights: what its notebook took is not what training took.
    seconds = sum(float(facts.get("seconds") or 0) for facts in training)
    trained = {
        name: record for name, record in runs.items() if not {"released", "masks"} & set(record.get("facts") or {})
    }
    parts = [
        f"{len(trained) or 'no'} training{'s' if len(trained) > 1 else ''}",
        _range("width", _given(trained, "width")),
        _range("epochs", _given(runs, "epochs")),
        _range("steps", [str(facts["steps"]) for facts in training if facts.get("steps")]),
        f"{duration(seconds)} of training in all" if seconds else "",
    ]
    return ", ".join(part for part in parts if part) if runs else ""


def _given(runs: Records, name: str) -> list[str]:
    return [str(record["parameters"][name]) for record in runs.values() if name in record.get("parameters", {})]


def _range(name: str, values: list[str]) -> str:
    known = sorted({float(value) for value in values})
    return f"{name} {' to '.join(f'{value:g}' for value in dict.fromkeys([known[0], known[-1]]))}" if known else ""


def _machine(record: Mapping[str, Any]) -> str:
    hardware = record.get("hardware") or {}
    threads = record.get("threads") or hardware.get("cores")
    cores = f"{hardware.get('cores')} cores" if hardware.get("cores") else ""
    memory = f"{hardware.get('memory_gib')} GiB" if hardware.get("memory_gib") else ""
    used = f"{threads} thread{'s' if threads != 1 else ''} a run" if threads else ""
    return ", ".join(word for word in (hardware.get("gpu"), hardware.get("cpu"), cores, memory, used) if word)


def _several(words: Iterable[str]) -> str:
    return "; ".join(sorted({word for word in words if word}))


def about_html(facts: Iterable[tuple[str, str]], command: str, left: Iterable[str]) -> str:
    """The section as HTML: facts as pairs of words, the command that makes the study, and what was left out."""
    lines = "\n".join(f"<li><span>{escape(name)}</span>{escape(words)}</li>" for name, words in facts)
    out = "\n".join(f"<li>{escape(words)}</li>" for words in left)
    return (
        '<section class="card" id="published">\n'
        "<p><strong>Published results</strong>, kept as they were made. Tables are rounded to six digits, pictures are "
        f"smaller than the study's own. Everything again: <code>{escape(command)}</code></p>\n"
        f'<ul class="facts">\n{lines}\n</ul>\n'
        f"<details><summary>What was left out</summary>\n<ul>\n{out}\n</ul>\n</details>\n"
        "</section>\n"
    )
