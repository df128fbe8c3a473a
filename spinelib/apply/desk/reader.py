"""Films that were dropped, read by a network: the rows of the results table, and each film for the desk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinelib.apply.desk.seen import SeenFilm, see_film
from spinelib.apply.loop import Applied, apply_run

if TYPE_CHECKING:
    from spinelib.prediction.predictor import Predictor


class FilmReader:
    """Reads what lies in a folder, always the same way, with the network `predictor`."""

    def __init__(self, predictor: Predictor) -> None:
        self.predictor = predictor

    def read(self, source: Path, out: Path) -> Applied:
        """Results of all films in `source`, written to `out`; those that were read before are not read again."""
        return apply_run(self.predictor, source, out, progress=False)

    def see(self, path: Path, row: Mapping[str, Any]) -> SeenFilm:
        """The film in the file `path` with what its network said; row: its row of the results. Raises BadInput."""
        return see_film(self.predictor, path)
