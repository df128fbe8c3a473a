"""Tables of Cobb angles: who reads them best, and how low the mask route can get.

Means over patients with intervals as everywhere (`spinelib.statistics.comparison`); ICC(2,1) of the major curve and the
weighted kappa of its severity as `spinelib.statistics.raters` has them. (A) The challenge ranks by SMAPE. (C) So do we;
both routes stand in one table because they answer the same question on the same films.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats as tests

from spinelib.cases.tables import read_frame
from spinelib.core.layout import ANGLE_TABLE, DataFolder, StudyFolder
from spinelib.measures.metric import Table
from spinelib.measures.registry import find, shown_in
from spinelib.questions.cobb.angles import (
    ERRORS,
    MASK,
    REFERENCE_ENTRY,
    StudyAngles,
    coronal_rows,
    read_rows,
    study_angles,
    unread,
)
from spinelib.questions.cobb.guess import GUESS_ENTRY
from spinelib.questions.compare.boards import study_cases
from spinelib.questions.compare.entry_values import without_twins
from spinelib.questions.compare.repeats import repeat_summary
from spinelib.runs.kinds import kind_boards
from spinelib.statistics import comparison, raters
from spinelib.statistics.group_intervals import score_interval
from spinelib.statistics.limits import limits_of

# Name and unit of every error, in the order of the tables.
ERROR_NAMES = {m.name: (m.short or m.title, m.unit.replace("deg", "°")) for m in shown_in(Table.ANGLES)}
ERROR_TITLES = {metric: " ".join(pair) for metric, pair in ERROR_NAMES.items()}
AGREEMENT = {"icc": "ICC(2,1)", "kappa": "severity kappa"}
QUESTION = "40_cobb"
WITH_INTERVAL = "{:.{d}f} [{:.{d}f}, {:.{d}f}]"


def angle_board(rows: pd.DataFrame, metric: str = "smape") -> pd.DataFrame:
    """Entries by route, best first by `metric`: rank, name, route, films, patients, unread, then values as numbers.

    rows: of `DataAngles`. Every error (ERRORS) has columns NAME, NAME_low and NAME_high, so have icc and kappa; NaN
    where fewer than two patients allow none. Of several runs of an entry icc and kappa are those of the mean reading,
    which agrees better than one run does. unread: films, over all runs, without angles, counted as straight. Raises
    ValueError for an unknown metric.
    """
    if metric not in ERRORS:
        raise ValueError(f"unknown metric {metric!r}: one of {', '.join(ERRORS)}")
    lines, lost = [], rows[unread(rows)]
    for (name, route), own in rows.groupby(["name", "route"], sort=False):
        films = own[["case", "view"]].drop_duplicates()
        facts = {"films": len(films), "patients": own["patient"].nunique(), "unread": int(unread(own).sum())}
        lines.append({"name": name, "route": route, **facts, **_errors(own, lost), **_agreement(own)})
    table = pd.DataFrame(lines).sort_values(metric, kind="stable", ignore_index=True)
    table.insert(0, "rank", table[metric].rank(method="min").astype(int))
    return table


def _errors(rows: pd.DataFrame, lost: pd.DataFrame) -> dict[str, float]:
    """Every error with its interval; lost: rows of all entries without angles, whose errors are penalties."""
    columns = list(ERRORS)
    values = rows.groupby("patient", sort=False)[columns].mean()
    found = rows[~unread(rows)].groupby("patient")[columns].mean().reindex(values.index)
    missed = unread(rows).groupby(rows["patient"]).mean().reindex(values.index)
    cells: dict[str, float] = {}
    for name in ERRORS:
        given = None if lost.empty else (float(lost[name].mean()), float(lost[name].std(ddof=0)))
        interval = score_interval(values[name], found[name], missed, metric=name, unit=find(name).unit, given=given)
        cells |= {f"{name}{side}": x for side, x in zip(("", "_low", "_high"), interval, strict=True)}
    return cells


def _agreement(rows: pd.DataFrame) -> dict[str, float]:
    truth, major, patients = (rows[name].to_numpy() for name in ("true_major", "major", "patient"))
    table = raters.severity_confusion(truth, major, patients)
    found = {"icc": raters.icc(np.stack([truth, major], 1), patients), "kappa": raters.weighted_kappa(table)}
    return {
        f"{name}{side}": x for name, one in found.items() for side, x in zip(("", "_low", "_high"), one, strict=True)
    }


def board_words(board: pd.DataFrame) -> pd.DataFrame:
    """`angle_board` for people: "mean [low, high]" by entry and route, with the number of films without angles."""
    columns = {"rank": board["rank"]} if "rank" in board else {}
    for name, title in {**ERROR_TITLES, **AGREEMENT}.items():
        triples = board[[name, f"{name}_low", f"{name}_high"]].to_numpy(float)
        columns[title] = pd.Series([words(*line, digits=2 if name in AGREEMENT else 1) for line in triples])
    columns |= {"films": board["films"], "no angles": board["unread"]}
    return pd.DataFrame(columns).set_index(pd.MultiIndex.from_frame(board[["name", "route"]], names=["entry", "route"]))


def words(value: float, low: float, high: float, *, digits: int = 1) -> str:
    """A value with its interval, if it has one."""
    if not np.isfinite(value):
        return "none"
    # Adding 0 turns a rounded -0 into 0.
    value, low, high = (round(float(x), digits) + 0.0 for x in (value, low, high))
    text = WITH_INTERVAL.format(value, low, high, d=digits) if np.isfinite([low, high]).all() else f"{value:.{digits}f}"
    return text.replace("-", "\N{MINUS SIGN}")


def angle_boards(rows: pd.DataFrame, metric: str = "smape") -> dict[str, pd.DataFrame]:
    """`angle_board` of the standing films: "all", and without near-duplicates of training films where there are any."""
    rows = coronal_rows(rows)
    clean = without_twins(rows)
    found = {comparison.ALL: angle_board(rows, metric)}
    return found if len(clean) == len(rows) else {**found, comparison.EXCLUDED: angle_board(clean, metric)}


def study_boards(found: StudyAngles, metric: str = "smape") -> pd.DataFrame:
    """All boards of a study as numbers, one line per data set, near_duplicate, entry and route.

    The reading of the reference masks and the one answer to every film have no rank.
    """
    tables = [pd.DataFrame(columns=["dataset", "near_duplicate"])]
    for dataset, one in found.sets.items():
        tables += data_boards(dataset, one.rows, pd.concat([one.floor, one.guess], ignore_index=True), metric)
    return pd.concat(tables, ignore_index=True)


def data_boards(dataset: str, rows: pd.DataFrame, fixed: pd.DataFrame, metric: str = "smape") -> list[pd.DataFrame]:
    """The boards of one data set from its rows of angles; fixed: rows that no network answered, which get no rank."""
    pair = {**angle_boards(rows, metric), "": angle_board(coronal_rows(fixed), metric).drop(columns="rank")}
    return [board.assign(dataset=dataset, near_duplicate=near or comparison.ALL) for near, board in pair.items()]


def beside_guess(board: pd.DataFrame, guess: pd.DataFrame, near: str, metric: str = "smape") -> pd.DataFrame:
    """A board of `angle_boards`, for people, with the one answer to every film where it belongs, without a rank."""
    rows = coronal_rows(guess)
    line = rows if near == comparison.ALL else without_twins(rows)
    if line.empty:
        return board
    both = [board.assign(rank=board["rank"].astype(str)), angle_board(line, metric).assign(rank="")]
    return pd.concat(both, ignore_index=True).sort_values(metric, kind="stable", ignore_index=True)


def best_entries(board: pd.DataFrame, count: int = 1) -> pd.DataFrame:
    """The first `count` entries of each route, in the order of the board."""
    return board.groupby("route", sort=False).head(count).sort_values(["route", "rank"], ignore_index=True)


def entry_rows(rows: pd.DataFrame, name: str, route: str) -> pd.DataFrame:
    """The rows of one entry by one route."""
    return rows[(rows["name"] == name) & (rows["route"] == route)]


def shown_name(name: str, route: str) -> str:
    """Name of an entry for figures, in the form `method/variant`; other routes than the mask's say so."""
    method, _, variant = name.partition("/")
    if route == MASK:
        return name
    return f"{method}/{'' if variant == 'full' else variant + '_'}{route}"


