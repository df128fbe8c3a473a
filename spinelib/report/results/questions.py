"""What the other questions found: robustness, parts, cost, number of films, order on other data."""

from __future__ import annotations

import pandas as pd

from spinelib.core.layout import FRONTIER_TABLE, LOSS_TABLE
from spinelib.corruptions.table import CORRUPTIONS
from spinelib.plots.style import label
from spinelib.report.results.published import CONTRASTS, PublishedStudy, entry_label
from spinelib.report.results.words import Row, fixed, interval, listed_in_words, markdown_table
from spinelib.statistics.contrast_verdicts import ONE_TRAINING, ONE_TRAINING_ORDER, VERDICT_WORDS

SEVERITY = 3  # of five; what the answers of the notebook speak of
ROBUSTNESS = "questions/30_robustness"
COSTS = "questions/31_complexity"
# Questions whose answers judged differences before the contrasts did.
JUDGING = ("35_ablation", "50_generalisation", "60_significance", "70_claims")


def recorded_answers(study: PublishedStudy, *questions: str) -> str:
    """The sentences that the notebooks left in their records, a line each (all questions, if none is named).

    Of a study that was published before there were contrasts, without what judged differences otherwise.
    """
    known = [key.partition("/")[2] for key in study.records if key.startswith("questions/")]
    earlier = not study.has(CONTRASTS)
    kept = [name for name in questions or sorted(known) if not (earlier and name in JUDGING)]
    return "\n".join(f"- `{name}`: {line}" for name in kept for line in study.answer(name))


def corruptions(study: PublishedStudy, dataset: str) -> str:
    """Each corruption at SEVERITY: Dice lost in the mean of the entries, in %, and what becomes of their order."""
    means = _losses(study, dataset).groupby("condition")["loss"].mean().sort_values(ascending=False)
    order = study.table(f"{ROBUSTNESS}/order.csv")
    order = order[(order["dataset"] == dataset) & (order["severity"] == SEVERITY)]
    known = {row["condition"]: row for row in order.to_dict("records")}
    lines = []
    for condition, loss in means.items():
        row = known.get(condition)
        after = [interval(row["tau"], row["low"], row["high"], 2), entry_label(row["best"])] if row else ["", ""]
        lines.append([CORRUPTIONS[str(condition)].title, fixed(100 * loss, 1), *after])
    return markdown_table(("corruption", "Dice lost, %", "Kendall's tau with the clean order", "best then"), lines)


def fragile(study: PublishedStudy, dataset: str) -> str:
    """Each entry at SEVERITY: the share of Dice lost in the mean of the corruptions, most robust first."""
    losses = _losses(study, dataset)
    means = losses.groupby("name")[["clean", "loss"]].mean().sort_values("loss", kind="stable")
    lines = [[entry_label(str(name)), fixed(clean), fixed(100 * loss, 1)] for name, clean, loss in means.itertuples()]
    return markdown_table(("entry", "clean Dice of these patients", "Dice lost, %"), lines)


def corruption_counts(study: PublishedStudy, dataset: str) -> str:
    """Size of the robustness test: entries, patients, corruptions, and severities."""
    rows = study.table(f"{ROBUSTNESS}/{LOSS_TABLE}")
    rows = rows[rows["dataset"] == dataset]
    counts = (rows["name"].nunique(), rows["n"].max(), rows["condition"].nunique(), rows["severity"].nunique())
    return "{} entries, {} test patients, {} corruptions in {} severities".format(*counts)


def _losses(study: PublishedStudy, dataset: str) -> pd.DataFrame:
    rows = study.table(f"{ROBUSTNESS}/{LOSS_TABLE}")
    return rows[(rows["dataset"] == dataset) & (rows["severity"] == SEVERITY)]


def parts(study: PublishedStudy) -> str:
    """What each part of a method does, as the notebook says it: a sentence each with its verdict."""
    rows = study.table("questions/35_ablation/parts.csv")
    rows = rows[rows["view"].isna() | (rows["view"] == "all")]
    rows = rows.assign(about=[f"{label(m)} on {d}" for m, d in zip(rows["method"], rows["dataset"], strict=True)])
    rows = rows.assign(sentence=[_part_sentence(row) for row in rows.to_dict("records")])
    groups = rows.groupby("about", sort=False)["sentence"]
    return "\n".join(f"- {about}\n" + "\n".join(f"  - {line}" for line in lines) for about, lines in groups)


def _part_sentence(row: Row) -> str:
    """The published sentence; of verdicts by earlier rules, which were of one training a side, what is left of it."""
    if row["verdict"] in VERDICT_WORDS:
        return str(row["sentence"])
    found = interval(row["mean"], row["low"], row["high"], 3 if row["unit"] in ("1", 1) else 2)
    about = f"{label(str(row['metric']))} with it less without it {found}, {row['n']} patients"
    return f"{row['part']}: {about}; {VERDICT_WORDS[ONE_TRAINING]}."


