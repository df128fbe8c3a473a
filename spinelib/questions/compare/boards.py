"""What the comparison asks of the finished runs of a study."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from spinelib.cases import CaseArrays, load_arrays
from spinelib.core.errors import BadInput
from spinelib.core.layout import StudyFolder
from spinelib.core.structures import SEVENTEEN_GROUP
from spinelib.measures.levelled import VERTEBRAE
from spinelib.measures.metric import Table
from spinelib.measures.registry import columns, find, heading
from spinelib.runs import kinds
from spinelib.runs.learned import learned_only, unlearned_runs
from spinelib.runs.named import finished_runs
from spinelib.runs.predictions import load_predictions
from spinelib.runs.published import is_published, read_published, record_rows
from spinelib.runs.tables import read_cases
from spinelib.spinefm.instances import is_level
from spinelib.statistics import comparison

# Rows of a volume that hold the mean over its structures, over its vertebrae, over its discs and over SAFNet's.
EVERYTHING = "all"
GROUPS = (EVERYTHING, "vertebrae", "discs", SEVENTEEN_GROUP)
COMMON = kinds.COMMON


def study_cases(results: Path | str) -> pd.DataFrame:
    """The case table of a study's folder, each entry under a name of its own.

    What tells two entries of a method and variant apart is added to `variant` (`kinds.told_apart`); `given` is the name
    without it, empty for a zero-shot entry. Entries that learned nothing are left out (`learned_only`). Of a published
    study the rows say what its runs are and hold no value. Raises BadInput when no run of the study has finished.
    """
    path = StudyFolder(Path(results)).cases
    if not path.exists() and not is_published(results):
        raise BadInput(path, "no run of this study has finished", "Run 'make study' first.")
    cases = read_cases(path) if path.exists() else record_rows(results)
    # Those of corrupted films belong to the question of robustness alone.
    cases = learned_only(cases[cases["condition"] == "none"].reset_index(drop=True), unlearned_runs(results))
    # What the study's file calls an entry that learned from the data it is tested on, whatever its recipe and width.
    given = (cases["method"] + "/" + cases["variant"]).where(cases["trained_on"] == cases["dataset"], "")
    return cases.assign(variant=cases["variant"] + kinds.told_apart(cases), given=given)


def study_summary(results: Path | str, cases: pd.DataFrame) -> pd.DataFrame:
    """Means with intervals of the entries of `study_cases`, computed from them, or as they were published."""
    if not is_published(results):
        return comparison.summarise(cases)
    rows = read_published(StudyFolder(Path(results)).summary)
    rows = rows[rows["condition"] == "none"]
    rows = rows.assign(variant=rows["variant"] + kinds.told_apart(rows))
    entries = cases[["dataset", *kinds.ENTRY]].drop_duplicates()
    return rows.merge(entries, on=list(entries))[[*comparison.GROUPING, *comparison.RESULTS]]


def run_table(results: Path | str) -> pd.DataFrame:
    """One row per finished run: what was trained on what, its size, its cost and its split."""
    rows = []
    for _, record in finished_runs(results):
        facts, given = record["facts"], record["parameters"]
        training = facts.get("training", {})
        # A released network was trained elsewhere; of the program that made masks nothing is known.
        seconds = round(training["seconds"]) if "seconds" in training else None
        rows.append(
            {
                "run": record["run"],
                "trained on": given["trained_on"],
                "recipe": given.get("recipe", COMMON),
                "width": given["width"],
                "learning rate": facts.get("recipe", {}).get("learning_rate"),
                "million parameters": round(facts.get("params", np.nan) / 1e6, 3),
                "GFLOP per input": round(facts.get("flops", np.nan) / 1e9, 2),
                "steps": training.get("steps"),
                "best validation Dice": round(training.get("best_dice", np.nan), 3),
                "training seconds": seconds,
                "precision": facts.get("precision"),
                "split": facts.get("split_digest"),
            }
        )
    return pd.DataFrame(rows)


def holds_volumes(rows: pd.DataFrame, dataset: str) -> bool:
    """Whether a data set's rows (of cases or of a summary) are those of volumes: they have means over structures."""
    return bool(((rows["dataset"] == dataset) & (rows["structure"] == EVERYTHING)).any())


