"""What a run of SpineFM was asked to do."""

import pytest

from spinelib.core.errors import BadInput
from spinelib.spinefm.config import STAGE_NAMES, SpineConfig
from tests.spinefm.made_runs import PARAMETERS


def test_parameters_of_the_notebook_are_taken_and_the_rest_is_as_usual():
    config = SpineConfig.of(PARAMETERS | {"size": "vit_b", "checkpoint": "sam.pth"})
    assert (config.size, config.checkpoint, config.ends) == ("vit_b", "sam.pth", "small")
    assert (config.method, config.grid) == ("spinefm", (128, 64))
    bare = {name: PARAMETERS[name] for name in ("method", "grid", "trained_on")}
    assert SpineConfig.of(bare).size == "small"
    assert SpineConfig.of(bare).stage_lengths == dict.fromkeys(STAGE_NAMES, 1.0)


def test_each_stage_has_the_common_length_times_its_own():
    config = SpineConfig.of(PARAMETERS | {"length": 0.5, "lengths": [1, 2, 3, 4]})
    assert config.stage_lengths == {"detector": 0.5, "segmenter": 1.0, "predictor": 1.5, "ends": 2.0}
    published = SpineConfig.of(PARAMETERS | {"length": 1.0, "lengths": [1, 2, 3, 4], "recipe": "published"})
    assert published.stage_lengths == dict.fromkeys(STAGE_NAMES, 1.0)


@pytest.mark.parametrize("lengths", [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 0.0], []])
def test_lengths_that_are_too_few_or_not_positive_are_refused(lengths):
    config = SpineConfig.of(PARAMETERS | {"lengths": lengths})
    with pytest.raises(BadInput, match="Give a number above 0 for each of detector, segmenter, predictor, ends"):
        _ = config.stage_lengths
