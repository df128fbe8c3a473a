"""Runs that learned nothing: they are named below the boards, and neither ranked nor tested.

(C, our choice) Nothing was learned where more than half of the test cases have an empty prediction, where validation
never rose above a Dice of 0.05 or ended at 0, where the major angles answered lie within one degree, and where the
test cases are read no better than by a guess that looks at no image (`spinelib.protocol.signs`). One such run takes
its whole entry away: an entry shown by its better seeds alone would be flattered. Runs scored before these signs were
noted pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from spinelib.measures.cobb.table import ANSWERS
from spinelib.runs.named import finished_runs

EMPTY, LEAST_DICE, LEAST_SPREAD = 0.5, 0.05, 1.0
OUTLINES = "outlines"
COLUMNS = ("run", "dataset", "of", "reason")
ENTRY = ["dataset", "trained_on", "method", "variant", "recipe", "width"]


def unlearned_runs(results: Path | str) -> pd.DataFrame:
    """Finished runs that learned nothing, columns COLUMNS; of: "outlines" (angles read from them too) or "angles"."""
    rows = []
    for _, record in finished_runs(results):
        for dataset, signs in record.get("facts", {}).get("signs", {}).items():
            found = {OUTLINES: outline_reasons(signs), ANSWERS: answer_reasons(signs)}
            rows += [(record["run"], dataset, of, "; ".join(texts)) for of, texts in found.items() if texts]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def guessed_smape(results: Path | str) -> dict[str, float]:
    """SMAPE (%) of one answer to every film by data set, where a run that learned from it answers angles."""
    found = {}
    for _, record in finished_runs(results):
        for dataset, signs in record.get("facts", {}).get("signs", {}).items():
            if "smape_guess" in signs and record.get("parameters", {}).get("trained_on") == dataset:
                found[str(dataset)] = float(signs["smape_guess"])
    return found


def outline_reasons(signs: Mapping[str, float]) -> list[str]:
    """Why the outlines with these signs show no learning; nothing for those that do."""
    return list(_outline_reasons(signs))


def _outline_reasons(signs: Mapping[str, float]) -> Iterator[str]:
    if signs.get("empty", 0.0) > EMPTY:
        yield f"nothing was predicted in {signs['empty']:.0%} of the test cases"
    if signs.get("best_dice", 1.0) <= LEAST_DICE:
        yield f"Dice on validation never rose above {signs['best_dice']:.2f}"
    elif signs.get("last_dice", 1.0) == 0:
        yield "Dice on validation fell to 0"
    if signs.get("dice", 1.0) < signs.get("dice_guess", 0.0):
        yield f"Dice {signs['dice']:.3f}, and {signs['dice_guess']:.3f} by one mask for every film"


def answer_reasons(signs: Mapping[str, float]) -> list[str]:
    """Why the answered angles with these signs show no learning; nothing for those that do."""
    reasons = []
    if signs.get("spread", LEAST_SPREAD) < LEAST_SPREAD:
        reasons.append(f"one answer for every film within {signs['spread']:.2f}°")
    if "smape_guess" in signs and signs.get("smape", 0.0) > signs["smape_guess"]:
        reasons.append(f"SMAPE {signs['smape']:.1f} %, and {signs['smape_guess']:.1f} % by one answer for every film")
    return reasons


def learned_only(cases: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """The rows of a case table without entries that learned nothing; found: of `unlearned_runs`.

    Rows of a data set stay where no entry of it would be left: their order then says nothing, which `unlearned_words`
    says. In a column `learned` these are False.
    """
    if found.empty or cases.empty:
        return cases
    of = (cases["structure"] == ANSWERS).map({True: ANSWERS, False: OUTLINES})
    marked = pd.MultiIndex.from_frame(found[["run", "dataset", "of"]])
    named = pd.MultiIndex.from_arrays([cases["run"], cases["dataset"], of]).isin(marked)
    bad = pd.Series(named, cases.index).groupby([*(cases[name] for name in ENTRY), of], sort=False).transform("any")
    nobody = bad.groupby([cases["dataset"], of], sort=False).transform("all")
    return cases[~bad | nobody].assign(learned=~nobody).reset_index(drop=True)


def has_learned(rows: pd.DataFrame) -> bool:
    """Whether rows that `learned_only` left may be tested: none is of an entry that learned nothing."""
    return "learned" not in rows or not rows["learned"].eq(False).any()


def nobody_learned(found: pd.DataFrame, cases: pd.DataFrame, dataset: str) -> bool:
    """Whether no outline of a data set is of a run that has learned something; cases: what `learned_only` left."""
    own = found[(found["dataset"] == dataset) & (found["of"] == OUTLINES)]
    return len(own) > 0 and set(own["run"]) >= set(cases.loc[cases["dataset"] == dataset, "run"])


def unlearned_words(found: pd.DataFrame, cases: pd.DataFrame, dataset: str) -> list[str]:
    """A sentence for each run of a data set that learned nothing; cases: what `learned_only` left."""
    own = found[found["dataset"] == dataset]
    lines = [f"{row.run}, {row.of}: learned nothing: {row.reason}" for row in own.itertuples()]
    if nobody_learned(found, cases, dataset):
        lines.append(f"No entry of {dataset} has learned anything: the order of its board says nothing.")
    return lines
