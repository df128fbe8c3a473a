import pytest

from spinelib.phantom import sample_anatomy
from spinelib.phantom.mr import scan


@pytest.fixture(scope="module")
def anatomy():
    return sample_anatomy(6, seed=21)


def test_nothing_is_painted_in_visible_boxes(anatomy, monkeypatch):
    """What is painted fades before the border of the box that it is painted on, unless that is the picture's."""
    from spinelib.phantom.mr.canvas import Canvas

    found = []
    whole = Canvas.paint

    def paint(self, box, cover, value, fat):
        for axis, part in enumerate(box[1:], 1):
            sides = (part.start > 0, 0), (part.stop < self.grid.shape[axis], cover.shape[axis] - 1)
            found.extend(float(cover.select(axis, at).max()) for inner, at in sides if inner)
        whole(self, box, cover, value, fat)

    monkeypatch.setattr(Canvas, "paint", paint)
    for i in (0, 3):
        scan(anatomy[i], 3, (256, 256), 12)
    assert max(found) < 0.1
