"""The catalogue: names and variants, listed without torch."""

import re
import subprocess
import sys

from spinelib.models import METHODS


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
