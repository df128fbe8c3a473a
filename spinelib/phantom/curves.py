"""Scoliotic curves: type, magnitude, apex, extent and flexibility of each curve of one patient.

Four curves can be present at once: proximal thoracic, main thoracic (or thoracolumbar), lumbar, lumbosacral.
A curve is a raised-cosine bump of curvature, so the tilt of the vertebrae between its two ends differs by
exactly its angle. Angles are signed: positive is convex to the patient's left (image right).

Sources. Types: Sponseller et al., Spine 2014 (1,912 patients; Lenke 1, the main thoracic curve, in half of
them), with more lumbar and double curves here because only surgical patients were counted there. Magnitudes:
log-normal; most curves of a population are small (Konieczny et al., J Child Orthop 7:3-9, 2013), but films of a
clinic are not a population, hence a median of 36 degrees (measured on AASCE development films: quartiles of
the largest angle 22, 37 and 48). Flexibility falls with the Cobb angle and is lower in the chest (Clamp et
al., J Spinal Disord Tech 21, 2008).
"""

from __future__ import annotations

import numpy as np

from spinelib.phantom.morphometry import LEVELS

TYPES = ("none", "thoracic", "lumbar", "double", "thoracolumbar")
FREQUENCY = (0.10, 0.36, 0.14, 0.27, 0.13)
# Per type: share of the magnitude carried by each of the four curves (low, high), signs relative to the main
# curve.
SHARES = {
    "none": ((-0.4, 0.4), (0.5, 1.0), (-0.6, 0.6), (-0.3, 0.3)),
    "thoracic": ((-0.65, -0.15), (1.0, 1.0), (-0.75, -0.25), (0.05, 0.3)),
    "lumbar": ((0.0, 0.3), (-0.65, -0.2), (1.0, 1.0), (-0.6, -0.2)),
    "double": ((-0.6, -0.2), (1.0, 1.0), (-1.0, -0.75), (0.15, 0.5)),
    "thoracolumbar": ((-0.2, 0.2), (-0.6, -0.2), (1.0, 1.0), (-0.55, -0.15)),
}
APEX = dict.fromkeys(TYPES, ("T3", "T8", "L2", "L5")) | {"thoracolumbar": ("T2", "T6", "T12", "L4")}
EXTENT = dict.fromkeys(TYPES, (2.6, 3.4, 3.0, 1.9)) | {"thoracolumbar": (2.2, 3.0, 3.9, 2.4)}
LONG_BEND = (LEVELS.index("T11"), 8.0)  # apex and half extent (levels) of the bend that the whole trunk makes


def sample_curves(draw: np.random.Generator) -> dict[str, np.ndarray]:
    """Curves of one patient.

    kind: index into TYPES; angle [4] degrees; apex and extent [4] levels; flexibility [4]: share of the angle lost
    when bending towards its convexity; bend [2]: bend of the whole trunk to the left and to the right, degrees.
    """
    kind = int(draw.choice(len(TYPES), p=FREQUENCY))
    name = TYPES[kind]
    magnitude = draw.uniform(0, 10) if name == "none" else float(np.clip(36 * np.exp(0.6 * draw.normal()), 9, 110))
    low, high = np.array(SHARES[name]).T
    # Thoracic curves are usually convex right, lumbar and thoracolumbar ones usually convex left.
    usual = 1.0 if name in ("lumbar", "thoracolumbar") else -1.0
    side = usual if draw.uniform() < 0.8 else -usual
    apex = np.array([LEVELS.index(level) for level in APEX[name]]) + draw.normal(0, (0.5, 0.9, 0.7, 0.3))
    extent = np.array(EXTENT[name]) * draw.uniform(0.85, 1.2, 4)
    flexibility = np.clip(draw.normal((0.35, 0.45, 0.65, 0.6), 0.13), 0.05, 0.95)
    return {
        "kind": np.array(kind),
        "angle": side * magnitude * draw.uniform(low, high),
        "apex": apex,
        "extent": extent,
        "flexibility": flexibility * np.interp(magnitude, (20, 90), (1.0, 0.45)),  # large curves are stiff
        "bend": draw.uniform(12, 34, 2),
    }


def share_below(level: np.ndarray, apex: float, extent: float) -> np.ndarray:
    """Share of a curve's angle below (caudal of) each `level`: 0 at its lower end, 1 at its upper end."""
    t = np.clip((apex - level) / extent, -1, 1)
    return 0.5 + t / 2 + np.sin(np.pi * t) / (2 * np.pi)


def bent_angles(angle: np.ndarray, flexibility: np.ndarray, side: int) -> np.ndarray:
    """Angles [4] on bending to `side` (+1 left, -1 right, 0 standing): curves convex to that side lose most."""
    if side == 0:
        return angle
    return np.where(np.sign(angle) == side, angle * (1 - flexibility), angle * (1 + 0.1 * flexibility))
