"""The stages of the walk answered from labels."""

import numpy as np
import torch

from spinelib.questions.inside_spinefm.truth import Truth
from spinelib.spinefm.ends import BACKGROUND, LOWER_END, UPPER_END, VERTEBRA


def test_truth_knows_vertebrae_ends_and_background(known):
    truth, centres = Truth(known, 0), known.centres[0]
    points = torch.tensor(np.vstack([centres + 1, [[2.0, 2.0]]]), dtype=torch.float32)
    none = torch.zeros(len(points), dtype=torch.long)
    assert truth.classify(none, none, points).tolist() == [UPPER_END, *[VERTEBRA] * 4, LOWER_END, BACKGROUND]
    masks = truth.segment(torch.zeros(1, 1, *known.grid), none, points) > 0
    for k in range(6):
        np.testing.assert_array_equal(masks[k].numpy(), known.numbers[0] == k + 1)
    assert not masks[6].any()
    up = torch.tensor(centres[[3, 2, 1]][None], dtype=torch.float32)
    np.testing.assert_allclose(truth.predict(up, known.grid)[0], centres[0], rtol=1e-5)
    last = torch.tensor(centres[[3, 4, 5]][None], dtype=torch.float32)
    np.testing.assert_allclose(truth.predict(last, known.grid)[0], 2 * centres[5] - centres[4], rtol=1e-5)
