"""The smallest sizes at which a statement is false, found by trying sizes in order of their sum."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from math import prod

from gradcheck.claims.claim import (
    Formula,
    Hypothesis,
    Identity,
    Measure,
    Quantity,
    Shape,
    Statement,
)
from gradcheck.claims.small_sizes import small_sizes
from gradcheck.difference import Difference, shapes_differ
from gradcheck.errors import Disagreement
from gradcheck.evidence import Counterexample
from gradcheck.layers.layer import Layer
from gradcheck.notation.arithmetic import Expr, Int, Sym, evaluate, replace, symbols
from gradcheck.notation.arrays import Array, Ref, free_indices
from gradcheck.notation.phrase import Phrase, joined, phrase
from gradcheck.notation.sums import Chain, Expansion, Read, Sized, by, told
from gradcheck.symbolic.literal import axis_length, literal
from gradcheck.symbolic.tensors import Polynomial, Sizes, Tensor, TooLarge, Undefined, reach, tensors

Wrong = tuple[Difference, tuple[Phrase, ...]]

MAX_TRIED = 200


def refute(
    layer: Layer, where: Sequence[Hypothesis], statement: Statement, names: Sequence[str]
) -> Counterexample | None:
    """The first sizes at which a statement is false; `names` are the sizes worth telling."""
    for sizes in islice(small_sizes(layer, where), MAX_TRIED):
        try:
            found = wrong(layer, statement, sizes)
        except TooLarge:
            return None
        if found:
            return Counterexample(tuple((n, v) for n, v in sizes.items() if n in names), *found)
    return None


def wrong(layer: Layer, statement: Statement, sizes: Sizes) -> Wrong | None:
    """What is false about a statement at given sizes, and the workings; None if it is true there."""
    known = tensors(layer, tuple(sizes.items()))
    try:
        match statement:
            case Shape():
                return _wrong_shape(statement, known, sizes)
            case Identity():
                return _wrong_identity(layer, statement, known, sizes)
            case Formula():
                return _wrong_formula(statement, known, sizes)
    except Undefined as error:
        return Difference(phrase(statement), error.why, "defined"), ()


def every(arrays: Sequence[Array], known: Mapping[str, Tensor]) -> Iterator[dict[str, int]]:
    """All values of the indices that are free in the arrays."""
    names = tuple(dict.fromkeys(name for array in arrays for name in free_indices(array)))
    for point in product(*(range(axis_length(name, list(arrays), known)) for name in names)):
        yield dict(zip(names, point, strict=True))


def shapes(array: Array, known: Mapping[str, Tensor], sizes: Sizes) -> list[tuple[int, ...]]:
    """The shapes that an array has, for all values of its free indices."""
    return [literal(array, known, sizes, at).shape for at in every([array], known)]


def _wrong_shape(claim: Shape, known: Mapping[str, Tensor], sizes: Sizes) -> Wrong | None:
    for array, said in claim.of:
        expected = tuple(evaluate(e, sizes) for e in said)
        for found in shapes(array, known, sizes):
            if found != expected:
                difference = shapes_differ(array, expected, found)
                claimed = [phrase(chain, " as stated") for chain in worked_out(said, sizes)]
                return difference, (*claimed, phrase(Sized(array, by(found).sizes), " by the layer"))
    return None


def worked_out(sizes: Sequence[Expr], at: Sizes) -> tuple[Chain, ...]:
    """Each size that is not a number or a symbol, with numbers put in, and its value."""
    put_in = {name: Int(value) for name, value in at.items()}
    symbolic = (e for e in dict.fromkeys(sizes) if symbols(e) and not isinstance(e, Sym))
    return tuple(Chain(tuple(dict.fromkeys((e, replace(e, put_in), Int(int(evaluate(e, at))))))) for e in symbolic)


def _wrong_identity(layer: Layer, claim: Identity, known: Mapping[str, Tensor], sizes: Sizes) -> Wrong | None:
    found = [numbers(layer, quantity, known, sizes) for quantity in claim.chain]
    if len({n for ns in found for n in ns}) == 1:
        return None
    workings: list[Phrase] = []
    for quantity, ns in zip(claim.chain, found, strict=True):
        values = by(tuple(dict.fromkeys(ns))).sizes
        measured = phrase(Chain((quantity, *values))) if len(values) == 1 else phrase(quantity, " is ", told(ns))
        workings += [measured] if isinstance(quantity, Measure) else map(phrase, worked_out([quantity], sizes))
    difference = Difference(phrase(Chain(claim.chain)), told([n for ns in found for n in ns]), "equal")
    return difference, tuple(workings)


def numbers(layer: Layer, quantity: Quantity, known: Mapping[str, Tensor], sizes: Sizes) -> list[int]:
    """The value of a size, or every size that a measure reads off its array."""
    match quantity:
        case Measure("padding", Ref(tensor, _)):
            read = layer.operand_of(tensor)
            return list(reach(layer, read, sizes)) if read else []
        case Measure(kind, array):
            found = shapes(array, known, sizes)
            return [n for shape in found for n in (shape[:1] if kind == "depth" else shape)]
    return [int(evaluate(quantity, sizes))]


def _wrong_formula(claim: Formula, known: Mapping[str, Tensor], sizes: Sizes) -> Wrong | None:
    for at in every([claim.left, claim.right], known):
        truth, found = literal(claim.left, known, sizes, at), literal(claim.right, known, sizes, at)
        if found.shape != truth.shape:
            said = shapes_differ(claim.left, found.shape, truth.shape)
            by_layer = phrase(Sized(claim.left, by(truth.shape).sizes), " by the layer")
            return said, (by_layer, phrase(Sized(claim.right, by(found.shape).sizes), " as stated"))
        for place in sorted({*truth.entries, *found.entries}):
            expected, claimed = (t.entries.get(place, Polynomial()) for t in (truth, found))
            if expected != claimed:
                entry = _read(claim.left.tensor, (*(at[index] for index in claim.left.at), *place))
                return _wrong_entry(entry, expected, claimed)
    return None


def _wrong_entry(entry: Read, expected: Polynomial, claimed: Polynomial) -> Wrong:
    """The first product that the two polynomials do not have equally often; and both, in full and in numbers."""
    first = next(f for f in sorted({*expected, *claimed}) if expected[f] != claimed[f])
    factors = [_read(*factor) for factor in first]
    term = joined(" ", [phrase(factor) for factor in factors])
    difference = Difference(
        phrase(entry), phrase("the term ", term, f" {_times(claimed[first])}"), _times(expected[first])
    )
    written_out = [
        phrase(expanded(entry, expected), " by the layer"),
        phrase(expanded(entry, claimed), " as stated"),
    ]
    return difference, (*written_out, in_numbers(expected, claimed))


def in_numbers(expected: Polynomial, claimed: Polynomial) -> Phrase:
    """Values at which two polynomials differ: small ones for as few entries as possible, and 0 for all others.

    Of the products that they do not have equally often, one with fewest entries is left with
    those of the same entries alone, and no such sum vanishes at all values up to its degree.
    """
    products = [{*f} for f in {*expected, *claimed} if expected[f] != claimed[f]]
    entries = min((sorted(factors) for factors in products), key=lambda factors: (len(factors), factors))
    degree = max(map(len, (*expected, *claimed)))
    for values in product(range(1, degree + 2), repeat=len(entries)):
        at = dict(zip(entries, values, strict=True))
        truth, said = (_value(polynomial, at) for polynomial in (expected, claimed))
        if truth != said:
            put_in = joined(", ", [phrase(Chain((_read(*e), Int(n)))) for e, n in at.items()])
            results = Int(truth), " by the layer, ", Int(said), " as stated"
            return phrase("with ", put_in, " and every other entry 0: ", *results)
    raise Disagreement(f"{expected} and {claimed} agree everywhere")


def _value(polynomial: Polynomial, at: Mapping[tuple[str, tuple[int, ...]], int]) -> int:
    return sum(n * prod(at.get(factor, 0) for factor in factors) for factors, n in polynomial.items())


def expanded(entry: Read, polynomial: Polynomial) -> Expansion:
    """An entry written out as the sum of its products."""
    terms = ((n, tuple(_read(*factor) for factor in factors)) for factors, n in sorted(polynomial.items()) if n)
    return Expansion(entry, tuple(terms))


def _read(tensor: str, place: tuple[int, ...]) -> Read:
    return Read(tensor, by(place).sizes)


def _times(n: int) -> str:
    return {0: "not at all", 1: "once"}.get(n, f"{n} times")
