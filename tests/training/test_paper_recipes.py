"""The papers' recipes at what the papers state of them."""

from dataclasses import fields, replace

import pytest
import torch

from spinelib.models import METHODS, build_model
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
    assert MDWCNET.two_channels


def test_two_channels_go_twice_as_far_as_one_logit_in_a_step_of_mdwc_net():
    torch.manual_seed(0)
    images, target = torch.randn(2, 1, 32, 32), torch.randint(0, 2, (2, 32, 32))
    one, two = (build_model("mdwcnet", width=0.125, two_channels=several).train() for several in (False, True))
    head = one.head.weight.detach(), one.head.bias.detach() + 0.1
    own = {name: value for name, value in one.state_dict().items() if not name.startswith("head")}
    # The same logit, spread over the two channels.
    halves = {name: torch.cat([-value, value]) / 2 for name, value in zip(("weight", "bias"), head, strict=True)}
    one.head.load_state_dict({"weight": head[0], "bias": head[1]})
    two.load_state_dict({**own, **{f"head.{name}": value for name, value in halves.items()}})
    recipe, losses, steps = replace(MDWCNET.recipe, weight_decay=0.0), [], []
    for network in (one, two):
        before = [logit_of(value) for value in network.head.parameters()]
        losses.append(MDWCNET.loss(network(images), target))
        optimiser = recipe.make_optimiser(network)
        losses[-1].backward()
        optimiser.step()
        steps.append([logit_of(p) - start for p, start in zip(network.head.parameters(), before, strict=True)])
    torch.testing.assert_close(losses[0], losses[1])
    for single, double in zip(*steps, strict=True):
        assert single.abs().max() > 1e-5
        torch.testing.assert_close(double, 2 * single, rtol=1e-3, atol=1e-7)


def logit_of(values):
    """What weights of one channel, or the difference of those of two, make of the features."""
    values = values.detach().clone()
    return values[0] if len(values) == 1 else values[1] - values[0]


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
