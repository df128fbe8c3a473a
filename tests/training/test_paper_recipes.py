"""The papers' recipes at what the papers state of them."""

from dataclasses import fields, replace

import pytest

from spinelib.models import METHODS
from spinelib.models.method import resolve
from spinelib.training.losses import cross_entropy_heads, one_hot_bce
from spinelib.training.paper_recipes import MDWCNET, SAFNET, SAFNET_RIVALS, PaperRecipe


def test_mdwc_net_has_a_tenth_of_its_rate_every_twenty_of_a_hundred_epochs():
    recipe, cases = MDWCNET.recipe, 160
    epoch = cases // 8
    assert recipe.size(cases) == 8
    assert recipe.length(cases) == 100 * epoch
    rates = [recipe.rate_at(k * epoch, cases) for k in (0, 19, 20, 40, 60, 80, 99)]
    assert rates == pytest.approx([1e-3, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-7])
    assert (recipe.optimiser, MDWCNET.loss, MDWCNET.grid) == ("sgd", cross_entropy_heads, (256, 256))


def test_mdwc_net_s_films_are_mirrored_and_nothing_else():
    geometry = MDWCNET.recipe.geometry
    assert (geometry.rotation, geometry.scale, geometry.shift, geometry.shear, geometry.flip) == (0, (1, 1), 0, 0, 0.5)
    assert MDWCNET.recipe.intensity is MDWCNET.recipe.elastic is None


def test_safnet_is_validated_every_epoch_and_its_rate_halves_with_the_score_alone():
    recipe, cases = SAFNET.recipe, 80
    assert recipe.length(cases) == 50 * recipe.interval(cases) == 500
    assert {recipe.rate_at(step, cases) for step in (0, 250, 499)} == {1e-3}
    assert (recipe.decay, recipe.stall, recipe.optimiser, recipe.weight_decay) == (0.5, 10, "adam", 1e-4)
    assert (SAFNET.loss, SAFNET.grid) == (one_hot_bce, (18, 256, 128))


def test_safnet_s_volumes_turn_bend_and_change_their_contrast_and_nothing_else():
    recipe = SAFNET.recipe
    changes = {field.name: getattr(recipe.intensity, field.name) for field in fields(recipe.intensity)}
    assert changes.pop("contrast") == (0.1, 0.5, 1.5)
    assert {probability for probability, _, _ in changes.values()} == {0.0}
    assert (recipe.elastic.probability, recipe.elastic.alpha, recipe.elastic.sigma) == (0.3, 15, 3)
    assert (recipe.geometry.rotation, recipe.geometry.flip, recipe.geometry.scale) == (15, 0, (1, 1))


def test_the_rivals_of_safnet_differ_in_their_loss_alone():
    assert SAFNET_RIVALS.loss is cross_entropy_heads
    assert replace(SAFNET_RIVALS, loss=SAFNET.loss) == SAFNET


def test_every_published_recipe_of_the_catalogue_is_one_for_the_method_s_kind_of_data():
    found = {name: resolve(method.published) for name, method in METHODS.items() if method.published}
    assert {"mdwcnet", "safnet"} <= set(found)
    for name, one in found.items():
        assert isinstance(one, PaperRecipe)
        assert one.recipe.name == "published"
        assert len(one.grid) == METHODS[name].dims
