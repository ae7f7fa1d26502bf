"""Delta elimination: each Kronecker delta of a gradient fixes an index, or a multiple of one.

Urban and van der Smagt 2017; Bernstein et al. 2020.
"""

from collections.abc import Callable
from dataclasses import replace

from gradcheck.errors import LayerError
from gradcheck.evidence import Step
from gradcheck.notation.arithmetic import ONE, ZERO, Expr, Sym
from gradcheck.notation.phrase import phrase
from gradcheck.notation.sums import Chain, Condition, Delta, Equation, Guard, Range, Read, read_as
from gradcheck.symbolic.algebra import coefficient, constant, normal
from gradcheck.symbolic.equations import substituted
from gradcheck.symbolic.sizes import need, side
from gradcheck.symbolic.theory import Theory


def collapse(theory: Theory, equation: Equation) -> Step:
    """Solve the first delta for an index, one of the output by preference, then one with coefficient 1 or -1."""
    delta = next(condition for condition in equation.where if isinstance(condition, Delta))
    gap = delta.left - delta.right
    slopes = [(r, coefficient(gap, r.index)) for r in equation.over]
    chosen = [pair for pair in slopes if pair[1] != ZERO]
    if not chosen:
        raise LayerError(f"no index is summed in {delta}: a fixed place has no gradient formula of its own")
    outputs = {str(e) for e in theory.layer.output.at}
    r, slope = min(chosen, key=lambda pair: (pair[0].index not in outputs, constant(pair[1]) not in (1, -1)))
    rest = replace(
        equation,
        over=tuple(other for other in equation.over if other != r),
        where=tuple(condition for condition in equation.where if condition != delta),
    )
    if constant(slope) in (1, -1):
        return _substitute(equation, rest, delta, r, normal(Sym(r.index) - slope * gap))
    return _insert_zeros(theory, equation, rest, delta, r)


def _substitute(equation: Equation, rest: Equation, delta: Delta, r: Range, value: Expr) -> Step:
    because = phrase(delta, " fixes ", Chain((Sym(r.index), value)), ", which must lie in ", r)
    guarded = replace(rest, where=(*rest.where, Guard(r.low, value, r.high)))
    return Step("collapse", substituted(guarded, {r.index: value}), because, equation)


def _insert_zeros(theory: Theory, equation: Equation, rest: Equation, delta: Delta, r: Range) -> Step:
    """A delta that fixes s times an index: what is read at the index is read s places apart, with zeros between.

    An entry at e is then the one at s*e, so that the index occurs as its multiple only; where
    that is no multiple of s, the read finds a zero.
    """
    gap = delta.left - delta.right
    slope = coefficient(gap, r.index)
    if theory.facts.why(ZERO - slope):
        gap, slope = ZERO - gap, normal(ZERO - slope)
    needs = need(theory.facts, [slope - ONE, side(r) - ONE])
    multiple = normal(slope * Sym(r.index) - gap)

    def scaled(e: Expr) -> Expr:
        factor = coefficient(e, r.index)
        return e if factor == ZERO else normal(slope * (e - factor * Sym(r.index)) + factor * multiple)

    reads = tuple(_dilated(read, r.index, slope, scaled) for read in rest.reads)
    if not any(constant(coefficient(e, r.index)) in (1, -1) for read in rest.reads for e in read.at):
        raise LayerError(f"{delta} holds only at multiples of {slope}, and nothing is read at {r.index} alone")
    where = tuple(_scaled_condition(c, r.index, slope, scaled) for c in rest.where)
    guard = Guard(normal(slope * r.low), multiple, normal(slope * r.high))
    told = Chain((normal(slope * Sym(r.index)), multiple))
    because = phrase(
        delta,
        " fixes ",
        told,
        ", with ",
        r,
        ": where that is no multiple of ",
        slope,
        " there is no product, as if ",
        "zeros stood between the entries",
    )
    after = replace(rest, where=(*where, guard), reads=reads)
    return Step("insert zeros", after, because, equation, needs.proved, needs.missing)


def _dilated(read: Read, index: str, by: Expr, scaled: Callable[[Expr], Expr]) -> Read:
    """The read with zeros inserted on the axes along which `index` moves it."""
    axes = []
    for e, dilation, (before, after) in read.axes:
        if coefficient(e, index) != ZERO:
            axes.append((scaled(e), normal(by * dilation), (normal(by * before), normal(by * after))))
        else:
            axes.append((e, dilation, (before, after)))
    at, dilations, pads = zip(*axes, strict=True)
    return read_as(read.tensor, at, pads, dilations)


def _scaled_condition(condition: Condition, index: str, by: Expr, scaled: Callable[[Expr], Expr]) -> Condition:
    """The condition multiplied by `by`, if `index` occurs in it."""
    match condition:
        case Guard(low, value, high) if coefficient(value, index) != ZERO:
            return Guard(normal(by * low), scaled(value), normal(by * high))
        case Delta(left, right) if coefficient(left - right, index) != ZERO:
            return Delta(scaled(normal(left - right)), ZERO)
    return condition
