"""Curves as a surgeon names them, from predicted and reference masks: region, side, translation, flexibility.

Names and formulas are those of `spinelib.measures.cobb.clinical`. (C, our choice) A predicted spine gets names of
levels only where as many vertebrae were found as the data have; a side needs no names. Sides and regions are compared
for curves whose reference angle makes a scoliosis (10 degrees), and so is flexibility, which divides by that angle.
Translation is given as a share of the length of the same reading's line through its vertebral centres, so that no
spacing is needed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from spinelib.cases import CaseArrays
from spinelib.core.shown import short
from spinelib.measures.cobb.clinical import BOUNDS, REGIONS, convex_side, flexibility, major_curve
from spinelib.measures.cobb.reading import Reading, from_corners
from spinelib.measures.cobb.rules import apical_translation
from spinelib.measures.cobb.table import film_place
from spinelib.questions.cobb.angle_tables import entry_rows, words
from spinelib.questions.cobb.angles import MASK, DataAngles, coronal_rows
from spinelib.statistics import comparison
from spinelib.statistics.intervals import NO_LIMITS

BENDING = ("left_bending", "right_bending")
STANDING = "coronal"
UNNAMED = "not named"
PERCENT, LENGTHS = (0.0, 100.0), (0.0, math.inf)


def true_readings(films: CaseArrays) -> list[Reading]:
    """The reading of each film's own corners, in px of the grid."""
    parts = zip(films.landmarks, films.frames, strict=True)
    return [from_corners(corners, film_place(frame), count=None) for corners, frame in parts]


