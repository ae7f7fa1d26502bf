"""The probe: all gradients at once against random directions, exactly, and how likely it misses a fault.

For f linear in each input, a and b random points, and a random cotangent dY at a,

    <dY, sum over i of f(a with b_i for a_i)>  =  sum over i of <gradient_i(a), b_i>
    <dY, f(a)>                                 =  <gradient_i(a), a_i>  for each i

as integers. gradient_i does not depend on a_i, so that b_i and a_i are two independent directions: two
trials for one backward pass. For f affine in each input (a bias is added) there is one trial, on
differences. To test a linear map by random products is Freivalds' idea (1977).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from gradcheck.numeric.exact import coincidence
from gradcheck.numeric.function import Arrays, Function, moved
from gradcheck.numeric.points import Draws, Integers, Point
from gradcheck.numeric.program import Array

BOUND = 1e-12  # the chance that a wrong gradient passes, unless another is asked for
MOST_TRIALS = 1000
BLOCK = 2**13  # entries at a time, so that they stay in the cache
LARGE = 2**14  # outputs
MAGIC = 1.5 * 2.0**52


class OffGrid(Exception):
    """A number that is no integer multiple of what it must be: `what` is "output" or "gradient"."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True, slots=True)
class Probe:
    """What came of it: whether all equations hold, in how many trials, and how likely a wrong gradient passes.

    `empty` equations, with nothing but 0 on either side, say nothing.

    `chance` is that of one which is wrong at the points that were drawn, `elsewhere` that a polynomial one
    which is wrong is right there. `off` says what is no integer multiple of the grid, if anything is.
    """

    holds: bool
    trials: int
    chance: float
    elsewhere: float
    bits: tuple[int, ...] = ()
    empty: bool = False
    off: str = ""


