"""What an error looks like, in words: planted errors are described as they were planted."""

import numpy as np
import pytest
from diagnosis.test_scene import NHWC, Drawn

from gradcheck.diagnosis.structure import heat, structure

DRAWN = Drawn(N=3, k=4, p=3, n=(7, 6), m=(2, 2))
PLANTED = {  # where in dx, which is 3x4x7x6, and what is said
    "first sample": ((0,), ["only in samples first"]),
    "last channel": ((slice(None), -1), ["only in channels last"]),
    "a channel between": ((slice(None), 2), ["only in channels 2"]),
    "the border's rows": ((slice(None), slice(None), [0, -1]), ["only in rows first and last (the border)"]),
    "inner rows": (
        (slice(None), slice(None), slice(1, -1)),
        ["only in rows between the first and the last (the interior)"],
    ),
    "a comb": ((..., slice(1, None, 2)), ["only in columns 1, 3, ...: every 2th (a comb)"]),
    "rows as they come": ((slice(None), slice(None), [1, 2, 5]), ["only in rows 1, 2, 5"]),
    "a corner": ((..., 0, -1), ["only in rows first", "only in columns last"]),
    "everywhere": ((...,), []),
}


def planted(at, change=lambda part: part + 1000.5):
    """The scene of a dx that is wrong there."""
    got = DRAWN.right["x"].copy()
    got[at] = change(got[at])
    return DRAWN.scene("x", got)


@pytest.mark.parametrize(("at", "told"), PLANTED.values(), ids=PLANTED)
def test_where_an_error_is(at, told):
    """Each axis on which it is not everywhere is named, with its places."""
    scene = planted(at)
    count = int((scene.got != DRAWN.right["x"]).sum())
    assert structure(scene) == (f"{count} of {scene.got.size} entries differ", *told)


def test_axes_are_named_by_the_layout():
    """Where the channels come last, the last axis is that of the channels."""
    got = DRAWN.right["x"].transpose(0, 2, 3, 1).copy()
    got[..., 0] += 1000.5
    assert "only in channels first" in structure(DRAWN.scene("x", got, NHWC))


def test_a_filters_axes_have_names_of_their_own():
    """Filters and taps."""
    got = DRAWN.right["w"].copy()
    got[0, :, :, -1] += 1000.5
    assert structure(DRAWN.scene("w", got))[1:] == ("only in filters first", "only in tap columns last")


def test_of_another_shape_nothing_is_said():
    """There are no entries to compare; the shapes themselves are told with the fault."""
    assert structure(DRAWN.scene("b", DRAWN.right["b"][:2])) == ()
    assert structure(DRAWN.scene("b", np.float64(1))) == ()


def test_what_the_wrong_values_are():
    """Zeros, the right values elsewhere, the right sum; none of them for other errors or for NaN."""
    assert structure(planted((0,), lambda part: 0 * part))[-1] == "zero wherever it is wrong"
    assert structure(planted((0,), lambda part: part[:, ::-1]))[-1] == "the right values, in the wrong places"
    moved = DRAWN.right["x"].copy()
    moved[0, 0, 0, :2] += 1000.5, -1000.5
    assert structure(DRAWN.scene("x", moved))[-1] == "the sum of all entries is right"
    assert structure(planted((0,), lambda part: np.nan * part))[-1] == "only in samples first"


def test_heat_is_the_share_that_is_wrong():
    """At each place of the last two axes, over samples and channels."""
    scene = planted((0, slice(None), 2, 3))
    found = np.array(heat(scene))
    expected = np.zeros((7, 6))
    expected[2, 3] = round(1 / 3, 3)
    assert np.array_equal(found, expected)


def test_heat_is_over_positions_wherever_they_are():
    """With the channels last, still rows and columns."""
    got = DRAWN.right["x"].transpose(0, 2, 3, 1).copy()
    got[:, 2, 3] += 1000.5
    found = np.array(heat(DRAWN.scene("x", got, NHWC)))
    assert found.shape == (7, 6)
    assert np.argwhere(found).tolist() == [[2, 3]]


def test_there_is_no_heat_without_the_shape():
    """The twin: another shape has no places to compare; a bias has one row; what is right is cold."""
    assert heat(DRAWN.scene("x", DRAWN.right["x"][:1])) == ()
    assert np.array(heat(DRAWN.scene("b"))).shape == (1, 3)
    assert not np.array(heat(DRAWN.scene("x"))).any()
