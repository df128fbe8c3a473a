"""What a run is called: whatever changes the network or what it learned from, not which cases it is tested on."""

import pytest

from spinelib.core.names import entry
from spinelib.study.jobs import run_id

GIVEN = {"method": "safnet", "variant": "full"}
CHOSEN = GIVEN | {"trained_on": "mr", "recipe": "common", "width": 1.0, "seed": 0, "fold": 3}


@pytest.mark.parametrize(
    ("changes", "variant"),
    [
        ({}, "full"),
        ({"scheme": "cross", "fold": 4, "folds": 5, "added": []}, "full"),
        ({"added": ["phantom_mr"]}, "full_with_phantom_mr"),
        ({"added": ["one", "two"], "pretrained": "a folder", "train_films": 9}, "full_films9_with_one_two_pretrained"),
        ({"options": ["inject_high=True"]}, "full_injecthightrue"),
        ({"augmentation_strength": 0.5, "ema": 0.99}, "full_ema0p99_moves0p5"),
        ({"augmentation_strength": 1.0}, "full"),
        ({"moves": 0.5, "ema": 0.99}, "full_ema0p99_moves0p5"),
        ({"precision": "bfloat16+channels_last"}, "full"),
        ({"precision": "auto"}, "full"),
        ({"precision": "float32+channels_last", "flip": True}, "full_flip_float32_channels_last"),
    ],
)
def test_the_variant_says_what_was_changed(changes, variant):
    assert entry(GIVEN | changes) == ("safnet", variant)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "mr-safnet-full-s0-f3"),
        ({"scheme": "split", "added": []}, "mr-safnet-full-s0-f3"),
        ({"scheme": "cross"}, "mr-safnet-full-cross-s0-f3"),
        ({"precision": "float32+channels_last"}, "mr-safnet-full-float32_channels_last-s0-f3"),
        ({"scheme": "published", "recipe": "published"}, "mr-safnet-full-published-published_folds-s0-f3"),
        ({"added": ["a", "b"], "pretrained": "x", "width": 0.5}, "mr-safnet-full-w0p5-with_a_b-pretrained-s0-f3"),
    ],
)
def test_the_run_says_its_scheme_its_added_data_and_its_fold(changes, name):
    assert run_id(CHOSEN | changes) == name
