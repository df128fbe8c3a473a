"""Where SAFNet looks."""

from spinelib.questions.inside_safnet.figures import channel_shares, gates, voxel_maps
from spinelib.questions.inside_safnet.look import (
    channel_gates,
    channel_looks,
    factors,
    look_table,
    queries,
    voxel_looks,
    with_norm_statistics,
)

__all__ = [
    "channel_gates",
    "channel_looks",
    "channel_shares",
    "factors",
    "gates",
    "look_table",
    "queries",
    "voxel_looks",
    "voxel_maps",
    "with_norm_statistics",
]
