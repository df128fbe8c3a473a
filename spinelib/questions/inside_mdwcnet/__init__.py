"""What MDWC-Net weighs."""

from spinelib.questions.inside_mdwcnet.figures import branch_maps, branch_weight_figure

__all__ = ["branch_maps", "branch_weight_figure"]
