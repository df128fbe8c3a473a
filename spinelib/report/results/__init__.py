"""The results as Markdown pages, ``docs/results/*.md``: every number filled in from the published tables.

``python -m spinelib.report.results [STUDY ...]`` reads ``reports/published`` and ``benchmarks/results.csv`` alone, so
that a fresh clone writes the same pages, byte for byte. A template of ``templates`` holds the words of a page; a word
that depends on a number (above, below, holds) is chosen by the code here, from the sign and the interval.
"""

from spinelib.report.results.pages import write_pages

__all__ = ["write_pages"]
