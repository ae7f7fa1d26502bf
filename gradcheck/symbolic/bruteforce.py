"""Equations evaluated point by point at given sizes: the witness that shares no rule with the proofs."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from gradcheck.notation.arithmetic import Expr, evaluate
from gradcheck.notation.sums import Condition, Delta, Equation, Guard, Range, Read

Sizes = Mapping[str, int]
Shapes = Mapping[str, Sequence[int]]
Entry = tuple[int, ...]
Product = tuple[tuple[str, Entry], ...]
Polynomial = Counter[Product]
MAX_POINTS = 100_000


class OutOfBounds(Exception):
    """A read outside its tensor that neither a guard nor padding excludes."""


class TooManyPoints(Exception):
    """A sum over more points than are worth walking through one by one."""


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


def products(equation: Equation, sizes: Sizes, shapes: Shapes) -> Iterator[tuple[Entry, Entry, Product]]:
    """Every product that `equation` sums: the free indices, the entry it adds to, and what it multiplies."""
    ranges = (*equation.free, *equation.over)
    indices = [r.index for r in ranges]
    left = [_affine(e, sizes, indices) for e in equation.left.at]
    conditions = [[_affine(e, sizes, indices) for e in _parts(c)] for c in equation.where]
    reads = [(read, [_affine(e, sizes, indices) for e in read.at]) for read in equation.reads]
    axes = [values(r, sizes) for r in ranges]
    if prod(map(len, axes)) > MAX_POINTS:
        raise TooManyPoints
    for point in product(*axes):
        if all(low(point) <= value(point) <= high(point) for low, value, high in conditions):
            found = [_entry(read, tuple(e(point) for e in at), sizes, shapes) for read, at in reads]
            if None not in found:
                entries = sorted(entry for entry in found if entry)
                yield point[: len(equation.free)], tuple(e(point) for e in left), tuple(entries)


def _parts(condition: Condition) -> tuple[Expr, Expr, Expr]:
    match condition:
        case Guard(low, value, high):
            return low, value, high
        case Delta(left, right):
            return right, left, right


def _entry(read: Read, at: Entry, sizes: Sizes, shapes: Shapes) -> tuple[str, Entry] | None:
    """The entry of the tensor that is read; None in the zeros around it."""
    shape = shapes[read.tensor]
    pads = [(evaluate(b, sizes), evaluate(a, sizes)) for b, a in read.pad] or [(0, 0)] * len(shape)
    if not all(0 <= x < b + size + a for x, (b, a), size in zip(at, pads, shape, strict=True)):
        place = f"{read.tensor}[{', '.join(map(str, at))}]"
        raise OutOfBounds(f"{place} is outside {read.tensor}, which is {' x '.join(map(str, shape))}")
    inner = tuple(x - before for x, (before, _) in zip(at, pads, strict=True))
    inside = all(0 <= x < size for x, size in zip(inner, shape, strict=True))
    return (read.tensor, inner) if inside else None


def scattered(equation: Equation, sizes: Sizes, shapes: Shapes) -> dict[Entry, Polynomial]:
    """Each entry of the left side that anything adds to, as a polynomial in the entries that are read."""
    found: dict[Entry, Polynomial] = {}
    for _, entry, factors in products(equation, sizes, shapes):
        found.setdefault(entry, Counter())[factors] += 1
    return found


def gathered(equation: Equation, sizes: Sizes, shapes: Shapes) -> dict[Entry, Polynomial]:
    """For every value of the free indices, the polynomial on the right."""
    found: dict[Entry, Polynomial] = {}
    for point, _, factors in products(equation, sizes, shapes):
        found.setdefault(point, Counter())[factors] += 1
    free = product(*(values(r, sizes) for r in equation.free))
    return {point: found.get(point, Counter()) for point in free}


def total(polynomial: Polynomial, tensors: Mapping[str, Mapping[Entry, int]]) -> int:
    """The value of a polynomial where the tensors have the given integer entries."""
    value = 0
    for factors, times in polynomial.items():
        for tensor, entry in factors:
            times *= tensors[tensor][entry]
        value += times
    return value
