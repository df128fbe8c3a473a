"""What a published study answers otherwise than one of today would: an earlier ledger, networks that have changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from spinelib.core.errors import BadInput
from spinelib.core.layout import QUESTIONS, RUNS, VERDICT_TABLE
from spinelib.literature.asked import changed_lines
from spinelib.models import NETWORKS
from spinelib.protocol.config import RunConfig
from spinelib.report.results.published import PublishedStudy
from spinelib.report.results.words import listed_in_words

LEDGER = "ledger"  # fact of a recomputed question: `changed_lines` of its ledger before
VERDICTS = f"{QUESTIONS}/70_claims"
SAME_SIZE = 0.005  # by how much of its parameters a network may differ: classes of the data add a few


def outdated_parts(study: PublishedStudy) -> Iterator[str]:
    """What of the study's ledger and networks is another today, a sentence each, without a full stop."""
    counts = ledger_changes(study)
    if counts.get("gone") or counts.get("otherwise") or counts.get("lines", 0) < counts.get("today", 0):
        yield (
            f"Its ledger of claims had {counts['lines']} lines, today's has {counts['today']}: {counts['gone']} are "
            f"gone, {counts['otherwise']} ask something else, and what is new was never asked of these runs"
        )
    changed = dict(_changed_networks(study))
    if changed:
        words = [
            f"{name} ({then:.3g} million parameters then, {now:.3g} today)" for name, (then, now) in changed.items()
        ]
        yield f"Under the same name stands another network today: {listed_in_words(words)}"


def ledger_changes(study: PublishedStudy) -> dict[str, int]:
    """`changed_lines` of the ledger that the study was published with; empty where it asked no claims."""
    known = (study.records.get(VERDICTS, {}).get("facts") or {}).get(LEDGER)
    if known:
        return dict(known)
    place = f"{VERDICTS}/{VERDICT_TABLE}"
    return changed_lines(study.table(place)) if study.has(place) else {}


def _changed_networks(study: PublishedStudy) -> Iterator[tuple[str, tuple[float, float]]]:
    """Entries whose network has another size today at the same width and input, with millions of parameters."""
    for name, record in study.records.items():
        given, facts = record.get("parameters", {}), record.get("facts") or {}
        if not name.startswith(f"{RUNS}/") or given.get("method") not in NETWORKS or "params" not in facts:
            continue
        now = _size_today(given)
        if abs(facts["params"] - now) > SAME_SIZE * facts["params"]:
            yield f"{given['method']}/{given.get('variant', 'full')}", (facts["params"] / 1e6, now / 1e6)


def _size_today(given: Mapping[str, Any]) -> int:
    """Parameters that a run with these parameters would train today; 0 where there is no such network any more."""
    from spinelib.models.size import empty_network

    config = RunConfig.of(given)
    try:
        shape = (1 + config.local_contrast, *config.input_grid)
        options = tuple(sorted(config.lasting_options.items()))
        network = empty_network(config.method, config.variant, config.width, shape, options)
    except BadInput:
        return 0
    return sum(weights.numel() for weights in network.parameters() if weights.requires_grad)
