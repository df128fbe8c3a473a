"""One entry of the catalogue: what it builds, what it minimises, and what it says of a wrong name."""

from collections import OrderedDict
from dataclasses import replace

import pytest

from spinelib.core.errors import BadInput
from spinelib.models.method import Method, check_choice, resolve
from spinelib.models.objective import Objective
from spinelib.models.unet import UNet
from spinelib.training.losses import cross_entropy_heads, weighted_heads

ENTRY = Method("tiny", "Tiny", "none", "spinelib.models.unet:UNet", "spinelib.training.losses:weighted_heads")


def test_what_an_import_path_names():
    assert resolve("collections:OrderedDict") is OrderedDict
    with pytest.raises(AttributeError):
        resolve("collections:Ordered")


def test_the_nearest_name_is_suggested_and_without_one_all_are_listed():
    check_choice("b", ["a", "b"], "letter")
    with pytest.raises(BadInput, match=r"unett: is not a known network\. Did you mean unet\?"):
        check_choice("unett", ("unet", "fcn8s"), "network")
    with pytest.raises(BadInput, match=r"Known: fcn8s, unet\."):
        check_choice("zzz", ("unet", "fcn8s"), "network")
    with pytest.raises(BadInput, match=r"Known: none\."):
        check_choice("zzz", (), "network")


def test_a_network_remembers_how_it_was_built():
    network = ENTRY.build(2, 3, 0.125, widths=(16, 32))
    assert isinstance(network, UNet)
    assert (network.encoder[0][0][0].in_channels, network.head.out_channels) == (2, 3)
    assert network.built_as == {
        "method": "tiny", "in_channels": 2, "out_channels": 3, "width": 0.125, "widths": (16, 32),
    }  # fmt: skip


def test_only_keyword_arguments_of_the_constructor_are_options():
    with pytest.raises(BadInput, match=r"widhts: is not a known option of tiny\. Did you mean widths\?"):
        ENTRY.build(1, 1, 1.0, widhts=(8,))


@pytest.mark.parametrize("width", [0, -1.0, float("nan"), float("inf")])
def test_a_width_that_stands_for_no_number_of_channels_is_refused(width):
    with pytest.raises(BadInput, match=r"tiny: has the width .*\. Give a factor above 0"):
        ENTRY.build(1, 1, width)


def test_a_pipeline_has_no_network_to_build():
    with pytest.raises(BadInput, match=r"is a pipeline of several networks\. Use its own notebook"):
        Method("many", "Many", "none").build(1, 1, 1.0)


def test_a_card_names_what_once_was_usual_otherwise_and_no_starting_weights():
    paths = {"constructor": "spinelib.models.unet:UNet", "former": {"widths": (8,)}, "start_options": ("encoder",)}
    entry = Method("tiny", "Tiny", "none", variants={"full": {}, "small": {"widths": (4, 8)}}, **paths)
    assert entry.lasting("full", {"encoder": "file", "steps": 2}) == {"widths": (64, 128, 256, 512, 1024), "steps": 2}
    assert entry.lasting("small", {}) == {"widths": (4, 8)}
    assert entry.lasting("small", {"widths": (4,)}) == {"widths": (4,)}
    assert ENTRY.lasting("full", {}) == {}


def test_options_stand_above_the_variant_and_the_variant_above_what_is_usual():
    entry = replace(ENTRY, variants={"full": {}, "small": {"widths": (4, 8)}})
    assert entry.settings("full", {})["widths"] == entry.settings("gone", {})["widths"] == (64, 128, 256, 512, 1024)
    assert entry.settings("small", {})["widths"] == (4, 8)
    assert entry.settings("small", {"widths": (4,), "two_channels": True})["widths"] == (4,)


def test_the_criterion_is_the_method_s_own_unless_another_is_given():
    own, other = ENTRY.make_objective(None), ENTRY.make_objective(None, cross_entropy_heads)
    assert isinstance(own, Objective)
    assert (own.criterion, other.criterion) == (weighted_heads, cross_entropy_heads)