def first_structure(cases: pd.DataFrame, dataset: str) -> str:
    """What networks of a data set are compared by: the first structure that its rows name; of volumes, all of them."""
    if holds_volumes(cases, dataset):
        return EVERYTHING
    return str(cases.loc[cases["dataset"] == dataset, "structure"].iloc[0])


def board_structures(cases: pd.DataFrame, dataset: str) -> list[str]:
    """Structures with a leaderboard of their own: of volumes those of GROUPS that they have.

    Of films the first one, and their single vertebrae where a method finds these one by one.
    """
    found = set(cases.loc[cases["dataset"] == dataset, "structure"])
    if holds_volumes(cases, dataset):
        return [name for name in GROUPS if name in found]
    return list(dict.fromkeys([first_structure(cases, dataset), *({VERTEBRAE} & found)]))


def text_structures(cases: pd.DataFrame, dataset: str) -> list[str]:
    """Structures that `leaderboards` prints: those of `board_structures`, of films all but single vertebrae."""
    if holds_volumes(cases, dataset):
        return board_structures(cases, dataset)
    found = [str(name) for name in cases.loc[cases["dataset"] == dataset, "structure"].unique()]
    return [name for name in found if VERTEBRAE not in found or not is_level(name)]


def board_metrics(summary: pd.DataFrame, dataset: str, structure: str) -> list[tuple[str, str]]:
    """Metrics and units of a structure's leaderboard, the one that orders it first."""
    rows = summary[(summary["dataset"] == dataset) & (summary["structure"] == structure)]
    found = set(zip(rows["metric"], rows["unit"], strict=True))
    table = Table.VOLUMES if holds_volumes(summary, dataset) else Table.FILMS
    return [pair for pair in columns(table) if pair in found]


def recipes(summary: pd.DataFrame, dataset: str) -> list[str]:
    """The recipes that a data set's test films have entries of: common first, a paper's own after it, never mixed."""
    rows = summary[(summary["dataset"] == dataset) & (summary["split"] == "test")]
    return sorted(rows["recipe"].unique(), key=lambda recipe: recipe != COMMON)


def board(
    summary: pd.DataFrame, dataset: str, structure: str, metric: str, unit: str, near: str, recipe: str = COMMON
) -> pd.DataFrame:
    """Leaderboard of one data set's test films over all views (`near`: all, or excluded for near-duplicates)."""
    rows = summary[(summary["dataset"] == dataset) & (summary["split"] == "test") & (summary["recipe"] == recipe)]
    views = "all" if (rows["view"] == "all").any() and rows["view"].nunique() > 2 else rows["view"].iloc[0]
    where = {"dataset": dataset, "split": "test", "structure": structure, "view": views, "near_duplicate": near}
    return comparison.leaderboard(rows, metric, unit, **where)


def full_board(summary: pd.DataFrame, dataset: str, structure: str, recipe: str = COMMON) -> pd.DataFrame:
    """The metrics of a structure's board side by side, "mean [low, high]", with and without near-duplicates.

    Of volumes "mean ± sd [low, high]", with the standard deviation over patients, and nothing is said of misses, which
    the means of a case hide (see `volume_tables.structure_table`). Best first by the first metric over all test cases.
    """
    rows = summary[(summary["dataset"] == dataset) & (summary["split"] == "test") & (summary["recipe"] == recipe)]
    kept = [near for near in (comparison.ALL, comparison.EXCLUDED) if (rows["near_duplicate"] == near).any()]
    metrics, volumes = board_metrics(rows, dataset, structure), holds_volumes(rows, dataset)
    cells = {}
    for near in kept:
        most = int(board(summary, dataset, structure, *metrics[0], near, recipe)["n"].max())
        patients = f"{most} patients" + ("" if near == comparison.ALL else ", no near-duplicates")
        for metric, unit in metrics:
            table = board(summary, dataset, structure, metric, unit, near, recipe).set_index("name")
            words = cell_words(table, 3 if unit == "1" else 2, with_sd=volumes)
            cells[patients, heading(metric, unit)] = pd.Series(words, table.index)
            if not volumes:
                cells.setdefault((patients, "missed %"), pd.Series(missed_words(table), table.index))
    order = board(summary, dataset, structure, *metrics[0], kept[0], recipe)["name"]
    return pd.DataFrame(cells).reindex(order)


