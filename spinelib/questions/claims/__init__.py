"""Which claims of the five papers hold in a study."""

from spinelib.questions.claims.costs import counted_networks
from spinelib.questions.claims.figures import verdict_bars
from spinelib.questions.claims.verdicts import judge, tally
from spinelib.questions.claims.words import tested_lines

__all__ = ["counted_networks", "judge", "tally", "tested_lines", "verdict_bars"]
