"""Studies: a YAML file becomes runs of notebooks, tables and pages; `Snakefile` orders them."""

from spinelib.study.jobs import Job, Study
from spinelib.study.plan import read_study

__all__ = ["Job", "Study", "read_study"]
