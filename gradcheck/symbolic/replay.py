"""Derivations replayed: every statement of every step worked out at small sizes, point by point.

The replay shares nothing with the rules: it compares each statement with the layer worked out
literally, on tensors whose entries are unknowns, so that a step that is wrong for any values
is caught.
"""

from collections.abc import Sequence
from functools import lru_cache

from gradcheck.claims.claim import Hypothesis, Measure, untestable
from gradcheck.claims.small_sizes import smallest
from gradcheck.errors import Disagreement
from gradcheck.evidence import Step
from gradcheck.layers.layer import Layer
from gradcheck.notation.arithmetic import Expr, evaluate
from gradcheck.notation.sums import Chain, Equation, Range, Sized, Statement
from gradcheck.symbolic.bruteforce import admitted, gathered, values
from gradcheck.symbolic.refute import numbers, shapes
from gradcheck.symbolic.tensors import Polynomial, Sizes, TooLarge, Undefined, tensors


def replay(layer: Layer, where: Sequence[Hypothesis], steps: Sequence[Step]) -> None:
    """Work out every step at a few small sizes; raises Disagreement at the first that is false there."""
    for sizes in replay_sizes(layer, tuple(where)):
        for step in steps:
            detail = fault(layer, step, sizes)
            if detail:
                raise Disagreement(f"step '{step.rule}: {step.after}' is false at {dict(sizes)}: {detail}")


@lru_cache(maxsize=64)
def replay_sizes(layer: Layer, where: tuple[Hypothesis, ...]) -> tuple[tuple[tuple[str, int], ...], ...]:
    """The smallest sizes; then those with one more, half of them, all above their least; then all different."""
    tried = [tuple(sizes.items()) for sizes in smallest(layer, where)]
    if not tried:
        raise untestable(where)
    least = [min(values) for values in zip(*([n for _, n in sizes] for sizes in tried), strict=True)]
    found = []
    for above in (0, 1, len(least) // 2, len(least)):
        found += [s for s in tried if sum(n > low for (_, n), low in zip(s, least, strict=True)) >= above][:1]
    found += [sizes for sizes in tried if len({n for _, n in sizes}) == len(sizes)][:1]
    return tuple(dict.fromkeys(found))


def fault(layer: Layer, step: Step, sizes: tuple[tuple[str, int], ...]) -> str | None:
    """What is false about a step at given sizes, or None."""
    return _told(layer, step.after, step.before, sizes)


@lru_cache(maxsize=10_000)
def _told(layer: Layer, said: Statement, before: Equation | None, sizes: tuple[tuple[str, int], ...]) -> str | None:
    try:
        return _fault(layer, said, before, dict(sizes))
    except Undefined as error:
        return str(error)
    except KeyError as error:
        return f"{error} is bound nowhere"
    except TooLarge:
        return None


def _fault(layer: Layer, said: Statement, before: Statement | None, sizes: Sizes) -> str | None:
    known = tensors(layer, tuple(sizes.items()))
    match said:
        case Equation():
            return _wrong_equation(layer, said, sizes)
        case Range() if isinstance(before, Equation):
            found = admitted(said.index, before, sizes, known)
            return None if found == list(values(said, sizes)) else f"{said.index} takes the values {found}"
        case Sized(array, said_sizes):
            expected = tuple(evaluate(e, sizes) for e in said_sizes)
            wrong = [found for found in shapes(array, known, sizes) if found != expected]
            return f"the shape is {wrong[0]}" if wrong else None
        case Chain(links):
            quantities = [link for link in links if isinstance(link, Expr | Measure)]
            counted = {n for quantity in quantities for n in numbers(layer, quantity, known, sizes)}
            return f"the values are {sorted(counted)}" if len(counted) > 1 else None
    return None


def _wrong_equation(layer: Layer, said: Equation, sizes: Sizes) -> str | None:
    known = tensors(layer, tuple(sizes.items()))
    truth = {(): _loss(layer, sizes)} if not said.left.at else dict(known[said.left.tensor].entries)
    found = gathered(said, sizes, known)
    seen = set()
    for point, polynomial in found.items():
        named = dict(zip((r.index for r in said.free), point, strict=True))
        entry = tuple(evaluate(e, {**sizes, **named}) for e in said.left.at)
        seen.add(entry)
        if polynomial != truth.get(entry, Polynomial()):
            return f"{said.left.tensor}{list(entry)} differs"
    missed = truth.keys() - seen
    return f"{said.left.tensor}{list(min(missed))} is not covered" if missed else None


def _loss(layer: Layer, sizes: Sizes) -> Polynomial:
    """<dY, Y>, from the output's entries."""
    loss: Polynomial = Polynomial()
    for place, polynomial in tensors(layer, tuple(sizes.items()))[layer.output.tensor].entries.items():
        for factors, times in polynomial.items():
            loss[tuple(sorted((*factors, (layer.cotangent, place))))] += times
    return loss
