"""Peers that are no dependencies: what they are called, and the words for those that are not installed."""

from __future__ import annotations

from importlib.util import find_spec

# Module: name, and how a user gets it.
PEERS = {
    "lightning": ("Lightning", "make peers"),
    "nnunetv2": ("nnU-Net", "make peers"),
    "diffdrr": ("DiffDRR", "make peers"),
    "nanodrr": ("nanodrr", "make peers"),
    "medpy": ("MedPy", "GPL, install it yourself: pip install medpy"),
}


def installed(module: str) -> bool:
    """Whether a module can be imported; it is not imported."""
    return find_spec(module) is not None


def missing() -> str:
    """One line on the peers that are not installed, '' when all are."""
    found = [f"{name} ({how})" for module, (name, how) in PEERS.items() if not installed(module)]
    return f"peers not installed, their rows are left out: {', '.join(found)}" if found else ""
