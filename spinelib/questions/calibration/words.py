"""How far tests and intervals can be trusted, as a sentence."""

from __future__ import annotations

import pandas as pd


def trusted(judged: pd.DataFrame, best: str) -> str:
    """How the tests and intervals did on samples in which nothing differs; judged: of `statistics.with_verdicts`."""
    normal = judged[judged["shape"] == "normal"]
    reject = normal[(normal["kind"] == "rejection") & (normal["tool"] == "t")]["value"]
    off = judged[judged["verdict"] != "holds"]
    rejects = f"The paired t-test rejects {reject.min():.1%} to {reject.max():.1%} where nothing differs (normal shape)"
    count = f"{len(off)} of {len(judged)} combinations of tool, shape and size are off or unclear"
    return f"{rejects}; {count}; the interval that covers best is {best}."
