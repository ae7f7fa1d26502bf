"""Mistakes of a factor: one ratio throughout, and the sizes that people divide by."""

import numpy as np
import pytest
from diagnosis.test_scene import Drawn

from gradcheck.diagnosis.scaling import divisors, ratio


@pytest.mark.parametrize("factor", [-1.0, 2.0, 0.5, -0.25, 3.0])
def test_one_factor_throughout_is_the_ratio(factor):
    """Whatever the factor, it is found exactly."""
    drawn = Drawn()
    assert ratio(drawn.scene("w", factor * drawn.right["w"])) == factor


def test_no_factor_is_no_ratio():
    """What is right, zero, of another shape, or not in one proportion throughout has none."""
    drawn = Drawn()
    right = drawn.right["w"]
    uneven = 2 * right
    uneven.flat[-1] += 1
    for got in (right, 0 * right, 2 * right[None], uneven):
        assert ratio(drawn.scene("w", got)) is None


def test_nothing_has_no_factor():
    """Where all is zero, any factor would do."""
    drawn = Drawn()
    drawn.dy *= 0
    assert ratio(drawn.scene("w", np.ones_like(drawn.right["w"]))) is None


def test_what_people_divide_by():
    """Samples, positions, filters, channels, taps and their products, counted by hand."""
    scene = Drawn(N=2, k=4, p=6, g=2, n=(5, 4), m=(3, 2)).scene("w")
    outputs = 3 * 3
    assert [(cause, by) for cause, _, by in divisors(scene)] == [
        ("mean-over-batch", 2),
        ("mean-over-positions", outputs),
        ("mean-over-positions", 2 * outputs),
        ("mean-over-positions", 5 * 4),
        ("mean-over-positions", 2 * 6 * outputs),
        ("mean-over-filters", 6),
        ("mean-over-channels", 4),
        ("mean-over-taps", 3 * 2),
        ("mean-over-taps", 3 * 2 * 2),
    ]


def test_divisors_are_told_apart():
    """No two have the same words."""
    told = [words for _, words, _ in divisors(Drawn().scene("w"))]
    assert len(set(told)) == len(told)
