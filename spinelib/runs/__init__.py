"""Runs: strict parameters, one locked folder per run, results as files, a record written last.

In a notebook::

    from spinelib import runs
    run = runs.begin(globals())     # third cell, after the imports
    run.cases(rows)                 # one row per case, structure and metric
    run.figure(figure, "name", "What it shows.")
    run.finish()                    # last cell
"""

from typing import TYPE_CHECKING, Any

from spinelib.runs.run import Run, begin
from spinelib.runs.state import RunState, read_state

if TYPE_CHECKING:
    from spinelib.runs.published import StudyTables, study_tables

__all__ = ["Run", "RunState", "StudyTables", "begin", "read_state", "study_tables"]


def __getattr__(name: str) -> Any:
    # Loads pandas, which pages do without.
    if name in ("StudyTables", "study_tables"):
        from spinelib.runs import published

        return getattr(published, name)
    raise AttributeError(name)
