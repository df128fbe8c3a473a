"""Ratios against peers, measured side by side in one process: ``python -m benchmarks [NAME ...]``."""

import os

# Before numpy and torch start their threads: every contender gets one, as a run of a study does.
os.environ.setdefault("OMP_NUM_THREADS", "1")
