"""Which network reads a file: the one that was asked for, or the released one that fits what the file shows.

(C, our choice) Volumes are read by `mr`, films from the front by `film`, films from the side by `lateral`. How a film
was taken is said by its header, else judged by its picture (`view`). A film whose network is not there is not given to
another one: what came out would look like an answer. A film that only its picture gave to `lateral`, whose gate refuses
it, is given to `film` once more, as negatives and screenshots of films from the front have to be; what the gate of that
one does not call ok stays refused. The other way round nothing is tried: more than whole films is taken for a neck.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from spinelib.apply.find import ImageFile
from spinelib.apply.gate.record import gate_digest
from spinelib.apply.view import FRONT, SIDE, ViewRule, header_view, read_rule
from spinelib.cases.readers.film import Film, read_film
from spinelib.cases.volume import is_volume
from spinelib.core.devices import pick_device
from spinelib.core.errors import BadInput
from spinelib.core.files import digest
from spinelib.core.layout import CARD, WEIGHTS
from spinelib.prediction.released import RELEASED, find_weights

if TYPE_CHECKING:
    from spinelib.prediction.predictor import Predictor

# Why a network reads a file.
ASKED, VOLUME, HEADER, PICTURE = "asked", "volume", "header", "picture"
# What each kind of image is read by.
READS = {VOLUME: "mr", FRONT: "film", SIDE: "lateral"}
WORDS = {VOLUME: "is a volume", FRONT: "shows the spine from the front", SIDE: "shows the spine from the side"}


@dataclass(frozen=True)
class ChosenNetwork:
    """The network that reads a file, why (ASKED, VOLUME, HEADER or PICTURE), and the film if it was looked at.

    second: gives the network that reads it where the gate of this one refuses it; None where no other is tried.
    """

    predictor: Predictor
    by: str
    film: Film | None = None
    second: Callable[[], ChosenNetwork] | None = None

    @property
    def digest(self) -> str:
        """Of the network and of its gate: another gate says otherwise of the same answer."""
        return self.predictor.digest + gate_digest(self.predictor.folder)


class Networks(Protocol):
    """What a call reads files with.

    title: in words; dims: axes of the images that they read, None for all; remarks: what the user should know once.
    """

    title: str
    dims: int | None
    remarks: tuple[str, ...]

    def passes_over(self, each: ImageFile) -> str:
        """Why a file is read by none of them; "" for one that is."""

    def stands(self, row: dict[str, Any]) -> bool:
        """Whether the network that an earlier call has read a film with is the one that would read it now."""

    def choose(self, each: ImageFile) -> ChosenNetwork:
        """The network that reads a file. Raises BadInput where there is none."""


class OneNetwork:
    """One network for all files."""

    dims: int | None
    remarks: tuple[str, ...] = ()

    def __init__(self, predictor: Predictor) -> None:
        self._chosen, self.dims = ChosenNetwork(predictor, ASKED), predictor.card.dims
        self.title = predictor.folder.resolve().name

    def passes_over(self, each: ImageFile) -> str:
        """Why a file is not read: a film by a network of volumes and the other way round; else ""."""
        volume = is_volume(each.path)
        if volume == (self.dims == 3):
            return ""
        return f"is a {'volume' if volume else 'film'}; the network reads {'volumes' if self.dims == 3 else 'films'}"

    def stands(self, row: dict[str, Any]) -> bool:
        """Whether a row is of this very network."""
        return bool(row.get("network_digest") == self._chosen.digest)

    def choose(self, each: ImageFile) -> ChosenNetwork:
        """The one network."""
        return self._chosen


class ReleasedNetworks:
    """The released networks that are there, each loaded when a file needs it. Raises BadInput where there is none.

    And for a device that is not on this machine.
    """

    title = "the released networks"
    dims: int | None = None
    remarks: tuple[str, ...] = ()

    def __init__(self, device: str = "auto") -> None:
        # A device that is not there is said once, not of every file.
        pick_device(device)
        self.device, self.loaded = device, dict[str, Any]()
        self.there = [name for name, entry in RELEASED.items() if entry.there]
        if not self.there:
            find_weights(next(iter(RELEASED)))
        lost = [f"{name} ({entry.title})" for name, entry in RELEASED.items() if name not in self.there]
        if lost:
            self.remarks = (f"not there, so that what they read is left out: {'; '.join(lost)}",)

    def passes_over(self, each: ImageFile) -> str:
        """Nothing is passed over: a file that none of them reads is a row with the reason."""
        return ""

    def stands(self, row: dict[str, Any]) -> bool:
        """Whether a row is of one of these networks, chosen and not asked for."""
        return row.get("chosen_by") != ASKED and row.get("network_digest") in self._digests

    def choose(self, each: ImageFile) -> ChosenNetwork:
        """The network that fits a file. Raises BadInput where it is not there."""
        if is_volume(each.path):
            return ChosenNetwork(self._get(VOLUME, each.path), VOLUME)
        if view := header_view(each.path):
            return ChosenNetwork(self._get(view, each.path), HEADER)
        film = read_film(each.path)

        def front() -> ChosenNetwork:
            return ChosenNetwork(self._get(FRONT, each.path), PICTURE, film)

        # A picture alone is no ground for reading nothing: the gate of the network for the front has the last word.
        if self._rule.view(film.pixels) == FRONT or READS[SIDE] not in self.there:
            return front()
        second = front if READS[FRONT] in self.there else None
        return ChosenNetwork(self._get(SIDE, each.path), PICTURE, film, second)

    @cached_property
    def _rule(self) -> ViewRule:
        return read_rule()

    @cached_property
    def _digests(self) -> set[str]:
        folders = [RELEASED[name].folder for name in self.there]
        return {digest(folder / CARD, folder / WEIGHTS) + gate_digest(folder) for folder in folders}

    def _get(self, kind: str, path: Path) -> Predictor:
        from spinelib.prediction.predictor import Predictor

        name = READS[kind]
        if name not in self.there:
            remedy = f"Name one to read it all the same (--network {self.there[0]}), or leave it out."
            raise BadInput(path, f"{WORDS[kind]}, and the released network that reads it, {name}, is not there", remedy)
        if name not in self.loaded:
            self.loaded[name] = Predictor.from_folder(RELEASED[name].folder, self.device)
        found: Predictor = self.loaded[name]
        return found
