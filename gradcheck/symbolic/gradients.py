"""The gradients of L = <dY, Y>, derived rule by rule for every size at once.

    differentiate   dL/dX[t] replaces the read of X by a Kronecker delta for each axis
    collapse        a delta fixes one index; its range becomes a guard   (delta elimination)
    drop            a guard that follows from the ranges goes
    reverse         u := low + high - u, where a read runs backwards: the rotation by 180 degrees
    pad             a guard that says "this read is in bounds" is what zero padding does, and
                    the reach of the read beyond the bounds is the padding
    size rule       the sizes of the gradient, from the reads of the padded form

Delta elimination for index notation: Urban and van der Smagt 2017; Bernstein et al. 2020.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from gradcheck.errors import LayerError
from gradcheck.evidence import Step
from gradcheck.layers.layer import gradient_name
from gradcheck.notation.arithmetic import ONE, ZERO, Expr, Int, Sym
from gradcheck.notation.arrays import Ref
from gradcheck.notation.phrase import joined, phrase
from gradcheck.notation.sums import Chain, Delta, Equation, Guard, Range, Read, Sized, on_read
from gradcheck.symbolic.algebra import coefficient, constant, normal, same, substitute
from gradcheck.symbolic.equations import inequalities, substituted
from gradcheck.symbolic.sizes import Needs, extremes, need
from gradcheck.symbolic.theory import Theory, size_rule

ENTRY_NAMES = ("x", "y", "z", "w")


@dataclass(frozen=True, slots=True)
class Gradient:
    """dX as derived: `gather` has plain indices and guards, `padded` says the same by zero padding.

    `padding` are the (before, after) of each axis of the cotangent along which a window slides;
    `sizes` come from the size rule.
    """

    gather: Equation
    padded: Equation
    padding: tuple[tuple[Expr, Expr], ...]
    sizes: tuple[Expr, ...]
    steps: tuple[Step, ...]


@cache
def gradient(theory: Theory, operand: str) -> Gradient:
    """The gradient of L with respect to an operand of the layer; raises LayerError where no rule applies."""
    steps = [_loss(theory)]
    steps.append(_differentiate(theory, _equation(steps), operand))
    while any(isinstance(condition, Delta) for condition in _equation(steps).where):
        steps.append(_collapse(theory, _equation(steps)))
    steps.append(_drop(theory, _equation(steps)))
    for index in _backward(_equation(steps)):
        steps.append(_reverse(_equation(steps), index))
    gather = _equation(steps)
    step, padding = _pad(theory, gather)
    steps.append(step)
    padded = _equation(steps)
    shapes = [theory.shape(read.tensor) for read in padded.reads]
    steps += size_rule(padded, shapes, theory.facts)
    sized = steps[-1].after
    sizes = sized.sizes if isinstance(sized, Sized) else ()
    return Gradient(gather, padded, padding, sizes, tuple(step for step in steps if step.after != step.before))


def shape(theory: Theory, tensor: str) -> tuple[Expr, ...]:
    """The derived sizes of any tensor: operand, output, or a gradient."""
    operand = theory.layer.operand_of(tensor)
    return gradient(theory, operand.tensor).sizes if operand else theory.shape(tensor)


def definition(theory: Theory, tensor: str) -> Equation:
    """What defines the output, or a gradient: each product of the loss adds to the entry that it reads."""
    read = theory.layer.operand_of(tensor)
    if read is None:
        return theory.forward
    cotangent = Read(theory.layer.cotangent, theory.layer.output.at)
    others = (cotangent, *(other for other in theory.layer.reads if other != read))
    over = (*theory.forward.free, *theory.forward.over)
    return Equation(Read(tensor, read.at), (), over, (), others)


def _equation(steps: list[Step]) -> Equation:
    after = steps[-1].after
    assert isinstance(after, Equation)
    return after


def _loss(theory: Theory) -> Step:
    forward = theory.forward
    cotangent = Read(theory.layer.cotangent, forward.left.at)
    over = (*forward.free, *forward.over)
    loss = Equation(Read("L", ()), (), over, (), (cotangent, *forward.reads))
    pairing = phrase("the inner product of ", Ref(cotangent.tensor), " and ", Ref(forward.left.tensor))
    return Step("define", loss, phrase(pairing, ", with the layer put in"))


def _differentiate(theory: Theory, loss: Equation, operand: str) -> Step:
    read = next(read for read in loss.reads if read.tensor == operand)
    entry = _entry_names(theory, read)
    rename = {e.name: Sym(f"{e.name}'") for e in read.at if isinstance(e, Sym) and e.name in entry}
    loss_renamed = substituted(loss, rename)
    deltas = tuple(Delta(substitute(e, rename), Sym(name)) for e, name in zip(read.at, entry, strict=True))
    shape = theory.shape(operand)
    free = tuple(Range(name, ZERO, normal(size - ONE)) for name, size in zip(entry, shape, strict=True))
    left = Read(gradient_name(operand), tuple(map(Sym, entry)))
    others = tuple(r for r in loss_renamed.reads if r.tensor != operand)
    over = tuple(Range(_name(rename, r.index), r.low, r.high) for r in loss.over)
    moved, entry_read = on_read(read, lambda e: substitute(e, rename)), Read(operand, tuple(map(Sym, entry)))
    because = phrase(
        "the derivative of ", moved, " with respect to ", entry_read, " is a Kronecker delta for each axis"
    )
    return Step("differentiate", Equation(left, free, over, deltas, others), because, loss)


def _entry_names(theory: Theory, read: Read) -> tuple[str, ...]:
    """A name for each axis of the entry: the index that reads it alone, else x, y, z, ..."""
    taken = {*theory.layer.indices, *theory.layer.sizes}
    fresh = (name for name in (*ENTRY_NAMES, *(f"x{n}" for n in range(99))) if name not in taken)
    names: list[str] = []
    for e in read.at:
        plain = isinstance(e, Sym) and e.name in theory.layer.indices and e.name not in names
        names.append(str(e) if plain else next(fresh))
    return tuple(names)


def _name(rename: Mapping[str, Sym], index: str) -> str:
    return rename[index].name if index in rename else index


def _collapse(theory: Theory, equation: Equation) -> Step:
    """Solve the first delta for an index with coefficient 1 or -1, an index of the output by preference."""
    delta = next(condition for condition in equation.where if isinstance(condition, Delta))
    gap = delta.left - delta.right
    outputs = {str(e) for e in theory.layer.output.at}
    chosen = [r for r in equation.over if constant(coefficient(gap, r.index)) in (1, -1)]
    if not chosen:
        raise LayerError(f"no sum index in {delta} has coefficient 1 or -1: strides and fixed places are not covered")
    r = min(chosen, key=lambda r: r.index not in outputs)
    slope = Int(constant(coefficient(gap, r.index)) or 0)
    value = normal(Sym(r.index) - slope * gap)
    guard = Guard(r.low, value, r.high)
    rest = replace(
        equation,
        over=tuple(other for other in equation.over if other != r),
        where=(*(condition for condition in equation.where if condition != delta), guard),
    )
    because = phrase(delta, " fixes ", Chain((Sym(r.index), value)), ", which must lie in ", r)
    return Step("collapse", substituted(rest, {r.index: value}), because, equation)


def _drop(theory: Theory, equation: Equation) -> Step:
    """Drop every guard that the ranges and the hypotheses imply."""
    inside = theory.within((*equation.free, *equation.over))
    kept, needs, dropped = [], Needs(), []
    for guard in equation.where:
        found = need(inside, inequalities(guard))
        if found.missing:
            kept.append(guard)
        else:
            needs += found
            dropped.append(guard)
    verb = "holds" if len(dropped) == 1 else "hold"
    because = phrase(joined(" and ", list(map(phrase, dropped))), f" always {verb} on the ranges of the indices")
    return Step("drop", replace(equation, where=tuple(kept)), because, equation, needs.proved)


def _backward(equation: Equation) -> list[str]:
    """The summed indices with which a guarded read runs backwards."""
    guarded = [guard.value for guard in equation.where if isinstance(guard, Guard)]
    return [r.index for r in equation.over if any(constant(coefficient(e, r.index)) == -1 for e in guarded)]


def _reverse(equation: Equation, index: str) -> Step:
    r = next(r for r in equation.over if r.index == index)
    mirrored = normal(r.low + r.high - Sym(index))
    because = phrase(mirrored, " for ", Sym(index), ": the same range, backwards")
    return Step("reverse", substituted(equation, {index: mirrored}), because, equation)


def _pad(theory: Theory, equation: Equation) -> tuple[Step, tuple[tuple[Expr, Expr], ...]]:
    """Turn guards into zero padding: its amounts are how far a read reaches beyond its bounds.

    Where a guard fails, its own read is a zero of the padding, so that it does not matter what
    the other reads find there: they are padded too as far as they reach.
    """
    reads, needs, used = [], Needs(), set[Guard]()
    reach: tuple[tuple[Expr, Expr], ...] = ()
    for read in equation.reads:
        guards = _bounds_guards(theory, equation, read)
        pads, found = _reach(theory, equation, read)
        at = tuple(normal(e + before) for e, (before, _) in zip(read.at, pads, strict=True))
        padded = any(pair != (ZERO, ZERO) for pair in pads)
        reads.append(Read(read.tensor, at, pads) if padded else read)
        needs += found
        used |= set(guards.values())
        if read.tensor == theory.layer.cotangent:
            reach = tuple(pads[axis] for axis in guards)
    left = tuple(condition for condition in equation.where if condition not in used)
    amounts = [phrase(before, " before and ", after, " after") for before, after in dict.fromkeys(reach)]
    because = phrase(
        "the guarded reads reach beyond their tensor by ", joined(", ", amounts), ": zeros there say the same"
    )
    after = replace(equation, where=left, reads=tuple(reads))
    return Step("pad", after, because, equation, needs.proved, needs.missing), reach


def _bounds_guards(theory: Theory, equation: Equation, read: Read) -> dict[int, Guard]:
    """The guards that say no more than that an axis of `read` is in bounds, by axis."""
    sizes = theory.shape(read.tensor)
    return {
        axis: guard
        for axis, (e, size) in enumerate(zip(read.at, sizes, strict=True))
        for guard in equation.where
        if isinstance(guard, Guard) and same(guard.value, e) and same(guard.low, ZERO) and same(guard.high, size - ONE)
    }


def _reach(theory: Theory, equation: Equation, read: Read) -> tuple[tuple[tuple[Expr, Expr], ...], Needs]:
    """How far each axis of a read goes (before, after) its bounds within the box of indices."""
    pads, needs = [], Needs()
    for e, size in zip(read.at, theory.shape(read.tensor), strict=True):
        least, greatest, found = extremes(e, (*equation.free, *equation.over), theory.facts)
        beyond = greatest - (size - ONE)
        before = ZERO if theory.facts.why(least) else normal(ZERO - least)
        after = ZERO if theory.facts.why(ZERO - beyond) else normal(beyond)
        pads.append((before, after))
        needs += found
    return tuple(pads), needs
