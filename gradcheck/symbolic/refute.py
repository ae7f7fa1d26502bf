"""The smallest sizes at which a statement is false, found by trying sizes in order of their sum."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product

from gradcheck.claims.claim import (
    Formula,
    Hypothesis,
    Identity,
    Measure,
    Quantity,
    Shape,
    Statement,
    least,
)
from gradcheck.evidence import Counterexample, Difference
from gradcheck.layers.layer import Layer
from gradcheck.notation.arithmetic import evaluate
from gradcheck.notation.arrays import Array, Ref, free_indices
from gradcheck.notation.sums import by
from gradcheck.symbolic.literal import (
    Polynomial,
    Sizes,
    Tensor,
    TooLarge,
    Undefined,
    axis_length,
    literal,
    reach,
    tensors,
)

MAX_SUM = 12  # of the sizes tried, above their least values
MAX_TRIED = 200


def small_sizes(layer: Layer, where: Sequence[Hypothesis]) -> Iterator[dict[str, int]]:
    """Sizes that satisfy the hypotheses and leave no operand empty, smallest sum first, then in order."""
    names = layer.sizes
    lows = [least(name, where) for name in names]
    for extra in range(MAX_SUM):
        for parts in _compositions(extra, len(names)):
            sizes = {name: low + part for name, low, part in zip(names, lows, parts, strict=True)}
            full = all(evaluate(e, sizes) > 0 for shape in layer.shapes for e in shape)
            if full and all(h.holds(sizes) for h in where):
                yield sizes


def _compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """All ways to write `total` as a sum of `parts` numbers, lexicographically."""
    if parts <= 1:
        if parts or not total:
            yield (total,) * parts
        return
    for first in range(total + 1):
        for rest in _compositions(total - first, parts - 1):
            yield (first, *rest)


def refute(
    layer: Layer, where: Sequence[Hypothesis], statement: Statement, names: Sequence[str]
) -> Counterexample | None:
    """The first sizes at which a statement is false; `names` are the sizes worth telling."""
    for sizes in islice(small_sizes(layer, where), MAX_TRIED):
        try:
            difference = wrong(layer, statement, sizes)
        except TooLarge:
            return None
        if difference:
            return Counterexample(tuple((n, v) for n, v in sizes.items() if n in names), difference)
    return None


def wrong(layer: Layer, statement: Statement, sizes: Sizes) -> Difference | None:
    """What is false about a statement at given sizes, or None if it is true there."""
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
        return Difference(str(statement), str(error), "defined")


def every(arrays: Sequence[Array], known: Mapping[str, Tensor]) -> Iterator[dict[str, int]]:
    """All values of the indices that are free in the arrays."""
    names = tuple(dict.fromkeys(name for array in arrays for name in free_indices(array)))
    for point in product(*(range(axis_length(name, list(arrays), known)) for name in names)):
        yield dict(zip(names, point, strict=True))


def shapes(array: Array, known: Mapping[str, Tensor], sizes: Sizes) -> list[tuple[int, ...]]:
    """The shapes that an array has, for all values of its free indices."""
    return [literal(array, known, sizes, at).shape for at in every([array], known)]


def _wrong_shape(claim: Shape, known: Mapping[str, Tensor], sizes: Sizes) -> Difference | None:
    for array, said in claim.of:
        expected = tuple(evaluate(e, sizes) for e in said)
        for found in shapes(array, known, sizes):
            if found != expected:
                return Difference(f"the shape of {array}", by(expected), by(found))
    return None


def _wrong_identity(layer: Layer, claim: Identity, known: Mapping[str, Tensor], sizes: Sizes) -> Difference | None:
    found = [numbers(layer, quantity, known, sizes) for quantity in claim.chain]
    if len({n for ns in found for n in ns}) == 1:
        return None
    told = [" and ".join(map(str, dict.fromkeys(ns))) for ns in found]
    return Difference(str(claim), " = ".join(told), "equal")


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


def _wrong_formula(claim: Formula, known: Mapping[str, Tensor], sizes: Sizes) -> Difference | None:
    for at in every([claim.left, claim.right], known):
        truth, found = literal(claim.left, known, sizes, at), literal(claim.right, known, sizes, at)
        if found.shape != truth.shape:
            return Difference(f"the shape of {claim.left}", by(found.shape), by(truth.shape))
        for place in sorted({*truth.entries, *found.entries}):
            expected, said = (t.entries.get(place, Polynomial()) for t in (truth, found))
            if expected != said:
                entry = (*(at[index] for index in claim.left.at), *place)
                return _difference(f"{claim.left.tensor}[{_list(entry)}]", expected, said)
    return None


def _difference(where: str, expected: Polynomial, said: Polynomial) -> Difference:
    """The first product that the two polynomials do not have equally often."""
    factors = next(f for f in sorted({*expected, *said}) if expected[f] != said[f])
    term = " ".join(f"{name}[{_list(place)}]" for name, place in factors)
    return Difference(where, f"the term {term} {_times(said[factors])}", _times(expected[factors]))


def _times(n: int) -> str:
    return {0: "not at all", 1: "once"}.get(n, f"{n} times")


def _list(entry: tuple[int, ...]) -> str:
    return ",".join(map(str, entry))
