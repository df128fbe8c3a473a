"""What reads films in a notebook: the released networks, one of them, or a run of a study; and films that stand in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from spinelib.apply.desk.correction import Correction
from spinelib.apply.desk.seen import SeenFilm, see_film
from spinelib.apply.loop import Applied, apply_run
from spinelib.apply.read import AUTO, read_folder
from spinelib.apply.sample import pick_run, sample_cases, stand_in_films
from spinelib.core.errors import BadInput
from spinelib.prediction.released import RELEASED, find_weights

if TYPE_CHECKING:
    from spinelib.prediction.predictor import Predictor


class FilmReader:
    """Reads what lies in a folder, always the same way.

    network: auto (each file by the released network that fits it), the name of a released network, or the folder of a
    run. Raises BadInput for a network that is not there.
    """

    def __init__(self, network: Path | str = AUTO, device: str = "auto") -> None:
        self.network, self.device = str(network), device
        self.folder = None if self.network == AUTO else find_weights(network)
        self._loaded: dict[Path, Predictor] = {}

    def __str__(self) -> str:
        """What it is, in a line or two."""
        if self.folder is None:
            return "\n".join(f"{name}: {entry.title}" for name, entry in RELEASED.items() if entry.there)
        own = self._predictor(self.folder)
        sizes = f"input {list(own.card.input_grid)}, evaluation grid {list(own.card.evaluation_grid)}"
        classes = ", ".join(own.card.classes)
        return f"{self.folder.name}: {own.name}, outlines {classes}\n{sizes}, {own.card.precision}"

    @property
    def name(self) -> str:
        """Its name in tables and sentences: method/variant of one network."""
        return "the released networks" if self.folder is None else self._predictor(self.folder).name

    def read(self, source: Path, out: Path, progress: bool = True) -> Applied:
        """Results of all films in `source`, written to `out`; those that were read before are not read again."""
        if self.folder is None:
            return read_folder(source, out, device=self.device, progress=progress)
        return apply_run(self._predictor(self.folder), source, out, progress=progress)

    def see(self, path: Path, row: Mapping[str, Any]) -> SeenFilm:
        """The film in the file `path` with what its network said; row: its row of the results. Raises BadInput."""
        return see_film(self._predictor(self.folder or find_weights(str(row["network"]))), path)

    def corrections(self, source: Path, rows: pd.DataFrame, count: int) -> list[Correction]:
        """The first `count` films of the spine in `source` that are among the rows of the results, for the desk."""
        known = rows[pd.to_numeric(rows["an1"], errors="coerce").notna()] if "an1" in rows else rows[:0]
        found = [{str(name): value for name, value in row.items()} for row in known.head(count).to_dict("records")]
        return [Correction(self.see(source / row["file"] if source.is_dir() else source, row)) for row in found]

    def sample(self, target: Path, count: int) -> Path:
        """Films that stand in for those of nobody, in `target`: test cases of its run, else films of the patient.

        One of them is cut short. Raises BadInput where the run's data are gone.
        """
        released = self.folder is None or self.network in RELEASED
        return stand_in_films(target, count) if released else sample_cases(Path(self.network), target, count)

    def _predictor(self, folder: Path) -> Predictor:
        from spinelib.prediction.predictor import Predictor

        if folder not in self._loaded:
            self._loaded[folder] = Predictor.from_folder(folder, self.device)
        return self._loaded[folder]


def released_like(reader: FilmReader, device: str) -> FilmReader | None:
    """The released network that outlines the same structures as that of `reader`; None where there is none other."""
    from spinelib.prediction.card import Card

    if reader.folder is None or reader.network in RELEASED:
        return None
    classes = set(Card.read(reader.folder).classes)
    there = (name for name, entry in RELEASED.items() if entry.there)
    same = [name for name in there if set(Card.read(find_weights(name)).classes) == classes]
    return FilmReader(same[0], device) if same else None


def pick_reader(network: str, trained: str, results: Path | str, device: str, *, own: bool) -> FilmReader:
    """What reads films: the run `trained` where one is named, else `network` for the user's `own` films.

    Where it is not there (or empty), and for test cases of a study, the run of the study in `results` that validated
    best; for want of one `network` reads all. Raises BadInput where there is nothing to read with.
    """
    if trained:
        return FilmReader(Path(trained), device)
    there = bool(network) and (network != AUTO or any(entry.there for entry in RELEASED.values()))
    if there and own:
        return FilmReader(network, device)
    try:
        return FilmReader(pick_run(results), device)
    except BadInput:
        if there:
            return FilmReader(network, device)
        raise
