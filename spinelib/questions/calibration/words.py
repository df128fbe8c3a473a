"""How far tests and intervals can be trusted, as a sentence."""

from __future__ import annotations

import pandas as pd

from spinelib.statistics.calibration import FEWEST, TOLERANCE, broken_promises


def trusted(judged: pd.DataFrame) -> str:
    """How the tests and intervals in use did where the truth is known; judged: of `statistics.calibrate_all`."""
    used = judged[judged["used"] & (judged["n"] >= FEWEST)]
    normal = used[(used["shape"] == "normal") & (used["kind"] == "rejection")]["value"]
    covers = [
        f"intervals of {of} hold {rows['value'].min():.1%} to {rows['value'].max():.1%} of the truths"
        for of, rows in used[used["kind"] == "coverage"].groupby("of", sort=False)
    ]
    rejects = f"The paired t-test rejects {normal.min():.1%} to {normal.max():.1%} where nothing differs (normal shape)"
    off = broken_promises(judged)
    short = off[off["verdict"].isin(["covers too little", "rejects too often"])]
    count = (
        f"{len(off)} of {len(used)} combinations of shape and size are further than {TOLERANCE:.0%} from the promise"
    )
    named = f" ({', '.join(dict.fromkeys(short['shape']))} on the wrong side)" if len(short) else ""
    return f"From {FEWEST} patients on: {rejects[0].lower() + rejects[1:]}; {'; '.join(covers)}; {count}{named}."
