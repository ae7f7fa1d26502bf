"""From a claim to its proof for all integers, or to the smallest sizes at which it is false."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gradcheck.claims.claim import Claim, Formula, Hypothesis, Identity, Measure, Quantity, Shape, Statement
from gradcheck.evidence import Proof, Step
from gradcheck.layers.layer import Layer, gradient_name
from gradcheck.notation.arithmetic import ZERO, Expr, Sym, evaluate, symbols
from gradcheck.notation.arrays import Array, Ref, free_indices, walk
from gradcheck.notation.sums import Chain, Equation, Read, Sized
from gradcheck.symbolic.algebra import same
from gradcheck.symbolic.bruteforce import OutOfBounds, Sizes, gathered, scattered, values
from gradcheck.symbolic.certificates import equalities
from gradcheck.symbolic.counterexamples import smallest
from gradcheck.symbolic.equations import contained, renamed
from gradcheck.symbolic.gradients import gradient, scatter, shape
from gradcheck.symbolic.sizes import Needs, need, side
from gradcheck.symbolic.theory import Theory, theory
from gradcheck.symbolic.unfolding import Unfolding, index_range


@dataclass(frozen=True, slots=True)
class Argument:
    """A derivation of a statement, and what is wrong with the statement at given sizes, if anything."""

    steps: tuple[Step, ...]
    closed: bool
    names: tuple[str, ...]
    wrong: Callable[[dict[str, int]], str | None]


def prove(layer: Layer, where: Sequence[Hypothesis], claim: Claim) -> Proof:
    """The proof of a claim for all sizes that satisfy the hypotheses, or its refutation, or neither.

    Raises LayerError for a layer that the rules do not cover.
    """
    return decide(theory(layer, tuple(where)), where, claim.statement)


def decide(known: Theory, where: Sequence[Hypothesis], statement: Statement) -> Proof:
    """The proof or the refutation of one statement."""
    argument = argue(known, statement)
    hypotheses = tuple(h.text for h in where)
    proof = Proof(hypotheses, argument.steps, argument.closed)
    if proof.status == "proved":
        return proof
    names = tuple(name for name in known.layer.sizes if name in argument.names)
    return replace(proof, counterexample=smallest(names, where, argument.wrong))


def argue(known: Theory, statement: Statement) -> Argument:
    """The derivation of a statement, whether or not it closes."""
    match statement:
        case Shape():
            return _shape(known, statement)
        case Identity():
            return _identity(known, statement)
        case Formula():
            return _formula(known, statement)


# Where the sizes of a tensor come from


def _origin(known: Theory, tensor: str) -> tuple[Step, ...]:
    layer = known.layer
    if tensor == layer.output.tensor:
        return known.steps
    if tensor == layer.cotangent:
        why = f"one entry for each entry of {layer.output.tensor}"
        return (*known.steps, Step("cotangent", Sized(tensor, known.output_sizes), why))
    for operand in layer.operands:
        if tensor == gradient_name(operand):
            return (*known.steps, *gradient(known, operand).steps)
    return (Step("given", Sized(tensor, shape(known, tensor)), "an operand of the layer"),)


def _unfolded(known: Theory, arrays: Sequence[Array]) -> tuple[list[Equation], list[Step]]:
    """The arrays in index notation, and the steps that lead to their sizes."""
    tensors = dict.fromkeys(part.tensor for a in arrays for part in walk(a) if isinstance(part, Ref))
    steps = list(dict.fromkeys(step for tensor in tensors for step in _origin(known, tensor)))
    found = []
    for array in arrays:
        unfolding = Unfolding(known, {i: index_range(known, i, [array]) for i in free_indices(array)})
        found.append(unfolding.unfold(array))
        steps += unfolding.steps
    return found, list(dict.fromkeys(steps))


def _named(*sizes: Expr) -> tuple[str, ...]:
    return tuple(name for e in sizes for name in symbols(e))


def _equal(known: Theory, a: Sequence[Expr], b: Sequence[Expr]) -> Needs:
    return need(known.facts, [e for x, y in zip(a, b, strict=True) for e in equalities(x, y)])


# A claim about shapes


def _shape(known: Theory, claim: Shape) -> Argument:
    equations, steps = _unfolded(known, [array for array, _ in claim.of])
    names: tuple[str, ...] = ()
    for equation, (array, sizes) in zip(equations, claim.of, strict=True):
        derived = tuple(side(r) for r in equation.free)
        needs = _equal(known, derived, sizes)
        why = f"derived: {' x '.join(map(str, derived))}; the differences multiply out to 0"
        steps.append(Step("normal form", Sized(array, sizes), why, None, needs.proved, needs.missing))
        names += _named(*derived, *sizes)

    def wrong(at: dict[str, int]) -> str | None:
        for equation, (array, sizes) in zip(equations, claim.of, strict=True):
            found = [len(values(r, at)) for r in equation.free]
            said = [evaluate(e, at) for e in sizes]
            if found != said:
                return f"{array} is {_by(found)}, not {_by(said)}"
        return None

    return Argument(tuple(steps), True, names, wrong)


def _by(sizes: Sequence[int]) -> str:
    return " x ".join(map(str, sizes))


# A claim about sizes


def _identity(known: Theory, claim: Identity) -> Argument:
    measured = [q for q in claim.chain if isinstance(q, Measure)]
    equations, steps = _unfolded(known, [q.array for q in measured])
    links: list[tuple[Quantity, tuple[Expr, ...]]] = []
    for quantity in claim.chain:
        if isinstance(quantity, Measure):
            links.append((quantity, _read_off(known, quantity, equations[measured.index(quantity)])))
            steps.append(_reading(quantity, links[-1][1]))
        else:
            links.append((quantity, (quantity,)))
    pairs = [(a, b) for _, first in links[:1] for a in first for _, rest in links for b in rest]
    needs = _equal(known, [a for a, _ in pairs], [b for _, b in pairs])
    why = "the differences multiply out to 0"
    steps.append(Step("normal form", Chain(claim.chain), why, None, needs.proved, needs.missing))

    def wrong(at: dict[str, int]) -> str | None:
        found = [(q, [_count(e, q, at) for e in sizes]) for q, sizes in links]
        if len({v for _, vs in found for v in vs}) == 1:
            return None
        return ", ".join(f"{q} = {' and '.join(map(str, dict.fromkeys(vs)))}" for q, vs in found)

    return Argument(tuple(steps), True, _named(*(e for _, sizes in links for e in sizes)), wrong)


def _read_off(known: Theory, measure: Measure, equation: Equation) -> tuple[Expr, ...]:
    """The sizes that a measure names: each of them must equal the rest of the chain."""
    if measure.kind == "padding":
        assert isinstance(measure.array, Ref)
        operand = next(o for o in known.layer.operands if gradient_name(o) == measure.array.tensor)
        return tuple(dict.fromkeys(e for pair in gradient(known, operand).padding for e in pair)) or (ZERO,)
    sides = tuple(side(r) for r in equation.free)
    return sides[:1] if measure.kind == "depth" else tuple(dict.fromkeys(sides))


def _reading(measure: Measure, found: tuple[Expr, ...]) -> Step:
    whys = {
        "side": "the size of every axis",
        "depth": "the size of the first axis",
        "padding": "the reach of the windows beyond the cotangent, on every side",
    }
    return Step(measure.kind, Chain((measure, *found)), whys[measure.kind])


def _count(e: Expr, quantity: Quantity, at: Sizes) -> int:
    """An array has no negative number of entries, whatever the closed form of its side says."""
    value = int(evaluate(e, at))
    return max(value, 0) if isinstance(quantity, Measure) and quantity.kind != "padding" else value


# A claim about entries


def _formula(known: Theory, claim: Formula) -> Argument:
    left, right = claim.left, claim.right
    bound = {i: index_range(known, i, [left, right]) for i in (*left.at, *free_indices(right))}
    unfolding = Unfolding(known, bound)
    array = unfolding.unfold(right)
    entry = Read(left.tensor, tuple(map(Sym, (*left.at, *(r.index for r in array.free)))))
    claimed = replace(array, left=entry, free=(*bound.values(), *array.free))
    derived = _derived(known, left.tensor)
    steps = list(dict.fromkeys((*_origin(known, left.tensor), *unfolding.steps)))
    steps.append(Step("unfold", claimed, "the claim in index notation"))
    axes = shape(known, left.tensor)
    whole = _equal(known, [side(r) for r in (*(bound[i] for i in left.at), *array.free)], axes)
    steps.append(
        Step("normal form", Sized(left.tensor, axes), "both sides have these sizes", None, whole.proved, whole.missing)
    )
    compared = compare(known, derived, claimed)
    closed = compared is not None and not ill_formed(claim)
    if compared and closed:
        steps.append(compared)

    def wrong(at: dict[str, int]) -> str | None:
        return _wrong_entry(known, claim, claimed, at)

    return Argument(tuple(steps), closed, known.layer.sizes, wrong)


def ill_formed(claim: Formula) -> tuple[str, ...]:
    """What is wrong with the indices of a formula, before any of it is evaluated."""
    found = [
        f"{index} stands for two axes of {claim.left.tensor} at once"
        for index in dict.fromkeys(claim.left.at)
        if claim.left.at.count(index) > 1
    ]
    free = free_indices(claim.right)
    found += [
        f"{index} is free on the right, but not on the left" for index in free if index not in claim.left.at
    ]
    return tuple(found)


def _derived(known: Theory, tensor: str) -> Equation:
    for operand in known.layer.operands:
        if tensor == gradient_name(operand):
            return gradient(known, operand).gather
    return known.forward


def compare(known: Theory, derived: Equation, claimed: Equation) -> Step | None:
    """The step from the derived equation to the claimed one; None if their sums could not be matched."""
    other = renamed(claimed)
    there, back = contained(derived, other, known.facts), contained(other, derived, known.facts)
    if there is None or back is None:
        return None
    over = {r.index for r in other.over}
    taken = [f"{name} = {e}" for name, e in there.solved.items() if name in over and str(e) + "'" != name]
    why = "both sides sum the same products" + (f", with {', '.join(taken)}" if taken else "")
    needs = there.needs + back.needs
    return Step("compare", claimed, why, derived, needs.proved, needs.missing)


def _wrong_entry(known: Theory, claim: Formula, claimed: Equation, at: dict[str, int]) -> str | None:
    """The first entry in which the formula differs from the definition of the gradient."""
    shapes = {tensor: [evaluate(e, at) for e in shape(known, tensor)] for tensor in known.layer.ranks}
    axes = len(claim.left.at)
    found = [len(values(r, at)) for r in claimed.free[len(claimed.free) - len(shapes[claim.left.tensor]) + axes :]]
    expected = shapes[claim.left.tensor][axes:]
    if found != expected:
        return f"the right side is {_by(found)}, but {claim.left} is {_by(expected)}"
    try:
        return _differing(_definition(known, claim.left.tensor), claimed, at, shapes)
    except OutOfBounds as error:
        return str(error)


def _definition(known: Theory, tensor: str) -> Equation:
    for operand in known.layer.operands:
        if tensor == gradient_name(operand):
            return scatter(known, operand)
    return known.forward


def _differing(definition: Equation, claimed: Equation, at: Sizes, shapes: dict[str, list[int]]) -> str | None:
    truth = scattered(definition, at, shapes)
    for point, polynomial in gathered(claimed, at, shapes).items():
        named = dict(zip((r.index for r in claimed.free), point, strict=True))
        entry = tuple(evaluate(e, named) for e in claimed.left.at)
        if not all(0 <= x < size for x, size in zip(entry, shapes[claimed.left.tensor], strict=True)):
            return f"{claimed.left.tensor}[{_list(entry)}] does not exist"
        expected = truth.get(entry, {})
        for factors in dict.fromkeys((*expected, *polynomial)):
            if polynomial[factors] != expected.get(factors, 0):
                said, is_ = polynomial[factors], expected.get(factors, 0)
                product = " ".join(f"{tensor}[{_list(place)}]" for tensor, place in factors)
                return (
                    f"{claimed.left.tensor}[{_list(entry)}] has the term {product} "
                    f"{_times(is_)}, the formula {_times(said)}"
                )
    return None


def _times(n: int) -> str:
    return {0: "not at all", 1: "once"}.get(n, f"{n} times")


def _list(entry: Sequence[int]) -> str:
    return ",".join(map(str, entry))
