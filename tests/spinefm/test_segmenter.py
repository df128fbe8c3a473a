import pytest
import torch

from spinelib.spinefm.patches import PatchSizes
from spinelib.spinefm.sam import build_sam, load_sam
from spinelib.spinefm.segmenter import Segmenter, loss

from .made_stages import saved_sam

GEOMETRY = PatchSizes((64, 48), 10.0)


def count(parameters):
    return sum(p.numel() for p in parameters)


def test_vit_b_has_the_published_sizes_and_trains_adapters_and_decoder():
    with torch.device("meta"):
        segmenter = Segmenter(GEOMETRY, "vit_b")
    segmenter.freeze()
    assert count(segmenter.adapters[0].parameters()) == 295_872
    assert len(segmenter.adapters) == 24
    trained = count(p for p in segmenter.parameters() if p.requires_grad)
    assert trained == 24 * 295_872 + count(segmenter.sam.mask_decoder.parameters())
    assert trained / 1e6 == pytest.approx(11.16, abs=0.005)


def test_new_adapters_leave_the_network_as_it_was(tmp_path):
    path = saved_sam(tmp_path / "sam.pth")
    base = build_sam("tiny")
    assert load_sam(base, path) == "shapes"
    segmenter = Segmenter(GEOMETRY, "tiny", path).eval()
    patches = torch.rand(2, 1, 30, 30)
    torch.testing.assert_close(segmenter.encode(patches), base.image_encoder(segmenter.prepare(patches)))


def test_vit_b_sees_patches_in_0_to_1_and_small_networks_see_them_standardised():
    patches = torch.rand(2, 1, 30, 30)
    segmenter = Segmenter(GEOMETRY, "tiny")
    seen = segmenter.prepare(patches)
    assert seen.shape == (2, 3, 64, 64)
    torch.testing.assert_close(seen[:, 0].mean((1, 2)), torch.zeros(2), atol=1e-5, rtol=0)
    assert (seen[:, 0].std((1, 2)) > 0.6).all()
    assert segmenter.prepare(patches * 0).abs().max() == 0
    segmenter.size = "vit_b"
    raw = segmenter.prepare(patches)
    assert raw.shape == (2, 3, 1024, 1024)
    assert (raw.min() >= 0, raw.max() <= 1) == (True, True)


def test_a_batch_of_patches_equals_the_librarys_answers_one_by_one():
    torch.manual_seed(0)
    segmenter = Segmenter(GEOMETRY, "tiny").eval()
    sam, embeddings = segmenter.sam, torch.randn(3, 32, 8, 8)
    points = torch.tensor([[32.0, 32.0], [10.0, 50.0], [40.0, 5.0]])
    with torch.no_grad():
        together = segmenter.decode(embeddings, points)
        for one, point, expected in zip(embeddings, points, together, strict=True):
            sparse, dense = sam.prompt_encoder((point[None, None], torch.ones(1, 1)), None, None)
            logits, _ = sam.mask_decoder(one[None], sam.prompt_encoder.get_dense_pe(), sparse, dense, False)
            torch.testing.assert_close(logits[0, 0], expected, atol=1e-5, rtol=1e-4)
    assert together.shape == (3, 32, 32)
    torch.testing.assert_close(segmenter.decode(embeddings)[0], together[0])


def test_with_a_checkpoint_only_adapters_and_decoder_change(tmp_path):
    segmenter = Segmenter(GEOMETRY, "tiny", saved_sam(tmp_path / "sam.pth"))
    before = {name: value.clone() for name, value in segmenter.named_parameters()}
    optimiser = torch.optim.SGD([p for p in segmenter.parameters() if p.requires_grad], 1.0)
    for _ in range(2):
        optimiser.zero_grad()
        loss(segmenter(torch.rand(2, 1, 28, 28)), torch.ones(2, 32, 32)).backward()
        optimiser.step()
    changed = {name for name, value in segmenter.named_parameters() if not torch.equal(value, before[name])}
    assert any(".adapter.up.weight" in name for name in changed)
    assert any(".adapter.down.weight" in name for name in changed)
    assert any(name.startswith("sam.mask_decoder.") for name in changed)
    assert all(".adapter." in name or name.startswith("sam.mask_decoder.") for name in changed)


def test_from_scratch_the_encoder_learns_and_the_prompts_do_not():
    segmenter = Segmenter(GEOMETRY, "tiny")
    learning = {name for name, value in segmenter.named_parameters() if value.requires_grad}
    assert all(name.startswith(("sam.image_encoder.", "sam.mask_decoder.")) for name in learning)
    assert "sam.image_encoder.patch_embed.proj.weight" in learning


def test_masks_lie_on_the_film_where_they_were_asked_for():
    segmenter = Segmenter(GEOMETRY, "tiny").eval()
    segmenter.decode = lambda embeddings: torch.full((len(embeddings), 32, 32), 4.0).index_fill_(
        1, torch.tensor([0]), -4.0
    )
    with torch.no_grad():
        found = segmenter.segment(torch.rand(2, 1, 64, 48), torch.tensor([1]), torch.tensor([[20.0, 30.0]]))
    assert found.shape == (1, 64, 48)
    ys, xs = torch.nonzero(found[0] > 3.9, as_tuple=True)
    assert (xs.min(), xs.max()) == (20 - 14, 20 + 13)
    assert ys.max() == 30 + 13


def test_the_vertebra_weighs_twice():
    logits = torch.zeros(1, 1, 2)
    assert float(loss(logits, torch.tensor([[[1.0, 0.0]]]))) == pytest.approx(1.5 * 0.6931, abs=1e-3)
