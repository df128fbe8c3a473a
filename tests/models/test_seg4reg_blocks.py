"""Backbones against torchvision, the segmentation network against smp, activation maps and weights by hand."""

import pytest
import segmentation_models_pytorch as smp
import torch
import torchvision
from safetensors.torch import save_file

from spinelib.core.errors import BadInput
from spinelib.models.seg4reg_blocks import (
    Dense,
    Regressor,
    Residual,
    SegmentationNetwork,
    attention,
    enhanced,
    load_backbone,
)


def film(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A torchvision ResNet-34 with untrained weights, and its weights as a file."""
    torch.manual_seed(5)
    net = torchvision.models.resnet34(weights=None).eval()
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.uniform_(-0.1, 0.1)
    path = tmp_path_factory.mktemp("weights") / "resnet34.safetensors"
    save_file(net.state_dict(), path)
    return net, path


def test_at_width_1_the_backbone_is_torchvision_s(published):
    net, path = published
    own = Residual("resnet34", 3, 1.0).eval()
    load_backbone(own, path)
    x = film(1, 3, 64, 32)
    with torch.no_grad():
        features = own(x)
        expected = net.layer4(net.layer3(net.layer2(net.layer1(net.maxpool(features[0])))))
        logits = net.fc(features[-1].mean((2, 3)))
        torch.testing.assert_close(features[-1], expected)
        torch.testing.assert_close(logits, net(x))
    assert [f.shape[1] for f in features] == own.channels == [64, 64, 128, 256, 512]
    assert [64 // f.shape[2] for f in features] == [2, 4, 8, 16, 32]


def test_the_u_net_is_smp_s(published):
    whole = smp.Unet("resnet34", encoder_weights=None, in_channels=1, classes=2).eval()
    own = SegmentationNetwork("unet", "resnet34", 1, 2, 1.0).eval()
    names = {"decoder.blocks": "blocks", "segmentation_head": "head"}
    state = whole.state_dict()
    for old, new in names.items():
        state = {name.replace(old, new): value for name, value in state.items()}
    own.load_state_dict(state)
    x = film(1, 1, 64, 32)
    with torch.no_grad():
        torch.testing.assert_close(own(x), whole(x))
        torch.testing.assert_close(own(x, torch.zeros(1, 1, 2, 1)), whole(x))
        assert not torch.allclose(own(x, torch.ones(1, 1, 2, 1)), whole(x))


def test_densenet_169_is_torchvision_s():
    net = torchvision.models.densenet169(weights=None).eval()
    own = Dense("densenet169", 3, 1.0).eval()
    own.features.load_state_dict(net.features.state_dict())
    x = film(1, 3, 64, 32)
    with torch.no_grad():
        torch.testing.assert_close(net.classifier(own(x)[0].mean((2, 3))), net(x))
    assert own.channels == [1664]


@pytest.mark.parametrize("backbone", ["resnet18", "densenet121"])
def test_stride_16_makes_the_map_twice_as_fine(backbone):
    x = film(2, 1, 64, 32)
    shapes = [Regressor(backbone, 1, 0.125, stride).eval()(x)[1].shape for stride in (32, 16)]
    assert shapes == [(2, 1, 2, 1), (2, 1, 4, 2)]


def test_an_activation_map_is_cut_stretched_and_averaged():
    evidence = torch.tensor([[[-2.0, 0.0, 1.0, 3.0]], [[5.0, 5.0, 5.0, 5.0]], [[-9.0, -1.0, -1.0, -4.0]]])
    found = attention(evidence[None])
    torch.testing.assert_close(found[0, 0, 0], torch.tensor([0, 0, 1, 3]) / 3 / 3, atol=1e-3, rtol=0)


def test_angles_are_the_pooled_features_weighted_and_their_map_the_features_before():
    net = Regressor("resnet18", 1, 0.125).eval()
    x = film(2, 1, 64, 32)
    with torch.no_grad():
        angles, cam = net(x)
        features = net.backbone(x)[-1]
        torch.testing.assert_close(angles, torch.sigmoid(net.linear(features.mean((2, 3)))))
        torch.testing.assert_close(cam, attention(torch.einsum("ck,bkhw->bchw", net.linear.weight, features)))
    assert 0 <= cam.min() <= cam.max() <= 1


def test_angles_are_exact_in_bfloat16_but_for_the_features():
    net = Regressor("resnet18", 1, 0.125).eval()
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        angles, cam = net(film(2, 1, 64, 32))
    assert angles.dtype == cam.dtype == torch.float32


def test_learning_starts_at_a_quarter_of_ninety_degrees():
    net = Regressor("resnet18", 1, 0.125)
    torch.nn.init.zeros_(net.linear.weight)
    torch.testing.assert_close(net.eval()(film(1, 1, 64, 32))[0], torch.full((1, 3), 0.25), atol=1e-3, rtol=0)


def test_the_gate_raises_features_where_it_is_bright():
    features = torch.ones(1, 2, 2, 4)
    gate = torch.tensor([[[[0.0, 0.0, 1.0, 0.5]] * 2]])
    assert enhanced(features, None) is features
    assert enhanced(features, gate)[0, 1, 0].tolist() == [1, 1, 2, 1.5]
    assert enhanced(features.bfloat16(), gate).dtype == torch.bfloat16


@pytest.mark.parametrize("kind", ["unet", "pspnet"])
def test_either_segmentation_network_answers_at_the_size_of_the_film(kind):
    net = SegmentationNetwork(kind, "resnet18", 2, 3, 0.125).eval()
    assert net(film(2, 2, 64, 96), torch.rand(2, 1, 2, 3)).shape == (2, 3, 64, 96)


@pytest.mark.parametrize("channels", [1, 2])
def test_colour_weights_are_summed_for_grey_films(published, channels):
    net, path = published
    own = Residual("resnet34", channels, 1.0, stages=2).eval()
    load_backbone(own, path)
    grey = film(1, 1, 32, 32)
    with torch.no_grad():
        expected = net.conv1(grey.expand(-1, 3, -1, -1))
        torch.testing.assert_close(own.conv1(grey.expand(-1, channels, -1, -1)), expected, atol=1e-5, rtol=1e-5)


def test_weights_without_counters_fit(published, tmp_path):
    state = {name: value for name, value in published[0].state_dict().items() if "num_batches" not in name}
    save_file(state, tmp_path / "old.safetensors")
    own = Residual("resnet34", 3, 1.0)
    load_backbone(own, tmp_path / "old.safetensors")
    assert torch.equal(own.layer4[2].bn2.running_mean, state["layer4.2.bn2.running_mean"])


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: Residual("resnet34", 3, 0.5), "conv1.weight"),
        (lambda: Residual("resnet18", 3, 1.0), r"layer1\.2"),
        (lambda: Dense("densenet121", 3, 0.125), r"features\.conv0"),
    ],
)
def test_weights_of_another_network_are_refused(published, make, named):
    with pytest.raises(BadInput, match=f"does not fit this backbone: .*{named}"):
        load_backbone(make(), published[1])


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BadInput, match="there are no weights here"):
        load_backbone(Residual("resnet18", 1, 1.0), tmp_path / "none.safetensors")
