"""The verdicts that a study was published with before, kept from the repository's history beside those of today.

``reports/published/STUDY/earlier_verdicts.csv`` stays when the study is published again, and
`spinelib.report.results.claims` sets its counts beside those of today.
"""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pandas as pd

from spinelib.core.errors import BadInput
from spinelib.core.files import write_text
from spinelib.core.layout import PUBLISHED_STUDIES, QUESTIONS, VERDICT_TABLE

EARLIER = "earlier_verdicts.csv"
COLUMNS = ("commit", "date", "id", "paper", "rule", "one", "other", "dataset", "structure", "metric", "verdict")


def keep_earlier(study: str, commit: str) -> Path:
    """Write the verdicts of the publication of `study` in `commit` beside today's: COLUMNS, one row per claim.

    Gives the file. Raises BadInput for a commit that has no such publication.
    """
    folder = Path("reports") / PUBLISHED_STUDIES / study
    place = (folder / QUESTIONS / "70_claims" / VERDICT_TABLE).as_posix()
    text = _git("show", f"{commit}:{place}")
    if not text:
        raise BadInput(commit, f"holds no {place}", "Name a commit in which the study was published with its claims.")
    short, date = _git("show", "--no-patch", "--format=%h %cs", commit).split()
    rows = pd.read_csv(io.StringIO(text)).assign(commit=short, date=date)
    path = folder / EARLIER
    write_text(path, rows[list(COLUMNS)].to_csv(index=False))
    return path


def read_earlier(folder: Path) -> pd.DataFrame:
    """The earlier verdicts of the study published in `folder`, COLUMNS; empty where none were kept."""
    path = folder / EARLIER
    return pd.read_csv(path, dtype={"commit": str}) if path.exists() else pd.DataFrame(columns=list(COLUMNS))


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""
