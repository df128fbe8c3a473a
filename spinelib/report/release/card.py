"""`CARD.md` of a released network, from its card and the tables beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from spinelib.core.files import write_text
from spinelib.core.layout import GATE, GATE_KINDS, GATE_RISKS, RunFolder
from spinelib.measures.registry import METRICS
from spinelib.prediction.card import Card
from spinelib.prediction.released import RELEASED
from spinelib.protocol.released import stretch_table
from spinelib.report.release.tables import together
from spinelib.report.release.words import WORDS
from spinelib.report.results.words import fixed, interval, markdown_table

CARD_PAGE, SCORE_TABLE, CURVE_TABLE = "CARD.md", "scores.csv", "curve.csv"
# Where the command that makes a gate leaves its tables.
TRIED = "gate"
STATUSES = ("ok", "doubtful", "refused")
# Decimals: shares have three, lengths, angles and per cent two.
FINE, COARSE = 3, 2


def write_card_page(folder: Path) -> Path:
    """Write CARD.md into the folder of a released network; gives it. Of a table that is not there it says so.

    Raises BadInput for a folder without weights or their card.
    """
    card, name = Card.read(folder), folder.name
    scores, curve = _read(folder / SCORE_TABLE), _read(folder / CURVE_TABLE)
    kinds, risks = (_read(folder / TRIED / file) for file in (GATE_KINDS, GATE_RISKS))
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("spinelib.report.release", "."),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    text = environment.get_template("card.md.j2").render(
        name=name,
        title=RELEASED[name].title,
        card=card,
        words=WORDS[name],
        megabytes=f"{RunFolder(folder).weights.stat().st_size / 1e6:.1f}",
        seen=seen_how_often(card),
        stretches=_stretches(card),
        aims=_aims(name, scores, card.data["cases"]),
        scores=_spoken(scores),
        curve=_spoken(curve),
        longer=_longer(curve, card.data["cases"]),
        kinds=_kinds(kinds),
        calibrated=_calibrated(folder),
        risks=_plain(_with_gain(risks)),
    )
    write_text(folder / CARD_PAGE, text)
    return folder / CARD_PAGE


def _longer(curve: pd.DataFrame, cases: int) -> int:
    """Cases of the longest training on the curve that went on from the released weights, of `cases`; 0: none did."""
    most = 0 if curve.empty else int(curve["cases"].max())
    return most if most > cases else 0


def _calibrated(folder: Path) -> int:
    """How many real pictures the confidence of a released network's gate was calibrated on; 0 without a gate."""
    path = folder / GATE
    made = json.loads(path.read_text(encoding="utf-8"))["made"] if path.is_file() else {}
    return int(made.get("calibrated", {}).get("real", 0))


def _read(path: Path) -> pd.DataFrame:
    if not path.exists():
        return pd.DataFrame()
    # The unit of a share is "1".
    return pd.read_csv(path, keep_default_na=False, na_values=[""], dtype={"unit": str})


def _kinds(table: pd.DataFrame) -> str:
    """What becomes of pictures of each kind that no threshold was chosen on, in per cent; corruptions together."""
    if table.empty:
        return ""
    unseen = table[table["part"] != "fit"]
    worse = unseen["severity"] > 0
    kinds = unseen["kind"].mask(worse, "corrupted, severity " + unseen["severity"].map("{:g}".format))
    counts = unseen[list(STATUSES)].mul(unseen["n"], axis=0).assign(n=unseen["n"], part=unseen["part"], kind=kinds)
    rows = []
    for row in counts.groupby(["part", "kind"], sort=False, as_index=False).sum().to_dict("records"):
        shares = (f"{100 * row[name] / row['n']:.0f} %" for name in STATUSES)
        where = "real" if row["part"] == "real" else "digital or drawn"
        rows.append([f"{row['kind']} ({where})", f"{row['n']:.0f}", *shares])
    return markdown_table(["picture", "pictures", *STATUSES], rows)


def _with_gain(risks: pd.DataFrame) -> pd.DataFrame:
    """Risks with `gained`: how much of what the best order takes from chance this one takes."""
    if risks.empty:
        return risks
    return risks.assign(gained=(risks["chance"] - risks["aurc"]) / (risks["chance"] - risks["oracle"]))


def _plain(table: pd.DataFrame) -> str:
    """A table as it is, numbers with three decimals."""
    cells = [
        [fixed(value) if isinstance(value, float) else str(value) for value in row] for row in table.to_numpy().tolist()
    ]
    return markdown_table([str(name) for name in table], cells) if cells else ""


def _stretches(card: Card) -> str:
    table = stretch_table(card).reset_index().astype(str)
    return markdown_table([str(name) for name in table], table.to_numpy().tolist())


def seen_how_often(card: Card) -> str:
    """In words, how often a network has seen each case that it learned from, by what its card says of its stretches."""
    stretches = card.data["stretches"]
    views, cases = (sum(part[name] for part in stretches) for name in ("views", "cases"))
    if not all(part["views"] for part in stretches):
        return "each seen several times by each of its stages, in other crops, moved and turned"
    if views < 1.5 * cases:
        return "each seen once (but for a few that fill up the last step of a stretch)"
    return f"each seen about {views / cases:.0f} times, moved, turned and changed"


def _spoken(table: pd.DataFrame) -> str:
    """Scores as people read them: one line each, with its interval over patients."""
    if table.empty:
        return ""
    before = [name for name in ("cases", "dataset", "split", "view", "near_duplicate") if name in table]
    header = [*before, "structure", "score", "mean [95 % interval]", "patients", "missed"]
    return markdown_table(header, [_line(row, before) for row in table.to_dict("records")])


def _line(row: dict[Any, Any], before: list[str]) -> list[str]:
    unit = "" if row["unit"] == "1" else f", {row['unit']}"
    missed = row.get("missing", "")
    return [
        *(str(row[name]) for name in before),
        *(str(row["structure"]), METRICS[row["metric"]].title + unit, _mean(row), f"{row['n']:.0f}"),
        "" if missed in ("", 0) else str(missed),
    ]


def _mean(row: dict[Any, Any]) -> str:
    return interval(row["mean"], row["low"], row["high"], FINE if row["unit"] == "1" else COARSE)


def _aims(name: str, scores: pd.DataFrame, cases: int) -> str:
    """What was wanted of the training and of data that no choice was made on, and what was reached."""
    rows = []
    if least := WORDS[name].cases:
        verdict = "met" if cases >= least else "missed"
        rows.append(["cases learned from", "digital patient", f"at least {least:,}", f"{cases:,}", verdict])
    for aim in WORDS[name].aims:
        found = _found(scores, aim.dataset, aim.structure, aim.metric)
        for row in found or [{}]:
            reached = _mean(row) if row else "not scored yet"
            verdict = ("met" if aim.met(row["mean"]) else "missed") if row else ""
            wanted = f"{'at least' if aim.least else 'at most'} {fixed(aim.value, FINE if aim.least else 1)}"
            which = f"{aim.dataset}, {row['split']}" if row else aim.dataset
            rows.append([f"{METRICS[aim.metric].title}, {aim.structure}", which, wanted, reached, verdict])
    return markdown_table(["score", "data", "wanted", "reached", ""], rows)


def _found(scores: pd.DataFrame, dataset: str, structure: str, metric: str) -> list[dict[Any, Any]]:
    if scores.empty:
        return []
    chosen = scores[(scores["dataset"] == dataset) & (scores["structure"] == structure) & (scores["metric"] == metric)]
    chosen = together(chosen[chosen["near_duplicate"] == "all"])
    return chosen[chosen["unit"] != "px"].to_dict("records")