def frontier_entries(
    study: PublishedStudy, dataset: str, price: str = "core-seconds in all", recipe: str = "common"
) -> str:
    """Pareto front: entries for which no other is both cheaper and better, with price and Dice."""
    rows = study.table(f"{COSTS}/{FRONTIER_TABLE}")
    chosen = (rows["dataset"] == dataset) & (rows["price"] == price) & (rows["recipe"] == recipe) & rows["front"]
    lines = [
        [entry_label(row["name"]), f"{row['cost']:,.0f}", interval(row["score"], row["low"], row["high"])]
        for row in rows[chosen].sort_values("cost").to_dict("records")
    ]
    return markdown_table(("entry", price, label("dice")), lines)


def network_sizes(study: PublishedStudy) -> str:
    """Million parameters of every network that was trained from scratch."""
    rows = study.table(f"{COSTS}/training.csv").drop_duplicates(["name", "width"])
    rows = rows[rows["started from"].isna()]
    named = [f"{entry_label(row['name'])} {fixed(row['million parameters'], 2)}" for row in rows.to_dict("records")]
    return listed_in_words(named)


def million(study: PublishedStudy, entry: str) -> str:
    """Million parameters of one entry's network."""
    rows = study.table(f"{COSTS}/training.csv")
    return fixed(float(rows.loc[rows["name"] == entry, "million parameters"].iloc[0]), 2)


def amounts(study: PublishedStudy) -> str:
    """What is lost with fewer training films than all."""
    rows = study.table("questions/32_learning/amounts.csv").to_dict("records")
    lines = [
        [
            entry_label(row["family"]),
            row["start"],
            f"{row['training films']} of {row['of']}",
            interval(row["lost"], row["low"], row["high"]),
        ]
        for row in rows
    ]
    return markdown_table(("network", "start", "films", "Dice lost"), lines)


def metrics(study: PublishedStudy) -> str:
    """By metric: score of an empty mask, of the worst and the best entry, and how far it orders them as Dice does."""
    rows = study.table("questions/32_learning/metrics.csv").to_dict("records")
    lines = [
        [
            row["dataset"],
            row["metric"],
            *(fixed(row[name]) for name in ("an empty mask", "worst entry", "best entry")),
            fixed(row["order as by Dice"], 2),
        ]
        for row in rows
    ]
    header = ("data", "metric", "an empty mask", "worst entry", "best entry", "rank correlation with the order by Dice")
    return markdown_table(header, lines)


def errors_of_names(study: PublishedStudy, dataset: str) -> str:
    """Structures of a volume that an entry missed, invented or misplaced, in the mean of the patients."""
    rows = study.table("questions/32_learning/categories.csv")
    lines = [
        [
            entry_label(row["name"]),
            *(fixed(row[name], 2) for name in ("missed", "invented", "misplaced")),
            interval(row["errors"], row["low"], row["high"], 2),
            row["patients"],
        ]
        for row in rows[rows["dataset"] == dataset].to_dict("records")
    ]
    return markdown_table(("entry", "missed", "invented", "misplaced", "missed or invented", "patients"), lines)


def orders(study: PublishedStudy) -> str:
    """Whether the order of the methods on one set of data holds on another, a sentence each."""
    rows = study.table("questions/50_generalisation/agreement.csv")
    if "trainings" not in rows:
        rows = rows.assign(reading=ONE_TRAINING_ORDER)
    return "\n".join(
        f"- {row['one']} and {row['other']}, {row['methods']} methods in common: {row['reading']} (Kendall's tau "
        f"{interval(row['tau'], row['low'], row['high'], 2)})."
        for row in rows.to_dict("records")
    )


def place_on_board(study: PublishedStudy, data: str, entry: str) -> str:
    """Place of an entry on a data set's board among the methods that both sets have, as ``7 of 10``."""
    rows = study.table("questions/50_generalisation/standings.csv")
    rows = rows[(rows["recipe"] == "common") & (rows["name"].str.endswith("/full"))]
    shared = set.intersection(*(set(group["name"]) for _, group in rows.groupby("data")))
    ordered = rows[(rows["data"] == data) & rows["name"].isin(shared)].sort_values("mean", ascending=False)
    names = ordered["name"].drop_duplicates().tolist()
    return f"{names.index(entry) + 1} of {len(names)}"


def beside_papers(study: PublishedStudy) -> str:
    """What the papers print beside what stands here, and whether the two may be compared."""
    rows = study.table("questions/50_generalisation/published.csv").to_dict("records")
    lines = [
        [
            row["data"],
            entry_label(f"{row['method']}/{row['variant']}"),
            row["metric"],
            fixed(row["per image"]),
            fixed(row["pooled"]),
            fixed(row["published"], 4),
            row["status"],
            row["comparable"],
        ]
        for row in rows
    ]
    header = ("data here", "method", "metric", "per image", "pooled", "published", "the paper", "comparable")
    return markdown_table(header, lines)
