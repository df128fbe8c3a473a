"""The detector: rough masks of all vertebrae of a film at once, by Mask R-CNN.

He, Gkioxari, Dollar, Girshick, ICCV 2017, arXiv 1703.06870. (A) Mask R-CNN gives SpineFM its first centroids. (B) From
its program: torchvision's maskrcnn_resnet50_fpn, begun from COCO, heads replaced for two classes; masks cut at 0.9.
(C) Ours: `small`, torchvision's Mask R-CNN on a narrow ResNet-18 with a feature pyramid and group normalisation, with
anchors of the size of a vertebra, on a film magnified until a vertebra has 24 px (at most fourfold).

Marks: (A) stated in the paper, (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from spinelib.core.errors import BadInput
from spinelib.core.weights import read_weights
from spinelib.models.layers import scaled
from spinelib.models.method import check_choice
from spinelib.prediction.precision import Precision
from spinelib.spinefm.backbone import GroupResNet, group_norm, to_one_channel
from spinelib.spinefm.patches import PatchSizes
from spinelib.spinefm.seeds import Detection

MASK = 0.9
_TARGET, _ZOOM = 24.0, 4.0
# Vertebrae do not lie on each other: boxes that share more than this are of one vertebra.
SHARED = 0.4
_HEADS = ("roi_heads.box_predictor.", "roi_heads.mask_predictor.")


class Detector(nn.Module):
    """Mask R-CNN with the one class vertebra; `size` is "small" or "full" (ResNet-50, colours repeated).

    `checkpoint`, for "full" only, is a file with torchvision's COCO weights, whose heads are left out. Raises BadInput
    for one that does not fit. Boxes that share more than `shared` are one vertebra; without `magnified` the full one
    sees films as torchvision has it, their shorter side 800 px and the longer at most 1333 px.
    """

    precision: Precision = Precision()

    def __init__(
        self,
        geometry: PatchSizes,
        size: str = "small",
        width: float = 0.25,
        checkpoint: str = "",
        *,
        shared: float = SHARED,
        magnified: bool = True,
    ) -> None:
        super().__init__()
        check_choice(size, ("small", "full"), "size of the detector")
        if checkpoint and size != "full":
            raise BadInput(checkpoint, "does not fit the small detector", "Use size full, or leave it out.")
        self.geometry, self.full = geometry, size == "full"
        zoom = min(_ZOOM, max(1.0, _TARGET / geometry.side))
        short, long = (round(zoom * side) for side in sorted(geometry.grid))
        frame: dict[str, Any] = {"min_size": short, "max_size": long} if magnified or not self.full else {}
        frame |= {"box_nms_thresh": shared}
        self.net: Any = _full(frame) if self.full else _small(frame, zoom * geometry.side, width)
        if checkpoint:
            _load_coco(self.net, checkpoint)
        named = Path(checkpoint).name if checkpoint else ""
        self.built_as: dict[str, Any] = {"size": size, "width": width, "checkpoint": named}

    def forward(self, films: Tensor, targets: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
        """Losses by name of films [N,1,H,W] with targets (boxes [K,4], labels [K], masks uint8 [K,H,W]); train mode."""
        return self.precision.forward(lambda given: self.net(self._inputs(given), list(targets)), films)

    @torch.no_grad()
    def detect(self, films: Tensor) -> list[list[Detection]]:
        """Vertebrae of every film [N,1,H,W], of highest score first; the network has to be in eval mode."""
        with self.precision.autocast(films.device):
            answers = self.net(self._inputs(films))
        return [_detections({name: value.float() for name, value in found.items()}) for found in answers]

    def _inputs(self, films: Tensor) -> list[Tensor]:
        return list(to_one_channel(films).expand(-1, 3 if self.full else 1, -1, -1))


def _small(frame: dict[str, Any], side: float, width: float) -> nn.Module:
    """Mask R-CNN for vertebrae of `side` px after magnification; `width` 1 has half of the usual pyramid's channels."""
    from torchvision.models.detection import MaskRCNN
    from torchvision.models.detection.anchor_utils import AnchorGenerator
    from torchvision.models.detection.backbone_utils import BackboneWithFPN
    from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
    from torchvision.models.detection.mask_rcnn import MaskRCNNHeads, MaskRCNNPredictor

    from spinelib.spinefm.roi_align import PyramidRoIAlign

    trunk = GroupResNet(width)
    (maps, hidden) = scaled([256, 512], width, 8)
    levels = {f"layer{k}": str(k - 1) for k in range(1, 5)}
    pyramid = BackboneWithFPN(trunk, levels, trunk.channels, maps, norm_layer=group_norm)
    named = list(levels.values())
    # One size per level of the pyramid, the pooled fifth included; the small ones belong to its fine levels.
    sizes = tuple((round(side * factor),) for factor in (0.75, 1.0, 1.4, 2.0, 2.8))
    return MaskRCNN(
        pyramid,
        rpn_anchor_generator=AnchorGenerator(sizes, ((0.5, 0.75, 1.0),) * len(sizes)),
        rpn_pre_nms_top_n_train=400,
        rpn_pre_nms_top_n_test=400,
        rpn_post_nms_top_n_train=200,
        rpn_post_nms_top_n_test=100,
        box_roi_pool=PyramidRoIAlign(named, 7, 2),
        mask_roi_pool=PyramidRoIAlign(named, 14, 2),
        box_head=TwoMLPHead(maps * 7 * 7, hidden),
        box_predictor=FastRCNNPredictor(hidden, 2),
        mask_head=MaskRCNNHeads(maps, (maps, maps), 1),
        mask_predictor=MaskRCNNPredictor(maps, maps, 2),
        box_batch_size_per_image=64,
        box_detections_per_img=40,
        image_mean=[0.4],
        image_std=[0.25],
        **frame,
    )


