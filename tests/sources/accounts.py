"""What became of the files of a source, counted."""

import os

from spinelib.cases.manifest import read_file_uses


def uses(source, out):
    """The use of every file by its name in the source, after a check that each has one row with a reason."""
    rows = read_file_uses(out)
    assert len(rows) == len({row.file for row in rows}) == sum(len(names) for _, _, names in os.walk(source))
    assert all(row.reason for row in rows)
    return {row.file: row.use for row in rows}
