"""The networks: one file per architecture, one registry from method name to constructor.

Importing this package does not import torch; building a model does.
"""

from spinelib.models.catalogue import PIPELINES
from spinelib.models.registry import METHODS, Method, build_model

__all__ = ["METHODS", "PIPELINES", "Method", "build_model"]
