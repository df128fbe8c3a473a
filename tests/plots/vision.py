"""How far apart two colours look, to readers with each kind of colour vision, on a light page and on a dark one.

Colours are sRGB in 0..1, [..., 3].
"""

import numpy as np

# Machado, Oliveira and Fernandes (IEEE TVCG 15:1291-1298, 2009): a kind of cones lacking altogether; on linear light.
VISION = {
    "normal": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
# `hue-rotate(180deg)` as browsers do it (W3C Filter Effects, feColorMatrix).
CARD = "#1A2127"  # behind figures (`spinelib/report/templates/style.css`)
GREY = np.tile([0.213, 0.715, 0.072], (3, 1))
TURN = 2 * GREY - np.eye(3)
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def rgb(colour):
    """`#RRGGBB` as [3]."""
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def linear(colours):
    return np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)


def seen(colours, kind):
    """The colours as a reader with this kind of vision sees them."""
    light = np.clip(linear(np.asarray(colours)) @ np.transpose(VISION[kind]), 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def on_dark(colours):
    """The colours of a plot on a dark page: `invert(1) hue-rotate(180deg)`, blended by `lighten` with the page."""
    return np.maximum(np.clip((1 - np.asarray(colours)) @ TURN.T, 0, 1), rgb(CARD))


def contrast(one, other):
    """Ratio of luminances as in WCAG 2."""
    low, high = np.sort(np.stack(np.broadcast_arrays(linear(one) @ LUMINANCE, linear(other) @ LUMINANCE)), axis=0)
    return (high + 0.05) / (low + 0.05)


def lab(colours):
    """CIELAB under D65."""
    ratio = linear(np.asarray(colours)) @ TO_XYZ.T / TO_XYZ.sum(1)
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)


def ciede2000(one, other):
    """Difference of two CIELAB colours (Sharma, Wu and Dalal, Color Res Appl 30:21-30, 2005)."""
    (l1, a1, b1), (l2, a2, b2) = (
        np.moveaxis(np.asarray(one, float), -1, 0),
        np.moveaxis(np.asarray(other, float), -1, 0),
    )
    strong = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    stretch = 1.5 - 0.5 * np.sqrt(strong / (strong + 25.0**7))
    c1, c2 = np.hypot(stretch * a1, b1), np.hypot(stretch * a2, b2)
    h1, h2 = (np.degrees(np.arctan2(b, stretch * a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = np.where(c1 * c2 == 0, 0, (h2 - h1 + 180) % 360 - 180)
    # Opposite hues: the mean is the one that Sharma's data have.
    turn = np.where((c1 * c2 != 0) & (turn == -180) & (h2 > h1), 180, turn)
    dh = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    lightness, chroma = (l1 + l2) / 2 - 50, (c1 + c2) / 2
    hue = np.where(c1 * c2 == 0, h1 + h2, (h1 + h2) / 2 + np.where(abs(h1 - h2) > 180, 180 - 360 * (h1 + h2 >= 360), 0))
    waves = ((-0.17, 1, -30), (0.24, 2, 0), (0.32, 3, 6), (-0.20, 4, -63))
    t = 1 + sum(height * np.cos(np.radians(times * hue + shift)) for height, times, shift in waves)
    weight_h = 1 + 0.015 * chroma * t
    weight_c, weight_l = 1 + 0.045 * chroma, 1 + 0.015 * lightness**2 / np.sqrt(20 + lightness**2)
    rotation = 60 * np.exp(-(((hue - 275) / 25) ** 2))
    rotation = -2 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7)) * np.sin(np.radians(rotation))
    dl, dc, dh = (l2 - l1) / weight_l, (c2 - c1) / weight_c, dh / weight_h
    return np.sqrt(dl**2 + dc**2 + dh**2 + rotation * dc * dh)


def least_difference(colours, shown=lambda colours: colours):
    """Least CIEDE2000 difference [n,n] of each pair of `colours` [n,3] over the kinds of vision, after `shown`."""
    views = [lab(seen(shown(np.asarray(colours)), kind)) for kind in VISION]
    return np.min([ciede2000(view[:, None], view[None]) for view in views], axis=0)
