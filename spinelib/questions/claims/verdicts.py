"""What the runs of a study say about the claims of the five papers (`spinelib.literature.claims`).

A claim that sets one method above another takes over the verdict of the study's contrast of the two
(`compare.study_contrasts`): `supported` where the claimed side is better, `contradicted` where it is worse. A level is
supported where its interval lies wholly beyond the published value less `margin`, a cost where there is a saving: no
contrasts, these. With one training a side a claim about scores has no finding. (C, our choice) The verdict weighs the
evidence too: `replicated` and `contradicted` need the paper's data, its published recipe and three seeds; anything less
`agrees here` or `disagrees here`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from spinelib.core.layout import StudyFolder
from spinelib.literature import claims as ledger
from spinelib.literature.counting import COST, counted_lines
from spinelib.measures.registry import higher_is_better
from spinelib.questions.claims import evidence
from spinelib.questions.claims.evidence import Claim
from spinelib.questions.compare.boards import study_cases
from spinelib.questions.compare.contrasts import study_contrasts, tested_rows
from spinelib.runs.tables import read_cases
from spinelib.statistics import power
from spinelib.statistics.contrast_verdicts import BETTER, NOT_NAMED, ONE_TRAINING, OPEN, WORSE

NEEDED_SEEDS = 3
COSTS = "costs, all papers"
FINDINGS = ("supported", "contradicted", "undecided", ONE_TRAINING, "not testable here")
# Finding by verdict of a contrast whose first side is claimed to be better.
BY_CONTRAST = {BETTER: FINDINGS[0], WORSE: FINDINGS[1], OPEN: FINDINGS[2], NOT_NAMED: FINDINGS[2]}
# Verdict by finding: with all the evidence that a replication needs, and without.
VERDICTS = {
    "supported": ("replicated", "agrees here"),
    "contradicted": ("contradicted", "disagrees here"),
    "undecided": ("inconclusive", "inconclusive"),
    ONE_TRAINING: (ONE_TRAINING, ONE_TRAINING),
    "not testable here": ("not testable here", "not testable here"),
}
FOUND = (
    *("dataset", "recipe", "width", "seeds", "n", "mean", "low", "high", "p", "p_holm"),
    *("finding", "size", "verdict", "needed"),
)


def judge(
    results: Path | str, comparisons: Sequence[Sequence[str]] = (), claims: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Every claim with what the finished study in the folder `results` says, one line per claim and data set.

    comparisons: the pairs that the study named. Adds the columns FOUND: the contrast (better is not always positive),
    its p-value and Holm's over the study's family, finding, size (the published effect against the interval), verdict,
    and what is needed for a full one. Claims without runs have one line. Raises BadInput when no run finished.
    """
    cases = study_cases(results)
    family = study_contrasts(cases, comparisons)
    own = tested_rows(_with_corrupted(cases, Path(results)))
    costs, known = evidence.costs(Path(results)), evidence.registered(Path(results), own["dataset"].unique())
    lines = []
    for claim in (ledger.read_claims() if claims is None else claims).to_dict("records"):
        found = [_found(claim, trial, known) for trial in evidence.trials(claim, own, family, costs, known)]
        lines += [{**claim, **line} for line in found or [_untested(claim, own)]]
    return pd.DataFrame(lines, columns=[*ledger.COLUMNS, *FOUND])


def _with_corrupted(cases: pd.DataFrame, results: Path) -> pd.DataFrame:
    """The cases of networks that learned from the data they are tested on, with those of corrupted films.

    The study's own table holds these only after its next run.
    """
    own = cases[cases["given"] != ""]
    path = StudyFolder(results).question("30_robustness").cases
    rows = read_cases(path) if path.exists() else read_cases(StudyFolder(results).cases)
    names = own[["run", "dataset", "variant", "given"]].drop_duplicates()
    rows = rows[rows["condition"] != "none"].drop(columns="variant").merge(names, on=["run", "dataset"])
    return pd.concat([own, rows], ignore_index=True)


def _found(claim: Claim, trial: dict[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    """The columns FOUND of one trial."""
    facts = {key: trial[key] for key in FOUND if key in trial and key != "verdict"}
    if "saving" in trial:
        facts |= dict.fromkeys(("mean", "low", "high"), trial["saving"])
    finding = _finding(claim, trial, facts)
    missing = list(_missing(claim, facts, known))
    verdict = VERDICTS[finding][bool(missing)]
    needed = _more_patients(claim, trial) if trial.get("verdict") == OPEN and finding == "undecided" else ""
    needed = "the pair among the comparisons of the study's file" if trial.get("verdict") == NOT_NAMED else needed
    words = "; ".join(text for text in (needed, *missing) if text)
    size = "" if finding == ONE_TRAINING else _size(claim, facts)
    return {**facts, "finding": finding, "size": size, "verdict": verdict, "needed": words}


def _finding(claim: Claim, trial: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    if trial.get("verdict") == ONE_TRAINING:
        return ONE_TRAINING
    if claim["rule"] not in ("level", "cost"):
        return BY_CONTRAST[trial["verdict"]]
    ends = sorted(_sign(claim) * (facts[end] - _least(claim)) for end in ("low", "high"))
    return "supported" if ends[0] > 0 else "contradicted" if ends[1] < 0 else "undecided"


def _least(claim: Claim) -> float:
    """Where the claimed side begins."""
    if claim["rule"] != "level":
        return 0.0
    return float(claim["published"] - _sign(claim) * claim["margin"])


def _sign(claim: Claim) -> int:
    """+1 where more is better; a cost is already given as a saving."""
    return 1 if claim["rule"] == "cost" or higher_is_better(claim["metric"]) else -1


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
    if facts["width"] != 1:
        yield f"the full width, not {facts['width']:g} of it"
    if facts["seeds"] < NEEDED_SEEDS:
        yield f"{NEEDED_SEEDS} seeds, not {facts['seeds']:.0f}"


def _more_patients(claim: Claim, trial: Mapping[str, Any]) -> str:
    """How many patients an undecided line needs at the spread seen here."""
    sd, alpha = float(trial["patient_sd"]), 1 - claim["confidence"]
    known = claim["rule"] != "level" and np.isfinite(claim["published"])
    effect = claim["published"] if known else trial["mean"] - _least(claim)
    if not sd > 0 or not effect:
        return "runs whose scores differ"
    n, words = power.patients_needed(effect / sd, alpha=alpha), "published effect" if known else "difference seen here"
    count = f"{n:,.0f}" if np.isfinite(n) else "more than ten million"
    return f"{count} patients (here {trial['n']:.0f}) for the {words} of {effect:.3g} with power 0.8"


def _untested(claim: Claim, cases: pd.DataFrame) -> dict[str, Any]:
    """The columns FOUND of a claim that no run bears on."""
    blank: dict[str, Any] = dict.fromkeys(("dataset", "recipe"), "") | dict.fromkeys(FOUND[2:10], np.nan)
    names = [name for name in (claim["one"], claim["other"]) if name]
    absent = [name for name in names if name not in set(cases["given"])] if claim["rule"] != "none" else []
    runs = f"runs of {' and '.join(absent)}" if absent else ""
    words = "; ".join(text for text in (runs, claim["needs"]) if text)
    finding = FINDINGS[-1]
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
