"""The gradients of L = <dY, Y>, derived rule by rule for every size at once.

    differentiate   dL/dX[t] replaces the read of X by a Kronecker delta for each axis
    collapse        a delta fixes one index; its range becomes a guard   (delta elimination)
    insert zeros    a delta fixes a multiple of an index: zero insertion makes it an index again
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

from gradcheck.evidence import Step
from gradcheck.layers.layer import gradient_name
from gradcheck.notation.arithmetic import ONE, ZERO, Expr, Sym
from gradcheck.notation.arrays import Ref
from gradcheck.notation.phrase import joined, phrase
from gradcheck.notation.sums import Delta, Equation, Guard, Pair, Range, Read, Sized, on_read
from gradcheck.symbolic.algebra import coefficient, normal, substitute
from gradcheck.symbolic.deltas import collapse
from gradcheck.symbolic.equations import inequalities, substituted
from gradcheck.symbolic.padding import padded
from gradcheck.symbolic.sizes import Needs, need
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
    padding: tuple[Pair, ...]
    sizes: tuple[Expr, ...]
    steps: tuple[Step, ...]


@cache
def gradient(theory: Theory, operand: str) -> Gradient:
    """The gradient of L with respect to an operand of the layer; raises LayerError where no rule applies."""
    steps = [_loss(theory)]
    steps.append(_differentiate(theory, _equation(steps), operand))
    while any(isinstance(condition, Delta) for condition in _equation(steps).where):
        steps.append(collapse(theory, _equation(steps)))
    steps.append(_drop(theory, _equation(steps)))
    for index in _backward(theory, _equation(steps)):
        steps.append(_reverse(_equation(steps), index))
    gather = _equation(steps)
    step, padding = padded(theory, gather)
    steps.append(step)
    windows = _equation(steps)
    shapes = [theory.shape(read.tensor) for read in windows.reads]
    steps += size_rule(windows, shapes, theory.facts)
    sized = steps[-1].after
    sizes = sized.sizes if isinstance(sized, Sized) else ()
    return Gradient(gather, windows, padding, sizes, tuple(step for step in steps if step.after != step.before))


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
    moved = on_read(read, lambda e: substitute(e, rename))
    places = [normal(before + d * Sym(x)) for x, (_, d, (before, _)) in zip(entry, read.axes, strict=True)]
    deltas = tuple(map(Delta, moved.at, places))
    shape = theory.shape(operand)
    free = tuple(Range(name, ZERO, normal(size - ONE)) for name, size in zip(entry, shape, strict=True))
    left = Read(gradient_name(operand), tuple(map(Sym, entry)))
    others = tuple(r for r in loss_renamed.reads if r.tensor != operand)
    over = tuple(Range(_name(rename, r.index), r.low, r.high) for r in loss.over)
    entry_read = Read(operand, left.at)
    because = phrase(
        "the derivative of ", moved, " with respect to ", entry_read, " is a Kronecker delta for each axis"
    )
    return Step("differentiate", Equation(left, free, over, deltas, others), because, loss)


def _entry_names(theory: Theory, read: Read) -> tuple[str, ...]:
    """A name for each axis of the entry: the index that reads it alone, else x, y, z, ..."""
    taken = {*theory.layer.indices, *theory.layer.names}
    fresh = (name for name in (*ENTRY_NAMES, *(f"x{n}" for n in range(99))) if name not in taken)
    names: list[str] = []
    for e in read.at:
        plain = isinstance(e, Sym) and e.name in theory.layer.indices and e.name not in names
        names.append(str(e) if plain else next(fresh))
    return tuple(names)


def _name(rename: Mapping[str, Sym], index: str) -> str:
    return rename[index].name if index in rename else index


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


def _backward(theory: Theory, equation: Equation) -> list[str]:
    """The summed indices with which a guarded read runs backwards."""
    guarded = [guard.value for guard in equation.where if isinstance(guard, Guard)]
    slopes = {r.index: [coefficient(e, r.index) for e in guarded] for r in equation.over}
    return [i for i, found in slopes.items() if any(c != ZERO and theory.facts.why(ZERO - c) for c in found)]


def _reverse(equation: Equation, index: str) -> Step:
    r = next(r for r in equation.over if r.index == index)
    mirrored = normal(r.low + r.high - Sym(index))
    because = phrase(mirrored, " for ", Sym(index), ": the same range, backwards")
    return Step("reverse", substituted(equation, {index: mirrored}), because, equation)
