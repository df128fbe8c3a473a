"""What corruptions cost, in sentences."""

import pandas as pd

from spinelib.questions import robustness


def losses(*rows):
    return pd.DataFrame(rows, columns=["dataset", "name", "condition", "severity", "loss"])


def test_the_costliest_corruption_and_the_steadiest_entry_are_named():
    table = losses(
        *(("d", "unet/full", "dose", 3, 0.1), ("d", "unet/full", "blur", 3, 0.3)),
        *(
            ("d", "pspnet/full", "dose", 3, 0.2),
            ("d", "pspnet/full", "blur", 3, 0.6),
            ("d", "unet/full", "dose", 5, 0.9),
        ),
    )
    said = robustness.costliest(table, "d", 3, {"blur": "smear"})
    assert "smear costs most, 45% of the clean Dice" in said
    assert "U-Net loses least (20%), PSPNet most (40%)" in said
    assert "nothing was asked" in robustness.costliest(table, "d", 1, {})


def test_the_leader_that_stays_is_counted():
    order = pd.DataFrame({"dataset": "d", "best": ["a/full", "b/full"], "best_clean": "a/full"})
    said = "d: the entry in front on the clean cases of these patients stays there under 1 of 2."
    assert robustness.leader_kept(order, "d") == said
