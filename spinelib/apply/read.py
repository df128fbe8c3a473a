"""Read a folder of films and volumes with the released networks: masks, corners, angles, tables and a page."""

from __future__ import annotations

from pathlib import Path

from spinelib.apply.loop import Applied, apply_networks, apply_run
from spinelib.apply.networks import ReleasedNetworks
from spinelib.prediction.released import find_weights

AUTO = "auto"


def read_folder(
    source: Path,
    out: Path,
    *,
    network: str = AUTO,
    device: str = "auto",
    hash_patients: bool = False,
    progress: bool = True,
) -> Applied:
    """Read every film and volume in `source` (folder, zip archive or file); results go to `out`, as of `apply_run`.

    network: auto gives each file to the released network that fits it; the name of one, or the folder of a run, is
    used for all files that it can read, and the others are listed as ignored in files.csv. Raises BadInput as
    `apply_run`, for an unknown network, and where no released network is there.
    """
    if network != AUTO:
        weights = find_weights(network)
        return apply_run(weights, source, out, device=device, progress=progress, hash_patients=hash_patients)
    return apply_networks(ReleasedNetworks(device), source, out, progress=progress, hash_patients=hash_patients)
