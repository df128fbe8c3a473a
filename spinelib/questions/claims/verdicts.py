"""What the runs of a study say about the claims of the five papers (`spinelib.literature.claims`).

(C, our choice) The interval decides: `supported` if it lies wholly on the claimed side, `contradicted` if wholly on the
other, otherwise `undecided`. The side begins at 0, for a level at the published value less `margin`. structure ``each``
asks it of every single structure. The verdict weighs the evidence too: `replicated` and `contradicted` need the paper's
data, its published recipe and three seeds; anything less `agrees here` or `disagrees here`, and the rest is
`inconclusive` or `not testable here`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from spinelib.core.errors import BadInput
from spinelib.core.layout import StudyFolder
from spinelib.literature import claims as ledger
from spinelib.literature.counting import COST, counted_lines
from spinelib.measures.registry import higher_is_better
from spinelib.questions.claims import evidence
from spinelib.questions.claims.evidence import Claim
from spinelib.questions.learning.categories import category_rows
from spinelib.questions.learning.spread import patient_spread
from spinelib.runs.learned import learned_only, unlearned_runs
from spinelib.runs.tables import read_cases
from spinelib.statistics import comparison, intervals, paired_tests, power

FRAIL = "more patients: the interval decides this line alone, but it does not survive Holm over the whole ledger"
NEEDED_SEEDS = 3
COSTS = "costs, all papers"
# Measures that follow from the scores of several structures or views together.
DERIVED = (category_rows, patient_spread)
FINDINGS = ("supported", "contradicted", "undecided", "not testable here")
# Verdict by finding: with all the evidence that a replication needs, and without.
VERDICTS = {
    "supported": ("replicated", "agrees here"),
    "contradicted": ("contradicted", "disagrees here"),
    "undecided": ("inconclusive", "inconclusive"),
    "not testable here": ("not testable here", "not testable here"),
}
FOUND = (
    *("dataset", "recipe", "width", "seeds", "n", "mean", "low", "high", "p", "p_holm"),
    *("finding", "size", "verdict", "needed"),
)


def judge(results: Path | str, claims: pd.DataFrame | None = None) -> pd.DataFrame:
    """Every claim with what the finished study in the folder `results` says, one line per claim and data set.

    Adds the columns FOUND: the interval of the mean or paired difference over patients (better is not always positive),
    permutation p-value and Holm's over all lines tested, finding, size (the published effect against the interval),
    verdict, and what is needed for a full one. Claims without runs have one line. Raises BadInput when no run finished.
    """
    path = StudyFolder(Path(results)).cases
    if not path.exists():
        raise BadInput(path, "no run of this study has finished", "Run 'make study' first.")
    cases = read_cases(path)
    corrupted = StudyFolder(Path(results)).question("30_robustness").cases
    if corrupted.exists():  # the study's table holds them only after its next run
        cases = pd.concat([cases[cases["condition"] == "none"], read_cases(corrupted)], ignore_index=True)
    cases = learned_only(cases, unlearned_runs(results))
    own = cases[
        (cases["split"] == "test") & (cases["trained_on"] == cases["dataset"]) & (cases["case"] != comparison.ALL)
    ]
    own = own.assign(name=own["method"] + "/" + own["variant"])
    own = pd.concat([own, *(f(own).reindex(columns=own.columns) for f in DERIVED)], ignore_index=True)
    costs, known = evidence.costs(Path(results)), evidence.registered(Path(results), own["dataset"].unique())
    lines = []
    for claim in (ledger.read_claims() if claims is None else claims).to_dict("records"):
        found = [_found(claim, trial, known) for trial in evidence.trials(claim, own, costs, known)]
        lines += [{**claim, **line} for line in found or [_untested(claim, own)]]
    table = pd.DataFrame(lines, columns=[*ledger.COLUMNS, *FOUND])
    table = table.assign(p_holm=comparison.holm(table["p"].astype(float)))
    frail = table["finding"].isin(FINDINGS[:2]) & (table["p_holm"] > 1 - table["confidence"])
    return table.assign(needed=table["needed"].mask(frail, FRAIL + "; " + table["needed"]))


def _found(claim: Claim, trial: dict[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    """The columns FOUND of one trial (Holm's later)."""
    facts = {key: value for key, value in trial.items() if key not in ("values", "saving")}
    if "saving" in trial:
        facts |= dict.fromkeys(("mean", "low", "high"), trial["saving"]) | {"n": np.nan, "p": np.nan}
    else:
        facts |= _interval(claim, trial["values"])
    finding = _finding(claim, facts["low"], facts["high"])
    missing = list(_missing(claim, facts, known))
    verdict = VERDICTS[finding][bool(missing)]
    needed = _more_patients(claim, trial["values"]) if finding == "undecided" and "values" in trial else ""
    words = "; ".join(text for text in (needed, *missing) if text)
    return {**facts, "finding": finding, "size": _size(claim, facts), "verdict": verdict, "needed": words}


def _interval(claim: Claim, values: list[np.ndarray]) -> dict[str, Any]:
    """Interval at the claim's confidence; of several structures the least favourable bounds (all must agree)."""
    found = [intervals.mean_interval(v, level=claim["confidence"]) for v in values]
    worst = min if higher_is_better(claim["metric"]) else max
    bounds = {name: float(worst(getattr(x, name) for x in found)) for name in ("mean", "low", "high")}
    p = np.nan if claim["rule"] == "level" else max(paired_tests.permutation_test(v) for v in values)
    return {**bounds, "n": min(len(v) for v in values), "p": p}


def _least(claim: Claim) -> float:
    """Where the claimed side begins."""
    if claim["rule"] != "level":
        return 0.0
    return float(claim["published"] - _sign(claim) * claim["margin"])


def _sign(claim: Claim) -> int:
    """+1 where more is better; a cost is already given as a saving."""
    return 1 if claim["rule"] == "cost" or higher_is_better(claim["metric"]) else -1


def _finding(claim: Claim, low: float, high: float) -> str:
    start = _least(claim)
    ends = sorted((_sign(claim) * (low - start), _sign(claim) * (high - start)))
    if not np.isfinite(ends).all():
        return "undecided"
    return "supported" if ends[0] > 0 else "contradicted" if ends[1] < 0 else "undecided"


def _size(claim: Claim, facts: Mapping[str, Any]) -> str:
    """Where the published effect lies, seen from the interval."""
    published = claim["published"]
    if not np.isfinite(published) or not np.isfinite([facts["low"], facts["high"]]).all():
        return ""
    if facts["low"] <= published <= facts["high"]:
        return "as published"
    beyond = _sign(claim) * (facts["mean"] - published) > 0
    return "better than published" if beyond else "less than published"


def _missing(claim: Claim, facts: Mapping[str, Any], known: Mapping[str, str]) -> Iterator[str]:
    """What keeps a decided line from being a replication."""
    if claim["rule"] == "cost":
        yield claim["needs"]
        return
    if known.get(str(facts["dataset"]), "") not in [name for name in claim["paper_data"].split(";") if name]:
        yield claim["needs"]
    if facts["recipe"] != "published":
        yield "the published recipe at its full length"
    if facts["seeds"] < NEEDED_SEEDS:
        yield f"{NEEDED_SEEDS} seeds, not {facts['seeds']}"


def _more_patients(claim: Claim, values: list[np.ndarray]) -> str:
    """How many patients an undecided line needs at the spread seen here."""
    d = max(values, key=lambda v: v.std(ddof=1))
    sd, alpha = float(d.std(ddof=1)), 1 - claim["confidence"]
    known = claim["rule"] != "level" and np.isfinite(claim["published"])
    effect = claim["published"] if known else d.mean() - _least(claim)
    if not sd > 0 or not effect:
        return "runs whose scores differ"
    n, words = power.patients_needed(effect / sd, alpha=alpha), "published effect" if known else "difference seen here"
    count = f"{n:,.0f}" if np.isfinite(n) else "more than ten million"
    return f"{count} patients (here {len(d)}) for the {words} of {effect:.3g} with power 0.8"


def _untested(claim: Claim, cases: pd.DataFrame) -> dict[str, Any]:
    """The columns FOUND of a claim that no run bears on."""
    blank: dict[str, Any] = dict.fromkeys(("dataset", "recipe"), "") | dict.fromkeys(FOUND[2:10], np.nan)
    names = [name for name in (claim["one"], claim["other"]) if name]
    absent = [name for name in names if name not in set(cases["name"])] if claim["rule"] != "none" else []
    runs = f"runs of {' and '.join(absent)}" if absent else ""
    words = "; ".join(text for text in (runs, claim["needs"]) if text)
    finding = FINDINGS[3]
    return {**blank, "finding": finding, "size": "", "verdict": VERDICTS[finding][1], "needed": words}


def tally(table: pd.DataFrame) -> pd.DataFrame:
    """How many lines of each verdict every paper has, one row per paper and one for the costs of all papers.

    Lines are counted as `counting.counted_lines` has it.
    """
    lines = counted_lines(table)
    table = lines.assign(paper=lines["paper"].mask(lines["about"] == COST, COSTS))
    order = dict.fromkeys(word for pair in VERDICTS.values() for word in pair)
    counts = table.groupby(["paper", "verdict"], sort=False).size().unstack(fill_value=0)
    return counts.reindex(columns=[word for word in order if word in counts.columns])
