"""How far two readers' outlines of one film lie apart: what a boundary may be off without being wrong.

(A) Nikolov et al. (arXiv 1809.04430) take the 95th percentile of the distances between the outlines of two readers.
(C, our choice) As a share of the outline's length, and the median of it over the films that were labelled twice: pairs
whose levels were counted differently would move a mean. Data whose films were labelled once borrow that of aasce.

`python -m spinelib.sources.tolerance` writes the table, from prepared data.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

import csv
from pathlib import Path

TABLE = Path(__file__).with_name("tolerance.csv")
LENDER = "aasce"


def reader_share(table: Path = TABLE) -> float:
    """Share of a reference's length that separates two readers, from the table's 95th percentiles (in %)."""
    with table.open(encoding="utf-8", newline="") as handle:
        found = {row["dataset"]: float(row["boundary_p95"]) / 100 for row in csv.DictReader(handle)}
    return found[LENDER]