def probe(function: Function, draws: Draws, bound: float, affine: bool = False) -> Probe:
    """Trials until the chance that a gradient which is wrong at a point passes them is below `bound`, or one fails."""
    passed, trials, some, each = 1.0, 0, False, 1 if affine else 2
    try:
        for sides in _affine(function, draws) if affine else _multilinear(function, draws):
            trials += 1
            passed *= draws.trial
            some = some or any(left for left, _ in sides)
            if any((left - right) % 2**64 for left, right in sides):
                return Probe(False, trials, 1.0, 1.0)
            if (passed <= bound and trials >= draws.least) or trials >= MOST_TRIALS:
                break
    except OffGrid as error:
        return Probe(False, trials, 1.0, 1.0, off=error.what)
    elsewhere = coincidence(sorted(draws.bits)[:-1]) ** -(-trials // each)
    return Probe(True, trials, passed, elsewhere, draws.bits, not some)


Sides = list[tuple[int, int]]


def _multilinear(function: Function, draws: Draws) -> Iterator[Sides]:
    """The two sides of the first equation, then of the second for every input."""
    places = sum(draws.places)
    while True:
        (a, b), y = draws.points(), draws.cotangents()
        there = _paired(_crossed(function, a, b), places, y)
        outputs, ahead, own = _pulled(function, places, draws, a, b, y)
        here = _paired(outputs, places, y)
        yield [(there, sum(ahead))]
        yield [(here, one) for one in own] + _turned(function, a, outputs, None)


def _affine(function: Function, draws: Draws) -> Iterator[Sides]:
    """The two sides of the first equation less those of the second."""
    places = output_places(function, draws)
    while True:
        (a, b), y = draws.points(), draws.cotangents()
        there = _paired(_crossed(function, a, b), places, y)
        outputs, ahead, own = _pulled(function, places, draws, a, b, y)
        here = _paired(outputs, places, y)
        none = function.value((np.zeros_like(a.floats[0]), *a.floats[1:]))
        yield [(there - len(own) * here, sum(ahead) - sum(own)), *_turned(function, a, outputs, none)]


def _turned(function: Function, a: Point, outputs: Arrays, none: Arrays | None) -> Sides:
    """f(-a) + f(a) = 2 f(0) in the first input: not so at a kink at 0, however few outputs have one.

    Not asked of large outputs, where it would take as long as another trial.
    """
    if sum(one.size for one in outputs) > LARGE:
        return []
    turned = function.value((-a.floats[0], *a.floats[1:]))
    twice = [0.0] * len(outputs) if none is None else [2 * one for one in none]
    same = all((ahead + behind == zero).all() for ahead, behind, zero in zip(outputs, turned, twice, strict=True))
    return [(0, int(not same))]


def wrong(function: Function, draws: Draws) -> tuple[bool, ...]:
    """For each input, whether its own gradient fails a trial: f moved in that input alone against <gradient, move>."""
    places = output_places(function, draws)
    (a, b), y = draws.points(), draws.cotangents()
    _, gradients = function.pull(a.floats, y.floats)
    here = _paired(function.value(a.floats), places, y)
    found = []
    for n, (gradient, own) in enumerate(zip(gradients, draws.places, strict=True)):
        there = _paired(function.value(moved(a.floats, n, b.floats[n])), places, y)
        try:
            end, start = paired(gradient, places - own, [b.integers[n], a.integers[n]], "gradient")
            found.append((there - here - end + start) % 2**64 != 0)
        except OffGrid:
            found.append(True)
    return tuple(found)


def output_places(function: Function, draws: Draws) -> int:
    """The binary places of the outputs of a function that is affine in each input: those of its longest products."""
    outputs = function.value(draws.points()[0].floats)
    finest = sorted(draws.places, reverse=True)
    for factors in range(1, len(finest) + 1):
        places = sum(finest[:factors])
        try:
            for one in outputs:
                paired(one, places, [], "output")
        except OffGrid:
            continue
        return places
    raise OffGrid("output")


def _crossed(function: Function, a: Point, b: Point) -> Arrays:
    """The sum over all inputs of the outputs with that input of `b` and all others of `a`."""
    found, *others = (function.value(moved(a.floats, n, to)) for n, to in enumerate(b.floats))
    for more in others:
        found = tuple(one + other for one, other in zip(found, more, strict=True))
    return found


def _paired(outputs: Arrays, places: int, y: Point) -> int:
    """<dY, Y>."""
    return sum(paired(one, places, [dy], "output")[0] for one, dy in zip(outputs, y.integers, strict=True))


def _pulled(
    function: Function, places: int, draws: Draws, a: Point, b: Point, y: Point
) -> tuple[Arrays, list[int], list[int]]:
    """f(a), and for each input <gradient at a, b> and <gradient at a, a>."""
    outputs, gradients = function.pull(a.floats, y.floats)
    found = [
        paired(one, places - own, [to, at], "gradient")
        for one, own, to, at in zip(gradients, draws.places, b.integers, a.integers, strict=True)
    ]
    return outputs or function.value(a.floats), [ahead for ahead, _ in found], [at for _, at in found]


def paired(array: Array, places: int, partners: Sequence[Integers], what: str) -> list[int]:
    """<array in units of 2^-places, partner> modulo 2^64, for each partner; raises OffGrid.

    A number below 2^51 added to MAGIC has its integer part as its last binary digits.
    """
    row, found = array.reshape(-1), [0] * len(partners)
    shift = np.float64(MAGIC * 2.0**-places)
    offset = shift.view(np.int64)
    for start in range(0, row.size, BLOCK):
        numbers = row[start : start + BLOCK]
        digits = numbers + shift
        within = digits.max() < np.inf and digits.min() > -np.inf  # never so for NaN
        if not within or not (digits - shift == numbers).all():
            raise OffGrid(what)
        integers = digits.view(np.int64)
        integers -= offset
        for k, partner in enumerate(partners):
            found[k] += int(np.dot(integers, partner[start : start + BLOCK]))
    return found
