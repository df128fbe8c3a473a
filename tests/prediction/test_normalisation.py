import pytest
import torch

from spinelib.prediction.normalisation import film_area, input_channels, normalise


@pytest.fixture
def films():
    random = torch.Generator().manual_seed(0)
    films = torch.randint(1, 256, (3, 1, 24, 20), generator=random, dtype=torch.uint8)
    films[1, :, :, :5] = 0
    films[1, :, 20:] = 0
    films[2] = 0
    return films


def test_area_is_the_box_of_lit_pixels_and_keeps_black_ones_inside(films):
    films[1, 0, 10, 10] = 0
    area = film_area(films)
    assert area.shape == (3, 1, 24, 20)
    assert area[0].all()
    assert not area[2].any()
    expected = torch.zeros(24, 20, dtype=torch.bool)
    expected[:20, 5:] = True
    assert torch.equal(area[1, 0], expected)


def test_film_has_mean_0_and_deviation_1_and_is_0_outside(films):
    scored = normalise(films)[1, 0]
    film = scored[:20, 5:]
    assert film.mean().item() == pytest.approx(0, abs=1e-5)
    assert film.std(unbiased=False).item() == pytest.approx(1, abs=1e-5)
    assert not scored[20:].any()
    assert not scored[:, :5].any()


def test_blank_film_gives_zeros(films):
    assert not normalise(films, local=True)[2].any()


@pytest.mark.parametrize("local", [False, True])
def test_uint8_and_float_agree_and_letterboxing_changes_nothing(films, local):
    full = normalise(films[:1], local)
    assert torch.equal(full, normalise(films[:1].float(), local))
    padded = torch.nn.functional.pad(films[:1], (4, 4))
    inside = normalise(padded, False)[..., 4:-4]
    torch.testing.assert_close(inside, full[:, :1], atol=1e-5, rtol=1e-5)


def test_affine_grey_changes_vanish(films):
    grey = films[:1].float() * 0.4 + 20
    torch.testing.assert_close(normalise(grey), normalise(films[:1]), atol=1e-4, rtol=1e-4)


def test_local_contrast_equals_a_direct_moving_window(films):
    scored = normalise(films[1:2])
    local = normalise(films[1:2], local=True)[0, 1]
    radius, row, column = 20 // 8, 18, 6
    window = scored[0, 0, row - radius : 20, 5 : column + radius + 1]
    direct = (scored[0, 0, row, column] - window.mean()) / (window.std(unbiased=False) + 0.1)
    assert local[row, column].item() == pytest.approx(direct.item(), abs=1e-4)


def test_channels_and_volumes():
    volume = torch.randint(1, 256, (2, 3, 5, 16, 16), dtype=torch.uint8)
    assert normalise(volume).shape == (2, 3, 5, 16, 16)
    assert normalise(volume, local=True).shape[1] == input_channels(3, local=True) == 6
    assert input_channels(3) == 3
