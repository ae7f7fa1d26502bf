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
from math import prod

import numpy as np
from numpy.typing import NDArray

from gradcheck.numeric.exact import chance, coincidence
from gradcheck.numeric.function import Arrays, Function, moved
from gradcheck.numeric.program import Array

Integers = NDArray[np.int64]
MOST_TRIALS = 1000
BLOCK = 2**13  # entries at a time, so that they stay in the cache
NARROW = 8  # bits; where there are no more, there are trials enough to see both signs
FEW, MANY = 4, 12  # outputs, and trials
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


@dataclass(frozen=True, slots=True)
class Point:
    """Random integers, and the same as numbers with binary places."""

    integers: tuple[Integers, ...]
    floats: Arrays


class Draws:
    """Random points: integers of so many bits in each array, in units of a power of two.

    The units make the largest numbers about as large as those at the user's point: there a function is
    not saturated, and one that rounds is seen not to be linear.
    """

    def __init__(
        self,
        seed: int | Sequence[int],
        inputs: Sequence[tuple[int, ...]],
        outputs: Sequence[tuple[int, ...]],
        bits: Sequence[int],
        largest: Sequence[int],
    ) -> None:
        """Shapes; `bits` has a number for each input, and a last one for all cotangents.

        Entries of an input are below 2 to the power that `largest` says.
        """
        self._random = np.random.SFC64(seed)
        self.bits = tuple(bits)
        self.places = tuple(b - 1 - most for b, most in zip(bits, largest, strict=False))
        known = zip(inputs, self.bits, self.places, strict=False)
        self._inputs = tuple((prod(shape), shape, b, 2.0**-place) for shape, b, place in known)
        self.outputs = tuple((prod(shape), shape, bits[-1], 1.0) for shape in outputs)

    @property
    def trial(self) -> float:
        """How likely a wrong gradient passes one trial: where numbers have the other's sign, one bit is not random."""
        return chance([b - self._wide for b in self.bits[:-1]])

    @property
    def least(self) -> int:
        """How many trials there are at least: of few outputs, a kink may well be missed by few points."""
        return MANY if sum(size for size, *_ in self.outputs) <= FEW else 1

    @property
    def _wide(self) -> bool:
        return min(self.bits) > NARROW

    def points(self) -> tuple[Point, Point]:
        """Two points; the entries of the second have the opposite signs, so that no kink at 0 is missed."""
        total = sum(size for size, *_ in self._inputs)
        one, other = self._words(total), self._words(total)
        if self._wide:
            other &= 2**31 - 1
            other |= ~one & -(2**31)
        return self._draw(self._inputs, one), self._draw(self._inputs, other)

    def cotangents(self) -> Point:
        """Integers for each output."""
        return self._draw(self.outputs, self._words(sum(size for size, *_ in self.outputs)))

    def _words(self, total: int) -> NDArray[np.int32]:
        return self._random.random_raw((total + 1) // 2).view(np.int32)

    def _draw(self, wanted: Sequence[tuple[int, tuple[int, ...], int, float]], words: NDArray[np.int32]) -> Point:
        start = 0
        integers: list[Integers] = []
        floats: list[Array] = []
        for size, shape, bits, unit in wanted:
            part = words[start : start + size]
            part >>= 32 - bits
            integers.append(part.astype(np.int64))
            floats.append((part * np.float64(unit)).reshape(shape))
            start += size
        return Point(tuple(integers), tuple(floats))


def probe(function: Function, draws: Draws, bound: float, affine: bool = False) -> Probe:
    """Trials until the chance that a gradient which is wrong at a point passes them is below `bound`, or one fails."""
    passed, trials, some, each = 1.0, 0, False, 1 if affine else 2
    try:
        if not _turns(function, draws):
            return Probe(False, 0, 1.0, 1.0)
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
    elsewhere = coincidence(sorted(draws.bits)[:-1]) ** (trials / each)
    return Probe(True, trials, passed, elsewhere, draws.bits, not some)


def _turns(function: Function, draws: Draws) -> bool:
    """Whether f(-a) + f(a) = 2 f(0) in the first input: at a kink at 0 it does not, however few outputs have one."""
    if sum(size for size, *_ in draws.outputs) > LARGE:
        return True  # where it would take as long as a trial
    first, *others = draws.points()[0].floats
    ends = (function.value((one, *others)) for one in (first, -first, np.zeros_like(first)))
    return all((ahead + behind == 2 * none).all() for ahead, behind, none in zip(*ends, strict=True))


Sides = list[tuple[int, int]]


def _multilinear(function: Function, draws: Draws) -> Iterator[Sides]:
    """The two sides of the first equation, then of the second for every input."""
    places = sum(draws.places)
    while True:
        (a, b), y = draws.points(), draws.cotangents()
        there = _paired(_crossed(function, a, b), places, y)
        here, ahead, own = _pulled(function, places, draws, a, b, y)
        yield [(there, sum(ahead))]
        yield [(here, one) for one in own]


def _affine(function: Function, draws: Draws) -> Iterator[Sides]:
    """The two sides of the first equation less those of the second."""
    places = output_places(function, draws)
    while True:
        (a, b), y = draws.points(), draws.cotangents()
        there = _paired(_crossed(function, a, b), places, y)
        here, ahead, own = _pulled(function, places, draws, a, b, y)
        yield [(there - len(own) * here, sum(ahead) - sum(own))]


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
) -> tuple[int, list[int], list[int]]:
    """<dY, f(a)>, and for each input <gradient at a, b> and <gradient at a, a>."""
    outputs, gradients = function.pull(a.floats, y.floats)
    here = _paired(outputs or function.value(a.floats), places, y)
    found = [
        paired(one, places - own, [to, at], "gradient")
        for one, own, to, at in zip(gradients, draws.places, b.integers, a.integers, strict=True)
    ]
    return here, [ahead for ahead, _ in found], [at for _, at in found]


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
        off = digits - shift
        off -= numbers
        if not np.dot(off, off) == 0:
            raise OffGrid(what)
        integers = digits.view(np.int64)
        integers -= offset
        for k, partner in enumerate(partners):
            found[k] += int(np.dot(integers, partner[start : start + BLOCK]))
    return found
