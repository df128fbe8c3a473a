"""What was read, in the formats of programs in which people correct outlines, and of other tools."""

from spinelib.apply.export.registry import EXPORTS, export_results

__all__ = ["EXPORTS", "export_results"]
