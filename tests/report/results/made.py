"""The repository, and changes to the tables of a published study."""

from pathlib import Path

import pandas as pd

from spinelib.report.results.published import PublishedStudy

ROOT = Path(__file__).parents[3]


def changed(study, place, **cells):
    """Write other `cells` into the first row of the published table `place`."""
    rows = pd.read_csv(study.folder / place)
    rows.loc[0, list(cells)] = list(cells.values())
    rows.to_csv(study.folder / place, index=False)


def write(folder, **tables):
    """A published study in `folder` of the given tables (records by column); their names are places without `.csv`."""
    for place, rows in tables.items():
        path = folder / f"{place.replace('__', '/')}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        pd.DataFrame(rows).to_csv(path, index=False)
    return PublishedStudy(folder)
