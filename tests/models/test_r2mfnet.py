"""R2MF-Net: the cascade of a coarse and a fine network."""

import torch

from spinelib.models.r2mfnet import R2MFNet


class TestCascade:
    def test_the_network_reads_neighbouring_levels(self):
        model = R2MFNet(width=0.25)
        assert [path.levels for path in model.fine.skips] == [(0, 1), (0, 1, 2), (1, 2, 3), (2, 3, 4)]
        assert all(path.fuse is None for path in model.coarse.skips)

    def test_detaching_protects_the_coarse_network(self):
        x = torch.randn(2, 1, 32, 32)
        for detach in (False, True):
            model = R2MFNet(width=0.25, detach=detach).train()
            model(x)["logits"].square().mean().backward()
            assert (model.coarse_head.weight.grad is None) == detach

    def test_the_fine_network_sees_the_coarse_answer(self):
        model = R2MFNet(width=0.25, mcskip=False).eval()
        x = torch.randn(1, 1, 32, 32)
        with torch.no_grad():
            before = model(x)
            model.coarse_head.bias += 3
            assert not torch.allclose(model(x), before)

    def test_deep_supervision_adds_two_heads_in_train_mode_only(self):
        model = R2MFNet(width=0.25, deep_supervision=True)
        x = torch.randn(2, 1, 40, 33)
        assert list(model.train()(x)) == ["logits", "coarse", "aux_1", "aux_2"]
        assert model.eval()(x).shape == (2, 1, 40, 33)

    def test_the_coarse_network_alone_has_no_fine_one(self):
        model = R2MFNet(width=0.25, cascade=False, deep_supervision=True)
        assert model.fine is None
        assert list(model.train()(torch.randn(2, 1, 32, 32))) == ["logits"]
