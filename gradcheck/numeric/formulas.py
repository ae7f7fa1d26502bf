"""Array formulas evaluated literally on NumPy arrays, channel by channel, as they are written."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from gradcheck.notation.arithmetic import Int, Sym, evaluate
from gradcheck.notation.arrays import Array as Formula
from gradcheck.notation.arrays import Crop, Dilate, Pad, Ref, Slide, SumOver, amounts, axis_of, free_indices, parts
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

    def _value(self, formula: Formula, at: Mapping[str, int]) -> Array:
        if isinstance(formula, SumOver):
            terms = range(self._length(formula.index, [formula.array]))
            if not terms:
                raise Undefined(phrase("the sum over ", Sym(formula.index), " has no terms"))
            return np.asarray(sum(self.value(formula.array, {**at, formula.index: n}) for n in terms))
        array, *kernels = (self.value(part, at) for part in parts(formula))
        numbers = [int(evaluate(e, self.sizes)) for e in amounts(formula)]
        match formula:
            case Pad():
                return pad(array, *numbers)
            case Crop():
                return pad(array, *(-n for n in numbers))
            case Dilate():
                return dilate(array, *numbers)
            case Slide(op):
                kernel = np.flip(kernels[0]) if op == "conv" else kernels[0]
                return corr(array, dilate(kernel, numbers[1]), numbers[0])
        return np.flip(array)

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


def pad(array: Array, before: int, after: int) -> Array:
    """Zeros before and after on every axis; a negative amount removes as many entries."""
    sides = [size + before + after for size in array.shape]
    if min(sides, default=0) < 0:
        told = phrase(Int(before), " before and ", Int(after), " after")
        raise Undefined(phrase("nothing is left of ", by(array.shape), " after a padding of ", told))
    if prod(sides) > MAX_ENTRIES:
        raise TooLarge
    padded = np.zeros(sides)
    kept = [(max(0, before), min(side, before + size)) for side, size in zip(sides, array.shape, strict=True)]
    if all(first < end for first, end in kept):
        inside = tuple(slice(first - before, end - before) for first, end in kept)
        padded[tuple(slice(*ends) for ends in kept)] = array[inside]
    return padded


def dilate(array: Array, factor: int) -> Array:
    """Zeros between the entries, which then stand `factor` places apart on every axis."""
    if factor < 1:
        raise Undefined(phrase("entries cannot stand ", Int(factor), " places apart"))
    sides = [factor * (size - 1) + 1 if size else 0 for size in array.shape]
    if prod(sides) > MAX_ENTRIES:
        raise TooLarge
    dilated = np.zeros(sides)
    dilated[(slice(None, None, factor),) * array.ndim] = array
    return dilated


def corr(signal: Array, kernel: Array, stride: int = 1) -> Array:
    """The valid cross-correlation: sum_u signal[stride*x + u] kernel[u] for every x at which the kernel fits."""
    if stride < 1:
        raise Undefined(phrase("a stride of ", Int(stride)))
    sides = [(s - k) // stride + 1 for s, k in zip(signal.shape, kernel.shape, strict=True)]
    if min(sides, default=0) < 0:
        raise Undefined(phrase("a kernel of ", by(kernel.shape), " does not fit into ", by(signal.shape)))
    if prod(sides) * kernel.size > MAX_PRODUCTS:
        raise TooLarge
    if not kernel.size or not all(sides):
        return np.zeros(sides)
    axes, taps = list(range(signal.ndim)), list(range(signal.ndim, 2 * signal.ndim))
    windows = sliding_window_view(signal, kernel.shape)[(slice(None, None, stride),) * signal.ndim]
    return np.asarray(np.einsum(windows, axes + taps, kernel, taps, axes))  # type: ignore[arg-type]
