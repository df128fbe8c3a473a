"""Several studies side by side: whether the order of the methods on one data set holds on another.

The MDWC-Net paper (section 4) asks this of spine films, chest films and skin images. Each study brings the test films
of the data that its networks learned from (no zero-shot entries) and their first structure. Only full models trained
by one recipe are ranked (`ranked_recipe`), and of these only such as learned something (`spinelib.runs.learned`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from spinelib.cases import read_manifest
from spinelib.core.errors import BadInput
from spinelib.core.layout import DataFolder, StudyFolder
from spinelib.measures.registry import higher_is_better
from spinelib.protocol.published_metrics import metric_means
from spinelib.questions.compare.boards import COMMON, board, first_structure, gallery, holds_volumes, recipes
from spinelib.questions.compare.entry_values import without_twins
from spinelib.runs.learned import OUTLINES, learned_only, unlearned_runs
from spinelib.runs.published import is_published, published_records, read_published, record_rows
from spinelib.runs.tables import CASE_COLUMNS, read_cases
from spinelib.statistics import comparison

FULL = "full"
ENTRY = ["method", "variant", "recipe", "width"]
DATA_FACTS = ("dataset", "films")
LEFT_OUT = "holds volumes: other methods outline them, and the order of these is not compared with that on films"


@dataclass(frozen=True)
class Gathered:
    """Case rows of several studies (clean test films, first structure, column `data`), what they are, what is absent.

    folders: study folder by data; absent: reason by the name of a study, of its data or of a run with nothing to show.
    """

    cases: pd.DataFrame
    folders: dict[str, Path]
    absent: dict[str, str]

    def of(self, data: str) -> pd.DataFrame:
        """The rows of one of `folders`."""
        return self.cases[self.cases["data"] == data]


def gather_studies(results: Path | str, beside: Sequence[Path | str] = ()) -> Gathered:
    """What the study in the folder `results` and those in `beside` found; a folder given twice counts once.

    `data` is the data set's name, followed by the study's where the two differ. Data of volumes are left aside. Raises
    BadInput when no study has a finished run, or when a case table breaks its contract.
    """
    unique = {Path(folder).resolve(): Path(folder) for folder in (*beside, results)}
    ordered = [Path(results), *(path for key, path in unique.items() if key != Path(results).resolve())]
    tables, folders = [], {}
    absent: dict[str, str] = {}
    for folder in ordered:
        name = folder.resolve().name
        rows_of_study = _case_rows(folder)
        ran = rows_of_study is not None
        unlearned = unlearned_runs(folder)
        absent |= {f"{name}, run {x.run}": f"learned nothing: {x.reason}" for x in _of_outlines(unlearned)}
        found = {} if rows_of_study is None else _own_tests(learned_only(rows_of_study, unlearned))
        if not found:
            absent[name] = "has no run that was tested on what it learned from" if ran else "has not run"
        for dataset, rows in found.items():
            if holds_volumes(published_means(folder) if is_published(folder) else rows, dataset):
                absent[f"{name}, data {dataset}"] = LEFT_OUT
                continue
            data = dataset if dataset == name else f"{dataset}_{name}"
            folders[data] = folder
            tables.append(rows.assign(data=data))
    if not tables and LEFT_OUT not in absent.values():
        raise BadInput(results, "no study has a finished run to compare", "Run 'make study' first.")
    empty = pd.DataFrame(columns=[*CASE_COLUMNS, "data"])
    return Gathered(pd.concat(tables, ignore_index=True) if tables else empty, folders, absent)


def _case_rows(folder: Path) -> pd.DataFrame | None:
    """The case table of a study, of a published one without values; None where nothing has run."""
    path = StudyFolder(folder).cases
    return read_cases(path) if path.exists() else record_rows(folder) if is_published(folder) else None


def published_means(folder: Path | str) -> pd.DataFrame:
    """The means on clean test cases of a published study, of entries on the data that they learned from."""
    rows = read_published(StudyFolder(Path(folder)).summary)
    clean = (rows["split"] == "test") & (rows["condition"] == "none")
    return rows[clean & (rows["trained_on"] == rows["dataset"])].reset_index(drop=True)


def _of_outlines(unlearned: pd.DataFrame) -> Iterator[Any]:
    yield from unlearned[unlearned["of"] == OUTLINES].drop_duplicates("run").itertuples()


def _own_tests(cases: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Clean test rows by data set, of the runs that learned from it, first structure only."""
    clean = (cases["split"] == "test") & (cases["condition"] == "none") & (cases["severity"] == 0)
    own = cases[clean & (cases["trained_on"] == cases["dataset"])]
    return {
        str(name): rows[rows["structure"] == first_structure(rows, str(name))]
        for name, rows in own.groupby("dataset", sort=False)
    }


