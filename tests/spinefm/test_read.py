"""Reading and scoring with stages that know the truth: what each variant keeps, and the rows that come of it."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from spinelib.core.errors import BadInput
from spinelib.spinefm.evaluate import numbered, unions
from spinelib.spinefm.labelled import labelled
from spinelib.spinefm.read import read_films
from tests.spinefm.films import column
from tests.spinefm.made import coronal
from tests.spinefm.made_readers import Known, Standing, built, distinct, read


class Unsure(Known):
    """Knows every vertebra, but is not certain of it."""

    def segment(self, films, which, points):
        return super().segment(films, which, points) * 0.075


@pytest.fixture
def lateral():
    return column(3)


@pytest.fixture
def standing():
    return distinct(coronal(3))


def test_the_ends_beyond_a_standing_film_are_met_and_left_out(standing):
    for film in read(standing, Standing):
        assert [film.reading.walk.upper, film.reading.walk.lower] == [True, True]
        assert len(film.reading.walk.chain) == 19
        assert len(film.vertebrae) == 17
        assert {one.level for one in film.vertebrae} == {""}


def test_the_outline_is_the_union_that_the_study_scores(standing):
    logits = built(standing, Standing).outline(torch.from_numpy(standing.images))
    assert logits.shape == (3, 1, *standing.grid)
    assert ((logits[:, 0] > 0).numpy() == (unions(read(standing, Standing), standing) > 0)).all()
    assert (logits > 0).any(dim=(1, 2, 3)).all()


def test_a_variant_is_outlined_as_it_reads(standing):
    """Without a walk the detector's own masks, as the study scores them."""
    detecting = built(standing, Standing, walk=False)
    rough = detecting.pipeline.detector.rough

    def boxes(centres):
        found = [replace(one, mask=one.mask.copy()) for one in rough(centres)]
        for one in found:
            x, y = map(round, one.centre)
            one.mask[y - 3 : y + 3, x - 3 : x + 3] = True
        return found

    detecting.pipeline.detector.rough = boxes
    outlined = detecting.outline(torch.from_numpy(standing.images))[:, 0].numpy() > 0
    assert outlined.any()
    assert np.array_equal(outlined, unions(read_films(detecting, standing.images), standing))


def test_levels_outline_no_spine(lateral):
    with pytest.raises(BadInput, match=r"outlines no spine\. Choose a run on films of T1 to L5"):
        built(lateral).outline(torch.from_numpy(lateral.images))


def test_the_ends_of_a_lateral_film_are_vertebrae_with_names(lateral):
    for film in read(lateral):
        assert [one.level for one in film.vertebrae[:3]] == ["C2", "C3", "C4"]
        assert film.vertebrae[-1].level == "S1"
        assert len(film.vertebrae) == 6


def test_the_detectors_masks_come_without_a_walk(lateral):
    detecting = built(lateral, walk=False)
    rough = detecting.pipeline.detector.rough

    def boxes(centres):
        found = rough(centres)
        for one in found:
            x, y = map(round, one.centre)
            one.mask[y - 3 : y + 3, x - 3 : x + 3] = True
        # Masks of one film are separate arrays.
        return [replace(one, mask=np.roll(one.mask, 0)) for one in found]

    detecting.pipeline.detector.rough = boxes
    for film in read_films(detecting, lateral.images):
        assert film.reading.walk.steps == ()
        assert len(film.vertebrae) == 4
    assert detecting.switches.stages == ("detector",)


def test_without_post_processing_masks_are_the_logits_above_zero(lateral):
    kept, plain = read(lateral, Unsure), read(lateral, Unsure, post=False)
    truth = labelled(lateral).numbers
    for i, (one, other) in enumerate(zip(kept, plain, strict=True)):
        assert [s.prompt for s in one.reading.walk.steps] == [s.prompt for s in other.reading.walk.steps]
        assert not numbered(one.vertebrae, lateral.grid).any()
        np.testing.assert_array_equal(numbered(other.vertebrae, lateral.grid) > 0, truth[i] > 0)
