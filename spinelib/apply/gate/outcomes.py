"""What a gate does to measured answers: shares of each status by kind, and how well confidence ranks errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from spinelib.apply.gate.answers import AnswerType
from spinelib.apply.gate.record import DOUBTFUL, OK, REFUSED, AnswerGate


def error_groups(answers: AnswerType, parts: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The rows with an error that no rule was fitted to, by group: digital, good and corrupted, and real pictures."""
    every = pd.concat([rows for part, rows in parts.items() if part != "fit"])
    every = every[every["error"].notna()]
    groups = {
        f"digital {answers.things}": every[every["kind"] == answers.good],
        f"digital {answers.things}, good and corrupted": every[every["kind"] != answers.real],
        f"{answers.real}s": every[every["kind"] == answers.real],
    }
    return {group: rows for group, rows in groups.items() if len(rows)}


def with_outcomes(gate: AnswerGate, rows: pd.DataFrame) -> pd.DataFrame:
    """`rows` of `trial.measure_pictures` with chance (of being readable), confidence and status.

    A picture without signs has chance and confidence 0.
    """
    answered = rows["answered"].to_numpy(bool)
    found: dict[str, NDArray[np.float64]] = {}
    for name, rule in (("chance", gate.readable), ("confidence", gate.sure)):
        found[name] = np.where(answered, rule.chance(rows[list(rule.names)].fillna(0.0)), 0.0)
    pairs = zip(found["chance"], found["confidence"], strict=True)
    return rows.assign(**found, status=[gate.status(*pair) for pair in pairs])


def kinds_table(answers: AnswerType, parts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """A line for every kind of picture in each part (fit, test, real): counts, shares of each status, medians, error.

    parts: rows `with_outcomes`. severity 0 where a kind has none. auc: how often a good digital picture of the test is
    called more readable than one of the kind.
    """
    good = parts["test"].loc[parts["test"]["kind"] == answers.good, "chance"].to_numpy()
    lines = []
    for part, rows in parts.items():
        for (kind, severity), some in rows.groupby(["kind", "severity"], sort=False):
            shares = {name: float((some["status"] == name).mean()) for name in (OK, DOUBTFUL, REFUSED)}
            chance = some["chance"].to_numpy()
            above = (good[:, None] > chance).mean() + 0.5 * (good[:, None] == chance).mean()
            numbers = {"auc": float(above), "confidence": float(some["confidence"].mean())}
            errors = {"error": float(some["error"].mean()), "dice": float(some["dice"].mean())}
            lines.append(
                {"part": part, "kind": kind, "severity": severity, "n": len(some), **shares, **numbers, **errors}
            )
    return pd.DataFrame(lines)


def risk_table(answers: AnswerType, parts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Area under the risk-coverage curve beside chance and the best there can be, by group, risk and what ranks.

    risk: error (`AnswerType.risk`) or 1 - Dice; ranked by the gate's confidence, or by that which an answer has without
    one. Refused pictures are ranked with the others.
    """
    lines: list[dict[str, Any]] = []
    for group, some in error_groups(answers, parts).items():
        for risk, values in (("error", some["error"]), ("1 - dice", 1 - some["dice"])):
            known = values.notna().to_numpy()
            for ranks, by in (("gate", "confidence"), answers.own):
                if known.any():
                    areas = risk_areas(some[by][known], values[known])
                    lines.append({"group": group, "risk": risk, "by": ranks, "n": int(known.sum()), **areas})
    return pd.DataFrame(lines)


def risk_curve(confidence: ArrayLike, risks: ArrayLike) -> NDArray[np.float64]:
    """Mean risk [N] of the 1, 2, ..., N most confident of N answers; those of equal confidence share their mean."""
    table = pd.DataFrame({"confidence": np.asarray(confidence, float), "risk": np.asarray(risks, float)})
    table["risk"] = table.groupby("confidence")["risk"].transform("mean")
    ordered = table.sort_values("confidence", ascending=False, kind="stable")["risk"].to_numpy()
    return np.asarray(np.cumsum(ordered) / np.arange(1, len(ordered) + 1))


def risk_areas(confidence: ArrayLike, risks: ArrayLike) -> dict[str, float]:
    """Area under the risk-coverage curve: aurc, of any order (chance), and of the best order (oracle)."""
    values = np.asarray(risks, float)
    best = float(risk_curve(-values, values).mean())
    return {"aurc": float(risk_curve(confidence, values).mean()), "chance": float(values.mean()), "oracle": best}


def reliability(confidence: ArrayLike, right: ArrayLike, bins: int = 8) -> pd.DataFrame:
    """Mean confidence, share that is right and count in bins of about equal size, columns confidence, right, n."""
    table = pd.DataFrame({"confidence": np.asarray(confidence, float), "right": np.asarray(right, float)})
    order = table["confidence"].rank(method="first")
    part = ((order - 1) * min(bins, len(table)) // max(len(table), 1)).astype(int)
    found = table.groupby(part).mean()
    return found.assign(n=table.groupby(part).size()).reset_index(drop=True)


def calibration_error(confidence: ArrayLike, right: ArrayLike, bins: int = 8) -> float:
    """Expected calibration error: mean distance of confidence and share that is right over the bins, by their size."""
    table = reliability(confidence, right, bins)
    return float(((table["confidence"] - table["right"]).abs() * table["n"]).sum() / table["n"].sum())
