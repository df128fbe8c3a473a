"""Who is worth the price, in a sentence."""

import pandas as pd

from spinelib.questions import complexity


def test_the_front_is_told_cheapest_first():
    front = pd.DataFrame(
        {"name": ["a/full", "b/full", "c/full"], "score": [0.5, 0.4, 0.7], "front": [True, False, True]}
    )
    assert "than a (0.500), c (0.700)" in complexity.unbeaten(front, "d", "GMACs")
