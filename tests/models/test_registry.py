"""The registry: names, variants, options, and what it says when one is wrong."""

import re
import subprocess
import sys

import pytest

from spinelib.core.errors import BadInput
from spinelib.models import METHODS, build_model


def test_names_and_variants_follow_the_contract():
    for name, method in METHODS.items():
        assert name == method.name
        assert method.variants["full"] == {}
        assert all(re.fullmatch("[a-z0-9_]+", variant) for variant in method.variants)
        settings = [repr(sorted(options.items())) for options in method.variants.values()]
        assert len(set(settings)) == len(settings), "two variants are the same model"


def test_listing_methods_does_not_import_torch():
    code = "import sys; from spinelib.models import METHODS; assert METHODS; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "options", "named"),
    [
        (("r2mfnett",), {}, "r2mfnet"),
        (("r2mfnet", "no_r2_jump"), {}, "no_r2jump"),
        (("r2mfnet",), {"step": 3}, "steps"),
        (("unet",), {"encoders": "resnet18"}, "encoder"),
        (("zzz",), {}, "unet"),
    ],
)
def test_a_wrong_name_is_answered_with_the_closest(arguments, options, named):
    with pytest.raises(BadInput, match=rf"\b{named}\b"):
        build_model(*arguments, **options)


def test_a_named_encoder_has_one_width():
    with pytest.raises(BadInput, match=r"one size. Set width to 1\.0"):
        build_model("unet", "resnet18", width=0.5)


def test_options_override_the_variant():
    model = build_model("r2mfnet", "t3", width=0.125, steps=1)
    assert model.coarse.skips[0].jump.steps == 1
