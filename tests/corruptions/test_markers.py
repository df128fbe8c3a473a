import torch

from spinelib.corruptions.markers import MOST, markers

from .scenes import scene


def test_letters_of_a_lower_severity_stay():
    grey = torch.full((1, 1, 200, 120), 0.3)
    few, many = (markers(grey, count, scene(grey)) for count in (2, MOST))
    assert set(many.unique().tolist()) == {grey[0, 0, 0, 0].item(), 1.0}
    assert ((many == 1) | (few < 1)).all()
    assert (many == 1).sum() > (few == 1).sum() > 0


def test_no_letter_leaves_the_film():
    grey = torch.full((1, 1, 200, 120), 0.3)
    here = scene(grey)
    here.area[..., :40] = False
    assert (markers(grey, MOST, here)[..., :40] < 1).all()
