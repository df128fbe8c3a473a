"""A home for the tools that a study starts: Snakemake and Jupyter keep caches there and fail where none can be."""

from __future__ import annotations

import os
from pathlib import Path


def home_or_else(folder: Path) -> dict[str, str]:
    """Nothing where this user's home is a folder that can be written, else the variable that makes `folder` the home.

    `folder` is made where it is needed. Containers and clusters run users without a home.
    """
    home = Path(os.path.expanduser("~"))
    if home.is_dir() and os.access(home, os.W_OK | os.X_OK):
        return {}
    folder.mkdir(parents=True, exist_ok=True)
    return {"HOME": str(folder.resolve())}