def standings(gathered: Gathered, metric: str, unit: str = "1") -> pd.DataFrame:
    """Mean and interval of every entry on every data set: data, structure, recipe, method, variant, width, mean, ...

    Films with near-duplicates in training are left out wherever there are any (`left_out`: how many films that were).
    """
    tables = []
    for data, folder in gathered.folders.items():
        if is_published(folder):
            tables += _published_standings(folder, gathered.of(data), metric, unit)
            continue
        rows = metric_rows(gathered.of(data), metric, unit)
        kept = without_twins(rows)
        if rows.empty:
            continue
        summary, dataset, structure = comparison.summarise(kept), rows["dataset"].iloc[0], rows["structure"].iloc[0]
        twins = rows["case"].nunique() - kept["case"].nunique()
        for recipe in recipes(summary, dataset):
            table = board(summary, dataset, structure, metric, unit, comparison.ALL, recipe)
            tables.append(table.assign(data=data, structure=structure, recipe=recipe, left_out=twins))
    first = ["data", "structure", *ENTRY, "name", "mean", "low", "high", "n", "missing", "left_out"]
    return pd.concat(tables, ignore_index=True)[first] if tables else pd.DataFrame(columns=first)


def _published_standings(folder: Path, runs: pd.DataFrame, metric: str, unit: str) -> list[pd.DataFrame]:
    """`standings` of one data set of a published study, a table per recipe; runs: its rows of `Gathered`."""
    means, dataset, data = published_means(folder), str(runs["dataset"].iloc[0]), str(runs["data"].iloc[0])
    means = means[means["dataset"] == dataset].merge(runs[ENTRY].drop_duplicates(), on=ENTRY)
    structure = first_structure(means, dataset)
    own = means[(means["structure"] == structure) & (means["metric"] == metric) & (means["unit"] == unit)]
    kept = own["near_duplicate"] == comparison.EXCLUDED
    near = comparison.EXCLUDED if kept.any() else comparison.ALL
    films = (own["cases"] / own["runs"]).groupby(own["near_duplicate"]).max()
    facts: dict[str, Any] = {
        "data": data,
        "structure": structure,
        "left_out": int(films.get(comparison.ALL, 0) - films.get(near, 0)),
    }
    found = [(r, board(means, dataset, structure, metric, unit, near, r)) for r in recipes(own, dataset)]
    return [table.assign(recipe=recipe, **facts) for recipe, table in found]


def metric_rows(cases: pd.DataFrame, metric: str, unit: str) -> pd.DataFrame:
    """The rows of one metric, film by film."""
    return cases[(cases["metric"] == metric) & (cases["unit"] == unit) & (cases["case"] != comparison.ALL)]


def ranked_recipe(gathered: Gathered, results: Path | str) -> str:
    """The one recipe whose entries are ranked: the common one, or a paper's where the study `results` has no other."""
    own = [data for data, folder in gathered.folders.items() if folder.resolve() == Path(results).resolve()]
    rows = gathered.cases[gathered.cases["data"].isin(own) & (gathered.cases["variant"] == FULL)]
    found = list(rows["recipe"].unique())
    return COMMON if COMMON in found or not found else str(found[0])


def ranked(table: pd.DataFrame, metric: str, recipe: str = COMMON) -> pd.DataFrame:
    """The entries of `standings` that are ranked, with their rank on their data: full models by one recipe.

    Of a method that ran in several widths the widest stands for it.
    """
    rows = table[(table["recipe"] == recipe) & (table["variant"] == FULL)].sort_values("width", ascending=False)
    rows = rows.drop_duplicates(["data", "method"]).sort_index()
    rank = rows.groupby("data")["mean"].rank(ascending=not higher_is_better(metric), method="min")
    return rows.assign(rank=rank.astype(int))


def across_data(table: pd.DataFrame, trained: pd.DataFrame, digits: int = 3) -> pd.DataFrame:
    """Entries of `standings` by data: "mean [low, high]" and "width, epochs"; empty where an entry did not run.

    trained: from `training_settings`. One line per method and variant; per width too where one data set has several.
    """
    if table.empty:
        return pd.DataFrame()
    key = ["method", "variant", *(["width"] if table.duplicated(["data", "method", "variant"]).any() else [])]
    rows = table.merge(trained[["data", *ENTRY, "epochs"]], on=["data", *ENTRY], how="left")
    numbers = rows[["mean", "low", "high", "width"]].to_numpy(float)
    columns = {
        "mean [interval]": [
            f"{mean:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]" for mean, low, high, _ in numbers
        ],
        "width, epochs": [f"{w:g}, {e}" for w, e in zip(numbers[:, 3], rows["epochs"], strict=True)],
    }
    wide = rows.assign(**columns).pivot(index=key, columns="data", values=list(columns)).swaplevel(axis=1)
    wide = wide.reindex(columns=list(product(rows["data"].unique(), columns)))
    return wide.reindex(pd.MultiIndex.from_frame(rows[key].drop_duplicates())).fillna("")


