"""How far a run is, in a file of its folder that other processes read while it works.

What a training prints goes through a kernel, an engine and perhaps another machine before anybody sees it; the folder
of its run is there for all of them.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from spinelib.core.errors import BadInput
from spinelib.core.files import replace

EVERY = 2.0  # seconds between two writings


@dataclass(frozen=True)
class Live:
    """`step` of `total` steps are done of what is called `title`; `text`: losses and scores so far, in words."""

    title: str
    step: int
    total: int
    text: str

    @property
    def share(self) -> float:
        """The part that is done, from 0 to 1."""
        return min(1.0, max(0.0, self.step / self.total)) if self.total else 0.0

    def words(self) -> str:
        """The same in one line."""
        return f"{self.title} {self.step} of {self.total}{', ' if self.text else ''}{self.text}".strip()


@dataclass
class _Teller:
    path: Path | None = None
    told: float = field(default=float("-inf"))


_teller = _Teller()


def begin_live(path: Path) -> None:
    """From now on `tell_live` of this process writes to `path`; what lies there is removed."""
    end_live()
    with suppress(OSError):
        path.unlink(missing_ok=True)
    # A notebook may change the folder it works in.
    _teller.path, _teller.told = path.absolute(), float("-inf")


def tell_live(live: Live, now: bool = False) -> None:
    """Write how far this process is: every EVERY seconds at most, but for `now`; nowhere without `begin_live`.

    A disk that is full must not end a training: the file is then left as it was.
    """
    moment = time.monotonic()
    if _teller.path is None or (moment - _teller.told < EVERY and not now):
        return
    _teller.told = moment
    with suppress(OSError, BadInput), replace(_teller.path) as temporary:
        temporary.write_text(json.dumps(asdict(live)), encoding="utf-8")


def end_live() -> None:
    """Remove the file, and write no more."""
    if _teller.path is not None:
        with suppress(OSError):
            _teller.path.unlink(missing_ok=True)
    _teller.path = None


def read_live(path: Path) -> Live | None:
    """What `tell_live` has written to `path` last; None where it has not, or where nobody can read it."""
    try:
        return Live(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
