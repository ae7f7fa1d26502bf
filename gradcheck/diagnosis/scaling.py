"""Mistakes of a factor: a mean for a sum, a sign, a constant."""

from collections.abc import Iterator
from math import prod

import numpy as np

from gradcheck.diagnosis.scene import Scene

Divided = tuple[str, str, int]


def divisors(scene: Scene) -> Iterator[Divided]:
    """The cause, what is divided by in words, and how much that is here."""
    case = scene.case
    if case.own:
        for name, size in case.own:
            yield ("mean-over-batch" if name == "N" else "mean-over-index"), name, size
        return
    sides = prod(case.outputs(scene.reference.convention.family))
    yield "mean-over-batch", "the number of samples", case.N
    yield "mean-over-positions", "the number of output positions", sides
    yield "mean-over-positions", "the number of samples and output positions", case.N * sides
    yield "mean-over-positions", "the number of input positions", prod(case.n)
    yield "mean-over-positions", "the number of samples, filters and output positions", case.N * case.p * sides
    yield "mean-over-filters", "the number of filters", case.p
    yield "mean-over-channels", "the number of channels", case.k
    yield "mean-over-taps", "the number of taps", prod(case.m)
    yield "mean-over-taps", "the number of entries of a filter", prod(case.m) * case.k // case.g


def ratio(scene: Scene) -> float | None:
    """The factor by which the target's result differs from what is right, if it is one factor throughout."""
    right = scene.right()
    if scene.got.shape != right.shape or not right.any() or not np.isfinite(scene.got).all():
        return None
    at = tuple(axis[0] for axis in right.nonzero())
    factor = float(scene.got[at]) / float(right[at])
    return factor if (scene.got == factor * right).all() and factor not in (0.0, 1.0) else None
