"""Tables of a study's volumes: every structure by itself, predictions that are a level off, published numbers beside.

(A) SAFNet (Table 1 and 2) prints the mean Dice of 17 structures with its standard deviation over cases, fold by fold,
on a data set that needs a signed agreement. (B) A structure that is absent from reference and prediction does not count
(networks/utils.py of pangshumao/SpineParseNet). (C) A prediction that is right but one level off has a Dice near 0: how
often that happens, and the Dice after undoing it, stand in a table of their own.

Marks: (A) stated in the paper, (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from spinelib.core.layout import StudyFolder
from spinelib.core.structures import DISCS, SEVENTEEN_GROUP, VERTEBRAE
from spinelib.literature import numbers
from spinelib.questions.compare.boards import COMMON, EVERYTHING, GROUPS, board, board_structures, recipes
from spinelib.statistics import comparison

# From the highest level to the sacrum, as on an image; names of other data sets follow in their own order.
FROM_ABOVE = (*reversed(VERTEBRAE), *reversed(DISCS))
SHIFTS = (-2, -1, 0, 1, 2)
TOLD = 0.5


def structure_names(rows: pd.DataFrame, dataset: str) -> list[str]:
    """The structures of a data set's volumes, vertebrae and then discs, each from above; without the groups."""
    found = [str(name) for name in rows.loc[rows["dataset"] == dataset, "structure"].unique() if name not in GROUPS]
    known = [name for name in FROM_ABOVE if name in found]
    return known + [name for name in found if name not in known]


def structure_scores(
    summary: pd.DataFrame, dataset: str, metric: str = "dice", unit: str = "1", recipe: str = COMMON
) -> pd.DataFrame:
    """One metric of every structure and entry: rows of `board` with a column `structure`, for a figure.

    Structures as in `structure_names`, entries best first by the group of all structures.
    """
    order = board(summary, dataset, EVERYTHING, metric, unit, comparison.ALL, recipe)["name"].tolist()
    tables = [
        board(summary, dataset, name, metric, unit, comparison.ALL, recipe).assign(structure=name)
        for name in structure_names(summary, dataset)
    ]
    table = pd.concat(tables, ignore_index=True)
    # The structures stand in order already.
    place = {name: k for k, name in enumerate(order)}
    parts = [
        part.sort_values("name", key=lambda names: names.map(place))
        for _, part in table.groupby("structure", sort=False)
    ]
    return pd.concat(parts, ignore_index=True)


def structure_table(
    cases: pd.DataFrame, dataset: str, metric: str = "dice", unit: str = "1", recipe: str = COMMON
) -> pd.DataFrame:
    """`structure_scores` for people: "mean ± sd" by structure (rows) and entry (columns), with the number of patients.

    missed, invented: over all entries and their cases, how often a structure was not drawn, or drawn where it is not.
    """
    table = structure_scores(comparison.summarise(cases), dataset, metric, unit, recipe)
    digits = 3 if unit == "1" else 2
    table = table[table.groupby("structure")["n"].transform("max") > 0]
    words = [f"{m:.{digits}f} ± {s:.{digits}f}".replace("nan ± nan", "") for m, s in table[["mean", "sd"]].to_numpy()]
    wide = table.assign(words=words).pivot(index="structure", columns="name", values="words")
    wide = wide[table["name"].drop_duplicates().tolist()].fillna("")
    wide = wide.assign(patients=table.groupby("structure")["n"].max(), **_misses(cases, dataset, recipe))
    return wide.reindex(table["structure"].drop_duplicates()).rename_axis(columns=None)


def _misses(cases: pd.DataFrame, dataset: str, recipe: str) -> dict[str, pd.Series]:
    """How often each structure was missed and invented, over the test cases of all entries."""
    rows = cases[(cases["dataset"] == dataset) & (cases["split"] == "test") & (cases["recipe"] == recipe)]
    status = rows[(rows["metric"] == "dice") & (rows["case"] != comparison.ALL)].set_index("structure")["status"]
    kinds = {"missed": "empty_prediction", "invented": "empty_reference"}
    return {name: (status == kind).groupby(level=0).sum() for name, kind in kinds.items()}


