"""The contrasts of a study: every difference that a page shows, computed here and nowhere else.

The family is fixed before any network is trained: the pairs that the study's file names, on every data set that both
sides were tested on, by Dice of the first structure, by SMAPE where both answer angles, and by what the ledger of
claims asks of such a pair (on clean films). One Holm adjustment runs over all of it. A contrast beyond the family is
shown with its interval and has no verdict; nor has one with a side of a single training, which says something of this
training and nothing of the method. (C, our choice) Films with a near-duplicate in training are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from spinelib.core.layout import CONTRAST_TABLE
from spinelib.core.structures import SEVENTEEN, SEVENTEEN_GROUP, STRUCTURES
from spinelib.literature import claims as ledger
from spinelib.measures.registry import higher_is_better
from spinelib.measures.seventeen import seventeen_rows
from spinelib.questions.compare.boards import GROUPS, first_structure
from spinelib.questions.compare.entry_values import MEAN, WORST_VIEW, entry_values, value_limits, without_twins
from spinelib.runs.learned import has_learned
from spinelib.runs.published import StudyTables
from spinelib.statistics import comparison
from spinelib.statistics.contrast import CrossedContrast, crossed_contrast
from spinelib.statistics.contrast_verdicts import WHOLE, contrast_verdict, turned

DICE, ANGLES, EACH = ("dice", "1"), ("angles", "smape", "%"), "each"
# What is no structure of its own, or none of those that the paper which asks about each of them scores.
BESIDE = (*GROUPS, *set(STRUCTURES).difference(SEVENTEEN))
ALONE, EVERY = "test cases without near-duplicates", "all"
KEY = ("dataset", "one", "other", "structure", "metric", "unit", "kind")
COLUMNS = (*KEY, "named", "learned", "subset", "view", *CrossedContrast._fields, "p_holm", "verdict")


class Asked(NamedTuple):
    """What one contrast asks: two entries (method/variant), a score, and of which values (`entry_values`)."""

    one: str
    other: str
    structure: str
    metric: str
    unit: str
    kind: str = MEAN


def study_contrasts(cases: pd.DataFrame, comparisons: Sequence[Sequence[str]]) -> pd.DataFrame:
    """The family of a study, a row of COLUMNS per contrast: of `study_cases`, for the pairs that the study names."""
    rows = tested_rows(cases)
    lines: list[dict[str, Any]] = []
    for dataset in map(str, rows["dataset"].unique()):
        own = rows[rows["dataset"] == dataset]
        lines += [line | {"named": True} for line in _lines(own, dataset, _family(own, dataset, comparisons))]
    return _judged(lines)


def study_family(study: StudyTables, cases: pd.DataFrame, comparisons: Sequence[Sequence[str]]) -> pd.DataFrame:
    """`study_contrasts` of the study that a notebook reads; of a published one the family as it was published."""
    if not study.published:
        return study_contrasts(cases, comparisons)
    return study.table("60_significance", CONTRAST_TABLE).reindex(columns=list(COLUMNS))


def contrasts_of(table: pd.DataFrame, cases: pd.DataFrame, dataset: str, asked: Iterable[Asked]) -> pd.DataFrame:
    """A row per contrast asked of a data set: that of the family `table` where it has one, else one without a verdict.

    A contrast without values on either side has no row.
    """
    return contrasts_in(table, tested_rows(cases[cases["dataset"] == dataset]), dataset, asked)


def contrasts_in(table: pd.DataFrame, rows: pd.DataFrame, dataset: str, asked: Iterable[Asked]) -> pd.DataFrame:
    """`contrasts_of` for rows as of `tested_rows`."""
    lines: list[dict[str, Any]] = []
    for each in asked:
        known = find_contrast(table, dataset, each)
        lines += [known] if known is not None else [x | {"named": False} for x in _lines(rows, dataset, [each])]
    return _judged(lines, again=False)


def pair_contrasts(
    table: pd.DataFrame, cases: pd.DataFrame, dataset: str, pairs: Sequence[Sequence[str]], *score: str
) -> pd.DataFrame:
    """The contrasts of some pairs by one score (structure, metric, unit), rows as of `contrasts_of`.

    `attrs["left out"]`: pairs of which a side has no finished run here, unless both were tested on other data alone.
    """
    found = contrasts_of(table, cases, dataset, [Asked(one, other, *score) for one, other in pairs])
    names = cases["method"] + "/" + cases["variant"]
    here, there = set(names[cases["dataset"] == dataset]), set(names)
    missing = [{one, other} for one, other in pairs if not {one, other} <= here]
    asked = [sides for sides in missing if sides & here or not sides & there]
    found.attrs["left out"] = [f"{one} - {other}" for one, other in pairs if {one, other} in asked]
    return found


def patient_differences(cases: pd.DataFrame, table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Differences of every patient behind each contrast of one data set: "one - other" -> [patients]."""
    found = {}
    for row in table.itertuples():
        own = tested_rows(cases[cases["dataset"] == row.dataset])
        chosen = (own["structure"] == row.structure) & (own["metric"] == row.metric) & (own["unit"] == row.unit)
        values = entry_values(own[chosen], str(row.kind))
        sides = [pd.DataFrame(values[name]).mean(axis=1) for name in (row.one, row.other)]
        found[f"{row.one} - {row.other}"] = (sides[0] - sides[1]).dropna().to_numpy()
    return found