def training_settings(gathered: Gathered) -> pd.DataFrame:
    """How every entry was trained, from the run records: epochs, grid, million parameters, seeds, folds."""
    runs = gathered.cases[["data", "run", "seed", "fold", *ENTRY]].drop_duplicates()
    if runs.empty:
        return pd.DataFrame(columns=["data", *ENTRY, "epochs", "grid", "million parameters", "seeds", "folds"])
    facts = [_facts(gathered.folders[data], run) for data, run in runs[["data", "run"]].to_numpy(str).tolist()]
    groups = pd.concat([runs.reset_index(drop=True), pd.DataFrame(facts)], axis=1).groupby(["data", *ENTRY], sort=False)
    words = {name: groups[name].agg(lambda values: ", ".join(dict.fromkeys(map(str, values)))) for name in facts[0]}
    return pd.DataFrame({**words, "seeds": groups["seed"].nunique(), "folds": groups["fold"].nunique()}).reset_index()


def _facts(folder: Path, run: str) -> dict[str, Any]:
    record = run_record(folder, run)
    training, params = record["facts"].get("training", {}), record["facts"].get("params", np.nan)
    return {
        "epochs": f"{training.get('epochs', record['parameters'].get('epochs', np.nan)):.0f}",
        "grid": " x ".join(map(str, record["parameters"]["grid"])),
        "million parameters": round(params / 1e6, 2),
    }


def run_record(folder: Path, run: str) -> dict[str, Any]:
    """The record of a finished run of the study in `folder`; raises BadInput when it is gone."""
    path = StudyFolder(folder).run(run).record
    if is_published(folder):
        return published_records(folder)[run]
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = f"cannot be read, but cases.csv names this run ({error})"
        raise BadInput(path, reason, "Start that study again: it renews its tables.") from error


@dataclass(frozen=True)
class Failure:
    """A film that went wrong: image [C,H,W], reference [H,W], map [H,W] and score by method/variant; who says so."""

    case: str
    judge: str
    image: np.ndarray
    reference: np.ndarray
    predictions: dict[str, np.ndarray]
    scores: dict[str, float]


def worst_film(gathered: Gathered, table: pd.DataFrame, data: str, method: str, metric: str, unit: str) -> Failure:
    """The test film of `data` with the worst score of `method`, or of the mean over methods where it did not run.

    table: from `ranked`; of several seeds or folds of a method the first run is shown. Raises BadInput when the films
    or predictions of that study are gone.
    """
    folder = gathered.folders[data]
    rows = gathered.of(data).merge(table.loc[table["data"] == data, ENTRY], on=ENTRY)
    rows = rows[rows["run"].isin(rows.drop_duplicates("method")["run"])]
    grid = run_record(folder, rows["run"].iloc[0])["parameters"]["grid"]
    films, maps = gallery(folder, rows, rows["dataset"].iloc[0], grid)
    values = metric_rows(rows, metric, unit).pivot(index="case", columns="method", values="value")
    values = values.reindex(films.table["case"])
    judge, score = (method, values[method]) if method in values else ("mean over methods", values.mean(axis=1))
    i = int(np.nanargmin(score if higher_is_better(metric) else -score))
    scores = {name: float(values[name.partition("/")[0]].iloc[i]) for name in maps}
    predictions = {name: found[i] for name, found in maps.items()}
    return Failure(films.table["case"][i], judge, films.images[i], films.labels[i], predictions, scores)


def study_means(gathered: Gathered) -> pd.DataFrame:
    """`metric_means` of every entry on every data set, ready for `numbers.beside_published`.

    Adds `dataset`, the registered data set behind `data`, and `films`, how many films of it there are here.
    """
    means = metric_means(gathered.cases, ["data", "structure", *ENTRY])
    names = gathered.cases.drop_duplicates("data").set_index("data")["dataset"]
    facts = {data: _data_facts(StudyFolder(folder).data(names[data])) for data, folder in gathered.folders.items()}
    return means.assign(**{name: means["data"].map({k: v[name] for k, v in facts.items()}) for name in DATA_FACTS})


def _data_facts(files: DataFolder) -> dict[str, Any]:
    options, manifest = files.options, files.manifest
    given = json.loads(options.read_text(encoding="utf-8")) if options.exists() else {}
    films = len(read_manifest(manifest)) if manifest.exists() else np.nan
    return dict(zip(DATA_FACTS, (given.get("dataset", files.root.name), films), strict=True))