def shift_table(cases: pd.DataFrame, dataset: str, recipe: str = COMMON) -> pd.DataFrame:
    """How often each entry's levels are off, best first by the Dice that is left: one row per entry, test cases only.

    cases: scored (over seeds); told: those of them whose levels can be told (TOLD); right: the share of these that has
    the right levels; -2..2: these by shift, +1 where everything was named a level too low; "Dice", "Dice unshifted":
    means over all cases, as predicted and after undoing the shift. Empty without such rows.
    """
    rows = cases[(cases["dataset"] == dataset) & (cases["split"] == "test") & (cases["recipe"] == recipe)]
    rows = rows[(rows["structure"] == EVERYTHING) & (rows["case"] != comparison.ALL)]
    rows = rows.assign(name=rows["method"] + "/" + rows["variant"])
    wide = rows.pivot_table("value", ["name", "run", "case"], "metric", sort=False)
    if "level_shift" not in wide:
        return pd.DataFrame()
    wide = wide[wide["level_shift"].notna()]
    table = pd.DataFrame({str(name): _shifts(own) for name, own in wide.groupby(level="name", sort=False)}).T
    whole = ["cases", "told", *(_sign(shift) for shift in SHIFTS)]
    return table.astype(dict.fromkeys(whole, int)).sort_values("Dice", ascending=False, kind="stable")


def _shifts(rows: pd.DataFrame) -> dict[str, float]:
    """One line of `shift_table`; rows: columns level_shift, dice and dice_unshifted, a row per run and case."""
    told = rows.loc[rows["dice_unshifted"] >= TOLD, "level_shift"].round()
    line: dict[str, float] = {"cases": len(rows), "told": len(told), "right": round(float((told == 0).mean()), 3)}
    line |= {_sign(shift): int((told == shift).sum()) for shift in SHIFTS}
    means = rows[["dice", "dice_unshifted"]].mean().round(3)
    return line | {"Dice": float(means["dice"]), "Dice unshifted": float(means["dice_unshifted"])}


def _sign(shift: int) -> str:
    return f"{shift:+d}" if shift else "0"


def group_counts(summary: pd.DataFrame, dataset: str) -> dict[str, int]:
    """How many patients of a data set's test cases have labels of each group; fewer where labels are partial."""
    rows = summary[(summary["dataset"] == dataset) & (summary["split"] == "test") & (summary["metric"] == "dice")]
    counts = rows.groupby("structure")["n"].max()
    return {name: int(counts[name]) for name in GROUPS if name in counts}


def published_volumes(summary: pd.DataFrame, dataset: str, results: Path | str) -> pd.DataFrame:
    """Published mean Dice beside ours over the same structures for every full method, by recipe, best first.

    The published ones are of 17 structures; data without a mean of these name no others.
    results: the study's folder, whose prepared data say from which registered data set they come. `comparable` says
    what keeps two numbers apart. No row where nothing was published about a method here.
    """
    options = StudyFolder(Path(results)).data(dataset).options
    registered = json.loads(options.read_text(encoding="utf-8"))["dataset"] if options.exists() else dataset
    group = SEVENTEEN_GROUP if SEVENTEEN_GROUP in board_structures(summary, dataset) else EVERYTHING
    how = (group, "dice", "1", comparison.ALL)
    own = pd.concat([board(summary, dataset, *how, recipe) for recipe in recipes(summary, dataset)])
    known = numbers.read_numbers()
    known = known[known["structure"].str.endswith("_structures") & (known["metric"] == "dice")]
    known = known[~known["source"].str.contains("fold ")].assign(structure=group)
    ours = own.assign(dataset=registered, structure=group, metric="dice", averaging="per_image")
    pairs = numbers.beside_published(ours, known)
    names = {"name": "entry", "mean": "ours", "sd": "sd", "published": "published", "spread": "published sd"}
    return pairs.rename(columns=names)[[*names.values(), "paper_dataset", "status", "source", "comparable", "note"]]


def volume_words(cases: pd.DataFrame, summary: pd.DataFrame, dataset: str) -> list[str]:
    """What `python -m spinelib.study show` prints of a data set's volumes below their boards."""
    parts = []
    for recipe in recipes(summary, dataset):
        parts += [f"{dataset}, {recipe} recipe: Dice of every structure, mean ± sd over patients"]
        parts += [structure_table(cases, dataset, recipe=recipe).to_string()]
        shifts = shift_table(cases, dataset, recipe)
        if len(shifts):
            parts += [f"{dataset}, {recipe} recipe: cases by how many levels they are off", shifts.to_string()]
    return parts
