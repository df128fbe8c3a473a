"""The structures of lumbar MR volumes, by the label numbers of MRSpineSeg (2nd CSIG challenge).

(A, stated in the paper) 0 is background; 1 the sacrum, 2..10 the vertebrae L5..T9, 11..19 the discs L5/S..T9/T10, all
from below upwards (spinesegmentation-challenge.com; PaddleCV-SIG/MedicalSeg, configs/mri_spine_seg).
"""

from __future__ import annotations

VERTEBRAE = ("S", "L5", "L4", "L3", "L2", "L1", "T12", "T11", "T10", "T9")
DISCS = ("L5/S", "L4/L5", "L3/L4", "L2/L3", "L1/L2", "T12/L1", "T11/T12", "T10/T11", "T9/T10")
# Label k is STRUCTURES[k - 1].
STRUCTURES = (*VERTEBRAE, *DISCS)
# What SAFNet's paper scores (derived, it names T10 and T10/T11 as its topmost), and what a mean over them is called.
SEVENTEEN, SEVENTEEN_GROUP = tuple(name for name in STRUCTURES if name not in ("T9", "T9/T10")), "seventeen"
