"""Seg4Reg+: a segmentation network S and a regression network R that teach each other.

Lin, Liu, Ma, Zheng, MICCAI 2021, arXiv 2208.12462. (A) Stated in the abstract, as good as all that could be read of it:
both networks are trained jointly; class activation maps (CAM) of image and segmentation give the regression network
additional supervision (attention regularisation); the CAM gates the segmentation network's features as a region of
interest; triangle consistency trains both networks; every part helps on the films of AASCE 2019. Reported by others:
SMAPE 7.32 %, CMAE 3.73 degrees. Of the predecessor Seg4Reg the released code tells: DenseNet-169, global average
pool, linear, sigmoid, targets angle / 90, L1 loss. (C) Our choice, everything else; with x the image, m the reference
mask and s = S(x) the probability of the spine:

R is one network for images and masks; masks are put on the grey scale of the images (`as_image`). With `released` R
reads films as the released code prepares them (`spinelib.models.seg4reg_input`). CAM as in
`Regressor`. Gate: decoder features times 1 + CAM(R(x)). x and m go through R as one batch, so that batch normalisation
sees the mixture that its running statistics stand for. The R(x) of the gate, without gradient, and the R(s) of the
triangle use those statistics in training as in prediction: both are the same in either, and no other loss reaches S
through a batch shared with s. Angles: the mean of R(x) and R(s). The losses are in `spinelib.models.seg4reg_objective`.
No number of the paper can be compared with this reading.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from spinelib.core.errors import BadInput
from spinelib.models.layers import SegmentationModel, pad_to_multiple, probabilities
from spinelib.models.method import check_choice
from spinelib.models.objective import FULL_ANGLE
from spinelib.models.seg4reg_blocks import DENSENETS, RESNETS, Regressor, SegmentationNetwork, load_backbone
from spinelib.models.seg4reg_input import CHANNELS as RELEASED_CHANNELS
from spinelib.models.seg4reg_input import released_picture, row_zoom, usual_picture, zoomed

# What R sees in prediction, by what it is trained on.
ROUTES = {"both": ("image", "guess"), "image": ("image",), "mask": ("guess",), "stacked": ("guess",)}
# Those that never see a film without a mask.
_MASKED = ("mask", "stacked")


@dataclass(frozen=True)
class Terms:
    """Weights of the terms beside the segmentation loss (0: off), and the fraction of the training that two grow in."""

    regression: float
    smape: float
    attention: float
    triangle: float
    warmup: float


class Seg4RegPlus(SegmentationModel):
    """The whole of Seg4Reg+: float [B,C,H,W] of any size to logits [B,K,H,W]; `angles` answers the Cobb angles.

    Called with reference masks [B,H,W] too, it returns what the losses need, in either mode (`joint`).

    Options: `segmenter` "unet" or "pspnet" on `encoder` "resnet34" or "resnet18"; `regressor` one of those or
    "densenet169" or "densenet121", its map at `stride` 32 or 16. `inputs` is what R learns from: "both", "image",
    "mask", or "stacked", film and mask in one picture; `released` prepares it as the released Seg4Reg does, and lets
    angles start at 45 degrees as there. `gate` switches the region of interest. `regression`, `smape`, `attention` and
    `triangle` weight the terms of the loss (0: off), the last two after `warmup`, a fraction of the training.
    `encoder_weights` and `regressor_weights` name safetensors files with torchvision's ImageNet weights (width 1).
    Raises BadInput for another value, and for a term that needs what `inputs` leaves out.
    """

    multiple = 32

    def __init__(
        self,
        in_channels: int = 1,
        out_channels: int = 1,
        width: float = 1.0,
        *,
        segmenter: str = "unet",
        encoder: str = "resnet34",
        regressor: str = "resnet34",
        stride: int = 32,
        inputs: str = "both",
        released: bool = False,
        gate: bool = True,
        regression: float = 1.0,
        smape: float = 0.1,
        attention: float = 0.1,
        triangle: float = 0.1,
        warmup: float = 0.2,
        encoder_weights: str = "",
        regressor_weights: str = "",
    ) -> None:
        super().__init__()
        check_choice(segmenter, ("unet", "pspnet"), "segmenter of Seg4Reg+")
        check_choice(encoder, RESNETS, "encoder of Seg4Reg+")
        check_choice(regressor, (*RESNETS, *DENSENETS), "regressor of Seg4Reg+")
        check_choice(str(stride), ("16", "32"), "stride of Seg4Reg+")
        check_choice(inputs, ROUTES, "inputs of Seg4Reg+")
        self.inputs, self.gate, self.released = inputs, gate, released
        self.terms = Terms(regression, smape, attention, triangle, warmup)
        _check(self.terms, inputs, gate)
        self.segmenter = SegmentationNetwork(segmenter, encoder, in_channels, out_channels, width)
        channels = RELEASED_CHANNELS if released else in_channels + (inputs == "stacked")
        self.regressor = Regressor(regressor, channels, width, stride, **({"start": 0.0} if released else {}))
        if encoder_weights:
            load_backbone(self.segmenter.encoder, encoder_weights)
        if regressor_weights:
            load_backbone(self.regressor.backbone, regressor_weights)

    def heads(self, x: Tensor) -> dict[str, Tensor]:
        """Logits [B,K,H,W] of x [B,C,H,W]; H and W are multiples of 32."""
        return {"logits": self.segmenter(x, self._region(x))}

    def forward(self, x: Tensor, masks: Tensor | None = None) -> Tensor | dict[str, Tensor]:
        """As every network without masks [B,H,W] (integer class maps); with them what `joint` returns."""
        return super().forward(x) if masks is None else self.joint(x, masks)

    def joint(self, x: Tensor, masks: Tensor | None = None) -> dict[str, Tensor]:
        """Both networks on x [B,C,H,W] of any size and, where they are given, on reference masks [B,H,W].

        "logits" [B,K,H,W]; R's answers [B,3] in 0..1 under "angles_image", "angles_mask" and "angles_guess" (for S's
        own mask), the maps [B,1,h,w] under "cam_image" and so on: those that the losses or a prediction use. In eval
        mode also "angles", the answer of the whole, [B,3].
        """
        H, W = x.shape[-2:]
        x = pad_to_multiple(x, self.multiple)
        logits = self.heads(x)["logits"]
        outputs = {"logits": logits[..., :H, :W], **self._answers(x, masks)}
        if self.inputs != "image" and (self.terms.triangle or not self.training):
            with in_eval_mode(self.regressor):
                answer, cam = self._regressed(x, [self.picture(x, foreground(logits))])
            outputs |= {"angles_guess": answer, "cam_guess": cam}
        if not self.training:
            outputs["angles"] = torch.stack([outputs[f"angles_{name}"] for name in ROUTES[self.inputs]]).mean(0)
        return outputs

    def angles(self, x: Tensor) -> Tensor:
        """The three AASCE angles [B,3] in degrees of x [B,C,H,W]; the network has to be in eval mode."""
        return FULL_ANGLE * self.joint(x)["angles"]

    def picture(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """What R is shown of a normalised film x [B,C,H,W], or of that and a mask [B,1,H,W] in 0..1: [B,C',H,W]."""
        make = released_picture if self.released else usual_picture
        return make(x, mask, self.inputs == "stacked")

    def _answers(self, x: Tensor, masks: Tensor | None) -> dict[str, Tensor]:
        """R's answers and maps for the image and the reference mask, whichever it learns from, as one batch."""
        shown = {} if self.inputs in _MASKED else {"image": self.picture(x)}
        if masks is not None and self.inputs != "image":
            drawn = pad_to_multiple((masks > 0).to(x.dtype).unsqueeze(1), self.multiple)
            shown["mask"] = self.picture(x, drawn)
        if not shown:
            return {}
        answers, maps = self._regressed(x, list(shown.values()))
        found = dict(zip((f"angles_{name}" for name in shown), answers.split(len(x)), strict=True))
        return found | dict(zip((f"cam_{name}" for name in shown), maps.split(len(x)), strict=True))

    def _region(self, x: Tensor) -> Tensor | None:
        if not self.gate:
            return None
        with in_eval_mode(self.regressor), torch.no_grad():
            return self._regressed(x, [self.picture(x)])[1]

    def _regressed(self, x: Tensor, shown: list[Tensor]) -> tuple[Tensor, Tensor]:
        """R's answers and maps for pictures of the films x, one after another, the maps where the films lie."""
        answers, maps = self.regressor(torch.cat(shown))
        return answers, zoomed(maps, (1 / row_zoom(x)).repeat(len(shown))) if self.released else maps


def foreground(logits: Tensor) -> Tensor:
    """Probability [B,1,H,W] of anything but background, from logits [B,K,H,W]."""
    found = probabilities(logits.float())
    return found if logits.shape[1] == 1 else 1 - found[:, :1]


@contextmanager
def in_eval_mode(network: nn.Module) -> Iterator[None]:
    """Context with `network` in eval mode, gradients included; its mode is restored afterwards."""
    was_training = network.training
    network.eval()
    try:
        yield
    finally:
        network.train(was_training)


def _check(terms: Terms, inputs: str, gate: bool) -> None:
    for name, value in vars(terms).items():
        if value < 0 or (name == "warmup" and value > 1):
            raise BadInput(f"{name} of Seg4Reg+", f"cannot be {value}", "Use 0 (off) or more; 0 to 1 for warmup.")
    blind = {
        "attention": bool(terms.attention) and inputs != "both",
        "triangle": bool(terms.triangle) and inputs == "image",
        "gate": gate and inputs in _MASKED,
    }
    for name, impossible in blind.items():
        if impossible:
            reason = f"needs more than R sees with inputs={inputs!r}"
            raise BadInput(f"{name} of Seg4Reg+", reason, f"Switch {name} off, or let R see both.")
