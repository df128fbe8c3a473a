"""What the runs of a study say about the claims of the five papers (`spinelib.literature.claims`).

A claim that sets one method above another takes over the verdict of the study's contrast of the two
(`compare.study_contrasts`): `supported` where the claimed side is better, `contradicted` where it is worse. What stands
in no study's family (losses on corrupted films, folds, spread, fewer films, courses of trainings) is a second family
with a Holm adjustment of its own, for the pairs that the study named. A level is two-sided: supported where its
interval lies wholly within `margin` of the published value, contradicted where it lies wholly on the worse side of
that, and `better than published`, which is no agreement, on the better side. A cost is supported where there is a
saving and contradicted where there is none (`claims.costs`). With one training a side a claim about scores has no
finding. (C, our choice) The verdict weighs the evidence too: `replicated` and `contradicted` need the paper's data, its
published recipe and three seeds; anything less `agrees here` or `disagrees here`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from spinelib.core.layout import StudyFolder
from spinelib.literature import claims as ledger
from spinelib.literature.counting import COST, COSTS, UNTESTED, counted_lines
from spinelib.measures.registry import higher_is_better
from spinelib.questions.claims import evidence
from spinelib.questions.claims.costs import cost_trials, training_paces
from spinelib.questions.claims.courses import training_courses
from spinelib.questions.claims.evidence import Held
from spinelib.questions.claims.lacking import lacking, unlearned_entries
from spinelib.questions.claims.values import Claim
from spinelib.questions.compare.boards import study_cases
from spinelib.questions.compare.contrasts import study_contrasts, tested_rows
from spinelib.runs.tables import read_cases
from spinelib.statistics import comparison, power
from spinelib.statistics.claim_verdicts import (
    AGREES,
    BEYOND,
    CLAIM_VERDICTS,
    CONTRADICTED,
    DISAGREES,
    INCONCLUSIVE,
    REPLICATED,
)
from spinelib.statistics.contrast_verdicts import (
    BETTER,
    NOT_NAMED,
    ONE_TRAINING,
    OPEN,
    UNLEARNED,
    WORSE,
    contrast_verdict,
)

NEEDED_SEEDS = 3
FINDINGS = ("supported", CONTRADICTED, "undecided", BEYOND, ONE_TRAINING, UNTESTED)
# Finding by verdict of a contrast whose first side is claimed to be better.
BY_CONTRAST = {
    BETTER: FINDINGS[0],
    WORSE: FINDINGS[1],
    OPEN: FINDINGS[2],
    NOT_NAMED: FINDINGS[2],
}
# What a trial needs that has no verdict of its own.
WITHOUT_VERDICT = {
    NOT_NAMED: "the pair among the comparisons of the study's file",
    UNLEARNED: "trainings that learn: none on these data did",
}
# Verdict by finding: with all the evidence that a replication needs, and without.
VERDICTS = {
    "supported": (REPLICATED, AGREES),
    CONTRADICTED: (CONTRADICTED, DISAGREES),
    "undecided": (INCONCLUSIVE, INCONCLUSIVE),
    BEYOND: (BEYOND, BEYOND),
    ONE_TRAINING: (ONE_TRAINING, ONE_TRAINING),
    UNTESTED: (UNTESTED, UNTESTED),
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
    its p-value and Holm's over its family, finding, size (the published effect against the interval), verdict,
    and what is needed for a full one. Claims without runs have one line. Raises BadInput when no run finished.
    """
    cases = study_cases(results)
    family = study_contrasts(cases, comparisons)
    own = tested_rows(_with_corrupted(cases, Path(results)))
    held = _held(Path(results), cases, own, family)
    asked = (ledger.read_claims() if claims is None else claims).to_dict("records")
    tried = [(claim, list(evidence.trials(claim, held))) for claim in asked]
    _judge_beyond_family([trial for _, found in tried for trial in found], comparisons)
    lines = []
    for claim, found in tried:
        rows = [_found(claim, trial, held.known) for trial in found]
        lines += [{**claim, **line} for line in rows or [_untested(claim, held)]]
    return pd.DataFrame(lines, columns=[*ledger.COLUMNS, *FOUND])


def _held(results: Path, cases: pd.DataFrame, own: pd.DataFrame, family: pd.DataFrame) -> Held:
    known = evidence.registered(results, own["dataset"].unique())
    parameters = evidence.run_parameters(results)
    tested = cases[(cases["split"] == "test") & (cases["case"] != comparison.ALL)]
    films = {str(name): int(count) for name, count in tested.groupby("dataset")["case"].nunique().items()}
    found = training_paces(results), known, parameters, films, training_courses(results), evidence.run_steps(results)
    return Held(own, family, *found, unlearned_entries(results))


