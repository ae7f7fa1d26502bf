"""Equations in index notation evaluated point by point at given sizes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from gradcheck.notation.arithmetic import Expr, evaluate, symbols
from gradcheck.notation.sums import Condition, Delta, Equation, Guard, Range, Read
from gradcheck.symbolic.literal import MAX_POINTS, Entry, Polynomial, Product, Sizes, Tensor, TooLarge, Undefined


@dataclass(frozen=True, slots=True)
class _Affine:
    """An index expression at fixed sizes: constant + sum of slopes times index values."""

    constant: int
    slopes: tuple[tuple[int, int], ...]

    def __call__(self, point: Entry) -> int:
        return self.constant + sum(slope * point[n] for n, slope in self.slopes)


def _affine(e: Expr, sizes: Sizes, indices: Sequence[str]) -> _Affine:
    origin = {**sizes, **dict.fromkeys(indices, 0)}
    constant = evaluate(e, origin)
    slopes = ((n, evaluate(e, {**origin, index: 1}) - constant) for n, index in enumerate(indices))
    return _Affine(constant, tuple((n, slope) for n, slope in slopes if slope))


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
    conditions = [[_affine(e, sizes, indices) for e in _parts(c)] for c in equation.where]
    reads = [(read, [_affine(e, sizes, indices) for e in read.at]) for read in equation.reads]
    for point in product(*(values(r, sizes) for r in ranges)):
        if all(low(point) <= value(point) <= high(point) for low, value, high in conditions):
            found = [_entry(read, tuple(e(point) for e in at), sizes, known) for read, at in reads]
            if None not in found:
                yield point, tuple(sorted(entry for entry in found if entry))


def _parts(condition: Condition) -> tuple[Expr, Expr, Expr]:
    match condition:
        case Guard(low, value, high):
            return low, value, high
        case Delta(left, right):
            return right, left, right


def _entry(read: Read, at: Entry, sizes: Sizes, known: Mapping[str, Tensor]) -> tuple[str, Entry] | None:
    """The entry of the tensor that is read; None in the zeros around it."""
    shape = known[read.tensor].shape
    pads = [(evaluate(b, sizes), evaluate(a, sizes)) for b, a in read.pad] or [(0, 0)] * len(shape)
    if not all(0 <= x < b + side + a for x, (b, a), side in zip(at, pads, shape, strict=True)):
        raise Undefined(f"{read} reads {read.tensor}[{', '.join(map(str, at))}], which does not exist")
    inner = tuple(x - before for x, (before, _) in zip(at, pads, strict=True))
    inside = all(0 <= x < side for x, side in zip(inner, shape, strict=True))
    return (read.tensor, inner) if inside else None


def admitted(index: str, equation: Equation, sizes: Sizes, known: Mapping[str, Tensor]) -> list[int]:
    """The values of a free index for which every read that it moves stays in its (padded) tensor."""
    axes = [
        (e, sum(evaluate(pad, sizes) for pad in pads) + side)
        for read in equation.reads
        for e, pads, side in zip(read.at, read.pad or ((),) * len(read.at), known[read.tensor].shape, strict=True)
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
