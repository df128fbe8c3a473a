"""SpineFM in the place of a network that outlines a film."""

import pytest
import torch

from spinelib.core.errors import BadInput
from spinelib.spinefm.evaluate import unions
from spinelib.spinefm.outline import Outliner, load_outliner

from ..spinefm.made import coronal
from .test_read import Standing, built, distinct, read

GIVEN = {"variant": "full", "recipe": "common", "checkpoint": ""}


def test_the_outline_is_the_union_that_the_study_scores():
    data = distinct(coronal(3))
    logits = Outliner(built(data, Standing).pipeline).outline(torch.from_numpy(data.images))
    assert logits.shape == (3, 1, *data.grid)
    assert ((logits[:, 0] > 0).numpy() == (unions(read(data, Standing), data) > 0)).all()
    assert (logits > 0).any(dim=(1, 2, 3)).all()


@pytest.mark.parametrize(
    ("structure", "changes", "words"),
    [("vertebrae", {}, "outlines no spine"), ("spine", {"variant": "detector_only"}, "does not walk")],
)
def test_a_run_that_cannot_be_applied_says_why(tmp_path, structure, changes, words):
    (tmp_path / "cases.csv").write_text(f"case,structure\na,{structure}\n")
    with pytest.raises(BadInput, match=words):
        load_outliner(tmp_path, GIVEN | changes)


def test_a_run_without_stages_of_its_own_is_refused(tmp_path):
    (tmp_path / "cases.csv").write_text("case,structure\na,spine\n")
    with pytest.raises(BadInput, match="no finished stage"):
        load_outliner(tmp_path, GIVEN)