def _judge_beyond_family(found: list[dict[str, Any]], comparisons: Sequence[Sequence[str]]) -> None:
    """Give the trials that stand in no study's family, but whose pair the study named, Holm's p and a verdict."""
    pairs = [set(pair) for pair in comparisons]
    open_lines = [trial for trial in found if trial.get("verdict") == NOT_NAMED]
    own = [trial for trial in open_lines if {trial["one"], trial["other"]} in pairs]
    adjusted = comparison.holm([trial["p"] for trial in own])
    for trial, p in zip(own, adjusted, strict=True):
        trial |= {"named": True, "p_holm": float(p)}
        trial["verdict"] = contrast_verdict(trial)


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
    facts = {key: trial[key] for key in FOUND[:10] if key in trial}
    if "unlike" in trial:
        blank = dict.fromkeys(FOUND[3:10], np.nan)
        return {**facts, **blank, "finding": UNTESTED, "size": "", "verdict": UNTESTED, "needed": trial["unlike"]}
    if "saving" in trial:
        facts |= dict.fromkeys(("mean", "low", "high"), trial["saving"])
    finding = _finding(claim, trial, facts)
    missing = list(_missing(claim, trial, known))
    verdict = VERDICTS[finding][bool(missing)]
    short = finding == "undecided" and trial.get("verdict") in (OPEN, BETTER, WORSE)
    needed = _more_patients(claim, trial) if short else ""
    needed = WITHOUT_VERDICT.get(str(trial.get("verdict")), needed)
    words = "; ".join(text for text in (needed, *missing) if text)
    size = "" if finding in (ONE_TRAINING, UNTESTED) else _size(claim, facts)
    return {**facts, "finding": finding, "size": size, "verdict": verdict, "needed": words}


def counted_verdict(claim: Claim) -> dict[str, Any]:
    """The columns FOUND of a claim on size or operations, which needs no run: both networks are counted."""
    (trial,) = cost_trials(claim, pd.DataFrame())
    return _found(claim, trial, {})


def _finding(claim: Claim, trial: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    if trial.get("verdict") == ONE_TRAINING:
        return ONE_TRAINING
    if claim["rule"] == "cost":
        return FINDINGS[0] if trial["saving"] > 0 else FINDINGS[1]
    if trial.get("verdict") == UNLEARNED:
        return UNTESTED
    if claim["rule"] not in ledger.LEVELS:
        # A contrast is judged at 5 %; a paper that claims p below 1 % is held to that.
        sure = trial["verdict"] not in (BETTER, WORSE) or trial["p_holm"] < 1 - claim["confidence"]
        return BY_CONTRAST[trial["verdict"]] if sure else "undecided"
    low, high = sorted(_sign(claim) * (facts[end] - claim["published"]) for end in ("low", "high"))
    return level_finding(low, high, float(claim["margin"]))


def level_finding(low: float, high: float, margin: float) -> str:
    """What an interval of a mean less its published value says, larger being better: one of FINDINGS."""
    if low > margin:
        return BEYOND
    if high < -margin:
        return CONTRADICTED
    return "supported" if low >= -margin and high <= margin else "undecided"


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
    return "more than published" if beyond else "less than published"


def _missing(claim: Claim, trial: Mapping[str, Any], known: Mapping[str, str]) -> Iterator[str]:
    """What keeps a decided line from being a replication."""
    if claim["rule"] == "cost":
        yield claim["needs"]
        return
    films = ledger.own_data(claim).get(known.get(str(trial["dataset"]), ""))
    if films is None or trial.get("films", 0) < films:
        yield claim["needs"]
    if trial["recipe"] != "published":
        yield "the published recipe at its full length"
    if trial["width"] != 1:
        yield f"the full width, not {trial['width']:g} of it"
    if trial["seeds"] < NEEDED_SEEDS:
        yield f"{NEEDED_SEEDS} seeds, not {trial['seeds']:.0f}"


def _more_patients(claim: Claim, trial: Mapping[str, Any]) -> str:
    """How many patients an undecided line needs at the spread seen here."""
    sd, alpha = float(trial["patient_sd"]), 1 - claim["confidence"]
    if claim["rule"] in ("course", "course_level"):
        return "more trainings"
    known = claim["rule"] != "level" and np.isfinite(claim["published"])
    effect = claim["published"] if known else trial["mean"] - _nearest_edge(claim, trial["mean"])
    if not sd > 0 or not effect:
        return "runs whose scores differ"
    n, words = power.patients_needed(effect / sd, alpha=alpha), "published effect" if known else "difference seen here"
    words = "distance from the edge of the margin" if claim["rule"] == "level" else words
    count = f"{n:,.0f}" if np.isfinite(n) else "more than ten million"
    return f"{count} patients (here {trial['n']:.0f}) for the {words} of {effect:.3g} with power 0.8"


def _nearest_edge(claim: Claim, mean: float) -> float:
    """Of a level the edge of its margin that lies nearer the mean, of all else 0."""
    if claim["rule"] != "level":
        return 0.0
    return min((claim["published"] + side * claim["margin"] for side in (-1, 1)), key=lambda edge: abs(mean - edge))


def _untested(claim: Claim, held: Held) -> dict[str, Any]:
    """The columns FOUND of a claim that no run bears on."""
    blank: dict[str, Any] = dict.fromkeys(("dataset", "recipe"), "") | dict.fromkeys(FOUND[2:10], np.nan)
    words = "; ".join(text for text in (lacking(claim, held), claim["needs"]) if text)
    return {**blank, "finding": UNTESTED, "size": "", "verdict": UNTESTED, "needed": words}


def tally(table: pd.DataFrame) -> pd.DataFrame:
    """How many lines of each verdict every paper has, one row per paper and one for the costs of all papers.

    Lines are counted as `counting.counted_lines` has it.
    """
    lines = counted_lines(table)
    table = lines.assign(paper=lines["paper"].mask(lines["about"] == COST, COSTS))
    counts = table.groupby(["paper", "verdict"], sort=False).size().unstack(fill_value=0)
    return counts.reindex(columns=[word for word in CLAIM_VERDICTS if word in counts.columns])
