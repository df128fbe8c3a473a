"""SAM of any size, and its checkpoint as a file that is read as data."""

import pickle

import pytest
import torch
from segment_anything import sam_model_registry

from spinelib.core.errors import BadInput
from spinelib.core.weights import save_weights
from spinelib.spinefm import sam as sizes
from spinelib.spinefm.patches import PatchSizes
from spinelib.spinefm.sam import build_sam
from spinelib.spinefm.segmenter import Segmenter

from .made_stages import saved_sam

GEOMETRY = PatchSizes((64, 48), 10.0)


def count(parameters):
    return sum(p.numel() for p in parameters)


class Hostile:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_vit_b_is_the_librarys_own():
    with torch.device("meta"):
        own, theirs = build_sam("vit_b"), sam_model_registry["vit_b"]()
    shapes = [{name: value.shape for name, value in sam.state_dict().items()} for sam in (own, theirs)]
    assert shapes[0] == shapes[1]
    assert count(own.parameters()) / 1e6 == pytest.approx(93.74, abs=0.005)
    assert [block.window_size for block in own.image_encoder.blocks] == [
        block.window_size for block in theirs.image_encoder.blocks
    ]


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
    path = saved_sam(tmp_path / "sam.pth")
    assert Segmenter(GEOMETRY, "tiny", path).verified == "shapes"
    monkeypatch.setattr(sizes, "VIT_B_HASH", sizes._sha256(tmp_path / "sam.pth"))
    assert Segmenter(GEOMETRY, "tiny", path).verified == "hash"
    save_weights(build_sam("tiny"), tmp_path / "sam.safetensors")
    assert Segmenter(GEOMETRY, "tiny", str(tmp_path / "sam.safetensors")).verified == "shapes"
