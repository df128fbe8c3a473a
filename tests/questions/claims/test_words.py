"""How the claims were judged, in a sentence."""

import pandas as pd

from spinelib.questions import claims


def test_what_was_tested_is_counted():
    table = pd.DataFrame({"verdict": ["agrees here", "inconclusive", "agrees here", "not testable here"]})
    assert claims.tested_lines(table) == "3 of 4 lines of the ledger were tested here: agrees here 2, inconclusive 1."
