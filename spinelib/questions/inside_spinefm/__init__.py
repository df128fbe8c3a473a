"""Where SpineFM walks, and where its walks break."""

from spinelib.questions.inside_spinefm.look import (
    decision,
    example_film,
    instance_board,
    level_board,
    reading_size,
    stops,
    time_shares,
    walk_table,
    weakest,
)
from spinelib.questions.inside_spinefm.program_choices import departures, program_table

__all__ = [
    "decision",
    "departures",
    "example_film",
    "instance_board",
    "level_board",
    "program_table",
    "reading_size",
    "stops",
    "time_shares",
    "walk_table",
    "weakest",
]
