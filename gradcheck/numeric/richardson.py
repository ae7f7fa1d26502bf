"""Directional derivatives of any function, output by output, each with an estimate of its error.

Central differences D(h) = (f(x + hv) - f(x - hv)) / 2h for steps halved again and again, extrapolated to
h = 0 (Richardson 1911; the choice among the extrapolations and its error are Ridders', 1982). The
error is how far neighbouring extrapolations disagree, and besides it the rounding of f over the step,
where the rounding is measured: by how much f changes when its inputs change in their last digit.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gradcheck.numeric.function import Arrays, Function, flat
from gradcheck.numeric.program import Array

FIRST = 2  # the first step is 2^-2 of each entry
NEIGHBOURS = 5
BOTH_SIDES = (1, 3, 5, 8, 13, 21)  # times the shortest step
OWN = 2.0**-8  # of the value: a second difference above that is no rounding
SPARE = 10  # binary digits of an entry that the last step leaves
NUDGES = 6  # so that hardly any output is the same in all of them by chance
CONFIRMED = 3  # how many shorter steps must not refute what the longer ones gave
SIGNIFICANT = 8  # how many times its rounding a second difference must be, to say something


@dataclass(frozen=True, slots=True)
class Derivative:
    """A value and an error for each output, and by how much it is rounded.

    `jump` is how much more the slope ahead is than the slope behind, where they differ: at a kink. The
    value is then the middle of the two.
    """

    value: Array
    error: Array
    noise: Array
    jump: Array


def direction(inputs: Arrays, random: np.random.Generator, step: float | None = None) -> Arrays:
    """A step for each entry, between half and all of its size, of few digits: so that x + hv is what it says.

    The first difference is over a quarter of it; `step` is what that is to be at most, if not in proportion.
    """
    return tuple(
        scale(array, step) * random.choice([-1.0, -0.75, -0.625, 0.625, 0.75, 1.0], array.shape) for array in inputs
    )


def scale(array: Array, step: float | None = None) -> Array:
    """The power of two below the size of each entry; for a zero, below the typical size (1 if all are zero)."""
    if step is not None:
        return np.full(array.shape, step * 2**FIRST)
    sizes = np.abs(array)
    typical = np.median(sizes[sizes > 0]) if sizes.any() else 1.0
    return np.asarray(2.0 ** np.floor(np.log2(np.where(sizes > 0, sizes, typical))))


def nudged(inputs: Arrays, epsilon: float, random: np.random.Generator) -> Arrays:
    """The inputs, each entry changed in its last digit."""
    return tuple(array * (1 + epsilon * random.choice([-2, -1, 1, 2], array.shape)) for array in inputs)


def rounding(function: Function, inputs: Arrays, before: Array, epsilon: float, random: np.random.Generator) -> Array:
    """By how much each output changes when the inputs change in their last digit, and its own last digit."""
    others = (flat(function.value(nudged(inputs, epsilon, random))) for _ in range(NUDGES))
    return np.asarray(np.max([np.abs(one - before) for one in others], axis=0) + epsilon * np.abs(before))


def directional(function: Function, inputs: Arrays, v: Arrays, noise: Array, epsilon: float) -> Derivative:
    """The derivative of each output in the direction v, where `noise` is the rounding of each."""
    before = flat(function.value(inputs))
    noise = np.maximum(noise, _unsteady(function, inputs, v, before, epsilon))
    anchor, reach = _anchor(function, inputs, v, noise, epsilon)
    best, error = anchor.copy(), reach.copy()
    row: list[Array] = []
    seconds: list[tuple[float, Array]] = []
    settled = 0
    for h in _steps(epsilon):
        ahead, behind = _ends(function, inputs, v, h)
        seconds.append((h, ahead - 2 * before + behind))
        last, row = row, [(ahead - behind) / (2 * h)]
        rounded = 2 * noise / h
        if last:
            own = np.abs(row[0] - last[0]) + rounded  # how far off the plain difference is, if it converges
            refuted = np.abs(best - row[0]) > own + error
            best[refuted], error[refuted] = row[0][refuted], (own + rounded)[refuted]
        for k, older in enumerate(last, 1):
            further = row[-1] + (row[-1] - older) / (4.0**k - 1)
            apart = np.maximum(np.abs(further - row[-1]), np.abs(further - older)) + rounded
            better = (apart < error) & (np.abs(further - anchor) <= reach)  # never so for NaN
            best[better], error[better] = further[better], apart[better]
            row.append(further)
        settled += bool((rounded >= error).all())
        if settled > CONFIRMED:
            break
    return Derivative(best, error, noise, _jump(seconds, noise, error))


def _unsteady(function: Function, inputs: Arrays, v: Arrays, before: Array, epsilon: float) -> Array:
    """How far close neighbours are from a parabola: rounding, however coarse it is."""
    steps = shortest(epsilon)
    rows = ([flat(function.value(one)) for one in neighbours(inputs, v, h)] for h in steps)
    ends = [_ends(function, inputs, v, times * steps[0]) for times in BOTH_SIDES]
    both = np.max([np.abs(ahead - 2 * before + behind) for ahead, behind in ends], axis=0)
    return np.asarray(np.maximum(unsteady([bend([before, *row]) for row in rows], before), both))


def neighbours(inputs: Arrays, v: Arrays, h: float) -> Iterator[Arrays]:
    """The inputs some steps ahead: on one side, since rounding may well be the same on both."""
    for times in range(1, NEIGHBOURS + 1):
        yield tuple(x + times * h * own for x, own in zip(inputs, v, strict=True))


def bend(row: list[Array]) -> Array:
    """The largest second difference of neighbours."""
    triples = zip(row, row[1:], row[2:], strict=False)
    return np.asarray(np.max([np.abs(left - 2 * middle + right) for left, middle, right in triples], axis=0))


def unsteady(seconds: list[Array], value: Array) -> Array:
    """What second differences for steps that grow by 4 have besides the curvature, which makes them grow by 16.

    Once they are no longer small beside the value, they are the function's own.
    """
    found = np.maximum(seconds[0], seconds[1])
    for narrow, wide in pairwise(seconds):
        small = wide <= OWN * np.abs(value)
        found = np.where(small, np.maximum(found, narrow - wide / 16), found)
    return found


def shortest(epsilon: float) -> tuple[float, ...]:
    """Steps at which a function is straight but for its rounding: from a few units in the last place up."""
    first, last = (int(np.round(share * np.log2(epsilon))) for share in (5 / 6, 5 / 12))
    return tuple(2.0**j for j in range(first, last + 1, 2))


def _anchor(function: Function, inputs: Arrays, v: Arrays, noise: Array, epsilon: float) -> tuple[Array, Array]:
    """A difference over a step so short that no oscillation passes for a slope; and how far it can be off."""
    h = 2.0 ** np.round(2 / 3 * np.log2(epsilon))
    one, other = (
        (ahead - behind) / (2 * step) for step in (h, h / 2) for ahead, behind in [_ends(function, inputs, v, step)]
    )
    return other, 4 * (np.abs(one - other) + 2 * noise / h)


def _ends(function: Function, inputs: Arrays, v: Arrays, h: float) -> tuple[Array, Array]:
    """The outputs a step ahead and a step behind."""
    ahead, behind = ends_of(inputs, v, h)
    return flat(function.value(ahead)), flat(function.value(behind))


def ends_of(inputs: Arrays, v: Arrays, h: float) -> tuple[Arrays, Arrays]:
    """The inputs a step ahead and a step behind."""
    pairs = list(zip(inputs, v, strict=True))
    return tuple(x + h * own for x, own in pairs), tuple(x - h * own for x, own in pairs)


def _steps(epsilon: float) -> Iterator[float]:
    digits = -int(np.log2(epsilon))
    yield from (2.0**-j for j in range(FIRST, max(FIRST + 4, digits - SPARE)))


def _jump(seconds: list[tuple[float, Array]], noise: Array, error: Array) -> Array:
    """Where f(x+h) - 2f(x) + f(x-h) shrinks like h and not like h^2, the slopes on the two sides differ."""
    (_, wide), (_, middle), (h, narrow) = seconds[-3:]
    clear = (np.abs(narrow) > SIGNIFICANT * noise) & (np.abs(narrow) / h > error)
    ratio = 2**1.5  # between the 2 of a kink and the 4 of a smooth function
    kinked = clear & (np.abs(middle) < ratio * np.abs(narrow)) & (np.abs(wide) < ratio * np.abs(middle))
    return np.asarray(np.where(kinked, narrow / h, 0.0))
