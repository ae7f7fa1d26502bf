"""Layers worked out literally at given sizes, on tensors of unknown entries.

Every entry is a polynomial in the entries of the operands and the cotangent, so that equality
means equality for all values. Nothing here knows a closed form: window positions are tried one
by one, and gradients are collected from the products of the loss. This is the witness against
which proofs are replayed and in which counterexamples are sought.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import prod

from gradcheck.layers.layer import Layer, gradient_name
from gradcheck.notation.arithmetic import Expr, Int, Sym, evaluate, symbols
from gradcheck.notation.arrays import Ref
from gradcheck.notation.phrase import Said, phrase
from gradcheck.notation.sums import Read
from gradcheck.symbolic.affine import affine

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
    output, *inputs = ([affine(e, sizes, tuple(extents)) for e in r.at] for r in (layer.output, *layer.reads))
    reads = [(r.tensor, places(r, shapes[r.tensor], sizes), at) for r, at in zip(layer.reads, inputs, strict=True)]
    for point in box(tuple(extents.values())):
        entries = [(tensor, own.entry([e(point) for e in at])) for tensor, own, at in reads]
        factors = tuple((tensor, place) for tensor, place in entries if place is not None)
        if len(factors) == len(entries):
            terms.append((tuple(e(point) for e in output), factors))
    output_shape = tuple(extents[str(e)] for e in layer.output.at)
    found = {o: unknown(o, shape) for o, shape in shapes.items()}
    found[layer.output.tensor] = _collected(output_shape, terms)
    found[layer.cotangent] = unknown(layer.cotangent, output_shape)
    for n, operand in enumerate(layer.operands):
        parts = [(f[n][1], (*f[:n], *f[n + 1 :], (layer.cotangent, place))) for place, f in terms]
        found[gradient_name(operand)] = _collected(shapes[operand], parts)
    return found


@dataclass(frozen=True, slots=True)
class Places:
    """Where the entries of a tensor stand in a read of it, with zeros between and around them, axis by axis."""

    shape: Entry
    dilations: Entry
    befores: Entry
    extents: Entry

    def entry(self, at: Sequence[int]) -> Entry | None:
        """The entry at a place, or None for a zero; raises Undefined where there is no such place."""
        found = []
        zero = False
        for x, side, dilation, before, extent in zip(
            at, self.shape, self.dilations, self.befores, self.extents, strict=True
        ):
            if not 0 <= x < extent:
                raise Undefined(f"{list(at)} is outside of {list(self.extents)}")
            place, between = divmod(x - before, dilation)
            zero = zero or bool(between) or not 0 <= place < side
            found.append(place)
        return None if zero else tuple(found)


def places(read: Read, shape: Entry, sizes: Sizes) -> Places:
    """The places of a read at given sizes."""
    axes = [(evaluate(d, sizes), evaluate(b, sizes), evaluate(a, sizes)) for _, d, (b, a) in read.axes]
    sides = zip(shape, axes, strict=True)
    extents = tuple((d * (side - 1) + 1 if side else 0) + before + after for side, (d, before, after) in sides)
    return Places(shape, tuple(d for d, _, _ in axes), tuple(b for _, b, _ in axes), extents)


def inside(place: Entry, shape: Entry) -> bool:
    """Whether an array of this shape has such a place."""
    return all(0 <= x < side for x, side in zip(place, shape, strict=True))


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
        (e, side)
        for read, shape in layer.sizes_by_axis
        for e, side in zip(read.at, places(read, _evaluated(shape, sizes), sizes).extents, strict=True)
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
    """How far the windows of the cotangent that make up an operand's gradient reach beyond it, on each side.

    Where its entries are read s places apart, zeros stand between them: an entry x of the operand
    is read from the places x - u of the cotangent with these zeros, for all the taps u.
    """
    extents = window_positions(layer, sizes)
    shape = _evaluated(layer.shapes[layer.reads.index(read)], sizes)
    found: list[int] = []
    for (e, dilation, (before, _)), side in zip(read.axes, shape, strict=True):
        for name in (str(o) for o in layer.output.at if o != e and str(o) in symbols(e)):
            taps = [n for n in extents if n != name and n in symbols(e)]
            points = [dict(zip(taps, p, strict=True)) for p in box(tuple(extents[n] for n in taps))]
            first, second = ([evaluate(e, {**sizes, **p, name: a}) for p in points] for a in (0, 1))
            ends = [evaluate(before + dilation * Int(x), sizes) for x in (0, side - 1)]
            places = [x - u for x in ends for u in first]
            if not places:
                raise Undefined(phrase("nothing reads ", Ref(read.tensor)))
            stride = second[0] - first[0]
            reading = sorted(p if stride > 0 else -p for p in places)
            found += [-reading[0], reading[-1] - abs(stride) * (extents[name] - 1)]
    return tuple(found) or (0,)
