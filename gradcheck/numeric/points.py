"""Random points for exact arithmetic: integers in units of a power of two, and the same as floats."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from gradcheck.numeric.exact import chance
from gradcheck.numeric.function import Arrays
from gradcheck.numeric.program import Array

Integers = NDArray[np.int64]
NARROW = 8  # bits; where there are no more, there are trials enough to see both signs
FEW, MANY = 4, 12  # outputs, and trials


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
