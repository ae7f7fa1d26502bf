"""The probe: one random directional test of all gradients at once, exact, and how likely it misses a fault.

For f linear in each input and two random points a and b, with cotangent dY at a,

    <dY, sum over i of f(a with b_i for a_i)>  =  sum over i of <gradient_i(a), b_i>

as integers, and the same with a and b exchanged: two trials for four forward passes and two backward
passes, where there are two inputs. For f affine in each input (a bias is added) both sides are differences.
The idea of testing a linear map by one random product is Freivalds' (1977).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.numeric.exact import chance
from gradcheck.numeric.function import Arrays, Function, moved
from gradcheck.numeric.program import Array

Integers = NDArray[np.signedinteger[Any]]
MOST_TRIALS = 1000
BLOCK = 2**13  # entries at a time, so that they stay in the cache


class OffGrid(Exception):
    """A number that is no integer multiple of what it must be: `what` is "output" or "gradient"."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True, slots=True)
class Probe:
    """What came of it: whether all identities hold, how many trials, and the chance that a fault passes them.

    `off` says what is no integer multiple of the grid, if anything is; `affine` that differences
    were compared.
    """

    holds: bool
    trials: int
    chance: float
    affine: bool
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
        seed: int,
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
        self._outputs = tuple((prod(shape), shape, bits[-1], 1.0) for shape in outputs)

    def point(self) -> Point:
        """An array for each input."""
        return self._draw(self._inputs)

    def cotangents(self) -> Point:
        """Integers for each output."""
        return self._draw(self._outputs)

    def _draw(self, wanted: Sequence[tuple[int, tuple[int, ...], int, float]]) -> Point:
        words = self._random.random_raw((sum(size for size, *_ in wanted) + 1) // 2).view(np.int32)
        integers, floats, start = [], [], 0
        for size, shape, bits, unit in wanted:
            part = words[start : start + size]
            part >>= 32 - bits
            integers.append(part)
            floats.append((part * unit).reshape(shape))
            start += size
        return Point(tuple(integers), tuple(floats))


def probe(function: Function, draws: Draws, bound: float, affine: bool = False) -> Probe:
    """Trials until the chance that a wrong gradient passes them all is below `bound`, or one fails.

    The chance is that of a gradient which is a polynomial in the cotangent and the other inputs, of
    degree at most one in each array.
    """
    each, passed, trials, some = chance(draws.bits), 1.0, 0, False
    try:
        for one, other in _affine(function, draws) if affine else _multilinear(function, draws):
            trials += 1
            passed *= each
            some = some or one != 0
            if (one - other) % 2**64:
                return Probe(False, trials, 1.0, affine)
            if passed <= bound or trials >= MOST_TRIALS:
                break
    except OffGrid as error:
        return Probe(False, trials, 1.0, affine, error.what)
    return Probe(some, trials, passed, affine)


def _multilinear(function: Function, draws: Draws) -> Iterator[tuple[int, int]]:
    places = sum(draws.places)
    while True:
        a, b = draws.point(), draws.point()
        ya, yb = draws.cotangents(), draws.cotangents()
        there = _crossed(function, a, b)
        if len(a.floats) == 2:
            left, back = _paired(there, places, [ya, yb])
        else:
            (left,) = _paired(there, places, [ya])
            (back,) = _paired(_crossed(function, b, a), places, [yb])
        yield left, _along(function, places, draws, a, ya, [b])[0]
        yield back, _along(function, places, draws, b, yb, [a])[0]


def _affine(function: Function, draws: Draws) -> Iterator[tuple[int, int]]:
    places = output_places(function, draws)
    while True:
        a, b, y = draws.point(), draws.point(), draws.cotangents()
        (there,) = _paired(_crossed(function, a, b), places, [y])
        (here,) = _paired([function.value(a.floats)], places, [y])
        end, start = _along(function, places, draws, a, y, [b, a])
        yield there - len(a.floats) * here, end - start


def output_places(function: Function, draws: Draws) -> int:
    """The binary places of the outputs of a function that is affine in each input: those of its longest products."""
    outputs = function.value(draws.point().floats)
    finest = sorted(draws.places, reverse=True)
    for factors in range(1, len(finest) + 1):
        places = sum(finest[:factors])
        try:
            for one in outputs:
                on_grid(one, 2.0**places, "output")
        except OffGrid:
            continue
        return places
    raise OffGrid("output")


def _crossed(function: Function, a: Point, b: Point) -> list[Arrays]:
    """For each input, the outputs with that input of `b` and all others of `a`."""
    return [function.value(moved(a.floats, n, to)) for n, to in enumerate(b.floats)]


def _paired(outputs: Sequence[Arrays], places: int, cotangents: Sequence[Point]) -> list[int]:
    """The sum of <dY, Y> over some outputs, for each of some cotangents."""
    found = [0] * len(cotangents)
    for n, arrays in enumerate(zip(*outputs, strict=True)):
        for k, value in enumerate(paired(arrays, places, [y.integers[n] for y in cotangents], "output")):
            found[k] += value
    return found


def _along(
    function: Function, places: int, draws: Draws, at: Point, y: Point, directions: Sequence[Point]
) -> list[int]:
    """The sum over all inputs of <gradient at a point, direction>, for each of some directions."""
    _, gradients = function.pull(at.floats, y.floats)
    found = [0] * len(directions)
    for n, (gradient, own) in enumerate(zip(gradients, draws.places, strict=True)):
        partners = [direction.integers[n] for direction in directions]
        for k, value in enumerate(paired([gradient], places - own, partners, "gradient")):
            found[k] += value
    return found


def paired(arrays: Sequence[Array], places: int, partners: Sequence[Integers], what: str) -> list[int]:
    """<sum of the arrays in units of 2^-places, partner> modulo 2^64, for each partner; raises OffGrid."""
    rows, unit, found = [array.reshape(-1) for array in arrays], 2.0**places, [0] * len(partners)
    for start in range(0, rows[0].size, BLOCK):
        block = slice(start, start + BLOCK)
        total = on_grid(rows[0][block], unit, what)
        for row in rows[1:]:
            total += on_grid(row[block], unit, what)
        for k, partner in enumerate(partners):
            found[k] += int(np.dot(total, partner[block]))
    return found


def on_grid(array: Array, unit: float, what: str) -> Integers:
    """The array as integers, in units of 1/unit; raises OffGrid if it is not made of such."""
    scaled = array * unit
    found = scaled.astype(np.int64)
    if (found != scaled).any():
        raise OffGrid(what)
    return found
