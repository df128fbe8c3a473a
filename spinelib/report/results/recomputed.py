"""What became of every table and page of a recomputed publication, and what only new runs can mend."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

import pandas as pd

from spinelib.core.layout import HISTORY, PAGE, PUBLISHED_RUNS, QUESTIONS, RECOMPUTED, RUNS
from spinelib.report.conduct import changed_code
from spinelib.report.results.outdated import outdated_parts
from spinelib.report.results.published import PublishedStudy

JUDGED, COMPUTED, STANDS = "judged anew", "computed again", "as it was made"
NO_INFERENCE = "tells no difference between methods"
CASES = "needs the table of every case, which was not published"
NETWORKS = "needs the networks or their maps, which were not published"
# Why a table or page stands, by how its place begins; the first that fits.
REASONS = (
    *((place, NO_INFERENCE) for place in (PUBLISHED_RUNS, HISTORY, f"{RUNS}/", f"{QUESTIONS}/00_explore/")),
    *((f"{QUESTIONS}/31_complexity/{name}", NO_INFERENCE) for name in ("speed", "training", "sizes", "convergence")),
    *((f"{QUESTIONS}/{name}/", NETWORKS) for name in ("30_robustness", "40_cobb", "80_apply")),
    ("", CASES),
)


class PlaceOutcome(NamedTuple):
    """A line of RECOMPUTED: a table or page, what became of it, why it stands, and by which code it was judged."""

    what: str
    became: str
    why: str
    when: str
    commit: str


def place_outcomes(
    places: Iterable[str], judged: Collection[str], computed: Collection[str], code: str
) -> pd.DataFrame:
    """A row for each table and page of a publication, in the order of their names; code: the commit that judged.

    judged, computed: places of tables and of figures that were drawn from them.
    """
    today = pd.Timestamp.now("UTC").date().isoformat()
    lines = []
    for place in sorted(places):
        if place in (*judged, *computed):
            lines.append(PlaceOutcome(place, JUDGED if place in judged else COMPUTED, "", today, code))
        elif place.endswith((".csv", f"/{PAGE}")) and place != RECOMPUTED:
            why = next(why for head, why in REASONS if place.startswith(head))
            lines.append(PlaceOutcome(place, STANDS, why, "", ""))
    return pd.DataFrame(lines, columns=list(PlaceOutcome._fields))


def recomputed(study: PublishedStudy) -> list[str]:
    """What became of a study that was recomputed, a sentence each; nothing of any other."""
    path = study.folder / RECOMPUTED
    rows = pd.read_csv(path, dtype=str, keep_default_na=False) if path.exists() else None
    return [] if rows is None else recomputed_words(rows, study)


def recomputed_words(rows: pd.DataFrame, study: PublishedStudy) -> list[str]:
    """The same from rows as of `place_outcomes`."""
    new = rows[(rows["became"] != STANDS) & rows["what"].str.endswith(".csv")]
    said = [
        f"{str(became).capitalize()} on {own['when'].iloc[0]} by commit {own['commit'].iloc[0]}: {_named(own['what'])}."
        for became, own in new.groupby("became", sort=False)
    ]
    for why, own in rows[(rows["why"] != "") & (rows["why"] != NO_INFERENCE)].groupby("why", sort=False):
        questions = own["what"].str.removeprefix(f"{QUESTIONS}/").str.partition("/")[0].drop_duplicates()
        said.append(f"As it was made stands what {why!s}: {', '.join(questions)}.")
    return [*said, "Only new runs of the study mend the rest.", *(f"{line}." for line in mended_by_new_runs(study))]


def _named(places: Iterable[str]) -> str:
    """Places as words."""
    return ", ".join(place.removeprefix(f"{QUESTIONS}/") for place in places)


def mended_by_new_runs(study: PublishedStudy) -> Iterator[str]:
    """What only new runs can mend in a publication of earlier code, a sentence each."""
    if not study.trained_again:
        yield "Every network was trained from one seed: no difference here says which method is better"
    yield from outdated_parts(study)
    yield from _of_scores(study, study.summary[study.summary["split"] == "test"])
    if not any("signs" in (record.get("facts") or {}) for record in study.records.values()):
        yield "Which networks learned nothing was not noted: boards rank them all"
    formats = sorted({used.partition("+")[0] for used in _formats(study)})
    if len(formats) > 1:
        yield f"The number formats {' and '.join(formats)} are mixed between the networks, which moves scores by itself"
    dirty = [name for name, record in study.records.items() if changed_code(record)]
    if dirty:
        yield f"Of {len(study.records)} runs and questions {len(dirty)} were made by code that is in no commit"


def _of_scores(study: PublishedStudy, rows: pd.DataFrame) -> Iterator[str]:
    standing = rows[(rows["n"] > 0) & (rows["view"] == "coronal")]
    alone = standing["n"].eq(standing["cases"]).groupby(standing["dataset"].astype(str)).all()
    films = [name for name in alone[alone].index if _of_aasce(study, name)]
    if films:
        yield (
            f"Every film of {' and '.join(films)} counts as a patient of its own, older than the reading of the file "
            "names by which several are one patient's: intervals are narrower than the patients allow, and the sides "
            "of the split may share patients"
        )
    if "missed" not in rows:
        yield "Intervals of means do not allow for structures that no patient here shows as missed"
    if "spine" in set(rows["structure"]) and "dice_closed" not in set(rows["metric"]):
        yield "The Dice of a column with its gaps closed was not scored yet; spine_column closes them on one side alone"


def _of_aasce(study: PublishedStudy, name: str) -> bool:
    """Whether a data set is of AASCE films."""
    return "dataset aasce" in str(study.facts.get("data", {}).get(name, ""))


def _formats(study: PublishedStudy) -> Iterator[str]:
    for name, record in study.records.items():
        used = (record.get("facts") or {}).get("precision")
        if name.startswith(f"{RUNS}/") and used:
            yield str(used)
