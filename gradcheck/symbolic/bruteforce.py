"""Equations in index notation evaluated point by point at given sizes."""

from collections.abc import Iterator, Mapping
from itertools import product
from math import prod

from gradcheck.notation.arithmetic import Expr, evaluate, symbols
from gradcheck.notation.sums import Condition, Delta, Equation, Guard, Range
from gradcheck.symbolic.affine import affine
from gradcheck.symbolic.tensors import (
    MAX_POINTS,
    Entry,
    Polynomial,
    Product,
    Sizes,
    Tensor,
    TooLarge,
    places,
)


def values(r: Range, sizes: Sizes) -> range:
    """The values of an index at given sizes; none where high < low."""
    return range(evaluate(r.low, sizes), evaluate(r.high, sizes) + 1)


def gathered(equation: Equation, sizes: Sizes, known: Mapping[str, Tensor]) -> dict[Entry, Polynomial]:
    """For every value of the free indices, the polynomial on the right.

    Raises Undefined for a read outside its tensor that neither a condition nor padding excludes.
    """
    if prod(len(values(r, sizes)) for r in (*equation.free, *equation.over)) > MAX_POINTS:
        raise TooLarge
    found = {point: Polynomial() for point in product(*(values(r, sizes) for r in equation.free))}
    for point, factors in _products(equation, sizes, known):
        found[point[: len(equation.free)]][factors] += 1
    return found


def _products(equation: Equation, sizes: Sizes, known: Mapping[str, Tensor]) -> Iterator[tuple[Entry, Product]]:
    ranges = (*equation.free, *equation.over)
    indices = [r.index for r in ranges]
    conditions = [[affine(e, sizes, indices) for e in _parts(c)] for c in equation.where]
    reads = [
        (r.tensor, [affine(e, sizes, indices) for e in r.at], places(r, known[r.tensor].shape, sizes))
        for r in equation.reads
    ]
    for point in product(*(values(r, sizes) for r in ranges)):
        if all(low(point) <= value(point) <= high(point) for low, value, high in conditions):
            found = [(tensor, own.entry([e(point) for e in at])) for tensor, at, own in reads]
            factors = tuple((tensor, place) for tensor, place in found if place is not None)
            if len(factors) == len(found):
                yield point, tuple(sorted(factors))


def _parts(condition: Condition) -> tuple[Expr, Expr, Expr]:
    match condition:
        case Guard(low, value, high):
            return low, value, high
        case Delta(left, right):
            return right, left, right


def admitted(index: str, equation: Equation, sizes: Sizes, known: Mapping[str, Tensor]) -> list[int]:
    """The values of a free index for which every read that it moves stays in its (padded) tensor."""
    axes = [
        (e, side)
        for read in equation.reads
        for e, side in zip(read.at, places(read, known[read.tensor].shape, sizes).extents, strict=True)
        if index in symbols(e)
    ]
    far = sum(abs(side) for _, side in axes) + sum(len(values(r, sizes)) for r in equation.over)
    if far > MAX_POINTS:
        raise TooLarge
    return [n for n in range(-far, far + 1) if all(_within(e, side, index, n, equation, sizes) for e, side in axes)]


def _within(e: Expr, side: int, index: str, value: int, equation: Equation, sizes: Sizes) -> bool:
    others = [r for r in (*equation.free, *equation.over) if r.index != index and r.index in symbols(e)]
    points = product(*(values(r, sizes) for r in others))
    named = ({r.index: n for r, n in zip(others, point, strict=True)} for point in points)
    return all(0 <= evaluate(e, {**sizes, **at, index: value}) < side for at in named)
