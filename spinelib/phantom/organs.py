"""Soft tissue and skeleton around the spine of one patient, as plain numbers in mm and fractional levels.

Nothing here depends on the shape of the spine: trunk, mediastinum and lungs follow it only by the share
`follow`. Films whose heart and trunk always sit on the column teach a network to look for the trunk.
"""

from __future__ import annotations

import numpy as np

# name: (mean, standard deviation); draws are clipped at 2.5 standard deviations. Lengths in mm before the
# patient's scale, names ending in _level are offsets in levels from the named anatomical level.
SCALARS: dict[str, tuple[float, float]] = {
    "follow": (0.35, 0.25),  # share of the spine's sideways course that the trunk follows
    "trunk_shift": (0.0, 7.0),
    "chest_width": (148.0, 13.0),  # half-widths of the body outline
    "waist_width": (128.0, 18.0),
    "hip_width": (165.0, 15.0),
    "neck_width": (56.0, 6.0),
    "shoulder_width": (185.0, 16.0),
    "chest_depth": (195.0, 22.0),
    "abdomen_depth": (190.0, 32.0),
    "neck_depth": (105.0, 12.0),
    "inlet": (0.72, 0.1),  # depth at T2, share of the chest depth
    "fat": (16.0, 8.0),
    "apex_level": (-1.1, 0.6),  # lung apex, from T2
    "dome_level": (0.2, 0.8),  # right diaphragm dome, from T10
    "dome_drop": (10.0, 8.0),  # left dome below the right one
    "dome_curve": (34.0, 9.0),
    "lung_depth": (0.62, 0.08),  # share of the chest depth that is lung
    "mediastinum": (17.0, 4.5),
    "mediastinum_depth": (0.78, 0.15),  # share of the lungs' depth that it fills
    "heart_x": (30.0, 9.0),
    "heart_level": (0.1, 0.6),  # from T8.5
    "heart_long": (60.0, 8.0),
    "heart_short": (43.0, 6.0),
    "heart_turn": (0.6, 0.15),  # radians below the horizontal
    "heart_depth": (85.0, 16.0),
    "knob": (13.0, 4.5),
    "aorta_x": (13.0, 7.0),
    "aorta_width": (12.0, 2.5),
    "airway": (8.0, 1.3),
    "airway_x": (0.0, 4.0),
    "beside": (38.0, 16.0),  # tissue next to the spine: thickness and half-width
    "beside_width": (24.0, 3.0),
    "rib_slope": (0.45, 0.12),  # fall of a rib towards the front, and towards the side
    "rib_fall": (0.24, 0.10),
    "rib_width": (6.0, 0.9),
    "rib_density": (0.36, 0.11),
    "clavicle_slope": (0.10, 0.14),
    "crest_level": (0.0, 0.5),  # iliac crest, from L4.5
    "crest_curve": (1.0, 0.2),
    "bone": (0.95, 0.22),  # mineral density of the whole skeleton
    "breast": (-0.2, 0.7),  # fullness; none below 0
    "breast_size": (58.0, 9.0),
    "spongy": (0.64, 0.22),  # density of the bodies' inside, and of their shell
    "shell": (0.9, 0.3),
    "posterior": (1.0, 0.35),  # visibility of pedicles, laminae, processes
    "gas": (0.9, 0.7),  # amount of bowel gas
    "jaw": (0.9, 0.3),  # density of skull and lower jaw, and their height over C3
    "jaw_height": (42.0, 9.0),
    "stomach": (0.4, 0.8),
}
GAS_RUNS = 9  # runs of bowel, each a chain of pockets


def sample_organs(draw: np.random.Generator, scale: float) -> dict[str, np.ndarray]:
    """Organs of one patient: every name of SCALARS (float64 scalars) plus the tables `bowel` and `ribs`.

    bowel [9,6]: x and level (from L2) of a run's start, length, direction (radians), radius (mm), filling;
    ribs [12,2,3]: changes of slope, sag and density of each rib and side.
    """
    values = {}
    for name, (mean, deviation) in SCALARS.items():
        values[name] = np.array(mean + deviation * float(np.clip(draw.normal(), -2.5, 2.5)))
        if abs(mean) > 4 and not name.endswith("_level"):
            values[name] = values[name] * scale
    side = draw.choice((-1.0, 1.0), GAS_RUNS)
    values["bowel"] = np.stack(
        [
            side * np.abs(draw.normal(55, 32, GAS_RUNS)) * scale,
            draw.normal(0.8, 1.6, GAS_RUNS),
            draw.gamma(2.0, 28.0, GAS_RUNS) * scale,
            draw.normal(np.pi / 2, 0.6, GAS_RUNS),
            np.clip(draw.gamma(4.0, 3.8, GAS_RUNS), 4, 36) * scale,
            draw.beta(1.2, 1.6, GAS_RUNS),
        ],
        -1,
    )
    values["ribs"] = draw.normal(0, 1, (12, 2, 3))
    return values
