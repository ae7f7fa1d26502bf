"""Layers and array formulas worked out literally at given sizes, on tensors of unknown entries.

Every entry is a polynomial in the entries of the operands and the cotangent, so that equality
means equality for all values. Nothing here knows a closed form: window positions are tried one
by one, and gradients are collected from the products of the loss. This is the witness against
which proofs are replayed and in which counterexamples are sought.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import prod

from gradcheck.layers.layer import Layer, gradient_name
from gradcheck.notation.arithmetic import Expr, Int, Sym, evaluate, symbols
from gradcheck.notation.arrays import Array, Pad, Ref, Rot180, Slide, SumOver, axis_of
from gradcheck.notation.phrase import Said, phrase
from gradcheck.notation.sums import Read, by

MAX_POINTS = 50_000
MAX_TERMS = 1_000  # of one entry

Entry = tuple[int, ...]
Product = tuple[tuple[str, Entry], ...]
Polynomial = Counter[Product]
Sizes = Mapping[str, int]


class Undefined(Exception):
    """An index or a kernel that does not fit, and how."""

    def __init__(self, why: Said) -> None:
        super().__init__(why)
        self.why = why


class TooLarge(Exception):
    """More points than are worth walking through one by one."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A shape and the entries that are not zero."""

    shape: Entry
    entries: Mapping[Entry, Polynomial]


def box(shape: Entry) -> Iterator[Entry]:
    """All places in an array of this shape."""
    if prod(shape) > MAX_POINTS:
        raise TooLarge
    return product(*(range(side) for side in shape))


@lru_cache(maxsize=512)
def tensors(layer: Layer, at: tuple[tuple[str, int], ...]) -> dict[str, Tensor]:
    """Every tensor of a layer at given sizes: operands, output, cotangent and gradients."""
    sizes = dict(at)
    shapes = {o: _evaluated(s, sizes) for o, s in zip(layer.operands, layer.shapes, strict=True)}
    extents = window_positions(layer, sizes)
    terms: list[tuple[Entry, Product]] = []
    for point in box(tuple(extents.values())):
        here = {**sizes, **dict(zip(extents, point, strict=True))}
        factors = tuple((read.tensor, _evaluated(read.at, here)) for read in layer.reads)
        terms.append((_evaluated(layer.output.at, here), factors))
    output_shape = tuple(extents[str(e)] for e in layer.output.at)
    found = {o: unknown(o, shape) for o, shape in shapes.items()}
    found[layer.output.tensor] = _collected(output_shape, terms)
    found[layer.cotangent] = unknown(layer.cotangent, output_shape)
    for n, operand in enumerate(layer.operands):
        parts = [(f[n][1], (*f[:n], *f[n + 1 :], (layer.cotangent, entry))) for entry, f in terms]
        found[gradient_name(operand)] = _collected(shapes[operand], parts)
    return found


def _evaluated(sizes: tuple[Expr, ...], at: Sizes) -> Entry:
    return tuple(int(evaluate(e, at)) for e in sizes)


def unknown(tensor: str, shape: Entry) -> Tensor:
    """A tensor whose every entry is an unknown of its own."""
    return Tensor(shape, {place: Counter({((tensor, place),): 1}) for place in box(shape)})


def _collected(shape: Entry, terms: list[tuple[Entry, Product]]) -> Tensor:
    entries: dict[Entry, Polynomial] = {}
    for place, factors in terms:
        entries.setdefault(place, Counter())[tuple(sorted(factors))] += 1
    return Tensor(shape, entries)


def window_positions(layer: Layer, sizes: Sizes) -> dict[str, int]:
    """How many values each index of a layer takes: an axis read alone gives its length, others are tried."""
    axes = [
        (e, int(evaluate(size, sizes)))
        for read, shape in zip(layer.reads, layer.shapes, strict=True)
        for e, size in zip(read.at, shape, strict=True)
    ]
    extents: dict[str, int] = {}
    for e, side in axes:
        if isinstance(e, Sym) and e.name in layer.indices:
            extents.setdefault(e.name, side)
    for name in layer.indices:
        if name not in extents:
            own = [(e, side) for e, side in axes if name in symbols(e)]
            extents[name] = min(_fitting(name, e, side, extents, sizes) for e, side in own)
    return {name: extents[name] for name in layer.indices}


def _fitting(name: str, e: Expr, side: int, extents: Sizes, sizes: Sizes) -> int:
    """The first value of an index at which `e` leaves 0 .. side-1 for some value of the others."""
    others = [n for n in dict.fromkeys(symbols(e)) if n in extents]
    points = [dict(zip(others, point, strict=True)) for point in box(tuple(extents[n] for n in others))]
    box((side, len(points)))

    def fits(tried: int) -> bool:
        return all(0 <= evaluate(e, {**sizes, name: tried, **point}) < side for point in points)

    return next((tried for tried in range(side + 1) if not fits(tried)), side + 1)


