"""The catalogue: names and variants, listed without torch."""

import inspect
import re
import subprocess
import sys

from spinelib.models import METHODS, NETWORKS
from spinelib.models.method import resolve


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


def test_networks_have_a_constructor_and_pipelines_switches_alone():
    assert set(METHODS) - set(NETWORKS) == {"spinefm", "released", "masks", "nnunet"}
    assert all(method.constructor and method.criterion for method in NETWORKS.values())


def test_everything_that_is_named_exists():
    for method in METHODS.values():
        paths = (method.constructor, method.criterion, method.published, method.objective, method.loader)
        assert all(resolve(path) is not None for path in paths if path)


def test_options_of_a_variant_are_those_of_its_constructor():
    for method in NETWORKS.values():
        known = inspect.signature(resolve(method.constructor)).parameters
        for name, options in method.variants.items():
            assert set(options) <= set(known), f"{method.name}/{name}"
            same = [key for key, value in options.items() if known[key].default == value]
            assert not same, f"{method.name}/{name} asks for what is there anyway"