def film_errors(rows: pd.DataFrame, board: pd.DataFrame, metric: str = "cobb_error") -> pd.DataFrame:
    """One error of every film for `plots.angle_errors`: columns name, patient, value, entries as on the board."""
    tables = []
    for name, route in board[["name", "route"]].to_numpy(str):
        own = entry_rows(rows, name, route)
        tables.append(own[["patient"]].assign(name=shown_name(name, route), value=own[metric]))
    return pd.concat(tables, ignore_index=True)


def view_errors(rows: pd.DataFrame, metric: str = "cobb_error") -> pd.DataFrame:
    """Mean of one error with its interval, by entry and route, a column per view; no row for a single view."""
    if rows["view"].nunique() < 2:
        return pd.DataFrame()
    lines: dict[tuple[str, str], dict[str, str]] = {}
    for (name, route, view), own in rows.groupby(["name", "route", "view"], sort=False):
        found = comparison.mean_interval(
            own.groupby("patient")[metric].mean(), limits=limits_of(metric, find(metric).unit)
        )
        lines.setdefault((str(name), str(route)), {})[str(view)] = words(*found)
    return pd.DataFrame.from_dict(lines, orient="index").rename_axis(index=["entry", "route"])


def reading_statuses(rows: pd.DataFrame) -> pd.DataFrame:
    """How the angles came about, by route, what they were read from and status: number of them, errors, reasons.

    readings: over all entries; the mean error of the major curve in degrees, the mean confidence of the readings and
    the reason that most of them give.
    """
    groups = rows.groupby(["route", "read_from", "status"], sort=False)
    columns = {
        "readings": groups.size(),
        "entries": groups["name"].nunique(),
        "major curve °": groups["cobb_error"].mean().round(1),
        "confidence": groups["confidence"].mean().round(2),
        "commonest reason": groups["reason"].agg(lambda texts: texts.mode().iloc[0]),
    }
    return pd.DataFrame(columns).sort_values(["route", "readings"], ascending=[True, False])


