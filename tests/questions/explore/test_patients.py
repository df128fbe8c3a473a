"""How alike the films of one patient are."""

import numpy as np
import pandas as pd

from spinelib.questions.explore import facts_within_patients


def test_each_fact_has_a_row_for_the_films_of_one_view():
    facts = pd.DataFrame({"data": "real", "view": "coronal", "patient": list("aabbcd")})
    facts = facts.assign(angle=[1.0, 1.0, 9.0, 9.0, 4.0, 5.0], spacing=np.nan)
    side = facts.head(2).assign(view="lateral", patient=["a", "b"])
    table = facts_within_patients(pd.concat([facts, side]), ["angle", "spacing"])
    assert table[["data", "view", "fact", "films", "patients"]].to_numpy().tolist() == [
        ["real", "coronal", "angle", 6, 4],
        ["real", "lateral", "angle", 2, 2],
    ]
    assert table.loc[0, "ICC"] == 1
    # n0 = (6 - 10 / 6) / 3 films each, all of them the same.
    assert table.loc[0, "films per patient"] == 1.44
    assert table.loc[0, "effective number"] == 4
    assert table.loc[1, "effective number"] == 2
