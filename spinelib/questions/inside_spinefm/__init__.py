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

__all__ = [
    "decision",
    "example_film",
    "instance_board",
    "level_board",
    "reading_size",
    "stops",
    "time_shares",
    "walk_table",
    "weakest",
]
