"""T2-like MR volumes of the digital patient, from the same anatomy as its films.

`scan(anatomy[i], seed)` gives one volume with exact labels. Same patient, seed and options, same bits.
"""

from spinelib.phantom.mr.volumes import Scan, scan

__all__ = ["Scan", "scan"]
