"""Every claim against every layer: measured sizes and exact entries."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gradcheck.claims.claim import Claim, Formula, Identity, Measure, Quantity, Shape, Statement
from gradcheck.evidence import Check, Difference, Failure, Sample
from gradcheck.layers.layer import Layer
from gradcheck.notation.arithmetic import Expr, Int, Sym, evaluate, symbols
from gradcheck.notation.arrays import Array as ArrayFormula
from gradcheck.notation.arrays import Ref
from gradcheck.notation.phrase import Phrase, joined, phrase
from gradcheck.notation.sums import Chain, Read, by, told
from gradcheck.numeric.formulas import Evaluation, TooLarge, Undefined
from gradcheck.numeric.program import Array, count
from gradcheck.numeric.trial import trial


@dataclass(frozen=True, slots=True)
class Progress:
    """The checks so far, one for each claim, and the layers that they rest on."""

    checks: tuple[Check, ...]
    samples: tuple[Sample, ...]


class Mismatch(Exception):
    """A claim that is false for a layer."""

    def __init__(self, where: Phrase, got: object, should: object) -> None:
        super().__init__(where, got, should)
        self.difference = Difference(where, phrase(got), phrase(should))


def check(layer: Layer, claims: Sequence[Claim], sizes: Sequence[Mapping[str, int]], seed: int) -> Iterator[Progress]:
    """The state of the checks after a layer of each of the sizes; the last is the result.

    A claim is checked no further once it has failed, and passed over where its arrays would be
    too large.
    """
    checks: list[Check] = [Check() for _ in claims]
    samples: list[Sample] = []
    for number, these in enumerate(sizes, start=1):
        one = trial(layer, number, these, seed)
        arrays = Evaluation(one.arrays, one.sizes)
        before = sum(check.elements for check in checks)
        for n, claim in enumerate(claims):
            if not checks[n].failure:
                checks[n] = _extended(checks[n], claim.statement, layer, number, arrays)
        compared = sum(check.elements for check in checks) - before
        failed = tuple(c.id for c, check in zip(claims, checks, strict=True) if _failed_on(check, number))
        samples.append(Sample(tuple(these.items()), one.differences, compared, failed))
        yield Progress(tuple(checks), tuple(samples))


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
                raise Mismatch(phrase("the shape of ", array), by(expected), by(shape))
            compared += len(expected)
    return compared


def _shapes(array: ArrayFormula, one: Evaluation) -> list[tuple[int, ...]]:
    """The shape of an array for all values of its free indices."""
    try:
        return [found.shape for found in one.every(array)]
    except Undefined as error:
        raise Mismatch(phrase(array), error.why, "defined") from None


def _identity(claim: Identity, layer: Layer, one: Evaluation) -> int:
    found = [_numbers(quantity, layer, one) for quantity in claim.chain]
    if len({n for ns in found for n in ns}) > 1:
        raise Mismatch(phrase(Chain(claim.chain)), told([n for ns in found for n in ns]), "equal")
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
    """How far the output positions that would read an existing entry lie outside the output, on each side.

    Every position from well before the output to well after it is tried.
    """
    read = layer.operand_of(tensor)
    if read is None:
        return []
    extents = count(layer.reads, one.arrays, one.sizes)
    outputs = {str(e) for e in layer.output.at}
    found = []
    for e, size in zip(read.at, one.arrays[read.tensor].shape, strict=True):
        for name in outputs & set(symbols(e)):
            if e != Sym(name):
                found += _reach(name, e, size, extents, one)
    return found or [0]


def _reach(name: str, e: Expr, size: int, extents: Mapping[str, int], one: Evaluation) -> list[int]:
    far = sum(extents.values()) + size
    others = [n for n in dict.fromkeys(symbols(e)) if n in extents and n != name]
    axes = np.ix_(np.arange(-far, far + 1), *(np.arange(extents[n]) for n in others))
    at = evaluate(e, {**one.sizes, **dict(zip((name, *others), axes, strict=True))})
    reading = ((at >= 0) & (at < size)).any(axis=tuple(range(1, at.ndim)))
    positions = np.flatnonzero(reading) - far
    return [-int(positions[0]), int(positions[-1]) - (extents[name] - 1)]


def _formula(claim: Formula, one: Evaluation) -> int:
    compared = 0
    for at in one.points([claim.left, claim.right]):
        try:
            expected, found = one.value(claim.left, at), one.value(claim.right, at)
        except Undefined as error:
            raise Mismatch(phrase(claim.left, *_at(at)), error.why, "defined") from None
        _same(claim.left, at, found, expected)
        compared += expected.size
    return compared


def _same(left: Ref, at: dict[str, int], found: Array, expected: Array) -> None:
    if found.shape != expected.shape:
        raise Mismatch(phrase("the shape of ", left), by(found.shape), by(expected.shape))
    if np.array_equal(found, expected):
        return
    place = tuple(int(n) for n in np.argwhere(found != expected)[0])
    entry = Read(left.tensor, tuple(Int(n) for n in (*(at[index] for index in left.at), *place)))
    raise Mismatch(phrase(entry), Int(int(found[place])), Int(int(expected[place])))


def _at(at: dict[str, int]) -> tuple[object, ...]:
    return (" at ", joined(", ", [phrase(Chain((Sym(name), Int(n)))) for name, n in at.items()])) if at else ()
