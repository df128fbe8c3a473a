"""The digital patient: a seeded 3-D anatomy, and radiographs of it with exact labels.

`sample_anatomy(count, seed)` gives patients, `films(anatomy, view)` their radiographs. Same seed, same bits.
"""

from spinelib.phantom.anatomy import Anatomy, sample_anatomy
from spinelib.phantom.film_phantom import VIEWS, Films, films
from spinelib.phantom.morphometry import LEVELS

__all__ = ["LEVELS", "VIEWS", "Anatomy", "Films", "films", "sample_anatomy"]