def _full(frame: dict[str, Any]) -> nn.Module:
    from torchvision.models.detection import maskrcnn_resnet50_fpn

    return maskrcnn_resnet50_fpn(weights=None, weights_backbone=None, num_classes=2, **frame)


def _detections(found: dict[str, Tensor]) -> list[Detection]:
    masks = (found["masks"][:, 0] > MASK).cpu().numpy()
    boxes, scores = found["boxes"].cpu().numpy(), found["scores"].cpu().numpy()
    out = []
    for mask, box, score in zip(masks, boxes, scores, strict=True):
        y, x = mask.nonzero()
        # A mask without any certain pixel still has its box.
        centre = (x.mean(), y.mean()) if len(x) else ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        out.append(Detection(float(score), (float(centre[0]), float(centre[1])), mask))
    return out


def _load_coco(net: nn.Module, path: str) -> None:
    """Fill `net` with torchvision's COCO weights, its two last heads apart. Raises BadInput for other weights."""
    remedy = "Give torchvision's weights of maskrcnn_resnet50_fpn, or leave them out."
    state, own = _read(path, remedy), net.state_dict()
    needed = {name: value for name, value in own.items() if not name.startswith(_HEADS)}
    wrong = [name for name, value in needed.items() if name not in state or state[name].shape != value.shape]
    if wrong:
        raise BadInput(path, f"is not Mask R-CNN with ResNet-50: {', '.join(wrong[:3])}", remedy)
    net.load_state_dict({name: state[name] for name in needed}, strict=False)


def _read(path: str, remedy: str) -> dict[str, Tensor]:
    if Path(path).suffix == ".safetensors":
        return read_weights(path)
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, OSError, EOFError, ValueError, KeyError, pickle.UnpicklingError) as error:
        raise BadInput(path, f"cannot be read as weights alone ({type(error).__name__})", remedy) from error
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise BadInput(path, "is not a list of named tensors", remedy)
    return state
