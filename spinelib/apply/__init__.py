"""Apply networks to any films or volumes: masks, corners, Cobb angles, a table and a page of overlays."""

from spinelib.apply.find import find_sources
from spinelib.apply.gate.record import DOUBTFUL, OK, REFUSED
from spinelib.apply.loop import FAILED, MASKS, PAGE, RESULTS, THUMBNAILS, Applied, apply_run
from spinelib.apply.read import read_folder
from spinelib.apply.sample import pick_run, sample_cases
from spinelib.apply.sheet import results_html, thumbnails

__all__ = [
    "DOUBTFUL",
    "FAILED",
    "MASKS",
    "OK",
    "PAGE",
    "REFUSED",
    "RESULTS",
    "THUMBNAILS",
    "Applied",
    "apply_run",
    "find_sources",
    "pick_run",
    "read_folder",
    "results_html",
    "sample_cases",
    "thumbnails",
]
