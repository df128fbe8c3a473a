"""What the coarse network of R2MF-Net's cascade hands to the fine one."""

from spinelib.questions.inside_r2mfnet.stages import stage_probabilities

__all__ = ["stage_probabilities"]
