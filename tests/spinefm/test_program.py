"""What the two recipes of SpineFM do differently beside their networks and optimisers."""

import math

import pytest

from spinelib.core.errors import BadInput
from spinelib.spinefm.config import STAGE_NAMES, SpineConfig
from spinelib.spinefm.patches import PatchSizes
from spinelib.spinefm.program import ENDLESS, FEWER_LEVELS, LEVELS, PROGRAMS, Program, program_of
from spinelib.spinefm.walk import Rules
from tests.spinefm.made_runs import PARAMETERS


def chosen(named=True, **changes):
    return program_of(SpineConfig.of(PARAMETERS | changes), named)


def test_the_common_recipe_is_what_the_stages_do_by_themselves():
    assert chosen() == Program()
    assert chosen().rules(True) == Rules(levels=FEWER_LEVELS) == Rules()
    assert chosen().rules(False, post=False) == Rules(levels=LEVELS, post=False)
    assert chosen().geometry((200, 100), 12.0) == PatchSizes((200, 100), 12.0)


def test_the_published_recipe_differs_in_every_choice_but_the_score():
    ours, published = (vars(PROGRAMS[name]) for name in ("common", "published"))
    assert {name for name, value in ours.items() if value == published[name]} == {"score"}
    assert chosen(recipe="published").rules(True).levels == ENDLESS


def test_the_published_patch_is_counted_in_pixels():
    for patch, view in ((600, 512), (300, 256)):
        sizes = chosen(recipe="published", options=[f"patch={patch}"]).geometry((2487, 2048), 171.3)
        assert (sizes.patch, sizes.view) == (patch, view)


def test_there_are_four_classes_where_an_end_is_labelled_and_else_two():
    assert chosen(True, recipe="published").classes == 4
    assert chosen(False, recipe="published").classes == 2
    assert chosen(False).classes == 4, "ours extrapolates the ends"
    assert chosen(True, recipe="published", options=["classes=2"]).classes == 2


def test_on_csxa_the_published_program_has_numbers_of_its_own():
    found = chosen(True, recipe="published", trained_on="csxa")
    assert (found.patch, found.classes) == (300, 2)
    assert found.geometry((900, 700), 60.0).view == 256
    assert chosen(True, recipe="published", trained_on="csxa", options=["patch=500"]).patch == 500
    assert chosen(True, trained_on="csxa") == Program(), "ours is the same on all films"


def test_single_choices_can_be_changed():
    changed = chosen(options=["gap_ratio=.inf", "doubt=0", "guards=false", "line=fit"])
    assert (changed.gap_ratio, changed.doubt, changed.guards, changed.line) == (math.inf, 0, False, "fit")
    assert changed.noise == Program().noise


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"recipe": "publishd"}, "Did you mean published"),
        ({"options": ["gap_ration=2"]}, "Did you mean gap_ratio"),
        ({"options": ["guards=2"]}, "2 is no bool"),
        ({"options": ["line=upright"]}, "line of SpineFM"),
        ({"options": ["ring=none"]}, "ring of SpineFM"),
        ({"options": ["classes=3"]}, "number of classes"),
        ({"options": ["jitter=-1"]}, "jitter: is negative"),
    ],
)
def test_what_cannot_be_chosen_is_refused_in_words(changes, words):
    with pytest.raises(BadInput, match=words):
        chosen(**changes)


def test_every_stage_is_told_how_it_is_taught():
    for stage in STAGE_NAMES:
        assert set(chosen().teaching(stage)) == set(chosen(recipe="published").teaching(stage))
    assert chosen(recipe="published").teaching("predictor") == {"noise": 0.0, "mirror": False}
