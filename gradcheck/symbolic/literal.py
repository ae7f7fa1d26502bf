"""Array formulas worked out literally at given sizes, on tensors of unknown entries."""

from collections import Counter
from collections.abc import Mapping
from math import prod

from gradcheck.notation.arithmetic import Int, Sym, evaluate
from gradcheck.notation.arrays import Array, Crop, Dilate, Pad, Ref, Rot180, Slide, SumOver, amounts, axis_of, parts
from gradcheck.notation.phrase import phrase
from gradcheck.notation.sums import Read, by
from gradcheck.symbolic.tensors import (
    MAX_POINTS,
    MAX_TERMS,
    Entry,
    Polynomial,
    Sizes,
    Tensor,
    TooLarge,
    Undefined,
    box,
    inside,
)


def literal(array: Array, known: Mapping[str, Tensor], sizes: Sizes, at: Sizes) -> Tensor:
    """The value of an array formula where its free indices have the values `at`.

    Raises Undefined where an index or a kernel does not fit.
    """
    match array:
        case Ref(tensor, indices):
            return _sliced(known[tensor], array, tuple(at[index] for index in indices))
        case SumOver(index, inner):
            terms = range(axis_length(index, [inner], known))
            if not terms:
                raise Undefined(phrase("the sum over ", Sym(index), " has no terms"))
            return _added([literal(inner, known, sizes, {**at, index: n}) for n in terms])
    made, *kernels = (literal(part, known, sizes, at) for part in parts(array))
    numbers = [int(evaluate(e, sizes)) for e in amounts(array)]
    match array:
        case Pad():
            return _padded(made, *numbers)
        case Crop():
            return _padded(made, *(-n for n in numbers))
        case Dilate():
            return _dilated(made, *numbers)
        case Rot180():
            return _rotated(made)
        case Slide("corr" | "conv" as op):
            (kernel,) = kernels
            stride, dilation = numbers
            return _slid(made, _dilated(_rotated(kernel) if op == "conv" else kernel, dilation), stride)
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


def _padded(tensor: Tensor, before: int, after: int) -> Tensor:
    shape = tuple(side + before + after for side in tensor.shape)
    if min(shape, default=0) < 0:
        told = phrase(Int(before), " before and ", Int(after), " after")
        raise Undefined(phrase("nothing is left of ", by(tensor.shape), " after a padding of ", told))
    moved = {tuple(x + before for x in place): p for place, p in tensor.entries.items()}
    kept = {place: p for place, p in moved.items() if inside(place, shape)}
    return Tensor(shape, kept)


def _dilated(tensor: Tensor, factor: int) -> Tensor:
    if factor < 1:
        raise Undefined(phrase("entries cannot stand ", Int(factor), " places apart"))
    shape = tuple(factor * (side - 1) + 1 if side else 0 for side in tensor.shape)
    return Tensor(shape, {tuple(factor * x for x in place): p for place, p in tensor.entries.items()})


def _rotated(tensor: Tensor) -> Tensor:
    def mirrored(place: Entry) -> Entry:
        return tuple(side - 1 - x for x, side in zip(place, tensor.shape, strict=True))

    return Tensor(tensor.shape, {mirrored(place): p for place, p in tensor.entries.items()})


def _slid(signal: Tensor, kernel: Tensor, stride: int) -> Tensor:
    if stride < 1:
        raise Undefined(phrase("a stride of ", Int(stride)))
    shape = tuple((s - k) // stride + 1 for s, k in zip(signal.shape, kernel.shape, strict=True))
    if min(shape, default=0) < 0:
        raise Undefined(phrase("a kernel of ", by(kernel.shape), " does not fit into ", by(signal.shape)))
    if prod(shape) * max(1, len(kernel.entries)) > MAX_POINTS:
        raise TooLarge
    entries: dict[Entry, Polynomial] = {}
    for place in box(shape):
        for tap, weight in kernel.entries.items():
            read = signal.entries.get(tuple(stride * x + u for x, u in zip(place, tap, strict=True)))
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
