"""One updating line of progress: a bar in a notebook, a few plain lines in a log."""

from __future__ import annotations

import html
import time
from types import TracebackType
from typing import Any

from spinelib.core.errors import safe_line
from spinelib.core.live import Live, tell_live

_REFRESH_SECONDS = 0.5
_LOG_LINES = 10


class Progress:
    """Shows `step` of `total`, a text and the time left; rate-limited, so it may be called at every step."""

    def __init__(self, total: int, title: str = "", start: int = 0, enabled: bool = True) -> None:
        self._total, self._title, self._start, self._enabled = total, title, start, enabled
        self._step = start
        self._begin, self._shown, self._line = time.perf_counter(), float("-inf"), -1
        self._display = _notebook_display() if enabled else None

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None and self._enabled:
            self._show(self._step, ": ".join(filter(None, ("halted", str(error))))[:300])

    def update(self, step: int, text: str = "", last: bool = False) -> None:
        """Show that `step` steps are done; `last` forces it and drops the time left.

        Other processes are told in the run's folder, also where nothing is to be shown.
        """
        self._step = step
        tell_live(Live(self._title, step, self._total, text), last)
        if not self._enabled:
            return
        now = time.perf_counter()
        if self._display is None:
            tenth = step * _LOG_LINES // self._total
            due, self._line = tenth > self._line, max(tenth, self._line)
        else:
            due = now - self._shown >= _REFRESH_SECONDS
        if due or last:
            self._shown = now
            self._show(step, text if last else f"{text} ({self._left(step, now)} left)")

    def _left(self, step: int, now: float) -> str:
        pace = (now - self._begin) / max(1, step - self._start)
        minutes, seconds = divmod(round(pace * (self._total - step)), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"

    def _show(self, step: int, text: str) -> None:
        line = safe_line(f"{self._title} {step}/{self._total} {text}".strip())
        if self._display is None:
            print(line, flush=True)
        else:
            self._display.update(_Bar(step, self._total, line))


class _Bar:
    """The same line for both kinds of output that a notebook stores."""

    def __init__(self, step: int, total: int, line: str) -> None:
        self._step, self._total, self._line = step, total, line

    def _repr_html_(self) -> str:
        bar = f'<progress value="{self._step}" max="{self._total}" style="width:20em"></progress>'
        return f"{bar} <code>{html.escape(self._line)}</code>"

    def __repr__(self) -> str:
        return self._line


def _notebook_display() -> Any:
    """A display handle inside a Jupyter kernel, None elsewhere."""
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        return None
    shell = get_ipython()
    if shell is None or not hasattr(shell, "kernel"):
        return None
    return display(_Bar(0, 1, "starting"), display_id=True)