def find_contrast(table: pd.DataFrame, dataset: str, asked: Asked) -> dict[str, Any] | None:
    """The row of the family that answers, seen from the side of `asked.one`; None where the family has none."""
    score = (table[["dataset", *KEY[3:]]] == [dataset, *asked[2:]]).all(axis=1)
    for one, other, turn in ((asked.one, asked.other, False), (asked.other, asked.one, True)):
        rows = table[score & (table["one"] == one) & (table["other"] == other)]
        if len(rows):
            row = {str(key): value for key, value in rows.iloc[0].to_dict().items()}
            return turned(row) if turn else row
    return None


def tested_rows(cases: pd.DataFrame) -> pd.DataFrame:
    """Rows of test films with `name` and `subset`, and the measures that follow from several of them.

    Case by case, without films that have a near-duplicate in training.
    """
    from spinelib.questions.learning.categories import category_rows
    from spinelib.questions.learning.spread import view_spread_rows

    rows = cases[(cases["split"] == "test") & (cases["case"] != comparison.ALL) & cases["value"].notna()]
    rows = rows[rows["structure"] != SEVENTEEN_GROUP]
    parts = [without_twins(own) for _, own in rows.groupby("dataset", sort=False)]
    rows = pd.concat(parts, ignore_index=True) if parts else rows
    more = (category_rows, view_spread_rows, seventeen_rows)
    rows = pd.concat([rows, *(f(rows).reindex(columns=rows.columns) for f in more)])
    rows = rows.assign(name=rows["method"] + "/" + rows["variant"]).reset_index(drop=True)
    left = set(cases.loc[cases["near_duplicate"].fillna("") != "", "dataset"])
    return rows.assign(subset=np.where(rows["dataset"].isin(left), ALONE, WHOLE))


def _family(rows: pd.DataFrame, dataset: str, pairs: Sequence[Sequence[str]]) -> Iterator[Asked]:
    """All that is asked of the named pairs on a data set, each contrast once."""
    given = dict(zip(rows["name"], rows["given"] if "given" in rows else rows["name"], strict=True))
    scores = [(first_structure(rows, dataset), *DICE, MEAN), (*ANGLES, MEAN)] if len(rows) else []
    lines = ledger.read_claims()
    lines = lines[lines["rule"].isin([MEAN, WORST_VIEW])]
    for one, other in pairs:
        if not {one, other} <= set(given):
            continue
        sides = {given[one], given[other]}
        asked = [{a, b} == sides for a, b in zip(lines["one"], lines["other"], strict=True)]
        more = lines.loc[asked, ["structure", "metric", "unit", "rule"]].itertuples(index=False, name=None)
        yield from (Asked(one, other, *map(str, score)) for score in dict.fromkeys([*scores, *more]))


def _lines(rows: pd.DataFrame, dataset: str, asked: Iterable[Asked]) -> Iterator[dict[str, Any]]:
    for each in asked:
        parts = _parts(rows[(rows["metric"] == each.metric) & (rows["unit"] == each.unit)], each)
        found = [x for x in (compared_values(part, each.one, each.other, each.kind) for part in parts) if x is not None]
        whole = bool(found) and len(found) == len(parts)
        # A structure that one patient has says nothing of how sure its difference is.
        found = [x for x in found if x.n > 1] or found
        if whole:
            views = parts[0]["view"].unique()
            view = EVERY if len(views) > 1 else str(views[0])
            about = {"dataset": dataset, **each._asdict(), "subset": parts[0]["subset"].iloc[0], "view": view}
            # Where no entry has learned anything nothing is tested.
            learned = has_learned(parts[0])
            least = _least_favourable(found, each.metric)
            yield about | {"learned": learned} | (least if learned else least._replace(p=np.nan))._asdict()


def _parts(rows: pd.DataFrame, asked: Asked) -> list[pd.DataFrame]:
    """The rows of the two entries by structure; of EACH all single structures, where the data have any."""
    rows = rows[rows["name"].isin([asked.one, asked.other])]
    if asked.structure == EACH:
        single = rows[~rows["structure"].isin(BESIDE)] if (rows["structure"] == GROUPS[0]).any() else rows.head(0)
        return [part for _, part in single.groupby("structure")]
    chosen = rows[rows["structure"] == asked.structure]
    one_view = asked.kind == WORST_VIEW and chosen["view"].nunique() < 2
    return [chosen] if len(chosen) and not one_view else []


def compared_values(
    rows: pd.DataFrame, one: str, other: str, kind: str = MEAN, level: float = 0.95
) -> CrossedContrast | None:
    """The contrast of two names over rows of one score; None where a side has no value of a patient of the other's."""
    values = entry_values(rows, kind)
    if not {one, other} <= set(values.columns.get_level_values(0)):
        return None
    limits = value_limits(str(rows["metric"].iloc[0]), str(rows["unit"].iloc[0]), kind)
    found = crossed_contrast(pd.DataFrame(values[one]), pd.DataFrame(values[other]), level, limits)
    return found if found.n else None


def _least_favourable(found: Sequence[CrossedContrast], metric: str) -> CrossedContrast:
    """Of several structures, which must all agree, the bounds and the p-value that say least for the first side."""
    worst = min if higher_is_better(metric) else max
    ends = {name: float(worst(getattr(x, name) for x in found)) for name in ("mean", "low", "high")}
    p = float(np.max([x.p for x in found]))
    return found[0]._replace(**ends, p=p, n=min(x.n for x in found), seeds=min(x.seeds for x in found))


def _judged(lines: list[dict[str, Any]], again: bool = True) -> pd.DataFrame:
    """The lines as a table with Holm's p over the named ones and a verdict each; again: adjust p anew."""
    table = pd.DataFrame(lines).reindex(columns=list(COLUMNS))
    if again:
        table["p_holm"] = comparison.holm(table["p"].where(table["named"].eq(True)).astype(float))
    table["verdict"] = [contrast_verdict(row) for row in table.to_dict("records")]
    return table
