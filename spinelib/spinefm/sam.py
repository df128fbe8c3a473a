"""SAM in any size from Meta's `segment-anything` package, and its checkpoint as a file the user gives.

Kirillov et al., Segment Anything, ICCV 2023, arXiv 2304.02643; the package is Apache-2.0 and used as it is. (A) SpineFM
builds on SAM. (B) ViT-B: 768 dims, 12 blocks, 12 heads, global attention in blocks 2, 5, 8, 11, windows of 14,
1024 px. (C) Ours: `small` and `tiny`, the same classes narrow and short with global attention everywhere, to be
trained from scratch: patches enter standardised and positions begin at random, where the package has zeros for a
checkpoint to fill; `small` has a convolutional stem, for attention alone finds edges only after long training.

Marks: (A) stated in the paper, (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from segment_anything.modeling import ImageEncoderViT, MaskDecoder, PromptEncoder, Sam, TwoWayTransformer
from torch import Tensor, nn

from spinelib.core.errors import BadInput
from spinelib.core.weights import read_weights
from spinelib.models.layer_norm import LayerNorm
from spinelib.models.method import check_choice
from spinelib.spinefm.stem import Stem

# SHA-256 of sam_vit_b_01ec64.pth as several public projects record it.
VIT_B_HASH = "ec2df62732614e57411cdcf32a23ffdf28910380d03139ee0f4fcbe91eb8c912"
_REMEDY = "Give Meta's sam_vit_b_01ec64.pth for vit_b, or leave it out to train from scratch."


@dataclass(frozen=True)
class Size:
    """One SAM: `image` px input, encoder (dim, depth, heads, blocks of global attention), decoder (out, mlp, heads).

    standardised: patches enter with mean 0 and deviation 1, not in 0..1 as the published program has them. stem: width
    of the first layer of a convolutional stem (`spinelib.spinefm.stem`); 0 has SAM's one convolution per patch.
    relative: attention also learns relative positions.
    """

    image: int
    dim: int
    depth: int
    heads: int
    whole: tuple[int, ...]
    window: int
    out: int
    decoder_mlp: int
    decoder_heads: int
    patch: int = 16
    standardised: bool = True
    stem: int = 0
    relative: bool = True

    @property
    def cells(self) -> int:
        """Side of the embedding, in patches; logits have four times this side."""
        return self.image // self.patch


SIZES: Mapping[str, Size] = {
    "tiny": Size(64, 48, 2, 3, (0, 1), 0, 32, 64, 4, patch=8),
    "small": Size(64, 96, 2, 3, (0, 1), 0, 64, 128, 4, patch=8, stem=16, relative=False),
    "vit_b": Size(1024, 768, 12, 12, (2, 5, 8, 11), 14, 256, 2048, 8, standardised=False),
}


def build_sam(name: str) -> Sam:
    """SAM of a size of `SIZES` with random weights. Raises BadInput for another name."""
    check_choice(name, SIZES, "size of SAM")
    size = SIZES[name]
    encoder = ImageEncoderViT(
        img_size=size.image,
        patch_size=size.patch,
        embed_dim=size.dim,
        depth=size.depth,
        num_heads=size.heads,
        out_chans=size.out,
        norm_layer=partial(LayerNorm, eps=1e-6),
        use_rel_pos=size.relative,
        window_size=size.window,
        global_attn_indexes=size.whole,
    )
    nn.init.trunc_normal_(encoder.pos_embed, std=0.02)
    if size.stem:
        encoder.patch_embed = Stem(size.stem, size.dim, size.patch)
    cells = (size.cells, size.cells)
    prompts = PromptEncoder(size.out, cells, (size.image, size.image), mask_in_chans=16)
    transformer = TwoWayTransformer(2, size.out, size.decoder_heads, size.decoder_mlp)
    decoder = MaskDecoder(transformer_dim=size.out, transformer=transformer, iou_head_hidden_dim=size.out)
    # Films enter in 0..1: the program of SpineFM leaves SAM's mean and deviation out.
    return Sam(encoder, prompts, decoder, pixel_mean=[0.0, 0.0, 0.0], pixel_std=[1.0, 1.0, 1.0])


def load_sam(sam: Sam, path: Path | str) -> str:
    """Fill `sam` from a checkpoint (.pth of tensors, or safetensors) and say how it was verified: "hash" or "shapes".

    The file is read as data; none of its code runs. Raises BadInput for a missing, damaged or hostile file, and
    unless the names and shapes of its tensors are those of `sam` and all values are finite.
    """
    state, own = _tensors(Path(path)), sam.state_dict()
    wrong = [name for name, value in own.items() if name not in state or state[name].shape != value.shape]
    wrong += [name for name in state if name not in own]
    if wrong:
        raise BadInput(path, f"is no checkpoint of this SAM: {', '.join(wrong[:3])}", _REMEDY)
    if not all(torch.isfinite(value).all() for value in state.values()):
        raise BadInput(path, "has values that are no numbers", _REMEDY)
    sam.load_state_dict(state)
    return "hash" if _sha256(Path(path)) == VIT_B_HASH else "shapes"


def _tensors(path: Path) -> dict[str, Tensor]:
    if path.suffix == ".safetensors":
        return read_weights(path)
    if not path.is_file():
        raise BadInput(path, "there is no such file", _REMEDY)
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, OSError, EOFError, ValueError, KeyError, pickle.UnpicklingError) as error:
        raise BadInput(path, f"cannot be read as weights alone ({type(error).__name__})", _REMEDY) from error
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise BadInput(path, "is not a list of named tensors", _REMEDY)
    return state


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
