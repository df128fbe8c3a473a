"""Which claims of the five papers hold in a study."""

from spinelib.questions.claims.verdicts import judge, tally

__all__ = ["judge", "tally"]
