"""What MDWC-Net weighs."""

from spinelib.questions.inside_mdwcnet.figures import branch_maps, branch_weights

__all__ = ["branch_maps", "branch_weights"]
