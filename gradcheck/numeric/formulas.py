"""Array formulas evaluated literally on NumPy arrays, channel by channel, as they are written."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from gradcheck.notation.arithmetic import Int, Sym, evaluate
from gradcheck.notation.arrays import Array as Formula
from gradcheck.notation.arrays import Pad, Ref, Rot180, Slide, SumOver, axis_of, free_indices
from gradcheck.notation.phrase import Said, phrase
from gradcheck.notation.sums import Read, by
from gradcheck.numeric.program import Array

MAX_ENTRIES = 100_000  # of one array
MAX_PRODUCTS = 5_000_000  # of one correlation


class Undefined(Exception):
    """The formula has no value at these sizes, and why."""

    def __init__(self, why: Said) -> None:
        super().__init__(why)
        self.why = why


class TooLarge(Exception):
    """An array or a correlation that would take too much memory or time."""


class Evaluation:
    """Formulas evaluated over one set of arrays; what several of them share is computed once."""

    def __init__(self, arrays: Mapping[str, Array], sizes: Mapping[str, int]) -> None:
        self.arrays, self.sizes = arrays, sizes
        self._known: dict[tuple[Formula, tuple[int, ...]], Array] = {}

    def value(self, formula: Formula, at: Mapping[str, int]) -> Array:
        """The array that a formula stands for, where its free indices have the values `at`.

        Raises Undefined where an index or a kernel does not fit.
        """
        if isinstance(formula, Ref):
            return _entry(self.arrays[formula.tensor], formula, tuple(at[index] for index in formula.at))
        key = formula, tuple(at[index] for index in free_indices(formula))
        if key not in self._known:
            self._known[key] = self._value(formula, at)
        return self._known[key]

    def every(self, formula: Formula) -> list[Array]:
        """The values of a formula for all values of its free indices."""
        return [self.value(formula, at) for at in self.points([formula])]

    def points(self, formulas: Sequence[Formula]) -> Iterator[dict[str, int]]:
        """All values of the indices that are free in any of the formulas."""
        names = tuple(dict.fromkeys(name for formula in formulas for name in free_indices(formula)))
        for point in product(*(range(self._length(name, formulas)) for name in names)):
            yield dict(zip(names, point, strict=True))

    def _value(self, formula: Pad | Rot180 | Slide | SumOver, at: Mapping[str, int]) -> Array:
        match formula:
            case Pad(inner, amount):
                return pad(self.value(inner, at), int(evaluate(amount, self.sizes)))
            case Rot180(inner):
                return np.flip(self.value(inner, at))
            case Slide(op, signal, kernel):
                slid, over = self.value(signal, at), self.value(kernel, at)
                return corr(slid, np.flip(over) if op == "conv" else over)
            case SumOver(index, inner):
                terms = range(self._length(index, [inner]))
                if not terms:
                    raise Undefined(phrase("the sum over ", Sym(index), " has no terms"))
                return np.asarray(sum(self.value(inner, {**at, index: n}) for n in terms))

    def _length(self, index: str, formulas: Sequence[Formula]) -> int:
        """How many values an index takes: the length of the first axis that it stands for."""
        tensor, axis = axis_of(index, formulas)
        return int(self.arrays[tensor].shape[axis])


def _entry(array: Array, ref: Ref, at: tuple[int, ...]) -> Array:
    try:
        return np.asarray(array[at])
    except IndexError:
        raise Undefined(
            phrase(
                Read(ref.tensor, tuple(map(Int, at))), " is outside ", Ref(ref.tensor), ", which is ", by(array.shape)
            )
        ) from None


def pad(array: Array, amount: int) -> Array:
    """`amount` zeros on every side of every axis; a negative amount removes as many entries."""
    sides = [size + 2 * amount for size in array.shape]
    if min(sides, default=0) < 0:
        raise Undefined(phrase("nothing is left of ", by(array.shape), " after a padding of ", Int(amount)))
    if prod(sides) > MAX_ENTRIES:
        raise TooLarge
    if amount < 0:
        return array[tuple(slice(-amount, size + amount) for size in array.shape)]
    padded = np.zeros(sides)
    padded[tuple(slice(amount, amount + size) for size in array.shape)] = array
    return padded


def corr(signal: Array, kernel: Array) -> Array:
    """The valid cross-correlation: sum_u signal[x + u] kernel[u] for every x at which the kernel fits."""
    if any(k > s + 1 for k, s in zip(kernel.shape, signal.shape, strict=True)):
        raise Undefined(phrase("a kernel of ", by(kernel.shape), " does not fit into ", by(signal.shape)))
    sides = [s - k + 1 for s, k in zip(signal.shape, kernel.shape, strict=True)]
    if prod(sides) * kernel.size > MAX_PRODUCTS:
        raise TooLarge
    if not kernel.size or not all(sides):
        return np.zeros(sides)
    axes, taps = list(range(signal.ndim)), list(range(signal.ndim, 2 * signal.ndim))
    windows = sliding_window_view(signal, kernel.shape)
    return np.asarray(np.einsum(windows, axes + taps, kernel, taps, axes))  # type: ignore[arg-type]
