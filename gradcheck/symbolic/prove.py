"""From a claim to its proof for all integers, or to the smallest sizes at which it is false."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from gradcheck.claims.claim import Claim, Formula, Hypothesis, Identity, Measure, Shape, Statement
from gradcheck.evidence import Proof, Step
from gradcheck.layers.layer import Layer
from gradcheck.notation.arithmetic import ZERO, Expr, Sym, symbols
from gradcheck.notation.arrays import Array, Ref, amounts, free_indices, walk
from gradcheck.notation.phrase import Phrase, joined, phrase
from gradcheck.notation.sums import Chain, Delta, Equation, Read, Sized, by
from gradcheck.symbolic.certificates import Facts, equalities
from gradcheck.symbolic.equations import MARK, contained, plain, renamed
from gradcheck.symbolic.gradients import gradient, shape
from gradcheck.symbolic.refute import refute
from gradcheck.symbolic.replay import replay
from gradcheck.symbolic.sizes import Needs, need, side
from gradcheck.symbolic.theory import Theory, stated, theory
from gradcheck.symbolic.unfolding import Unfolding, index_range


@dataclass(frozen=True, slots=True)
class Argument:
    """A derivation of a statement, whether it reaches the statement, and the sizes that matter to it."""

    steps: tuple[Step, ...]
    closed: bool
    names: tuple[str, ...]


def prove(layer: Layer, where: Sequence[Hypothesis], claim: Claim) -> Proof:
    """The proof of a claim for all sizes that satisfy the hypotheses, or its refutation, or neither.

    Every step of a proof has been replayed, at those small sizes at which it can be worked out.
    Raises LayerError for a layer that the rules do not cover, and Untestable where no small sizes
    satisfy the hypotheses.
    """
    proof = decide(theory(layer, tuple(where)), where, claim.statement)
    if proof.status == "proved":
        replay(layer, where, proof.steps)
    return proof


def decide(known: Theory, where: Sequence[Hypothesis], statement: Statement) -> Proof:
    """The proof or the refutation of one statement."""
    argument = argue(known, statement)
    proof = Proof(stated(known.layer, where), argument.steps, argument.closed)
    if proof.status == "proved":
        return proof
    unproved = (e for step in argument.steps for e in step.missing)
    names = (*argument.names, *mentioned(statement), *_named(*unproved))
    return replace(proof, counterexample=refute(known.layer, where, statement, names))


def mentioned(statement: Statement) -> tuple[str, ...]:
    """The sizes inside the arrays of a statement."""
    match statement:
        case Shape(of):
            arrays = [array for array, _ in of]
        case Identity(chain):
            arrays = [q.array for q in chain if isinstance(q, Measure)]
        case Formula(_, right):
            arrays = [right]
    parts = (part for array in arrays for part in walk(array))
    return tuple(name for part in parts for e in amounts(part) for name in symbols(e))


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
    operand = layer.operand_of(tensor)
    if operand:
        return (*known.steps, *gradient(known, operand.tensor).steps)
    if tensor == layer.cotangent:
        why = phrase("one entry for each entry of ", Ref(layer.output.tensor))
        return (*known.steps, Step("cotangent", Sized(Ref(tensor), known.output_sizes), why))
    return known.steps if tensor == layer.output.tensor else (known.given[layer.operands.index(tensor)],)


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


def _equal(facts: Facts, a: Sequence[Expr], b: Sequence[Expr]) -> Needs:
    return need(facts, [e for x, y in zip(a, b, strict=True) for e in equalities(x, y)])


# A claim about shapes


def _shape(known: Theory, claim: Shape) -> Argument:
    equations, steps = _unfolded(known, [array for array, _ in claim.of])
    names: tuple[str, ...] = ()
    for equation, (array, sizes) in zip(equations, claim.of, strict=True):
        derived = tuple(side(r) for r in equation.free)
        needs = _equal(known.facts, derived, sizes)
        why = phrase("its differences from ", by(derived), ", which was derived, multiply out to 0")
        if derived == sizes:
            why = phrase("as was derived")
        equal = tuple(zip(derived, sizes, strict=True))
        steps.append(Step("normal form", Sized(array, sizes), why, None, needs.proved, needs.missing, equal))
        names += _named(*derived, *sizes)

    return Argument(tuple(steps), True, names)


# A claim about sizes


def _identity(known: Theory, claim: Identity) -> Argument:
    measured = [q for q in claim.chain if isinstance(q, Measure)]
    equations, steps = _unfolded(known, [q.array for q in measured])
    unfolded = iter(equations)
    links = [_read_off(known, q, next(unfolded)) if isinstance(q, Measure) else (q,) for q in claim.chain]
    steps += [_reading(q, sizes) for q, sizes in zip(claim.chain, links, strict=True) if isinstance(q, Measure)]
    sizes = [e for link in links for e in link]
    needs = _equal(known.facts, sizes[:-1], sizes[1:])
    why = "the differences multiply out to 0"
    equal = tuple(pairwise(sizes))
    steps.append(Step("normal form", Chain(claim.chain), why, None, needs.proved, needs.missing, equal))
    return Argument(tuple(steps), True, _named(*sizes))


def _read_off(known: Theory, measure: Measure, equation: Equation) -> tuple[Expr, ...]:
    """The sizes that a measure names: each of them must equal the rest of the chain."""
    sides = tuple(side(r) for r in equation.free)
    match measure:
        case Measure("padding", Ref(tensor)):
            operand = known.layer.operand_of(tensor)
            padding = gradient(known, operand.tensor).padding if operand else ()
            return tuple(dict.fromkeys(e for pair in padding for e in pair)) or (ZERO,)
        case Measure("depth"):
            return sides[:1]
    return tuple(dict.fromkeys(sides))


def _reading(measure: Measure, found: tuple[Expr, ...]) -> Step:
    whys = {
        "side": "the size of every axis",
        "depth": "the size of the first axis",
        "padding": "the reach of the windows beyond the cotangent, on every side",
    }
    return Step(measure.kind, Chain((measure, *found)), whys[measure.kind])


# A claim about entries


def _formula(known: Theory, claim: Formula) -> Argument:
    claimed, unfolding = claimed_equation(known, claim)
    steps = list(dict.fromkeys((*_origin(known, claim.left.tensor), *unfolding)))
    compared = None if ill_formed(claim) else _compare(known, claim, claimed)
    return Argument((*steps, *(compared or ())), compared is not None, known.layer.names)


def claimed_equation(known: Theory, claim: Formula) -> tuple[Equation, tuple[Step, ...]]:
    """A formula in index notation, and the steps that lead there."""
    left, right = claim.left, claim.right
    bound = {i: index_range(known, i, [left, right]) for i in (*left.at, *free_indices(right))}
    unfolding = Unfolding(known, bound)
    array = unfolding.unfold(right)
    entry = Read(left.tensor, tuple(map(Sym, (*left.at, *(r.index for r in array.free)))))
    claimed = replace(array, left=entry, free=(*bound.values(), *array.free))
    return claimed, (*unfolding.steps, Step("unfold", claimed, "what the claim says, in index notation"))


def ill_formed(claim: Formula) -> tuple[Phrase, ...]:
    """What is wrong with the indices of a formula, before any of it is evaluated."""
    found = [
        phrase(Sym(index), " stands for two axes of ", Ref(claim.left.tensor), " at once")
        for index in dict.fromkeys(claim.left.at)
        if claim.left.at.count(index) > 1
    ]
    free = free_indices(claim.right)
    found += [phrase(Sym(i), " is free on the right, but not on the left") for i in free if i not in claim.left.at]
    return tuple(found)


def _compare(known: Theory, claim: Formula, claimed: Equation) -> tuple[Step, Step] | None:
    """The steps from the derived equation to the claimed one: its sizes, and its products.

    None if the sums could not be matched.
    """
    axes = shape(known, claim.left.tensor)
    ranges = {r.index: r for r in claimed.free}
    own = [side(ranges[str(e)]) for e in claimed.left.at]
    whole = _equal(known.facts, own, axes)
    said, why = Sized(Ref(claim.left.tensor), axes), "both sides have these sizes"
    equal = tuple(zip(own, axes, strict=True))
    sized = Step("normal form", said, why, None, whole.proved, whole.missing, equal)
    operand = known.layer.operand_of(claim.left.tensor)
    derived = gradient(known, operand.tensor).gather if operand else known.forward
    other, entries = renamed(claimed), plain(derived, known.shape)
    there, back = contained(entries, other, known.facts), contained(claimed, renamed(entries), known.facts)
    if there is None or back is None:
        return None
    over = {r.index for r in other.over}
    solved = {name.removesuffix(MARK): e for name, e in there.solved.items() if name in over}
    taken = [phrase(e, " for the claim's ", Sym(name)) for name, e in solved.items() if e != Sym(name)]
    between = [c for c in entries.where if isinstance(c, Delta) and c not in derived.where]
    where = phrase(", where ", joined(" and ", [phrase(c.left, " is ", c.right) for c in between])) if between else ""
    reason = phrase("both sides sum the same products", where, ", with " if taken else "", joined(", ", taken))
    needs = there.needs + back.needs
    return sized, Step("compare", claimed, reason, derived, needs.proved, needs.missing)