def reach(layer: Layer, read: Read, sizes: Sizes) -> tuple[int, ...]:
    """How far output positions that would read an existing entry lie outside the output, on each side."""
    extents = window_positions(layer, sizes)
    shape = layer.shapes[layer.reads.index(read)]
    found: list[int] = []
    for e, size in zip(read.at, _evaluated(shape, sizes), strict=True):
        for name in (str(o) for o in layer.output.at if o != e and str(o) in symbols(e)):
            others = [n for n in extents if n != name and n in symbols(e)]
            points = [dict(zip(others, p, strict=True)) for p in box(tuple(extents[n] for n in others))]
            far = range(-sum(extents.values()) - size, sum(extents.values()) + size)
            reading = [a for a in far if any(0 <= evaluate(e, {**sizes, name: a, **p}) < size for p in points)]
            if not reading:
                raise Undefined(phrase("nothing reads ", Ref(read.tensor)))
            found += [-reading[0], reading[-1] - (extents[name] - 1)]
    return tuple(found) or (0,)


def literal(array: Array, known: Mapping[str, Tensor], sizes: Sizes, at: Sizes) -> Tensor:
    """The value of an array formula where its free indices have the values `at`.

    Raises Undefined where an index or a kernel does not fit.
    """
    match array:
        case Ref(tensor, indices):
            return _sliced(known[tensor], array, tuple(at[index] for index in indices))
        case Pad(inner, amount):
            return _padded(literal(inner, known, sizes, at), int(evaluate(amount, sizes)))
        case Rot180(inner):
            return _rotated(literal(inner, known, sizes, at))
        case Slide("corr" | "conv" as op, signal, kernel):
            slid, over = literal(signal, known, sizes, at), literal(kernel, known, sizes, at)
            return _slid(slid, _rotated(over) if op == "conv" else over)
        case SumOver(index, inner):
            terms = range(axis_length(index, [inner], known))
            if not terms:
                raise Undefined(phrase("the sum over ", Sym(index), " has no terms"))
            return _added([literal(inner, known, sizes, {**at, index: n}) for n in terms])
    raise ValueError(f"{array} has no reading")


def axis_length(index: str, arrays: list[Array], known: Mapping[str, Tensor]) -> int:
    """How many values an index takes: the length of the first axis that it stands for."""
    tensor, axis = axis_of(index, arrays)
    return known[tensor].shape[axis]


def _sliced(tensor: Tensor, ref: Ref, at: Entry) -> Tensor:
    if any(n >= side for n, side in zip(at, tensor.shape, strict=False)):
        raise Undefined(phrase(Read(ref.tensor, tuple(map(Int, at))), " does not exist"))
    inside = {place[len(at) :]: p for place, p in tensor.entries.items() if place[: len(at)] == at}
    return Tensor(tensor.shape[len(at) :], inside)


def _padded(tensor: Tensor, amount: int) -> Tensor:
    shape = tuple(side + 2 * amount for side in tensor.shape)
    if min(shape, default=0) < 0:
        raise Undefined(phrase("nothing is left of ", by(tensor.shape), " after a padding of ", Int(amount)))
    moved = {tuple(x + amount for x in place): p for place, p in tensor.entries.items()}
    kept = {place: p for place, p in moved.items() if _inside(place, shape)}
    return Tensor(shape, kept)


def _inside(place: Entry, shape: Entry) -> bool:
    return all(0 <= x < side for x, side in zip(place, shape, strict=True))


def _rotated(tensor: Tensor) -> Tensor:
    def mirrored(place: Entry) -> Entry:
        return tuple(side - 1 - x for x, side in zip(place, tensor.shape, strict=True))

    return Tensor(tensor.shape, {mirrored(place): p for place, p in tensor.entries.items()})


def _slid(signal: Tensor, kernel: Tensor) -> Tensor:
    shape = tuple(s - k + 1 for s, k in zip(signal.shape, kernel.shape, strict=True))
    if min(shape, default=0) < 0:
        raise Undefined(phrase("a kernel of ", by(kernel.shape), " does not fit into ", by(signal.shape)))
    if prod(shape) * max(1, len(kernel.entries)) > MAX_POINTS:
        raise TooLarge
    entries: dict[Entry, Polynomial] = {}
    for place in box(shape):
        for tap, weight in kernel.entries.items():
            read = signal.entries.get(tuple(x + u for x, u in zip(place, tap, strict=True)))
            if read:
                entries.setdefault(place, Counter()).update(_times(read, weight))
    return Tensor(shape, entries)


def _times(a: Polynomial, b: Polynomial) -> Polynomial:
    if len(a) * len(b) > MAX_TERMS:
        raise TooLarge
    found: Polynomial = Counter()
    for x, m in a.items():
        for y, n in b.items():
            found[tuple(sorted(x + y))] += m * n
    return found


def _added(terms: list[Tensor]) -> Tensor:
    entries: dict[Entry, Polynomial] = {}
    for tensor in terms:
        for place, polynomial in tensor.entries.items():
            entries.setdefault(place, Counter()).update(polynomial)
    return Tensor(terms[0].shape, entries)