def picked_films(one: DataAngles, found: Sequence[Reading], name: str, route: str) -> dict[str, Any]:
    """The films with the least, the median and the greatest error of the major curve, as `plots.cobb_films` takes them.

    found: readings of the entry's maps of all films. Standing films only; of several runs the first.
    """
    rows = coronal_rows(entry_rows(one.rows, name, route))
    rows = rows[rows["run"] == rows["run"].iloc[0]].sort_values("cobb_error", kind="stable")
    order = [0, (len(rows) - 1) // 2, len(rows) - 1]
    place = {case: i for i, case in enumerate(one.films.table["case"])}
    index = [place[case] for case in rows["case"].iloc[order]]
    kinds = zip(("best", "median", "worst"), rows["case"].iloc[order], rows["cobb_error"].iloc[order], strict=True)
    films = one.films.subset(index)
    return {
        "images": films.images,
        "predictions": one.maps[name][index],
        "found": [found[i] for i in index],
        "truth": true_readings(films),
        "titles": [f"{kind}: error {error:.1f}\N{DEGREE SIGN}\n{short(case, 22)}" for kind, case, error in kinds],
        "answers": None if route == MASK else rows["major"].iloc[order].to_numpy(float),
        "by": route,
    }


def curve_rows(found: Sequence[Reading], films: CaseArrays) -> pd.DataFrame:
    """The major curve of each film with known corners and of its reading, one row per film.

    Columns case, patient, view, true_angle and angle (degrees, NaN without), true_region and region, true_apex and
    apex (UNNAMED without names), true_side and side ("none" without angles or a bulge), true_translation and
    translation: apical, % of the spine's length, 0 without angles, positive to the right of the image.
    """
    rows = []
    for i, (own, truth) in enumerate(zip(found, true_readings(films), strict=True)):
        about = {name: films.table[name][i] for name in ("case", "patient", "view")}
        rows.append({**about, **{f"true_{key}": value for key, value in _words(truth).items()}, **_words(own)})
    return pd.DataFrame(rows)


def _words(reading: Reading) -> dict[str, object]:
    if not reading.known:
        return {"angle": np.nan, "region": UNNAMED, "apex": UNNAMED, "side": "none", "translation": 0.0}
    corners = reading.corners
    line = corners.mean(1)
    length = np.hypot(*np.diff(line, axis=0).T).sum()
    share = 100 * float(apical_translation(corners[None])[0]) / length
    try:
        curve = major_curve(corners)
        region, apex = curve.region, curve.apex
    except ValueError:
        region = apex = UNNAMED
    side = convex_side(corners, *reading.ends)
    return {"angle": reading.angles[0], "region": region, "apex": apex, "side": side, "translation": share}


def curve_table(curves: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """How far the curves of each entry agree with the reference, shares in % and errors with 95 % intervals.

    curves: `curve_rows` by entry. Of the films with a scoliosis: same side, with a film without angles as another side;
    how many have named levels, and of these the same region. Of all films: mean absolute error and mean difference of
    the apical translation, in % of the spine's length.
    """
    lines = {}
    for name, rows in curves.items():
        curved = rows[rows["true_angle"] >= BOUNDS[0]]
        named = curved[curved["region"] != UNNAMED]
        off = rows["translation"] - rows["true_translation"]
        lines[name] = {
            "films": len(rows),
            "scolioses": len(curved),
            "same side %": _mean(100.0 * (curved["side"] == curved["true_side"]), curved, PERCENT),
            "named": len(named),
            "same region %": _mean(100.0 * (named["region"] == named["true_region"]), named, PERCENT),
            "translation, error %": _mean(off.abs(), rows, LENGTHS),
            "translation, difference %": _mean(off, rows, NO_LIMITS),
        }
    return pd.DataFrame(lines).T.rename_axis(index="entry")


def _mean(values: pd.Series, rows: pd.DataFrame, limits: tuple[float, float]) -> str:
    """Mean over patients with its interval, which stays within `limits`, in words."""
    if rows.empty:
        return "none"
    return words(*comparison.mean_interval(values.astype(float).groupby(rows["patient"]).mean(), limits=limits))


def region_matrix(rows: pd.DataFrame) -> pd.DataFrame:
    """Films with a scoliosis by region of the major curve, reference in rows, prediction in columns."""
    curved = rows[rows["true_angle"] >= BOUNDS[0]]
    table = pd.crosstab(curved["true_region"], curved["region"])
    order = [*REGIONS, UNNAMED]
    return table.reindex(index=order[:-1], columns=order, fill_value=0).rename_axis(
        index="reference", columns="predicted"
    )


def flexibility_rows(found: Sequence[Reading], films: CaseArrays) -> pd.DataFrame:
    """Flexibility (%) of the major curve from corners and from readings, one row per patient and bending view.

    Columns patient, view, true_angle (degrees, standing), true_flexibility, flexibility (NaN with the reason in
    `reason`). Patients without a standing or a bending film, or whose standing angle is no scoliosis, have no row.
    """
    truth = true_readings(films)
    place = {(patient, view): i for i, (patient, view) in enumerate(films.table[["patient", "view"]].to_numpy(str))}
    rows = []
    for patient, view in place:
        standing, bent = place.get((patient, STANDING)), place[patient, view]
        if view not in BENDING or standing is None or not truth[standing].angles[0] >= BOUNDS[0]:
            continue
        value, reason = _flexibility(found[standing], found[bent])
        true, _ = _flexibility(truth[standing], truth[bent])
        about = {"patient": patient, "view": view, "true_angle": truth[standing].angles[0]}
        rows.append({**about, "true_flexibility": true, "flexibility": value, "reason": reason})
    columns = ["patient", "view", "true_angle", "true_flexibility", "flexibility", "reason"]
    return pd.DataFrame(rows, columns=columns)


def _flexibility(standing: Reading, bent: Reading) -> tuple[float, str]:
    if not (standing.known and bent.known):
        return float("nan"), "a film without angles"
    if standing.corners.shape != bent.corners.shape:
        return float("nan"), f"{len(standing.corners)} vertebrae standing, {len(bent.corners)} bent"
    return flexibility(standing.corners, bent.corners), ""


def flexibility_table(curves: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """How far predicted flexibility agrees with the reference, by entry.

    curves: `flexibility_rows` by entry. Means with 95 % intervals over patients, in percentage points; the median is
    beside them because a small predicted angle makes the ratio explode. pairs: of standing and bending film.
    """
    lines = {}
    for name, rows in curves.items():
        known = rows[rows["flexibility"].notna()]
        off = known["flexibility"] - known["true_flexibility"]
        reasons = rows.loc[rows["reason"] != "", "reason"].mode()
        lines[name] = {
            "pairs": len(rows),
            "with a value": len(known),
            "reference %": _mean(rows["true_flexibility"], rows, NO_LIMITS),
            "difference": _mean(off, known, NO_LIMITS),
            "error": _mean(off.abs(), known, LENGTHS),
            "median error": round(float(off.abs().median()), 1),
            "commonest reason": "" if reasons.empty else reasons.iloc[0],
        }
    return pd.DataFrame(lines).T.rename_axis(index="entry")
