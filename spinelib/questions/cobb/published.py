"""Published errors of Cobb angles beside ours, with the reasons why one is not comparable."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from spinelib.cases import read_manifest
from spinelib.core.layout import DataFolder
from spinelib.literature import numbers
from spinelib.questions.cobb.angle_tables import ERROR_TITLES, shown_name, words
from spinelib.questions.cobb.angles import CORNERS, MASK, NETWORK


def published_angles(board: pd.DataFrame, folder: Path | str) -> pd.DataFrame:
    """Published angle errors beside the best of ours by each route, one line per published number.

    board: from `angle_board`; folder: the prepared data. `held by`: entries whose interval contains the number, of how
    many. `comparable`: ``yes``, or ``no: `` and every reason (see `numbers.beside_published`). No line for data that no
    published number is about.
    """
    dataset, films = _registered(Path(folder))
    known = numbers.read_numbers()
    known = known[known["metric"].isin(ERROR_TITLES)]
    if not known["our_dataset"].str.split(";").map(lambda names: dataset in names).any():
        return pd.DataFrame()
    best = known.rename(columns={"system": "method"}).drop_duplicates(["method", "variant", "structure", "metric"])
    ours = best[["method", "variant", "structure", "metric"]].assign(dataset=dataset, films=films, mean=np.nan)
    pairs = numbers.beside_published(ours.assign(averaging="per_image"), known)
    return pd.DataFrame([_beside(pair, board) for pair in pairs.to_dict("records")])


def _beside(pair: dict[object, object], board: pd.DataFrame) -> dict[str, object]:
    metric, value = str(pair["metric"]), float(str(pair["published"]))
    held = board[(board[f"{metric}_low"] <= value) & (value <= board[f"{metric}_high"])]
    line: dict[str, object] = {"system": f"{pair['method']}/{pair['variant']}", "on": pair["paper_dataset"]}
    line |= {"error": ERROR_TITLES[metric], "published": value}
    for route in (MASK, NETWORK, *([CORNERS] if (board["route"] == CORNERS).any() else [])):
        own = board[board["route"] == route].nsmallest(1, metric)
        for name, *found in own[["name", metric, f"{metric}_low", f"{metric}_high"]].itertuples(index=False):
            line[f"our best, {route}"] = f"{words(*found)} {name}"
    names = ", ".join(shown_name(name, route) for name, route in held[["name", "route"]].to_numpy(str))
    return (
        line
        | {"held by": f"{len(held)} of {len(board)}" + (f": {names}" if names else "")}
        | {"comparable": pair["comparable"]}
    )


def _registered(folder: Path) -> tuple[str, float]:
    """Registered name of prepared data, and how many films of it there are."""
    options, manifest = DataFolder(folder).options, DataFolder(folder).manifest
    given = json.loads(options.read_text(encoding="utf-8")) if options.exists() else {}
    return given.get("dataset", folder.name), len(read_manifest(folder)) if manifest.exists() else np.nan
