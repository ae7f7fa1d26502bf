"""Every claim against every layer: measured sizes and exact entries."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gradcheck.claims.claim import Claim, Formula, Identity, Measure, Quantity, Shape, Statement
from gradcheck.difference import Difference, shapes_differ
from gradcheck.evidence import Check, Failure, Method, Sample
from gradcheck.layers.layer import Layer
from gradcheck.notation.arithmetic import Int, Sym, evaluate, symbols
from gradcheck.notation.arrays import Array as ArrayFormula
from gradcheck.notation.arrays import Ref
from gradcheck.notation.phrase import joined, phrase
from gradcheck.notation.sums import Chain, Read, told
from gradcheck.numeric.formulas import Evaluation, TooLarge, Undefined
from gradcheck.numeric.program import Array, count
from gradcheck.numeric.trial import trial


@dataclass(frozen=True, slots=True)
class Progress:
    """The checks so far, one for each claim, and the layer that was checked last."""

    checks: tuple[Check, ...]
    sample: Sample


class Mismatch(Exception):
    """A claim that is false for a layer."""

    def __init__(self, difference: Difference) -> None:
        super().__init__(str(difference))
        self.difference = difference


def check(
    layer: Layer, claims: Sequence[Claim], sizes: Sequence[Mapping[str, int]], seed: int, method: Method = "full"
) -> Iterator[Progress]:
    """The state of the checks after a layer of each of the sizes; the last is the result.

    A claim is checked no further once it has failed, and passed over where its arrays would be
    too large.
    """
    checks: list[Check] = [Check() for _ in claims]
    for number, these in enumerate(sizes, start=1):
        one = trial(layer, number, these, seed, method)
        arrays = Evaluation(one.arrays, one.sizes)
        before = sum(check.elements for check in checks)
        for n, claim in enumerate(claims):
            if not checks[n].failure:
                checks[n] = _extended(checks[n], claim.statement, layer, number, arrays)
        compared = sum(check.elements for check in checks) - before
        failed = tuple(c.id for c, check in zip(claims, checks, strict=True) if _failed_on(check, number))
        yield Progress(tuple(checks), Sample(tuple(these.items()), one.differences, compared, failed))


def _failed_on(check: Check, number: int) -> bool:
    return check.failure is not None and check.failure.layer == number


def _extended(so_far: Check, statement: Statement, layer: Layer, number: int, one: Evaluation) -> Check:
    try:
        elements = compare(statement, layer, one)
    except Mismatch as found:
        sizes = tuple(one.sizes.items())
        failure = Failure(number, sizes, found.difference)
        return replace(so_far, layers=so_far.layers + 1, failure=failure)
    except TooLarge:
        return so_far
    return replace(so_far, layers=so_far.layers + 1, elements=so_far.elements + elements)


def compare(statement: Statement, layer: Layer, one: Evaluation) -> int:
    """How many integers were compared with ==; raises Mismatch at the first that differs."""
    match statement:
        case Shape():
            return _shape(statement, one)
        case Identity():
            return _identity(statement, layer, one)
        case Formula():
            return _formula(statement, one)


def _shape(claim: Shape, one: Evaluation) -> int:
    compared = 0
    for array, sizes in claim.of:
        expected = tuple(int(evaluate(e, one.sizes)) for e in sizes)
        for shape in _shapes(array, one):
            if shape != expected:
                raise Mismatch(shapes_differ(array, expected, shape))
            compared += len(expected)
    return compared


def _shapes(array: ArrayFormula, one: Evaluation) -> list[tuple[int, ...]]:
    """The shape of an array for all values of its free indices."""
    try:
        return [found.shape for found in one.every(array)]
    except Undefined as error:
        raise Mismatch(Difference(phrase(array), error.why, "defined")) from None


def _identity(claim: Identity, layer: Layer, one: Evaluation) -> int:
    found = [_numbers(quantity, layer, one) for quantity in claim.chain]
    if len({n for ns in found for n in ns}) > 1:
        raise Mismatch(Difference(phrase(Chain(claim.chain)), told([n for ns in found for n in ns]), "equal"))
    return sum(map(len, found))


def _numbers(quantity: Quantity, layer: Layer, one: Evaluation) -> list[int]:
    """The value of a size, or every size that a measure reads off its array."""
    match quantity:
        case Measure("padding", Ref(tensor, _)):
            return _padding(tensor, layer, one)
        case Measure(kind, array):
            return [n for shape in _shapes(array, one) for n in (shape[:1] if kind == "depth" else shape)]
    return [int(evaluate(quantity, one.sizes))]


def _padding(tensor: str, layer: Layer, one: Evaluation) -> list[int]:
    """How far the windows of the cotangent that make up a gradient reach beyond it, on each side.

    The entry at x of the operand meets the cotangent's entries at the places x - u, for all taps
    u; where neighbouring entries of the cotangent are s places apart, zeros stand between them.
    """
    read = layer.operand_of(tensor)
    extents = count(layer, one.sizes)
    outputs = {str(e) for e in layer.output.at}
    found = []
    for axis, e in enumerate(read.at if read else ()):
        for name in outputs & set(symbols(e)):
            if read and e != Sym(name):
                found += _reach(name, read, axis, extents, one)
    return found or [0]


def _reach(name: str, read: Read, axis: int, extents: Mapping[str, int], one: Evaluation) -> list[int]:
    e, dilation, (before, _) = read.axes[axis]
    taps = [n for n in dict.fromkeys(symbols(e)) if n in extents and n != name]
    here = {**one.sizes, **dict(zip(taps, np.ix_(*(np.arange(extents[n]) for n in taps)), strict=True))}
    first, second = (np.asarray(evaluate(e, {**here, name: n})) for n in (0, 1))
    entries = np.arange(one.arrays[read.tensor].shape[axis])
    places = evaluate(before, one.sizes) + evaluate(dilation, one.sizes) * entries - first[..., np.newaxis]
    stride = (second - first).flat[0]
    reading = places if stride > 0 else -places
    return [-int(reading.min()), int(reading.max()) - abs(int(stride)) * (extents[name] - 1)]


def _formula(claim: Formula, one: Evaluation) -> int:
    compared = 0
    for at in one.points([claim.left, claim.right]):
        try:
            expected, found = one.value(claim.left, at), one.value(claim.right, at)
        except Undefined as error:
            raise Mismatch(Difference(phrase(claim.left, *_at(at)), error.why, "defined")) from None
        _same(claim.left, at, found, expected)
        compared += expected.size
    return compared


def _same(left: Ref, at: dict[str, int], found: Array, expected: Array) -> None:
    if found.shape != expected.shape:
        raise Mismatch(shapes_differ(left, found.shape, expected.shape))
    if np.array_equal(found, expected):
        return
    place = tuple(int(n) for n in np.argwhere(found != expected)[0])
    entry = Read(left.tensor, tuple(Int(n) for n in (*(at[index] for index in left.at), *place)))
    raise Mismatch(Difference(phrase(entry), *(phrase(Int(int(one[place]))) for one in (found, expected))))


def _at(at: dict[str, int]) -> tuple[object, ...]:
    return (" at ", joined(", ", [phrase(Chain((Sym(name), Int(n)))) for name, n in at.items()])) if at else ()
