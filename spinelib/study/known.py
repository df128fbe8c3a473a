"""Where a study's file and its notebooks lie: with the user, else among those that come with the project."""

from __future__ import annotations

from pathlib import Path

from spinelib.core.errors import BadInput, closest
from spinelib.core.shipped import shipped

STUDIES, NOTEBOOKS = Path("studies"), Path("notebooks")
ENDING = ".yaml"


def find_study(word: str) -> Path:
    """The file of the study called `word`: ``studies/word.yaml`` of the current folder, else the project's own.

    A word that ends in .yaml is a path. Raises BadInput for a name that is in neither place, naming the closest one.
    """
    if word.endswith(ENDING):
        return Path(word)
    known = known_studies()
    if word not in known:
        raise BadInput(STUDIES / f"{word}{ENDING}", "no such study", closest(word, known))
    return known[word]


def known_studies() -> dict[str, Path]:
    """Every study by its name, in the order of names; those of the current folder hide the project's own."""
    folders = (shipped(STUDIES.name), STUDIES)
    files = {path.stem: path for folder in folders for path in folder.glob(f"*{ENDING}")}
    return dict(sorted(files.items()))


def find_notebook(root: Path, name: str) -> Path:
    """``notebooks/name.ipynb`` in `root`, the folder that holds ``studies``; the project's own where none is there.

    Raises BadInput for a folder with braces in its name: Snakemake would fill in what is between them.
    """
    own, other = root / NOTEBOOKS / f"{name}.ipynb", shipped(NOTEBOOKS.name, f"{name}.ipynb")
    found = other if other.exists() and not own.exists() else own
    if {"{", "}"} & set(str(found)):
        raise BadInput(found, "lies in a folder with braces in its name", "Rename that folder, or work in another.")
    return found
