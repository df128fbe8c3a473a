"""How the claims were judged, in a sentence."""

import pandas as pd

from spinelib.questions import claims


def line(verdict, metric="dice", rule="difference"):
    facts = {"rule": rule, "one": "unet/full", "other": "pspnet/full", "dataset": "d", "metric": metric}
    facts["structure"] = "spine"
    return {**facts, "verdict": verdict}


def test_what_was_tested_is_counted_and_costs_apart():
    lines = [line("agrees here"), line("inconclusive", "hd95"), line("agrees here", "iou"), line("not testable here")]
    assert claims.tested_lines(pd.DataFrame(lines)) == (
        "3 of 4 lines on accuracy were tested here: agrees here 2, inconclusive 1."
    )
    lines += [line("agrees here", "flops", "cost"), line("agrees here")]
    assert claims.tested_lines(pd.DataFrame(lines)) == (
        "3 of 4 lines on accuracy were tested here: agrees here 2, inconclusive 1. "
        "1 of 1 lines on cost were tested here: agrees here 1."
    )