def cell_words(table: pd.DataFrame, digits: int, *, with_sd: bool = False) -> list[str]:
    """Every row of a board as "mean [low, high]", or "mean ± sd [low, high]"."""
    numbers = table[["mean", "sd", "low", "high"]].to_numpy(float)
    form = "{:.{d}f} ± {:.{d}f} [{:.{d}f}, {:.{d}f}]" if with_sd else "{0:.{d}f} [{2:.{d}f}, {3:.{d}f}]"
    return [form.format(*row, d=digits) for row in numbers]


def missed_words(table: pd.DataFrame) -> list[str]:
    """Every row of a board as the rate of misses in per cent of the cases with its interval over patients."""
    rates = 100 * table[list(comparison.RATES)].to_numpy(float)
    return ["{:.1f} [{:.1f}, {:.1f}]".format(*row) for row in rates]


def gallery(
    results: Path | str, cases: pd.DataFrame, dataset: str, grid: Sequence[int] = ()
) -> tuple[CaseArrays, dict[str, np.ndarray]]:
    """Test cases of a data set that every entry predicted, and their maps [n,*S] by method/variant.

    The folds of an entry are put together; of several seeds the first is shown. grid: on which the maps are shown,
    empty: that of the first run. Entries on another grid are left out. Raises BadInput when no case is left.
    """
    rows = cases[(cases["dataset"] == dataset) & (cases["split"] == "test")]
    found: dict[str, dict[str, np.ndarray]] = {}
    shape = tuple(grid)
    for (method, variant), own in rows.groupby(["method", "variant"], sort=False):
        for run in own.loc[own["seed"] == own["seed"].iloc[0], "run"].unique():
            item = load_predictions(StudyFolder(Path(results)).run(run).predictions(dataset))
            shape = shape or item.labels.shape[1:]
            if item.labels.shape[1:] == shape:
                maps = dict(zip(item.cases, item.labels, strict=True))
                found[f"{method}/{variant}"] = maps | found.get(f"{method}/{variant}", {})
    arrays = load_arrays(StudyFolder(Path(results)).data(dataset).root, shape)
    shared = set.intersection(*map(set, found.values())) & set(rows["case"]) if found else set()
    index = arrays.table.index[arrays.table["case"].isin(shared)].to_numpy()
    if not len(index):
        raise BadInput(dataset, "has no case that every entry predicted", "Finish its runs first.")
    names = arrays.table["case"][index]
    return arrays.subset(index), {name: np.stack([maps[case] for case in names]) for name, maps in found.items()}


def mean_scores(
    cases: pd.DataFrame, films: CaseArrays, dataset: str, structure: str, metric: str, unit: str
) -> np.ndarray:
    """Score of each film [n] in `films`, averaged over all methods of the study; NaN where there is none."""
    find(metric)
    rows = cases[(cases["dataset"] == dataset) & (cases["structure"] == structure)]
    rows = rows[(rows["metric"] == metric) & (rows["unit"] == unit)]
    return rows.groupby("case")["value"].mean().reindex(films.table["case"]).to_numpy(float)


def film_scores(cases: pd.DataFrame, dataset: str, structure: str, metric: str, unit: str) -> pd.DataFrame:
    """One metric of every test film of a data set, columns of the case table plus `name` (method/variant)."""
    find(metric)
    rows = cases[(cases["dataset"] == dataset) & (cases["split"] == "test") & (cases["case"] != "all")]
    rows = rows[(rows["structure"] == structure) & (rows["metric"] == metric) & (rows["unit"] == unit)]
    return rows.assign(name=rows["method"] + "/" + rows["variant"])


def view_scores(summary: pd.DataFrame, dataset: str, structure: str, metric: str, unit: str) -> pd.DataFrame:
    """Mean and interval per view, for data with several views; no row otherwise."""
    find(metric)
    rows = summary[
        (summary["dataset"] == dataset) & (summary["split"] == "test") & (summary["near_duplicate"] == "all")
    ]
    rows = rows[(rows["structure"] == structure) & (rows["metric"] == metric) & (rows["unit"] == unit)]
    rows = rows[rows["view"] != "all"]
    return rows.assign(name=rows["method"] + "/" + rows["variant"]) if rows["view"].nunique() > 1 else rows.head(0)