def mask_readings(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of angles that were read from a mask, without those of masks that gave none."""
    return rows[(rows["route"] == MASK) & ~unread(rows)]


def confidence_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Whether the confidence of a reading says how wrong it is, by entry of the mask route.

    Spearman's correlation of confidence and error of the major curve, with its p-value (below 0: sure readings are
    better), and the mean error in degrees of the surer and of the less sure half.
    """
    lines = {}
    for name, own in mask_readings(rows).groupby("name", sort=False):
        sure, off = own["confidence"].to_numpy(float), own["cobb_error"].to_numpy(float)
        varied = len(own) > 2 and np.ptp(sure) > 0 and np.ptp(off) > 0
        rho, p = tests.spearmanr(sure, off) if varied else (np.nan, np.nan)
        upper = sure > np.median(sure)
        halves = [off[part].mean() if part.any() else np.nan for part in (upper, ~upper)]
        lines[str(name)] = (len(own), rho, p, *halves)
    columns = ["readings", "Spearman", "p", "surer half °", "other half °"]
    return pd.DataFrame.from_dict(lines, orient="index", columns=columns).rename_axis(index="entry")


def repeated_angles(folder: Path | str) -> pd.DataFrame:
    """Agreement of two label sets of the same films, from the folder of prepared data; no row where there is none."""
    table = read_frame(DataFolder(Path(folder)).repeat)
    return repeat_summary(table) if len(table) else table


def cobb_tables(results: Path | str) -> str:
    """What a finished study found about Cobb angles, as text: the boards and the floor of the mask route.

    The angles come from the finished question notebook of the study where it is newer than every run, otherwise they
    are read again, which takes a tenth of a second per film and run. Raises BadInput when no run has finished.
    """
    rows, absent = _latest(Path(results))
    parts = [f"{name}: no Cobb angles, it {reason}" for name, reason in absent.items()]
    for dataset, own in rows.groupby("dataset", sort=False):
        floor, guess = own["name"] == REFERENCE_ENTRY, own["name"] == GUESS_ENTRY
        for near, board in angle_boards(own[~floor & ~guess]).items():
            without = "" if near == comparison.ALL else ", without near-duplicates of training films"
            patients = f"{board['patients'].max()} patients{without}"
            for kind, part in kind_boards(board):
                parts.append(f"{dataset}, Cobb angles, {kind}, {patients}: mean [95 % interval over patients]")
                parts.append(board_words(beside_guess(part, own[guess], near)).to_string())
        parts.append(f"{dataset}: the same reading on the reference masks, the floor of the mask route")
        parts.append(board_words(angle_board(coronal_rows(own[floor])).drop(columns="rank")).to_string())
    return "\n\n".join(parts)


def _latest(results: Path) -> tuple[pd.DataFrame, dict[str, str]]:
    """The rows of a study's angles, kept or read anew, and why data sets have none."""
    study = StudyFolder(results)
    kept = study.question(QUESTION).record
    records = [study.run(run).record for run in study_cases(results)["run"].unique()]
    made = max((path.stat().st_mtime for path in records if path.exists()), default=np.inf)
    if kept.exists() and kept.stat().st_mtime > made:
        facts = json.loads(kept.read_text(encoding="utf-8"))["facts"]
        return read_rows(kept.with_name(ANGLE_TABLE)), facts["absent"]
    found = study_angles(results)
    return found.rows, found.absent
