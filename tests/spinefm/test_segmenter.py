import copy
import pickle

import pytest
import torch
from segment_anything import sam_model_registry
from torch import nn

from spinelib.core.errors import BadInput
from spinelib.core.weights import save_weights
from spinelib.spinefm import sam as sizes
from spinelib.spinefm.adapters import AdaptedAttention, Adapter, adapt
from spinelib.spinefm.patches import PatchSizes
from spinelib.spinefm.recipe import StageRecipe
from spinelib.spinefm.sam import build_sam, load_sam
from spinelib.spinefm.segmenter import Segmenter, loss
from spinelib.spinefm.stem import Stem

GEOMETRY = PatchSizes((64, 48), 10.0)


def count(parameters):
    return sum(p.numel() for p in parameters)


def saved(path, **how):
    torch.manual_seed(1)
    torch.save(build_sam("tiny").state_dict(), path)
    return str(path)


def stir(adapters):
    """Adapters that do something, as after training."""
    for adapter in adapters:
        nn.init.normal_(adapter.up.weight, std=0.3)


def test_vit_b_has_the_published_sizes_and_trains_adapters_and_decoder():
    with torch.device("meta"):
        segmenter = Segmenter(GEOMETRY, "vit_b")
    segmenter.freeze()
    assert count(segmenter.adapters[0].parameters()) == 295_872
    assert len(segmenter.adapters) == 24
    trained = count(p for p in segmenter.parameters() if p.requires_grad)
    assert trained == 24 * 295_872 + count(segmenter.sam.mask_decoder.parameters())
    assert trained / 1e6 == pytest.approx(11.16, abs=0.005)


def test_vit_b_is_the_librarys_own():
    with torch.device("meta"):
        own, theirs = build_sam("vit_b"), sam_model_registry["vit_b"]()
    shapes = [{name: value.shape for name, value in sam.state_dict().items()} for sam in (own, theirs)]
    assert shapes[0] == shapes[1]
    assert count(own.parameters()) / 1e6 == pytest.approx(93.74, abs=0.005)
    assert [block.window_size for block in own.image_encoder.blocks] == [
        block.window_size for block in theirs.image_encoder.blocks
    ]


def test_an_adapted_block_computes_what_the_medical_adapter_does():
    torch.manual_seed(0)
    encoder = build_sam("tiny").image_encoder
    plain = copy.deepcopy(encoder.blocks[0])
    space, mlp = adapt(encoder)[:2]
    stir([space, mlp])
    x = torch.randn(2, 8, 8, 48)
    z = plain.attn(plain.norm1(x))
    inner = x + z + space.up(torch.nn.functional.gelu(space.down(z)))
    n = plain.norm2(inner)
    expected = inner + plain.mlp(n) + 0.5 * mlp.up(torch.nn.functional.gelu(mlp.down(n)))
    torch.testing.assert_close(encoder.blocks[0](x), expected)


def test_an_adapter_inside_windows_equals_one_behind_them():
    torch.manual_seed(0)
    from segment_anything.modeling.image_encoder import Block

    block = Block(24, 3, norm_layer=nn.LayerNorm, use_rel_pos=True, window_size=3, input_size=(5, 5))
    adapter = Adapter(24)
    stir([adapter])
    x = torch.randn(1, 5, 5, 24)
    with torch.no_grad():
        z = block(x) - x  # attention of windows put together, plus the MLP
        block.mlp = nn.Identity()
        block.norm2 = nn.Identity()
        attended = block(x) / 2 - x
        block.attn = AdaptedAttention(block.attn, 24)
        block.attn.adapter = adapter
        found = block(x) / 2 - x
    assert z.isfinite().all()
    torch.testing.assert_close(found, attended + adapter(attended), atol=1e-5, rtol=1e-4)


def test_new_adapters_leave_the_network_as_it_was(tmp_path):
    path = saved(tmp_path / "sam.pth")
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
    segmenter = Segmenter(GEOMETRY, "tiny", saved(tmp_path / "sam.pth"))
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


class Hostile:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@pytest.mark.parametrize("how", ["torch", "pickle"])
def test_code_in_a_checkpoint_does_not_run(tmp_path, how):
    trap, path = tmp_path / "ran", tmp_path / "sam_vit_b_01ec64.pth"
    if how == "torch":
        torch.save({"weights": Hostile(trap)}, path)
    else:
        path.write_bytes(pickle.dumps(Hostile(trap)))
    with pytest.raises(BadInput, match="cannot be read as weights alone"):
        Segmenter(GEOMETRY, "tiny", str(path))
    assert not trap.exists()


def test_other_files_are_refused_with_what_to_do(tmp_path):
    path, remedy = tmp_path / "x.pth", r"sam_vit_b_01ec64\.pth"
    with pytest.raises(BadInput, match="no such file.*" + remedy):
        Segmenter(GEOMETRY, "tiny", str(path))
    path.write_bytes(b"PK\x03\x04 not a checkpoint")
    with pytest.raises(BadInput, match="cannot be read as weights alone"):
        Segmenter(GEOMETRY, "tiny", str(path))
    torch.save([1, 2], path)
    with pytest.raises(BadInput, match="not a list of named tensors"):
        Segmenter(GEOMETRY, "tiny", str(path))
    state = build_sam("tiny").state_dict()
    torch.save({**state, "extra": torch.zeros(1)}, path)
    with pytest.raises(BadInput, match="is no checkpoint of this SAM: extra"):
        Segmenter(GEOMETRY, "tiny", str(path))
    torch.save({**state, "mask_decoder.iou_token.weight": torch.zeros(1, 3)}, path)
    with pytest.raises(BadInput, match=r"is no checkpoint of this SAM: mask_decoder\.iou_token\.weight"):
        Segmenter(GEOMETRY, "tiny", str(path))
    torch.save({**state, "mask_decoder.iou_token.weight": torch.full((1, 32), torch.nan)}, path)
    with pytest.raises(BadInput, match="no numbers"):
        Segmenter(GEOMETRY, "tiny", str(path))
    with pytest.raises(BadInput, match="Did you mean vit_b"):
        Segmenter(GEOMETRY, "vit_bb")


def test_a_checkpoint_is_verified_by_its_hash_where_it_is_known(tmp_path, monkeypatch):
    path = saved(tmp_path / "sam.pth")
    assert Segmenter(GEOMETRY, "tiny", path).verified == "shapes"
    monkeypatch.setattr(sizes, "VIT_B_HASH", sizes._sha256(tmp_path / "sam.pth"))
    assert Segmenter(GEOMETRY, "tiny", path).verified == "hash"
    save_weights(build_sam("tiny"), tmp_path / "sam.safetensors")
    assert Segmenter(GEOMETRY, "tiny", str(tmp_path / "sam.safetensors")).verified == "shapes"


def test_the_stem_gives_one_token_per_patch_of_the_encoder():
    torch.manual_seed(0)
    stem = Stem(8, 24, 8)
    grey_patch = torch.rand(2, 1, 64, 64).expand(-1, 3, -1, -1)
    tokens = stem(grey_patch)
    assert tokens.shape == (2, 8, 8, 24)
    assert Stem(8, 24, 4)(grey_patch).shape == (2, 16, 16, 24)
    for stride in (2, 6):
        with pytest.raises(ValueError, match="no power of two"):
            Stem(8, 24, stride)


def test_the_recipe_falls_along_half_a_wave():
    recipe = StageRecipe("adam", 1.0, 10, 10, cosine=True)
    rates = [recipe.rate_at(step, 100) for step in (0, 50, 100)]
    assert rates == pytest.approx([1.0, 0.5, 0.0])
