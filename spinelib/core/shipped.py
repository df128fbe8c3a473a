"""Files that come with the project beside the library: studies, notebooks, profiles, released weights."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
# Where an installed wheel puts them, below the prefix of its environment.
SHARED = Path("share") / "spinelib"


def shipped(*parts: str) -> Path:
    """The path of a file or folder of the project, from its root: in the checkout, else where the wheel put it.

    Nothing says that it exists.
    """
    if (CHECKOUT / "studies").is_dir():
        return CHECKOUT.joinpath(*parts)
    # pip install --target moves them beside the library, and its record still names another place.
    if (CHECKOUT / SHARED).is_dir():
        return CHECKOUT.joinpath(SHARED, *parts)
    return _installed().joinpath(*parts)


def _installed() -> Path:
    """The folder of the wheel's files; below the prefix where the installation does not say."""
    try:
        files = metadata.files("spinelib") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        found = Path(str(file.locate())).resolve()
        for folder in found.parents:
            if folder.parts[-2:] == SHARED.parts:
                return folder
    return Path(sys.prefix) / SHARED
