"""The words for what a study says of a paper's claim: every table, figure and page takes them from here.

Of each pair the first word needs the paper's data, its recipe at full length and three seeds; the second is for less.
"""

from __future__ import annotations

from spinelib.literature.counting import UNTESTED
from spinelib.statistics.contrast_verdicts import ONE_TRAINING

REPLICATED, AGREES = "replicated", "agrees here"
CONTRADICTED, DISAGREES = "contradicted", "disagrees here"
BEYOND, INCONCLUSIVE = "better than published", "inconclusive"
# In the order in which pages show them.
CLAIM_VERDICTS = (REPLICATED, AGREES, CONTRADICTED, DISAGREES, BEYOND, INCONCLUSIVE, ONE_TRAINING, UNTESTED)
