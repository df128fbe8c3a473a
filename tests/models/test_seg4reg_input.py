"""What R reads: masks on the scale of films, and films after CLAHE, against a plain copy of OpenCV's rules."""

import numpy as np
import torch

from spinelib.models.seg4reg_input import CLIP, TILES, equalised, released_picture, row_zoom, usual_picture, zoomed

from .made import films, masks


def plain_clahe(levels):
    """CLAHE of whole levels [H,W], each side a multiple of TILES: loops over tiles and pixels."""
    h, w = (side // TILES for side in levels.shape)
    curves = np.zeros((TILES, TILES, 256))
    for r in range(TILES):
        for c in range(TILES):
            counts = np.bincount(levels[r * h : (r + 1) * h, c * w : (c + 1) * w].ravel(), minlength=256)
            limit = max(int(CLIP * h * w / 256), 1)
            excess = int(np.maximum(counts - limit, 0).sum())
            counts = np.minimum(counts, limit) + excess // 256
            rest = excess % 256
            step, k = max(256 // max(rest, 1), 1), 0
            while k < 256 and rest > 0:
                counts[k] += 1
                k, rest = k + step, rest - 1
            curves[r, c] = np.minimum((counts.cumsum() * 255 / (h * w)).round(), 255)
    out = np.zeros(levels.shape)
    for y in range(levels.shape[0]):
        for x in range(levels.shape[1]):
            down, across = y / h - 0.5, x / w - 0.5
            r, c = int(np.floor(down)), int(np.floor(across))
            for row, a in ((r, 1 - (down - r)), (r + 1, down - r)):
                for column, b in ((c, 1 - (across - c)), (c + 1, across - c)):
                    tile = curves[np.clip(row, 0, TILES - 1), np.clip(column, 0, TILES - 1)]
                    out[y, x] += a * b * tile[levels[y, x]]
    return out.round()


def normalised(levels):
    grey = torch.tensor(levels, dtype=torch.float32)
    return ((grey - grey.mean()) / grey.std())[None, None]


def test_films_are_equalised_as_opencv_does_it():
    random = np.random.default_rng(0)
    levels = (np.linspace(0, 200, 48)[None] + random.integers(0, 56, (64, 48))).astype(int)
    levels[0, 0], levels[0, 1] = 0, 255
    expected = plain_clahe(levels)
    found = 255 * equalised(normalised(levels))[0, 0].numpy()
    assert np.abs(found - expected).max() <= 1, "halves may be rounded either way"
    assert (found.round() == expected).mean() > 0.95
    assert np.abs(expected - levels).mean() > 5, "there was something to do"


def test_what_lies_around_a_film_is_black_and_changes_nothing_inside():
    random = np.random.default_rng(1)
    film = normalised(random.integers(0, 256, (64, 48)))
    wide, several = torch.zeros(1, 1, 64, 96), torch.zeros(2, 1, 64, 96)
    wide[..., 20:68] = film
    several[0], several[1, :, :, :48] = wide[0], 3 * film[0] + 0.5
    alone, framed, together = equalised(film), equalised(wide), equalised(several)
    torch.testing.assert_close(framed[..., 20:68], alone)
    assert framed.sum() == framed[..., 20:68].sum()
    torch.testing.assert_close(together[:1], framed)
    # Greys are stretched to the film's own range, so that no scale of them matters.
    torch.testing.assert_close(together[1:, :, :, :48], alone, atol=2 / 255, rtol=0)
    assert equalised(torch.zeros(1, 1, 64, 64)).eq(0).all()


def test_a_film_wider_than_its_grid_fills_the_rows_and_loses_its_sides():
    ramp = torch.linspace(-1.5, 1.5, 32).repeat(16, 1)
    x = torch.zeros(2, 1, 64, 32)
    x[0, 0, 24:40], x[1] = ramp, films(1)[0]
    assert row_zoom(x).tolist() == [4, 1]
    shown = released_picture(x, None, False)
    assert torch.equal(shown[1:], equalised(x[1:]).expand(-1, 3, -1, -1)), "films that fit stay as they are"
    whole = equalised(x[:1])[0, 0]
    assert (whole != 0).any(1).sum() == 16
    # Four times as large about the middle: of the film's columns 12 to 20 are left.
    assert (shown[0, 0, 4:60] > 0).all()
    torch.testing.assert_close(shown[0, 0, 32, 2::4], whole[32, 12:20], atol=0.04, rtol=0)
    mask = (x != 0).float()[:1]
    assert released_picture(x[:1], mask, False)[0, 0, 4:60].eq(1).all()
    back = zoomed(zoomed(mask, torch.tensor([4.0])), torch.tensor([0.25]))
    assert back[0, 0, 24:40, 12:20].min() > 0.4
    assert back[0, 0, :20].eq(0).all(), "a map of what was seen lies where it was seen"


def test_a_narrow_film_is_padded_and_one_that_was_moved_stays_where_it_is():
    x = torch.zeros(2, 1, 64, 32)
    x[0, 0, :, 8:20], x[1, 0, 10:50, 3:25] = 1.0, -1.0
    assert row_zoom(x).tolist() == [1, 1]
    assert row_zoom(torch.zeros(1, 1, 64, 32)).tolist() == [1]


def test_every_picture_has_its_channels():
    x, mask = films(channels=2), masks()[:, None].float()
    assert usual_picture(x, None, False) is x
    assert usual_picture(x, mask, False).shape == (2, 2, 64, 32)
    both = usual_picture(x, mask, True)
    assert torch.equal(both[:, :2], x)
    assert both[:, 2].unique().numel() == 2
    film = released_picture(x, None, False)
    assert film.shape == (2, 3, 64, 32)
    assert torch.equal(film[:, 0], film[:, 2])
    assert (film.min(), film.max()) >= (0, 0.9)
    assert torch.equal(released_picture(x, mask, False), mask.expand(-1, 3, -1, -1))
    stacked = released_picture(x, mask, True)
    assert torch.equal(stacked[:, :2], film[:, :2])
    assert torch.equal(stacked[:, 2:], mask)
