"""What a study lacks for a claim that nothing in it answers: runs that never were, or that learned nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from spinelib.core.layout import StudyFolder
from spinelib.core.structures import SEVENTEEN_GROUP
from spinelib.literature import claims as ledger
from spinelib.measures.cobb.table import ANSWERS
from spinelib.questions.claims.evidence import Held
from spinelib.questions.claims.folds import FEWEST
from spinelib.questions.claims.values import Claim, fewest_films
from spinelib.questions.compare.boards import EVERYTHING
from spinelib.questions.compare.contrasts import EACH
from spinelib.runs.learned import OUTLINES, unlearned_runs
from spinelib.runs.tables import read_cases

# Structures that follow from others: who has the mean over all of a volume has these.
DERIVED = {SEVENTEEN_GROUP: EVERYTHING, EACH: EVERYTHING}
SETTING = ["dataset", "recipe", "width"]
OF_RUNS = ("cost", "course", "course_level")  # rules about trainings themselves


def unlearned_entries(results: Path) -> pd.DataFrame:
    """Who finished in a study and learned nothing: columns given, dataset, structure and reason.

    given: as claims name an entry. Structures are those of the study's own table of cases. The rows of the whole entry
    are left out of every test (`spinelib.runs.learned`).
    """
    cases = read_cases(StudyFolder(results).cases)
    cases = cases[(cases["condition"] == "none") & (cases["trained_on"] == cases["dataset"])]
    rows = cases[["run", "dataset", "method", "variant", "structure"]].drop_duplicates()
    rows = rows.assign(of=(rows["structure"] == ANSWERS).map({True: ANSWERS, False: OUTLINES}))
    found = rows.merge(unlearned_runs(results), on=["run", "dataset", "of"])
    return found.assign(given=found["method"] + "/" + found["variant"])[["given", "dataset", "structure", "reason"]]


def lacking(claim: Claim, held: Held) -> str:
    """Why no run of a study bears on a claim, in words; empty where only the claim's own needs keep it from that."""
    if claim["rule"] == "none":
        return ""
    names = [str(claim[side]) for side in ("one", "other") if claim[side]]
    tell = _of_runs if claim["rule"] in OF_RUNS else _of_scores
    return "; ".join(tell(claim, held, names))


def _of_runs(claim: Claim, held: Held, names: list[str]) -> Iterator[str]:
    """Of what is read from the trainings themselves: times and courses."""
    rows = held.paces if claim["rule"] == "cost" else held.courses
    absent = [name for name in names if name not in set(rows["name"])]
    if absent:
        yield f"runs of {' and '.join(absent)}"
    elif claim["rule"] == "cost":
        yield "both trained by one recipe, at one width and input, on one kind of device"
    else:
        yield "trainings of equal length" if claim["other"] else "trainings by the published recipe"


def _of_scores(claim: Claim, held: Held, names: list[str]) -> Iterator[str]:
    scored, silent = (_of_structure(rows, claim) for rows in (held.cases, held.unlearned))
    absent = sorted(set(names) - set(scored["given"].unique()), key=names.index)
    reasons = silent[silent["given"].isin(absent)].drop_duplicates("given").set_index("given")["reason"]
    never = [name for name in absent if name not in reasons.index]
    if never:
        elsewhere = set(never) & {*held.cases["given"].unique(), *held.unlearned["given"].unique()}
        yield f"runs of {' and '.join(never)}" + (f" scored on {claim['structure']}" if elsewhere else "")
    for name, reason in reasons.items():
        yield f"trainings of {name} that learn, which it finished here without ({reason})"
    if not absent and claim["rule"] in ledger.PAIRED:
        yield from _of_pairs(claim, scored, names)


def _of_structure(rows: pd.DataFrame, claim: Claim) -> pd.DataFrame:
    structure = DERIVED.get(claim["structure"], claim["structure"])
    return rows[rows["structure"] == structure]


def _of_pairs(claim: Claim, rows: pd.DataFrame, names: list[str]) -> Iterator[str]:
    """What keeps two entries apart that were both scored."""
    one, other = (rows.loc[rows["given"] == name, SETTING].drop_duplicates() for name in names)
    if one.merge(other).empty:
        yield "runs of both by one recipe and at one width on the same data"
    elif claim["rule"] == "fewer_films" and not fewest_films(claim, rows):
        yield "runs of both from fewer films, as many on either side"
    elif claim["rule"] == "folds" and rows[rows["given"].isin(names)].groupby("given")["fold"].nunique().min() < FEWEST:
        yield f"runs of both in {FEWEST} folds or more"
