"""The networks: one file per architecture, one registry from method name to constructor.

Importing this package does not import torch; building a model does.
"""

from spinelib.models.registry import METHODS, NETWORKS, Method, build_model

__all__ = ["METHODS", "NETWORKS", "Method", "build_model"]
