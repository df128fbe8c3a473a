"""What every method of the registry must do, in each variant, with films or with volumes."""

import pytest
import torch
from safetensors.torch import load_file, save_file

from spinelib.models import NETWORKS, build_model

from .made import noise

ALL = [(m.name, variant) for m in NETWORKS.values() for variant in m.variants]
FIXED_SIZE = {("unet", "resnet18"), ("unet", "resnet34")}
# The other variants differ from these in one block.
TRAINED = [(name, "full") for name in NETWORKS]
TRAINED += [
    ("r2mfnet", "base"),
    ("r2mfnet", "coarse_only"),
    ("mdwcnet", "base"),
    ("pspnet", "small"),
    ("safnet", "base"),
]
# Logits an eighth or a quarter as fine as the image draw small discs too coarsely.
LARGER = {"pspnet": 96, "safnet": 64, "deeplabv3_3d": 64, "cfnet3d": 64}
# Layer normalisation takes smaller steps.
RATES = {"cfnet3d": 3e-3}
SLICES = 3


def over(pairs):
    return pytest.mark.parametrize(("method", "variant"), pairs, ids=["-".join(pair) for pair in pairs])


every = over(ALL)


def build(method, variant, width=0.125, **options):
    return build_model(method, variant, width=1.0 if (method, variant) in FIXED_SIZE else width, **options)


def images(method, *shape):
    """Noise [B,C,H,W], or as many slices of it [B,C,D,H,W] for a method that reads volumes."""
    if NETWORKS[method].dims == 3:
        shape = (*shape[:2], SLICES, *shape[2:])
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


def loss(model, method, x, labels):
    """What a training of `model` minimises near its end, and the outputs behind it."""
    angles = torch.tensor([[0.4, 0.3, 0.1], [0.2, 0.1, 0.1]])
    objective, targets = NETWORKS[method].make_objective(model), {"labels": labels, "angles": angles}
    outputs = objective.run(model, x, targets)
    return objective.loss(outputs, targets, 1.0), outputs


def disc(method, size, count=2):
    """Discs of two sizes as targets [count,size,size], or cylinders [count,D,size,size] for volumes."""
    axis = torch.arange(size) - size / 2
    distance = (axis[:, None] ** 2 + axis[None] ** 2).sqrt()
    discs = torch.stack([(distance < size / (3 + i)).to(torch.uint8) for i in range(count)])
    return discs if NETWORKS[method].dims == 2 else discs[:, None].repeat(1, SLICES, 1, 1)


@every
@pytest.mark.parametrize(("channels", "classes", "size"), [(1, 1, (45, 38)), (3, 2, (33, 64))])
def test_logits_have_the_size_of_the_input(method, variant, channels, classes, size):
    model = build(method, variant, in_channels=channels, classes=classes).eval()
    x = images(method, 2, channels, *size)
    with torch.no_grad():
        logits = model(x)
    assert isinstance(logits, torch.Tensor)
    assert logits.shape == (2, 1 if classes == 1 else classes + 1, *x.shape[2:])
    assert torch.isfinite(logits).all()


@every
def test_the_answer_for_an_image_does_not_depend_on_its_batch(method, variant):
    model = build(method, variant).eval()
    x = images(method, 3, 1, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(model(x)[1:2], model(x[1:2]), rtol=1e-4, atol=1e-4)


@every
def test_train_mode_returns_every_head_at_input_size(method, variant):
    model = build(method, variant).train()
    x = images(method, 2, 1, 45, 38)
    outputs = model(x)
    assert "logits" in outputs
    assert all(y.shape == x.shape for y in outputs.values())
    assert all(name.partition("_")[0] in {"logits", "coarse", "aux"} for name in outputs)


@every
def test_gradient_reaches_every_parameter(method, variant):
    model = build(method, variant, width=0.25).train()
    loss(model, method, images(method, 2, 1, 64, 64), disc(method, 64))[0].backward()
    parameters = dict(model.named_parameters())
    assert [name for name, p in parameters.items() if p.grad is None] == []
    # A normalisation takes the bias of the layer before it away: its gradient is 0, or what rounding leaves of it.
    weights = {name: p for name, p in parameters.items() if not name.endswith("bias")}
    assert [name for name, p in weights.items() if not p.grad.abs().sum() > 0] == []


@every
def test_a_saved_model_gives_the_same_logits(method, variant, tmp_path):
    model, other = build(method, variant), build(method, variant)
    x = images(method, 2, 1, 32, 32)
    model.train()(x)  # moves the running statistics, which must be saved too
    save_file(model.state_dict(), tmp_path / "model.safetensors")
    with torch.no_grad():
        expected = model.eval()(x)
        assert not torch.equal(other.eval()(x), expected)
        other.load_state_dict(load_file(tmp_path / "model.safetensors"))
        assert torch.equal(other(x), expected)


@every
def test_bfloat16_is_close_to_float32(method, variant):
    model = build(method, variant).eval()
    x = images(method, 2, 1, 64, 64)
    with torch.no_grad():
        exact = model(x)
        with torch.autocast("cpu", torch.bfloat16):
            rough = model(x).float()
    assert (rough - exact).abs().mean() < 0.05 * exact.std()


@over(TRAINED)
def test_one_batch_can_be_learnt(method, variant):
    model = build(method, variant, width=0.25).train()
    size = LARGER.get(method, 32)
    target = disc(method, size)
    x = target[:, None].float() + 0.5 * images(method, 2, 1, size, size)
    optimiser = torch.optim.Adam(model.parameters(), lr=RATES.get(method, 1e-2))
    dice = 0.0
    for _ in range(60):
        value, outputs = loss(model, method, x, target)
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        predicted = outputs["logits"][:, 0] > 0
        dice = float(2 * (predicted & target.bool()).sum() / (predicted.sum() + target.sum()))
        if dice > 0.97:
            break
    assert dice > 0.97


@every
def test_the_same_seed_gives_the_same_weights(method, variant):
    states = []
    for _ in range(2):
        torch.manual_seed(3)
        states.append(build(method, variant).state_dict())
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


@pytest.mark.parametrize("method", ["unet3d", "resunet3d", "deeplabv3_3d", "cfnet3d"])
def test_every_number_of_slices_is_good(method):
    model = build_model(method, classes=3, width=0.125).eval()
    with torch.no_grad():
        for slices in (1, 2, 7):
            assert model(noise(1, 1, slices, 16, 16)).shape == (1, 4, slices, 16, 16)


@pytest.mark.parametrize("method", ["safnet", "unet3d", "resunet3d", "deeplabv3_3d", "cfnet3d"])
def test_a_batch_of_one_small_volume_can_train(method):
    model = build_model(method, classes=3, width=0.125).train()
    model(noise(1, 1, 2, 16, 32))["logits"].square().mean().backward()
    assert all(torch.isfinite(p.grad).all() for p in model.parameters())
