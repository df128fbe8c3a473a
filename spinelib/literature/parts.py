"""What each ablation takes out: a line of `parts.csv` names a part, the variant with it and the one without.

(A) MDWC-Net Table 3, SAFNet Table 2, and the parts that the abstracts of R2MF-Net and Seg4Reg+ name; (C) the remaining
lines are open choices of this study.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

from importlib import resources

import pandas as pd


def read_parts() -> pd.DataFrame:
    """Every part, columns method, part, with and without (variants of that method)."""
    with resources.files("spinelib.literature").joinpath("parts.csv").open("r", encoding="utf-8") as stream:
        return pd.read_csv(stream, dtype=str)
