"""Guards as zero padding: where a guard fails, the read that it guards finds a zero instead."""

from collections.abc import Mapping
from dataclasses import replace

from gradcheck.evidence import Step
from gradcheck.notation.arithmetic import ONE, ZERO, Expr, Op
from gradcheck.notation.phrase import joined, phrase
from gradcheck.notation.sums import Equation, Guard, Pair, Read, extent, read_as
from gradcheck.symbolic.algebra import atoms, normal, same
from gradcheck.symbolic.sizes import Needs, extremes
from gradcheck.symbolic.theory import Theory


def padded(theory: Theory, equation: Equation) -> tuple[Step, tuple[Pair, ...]]:
    """Turn guards into zero padding: its amounts are how far a read reaches beyond its bounds.

    Where a guard fails, its own read is a zero of the padding, so that it does not matter what
    the other reads find there: they are padded too as far as they reach.
    """
    reads, needs, used = [], Needs(), set[Guard]()
    reach: tuple[Pair, ...] = ()
    for read in equation.reads:
        guards = _bounds_guards(theory, equation, read)
        amounts, found = _reach(theory, equation, read, guards)
        at = tuple(normal(e + before) for e, (before, _) in zip(read.at, amounts, strict=True))
        added = zip(read.axes, amounts, strict=True)
        pads = [(_more(b, before), _more(a, after)) for (_, _, (b, a)), (before, after) in added]
        dilations = [d for _, d, _ in read.axes]
        reads.append(read_as(read.tensor, at, pads, dilations))
        needs += found
        used |= set(guards.values())
        if read.tensor == theory.layer.cotangent:
            reach = tuple(pads[axis] for axis in guards)
    left = tuple(condition for condition in equation.where if condition not in used)
    told = [phrase(before, " before and ", after, " after") for before, after in dict.fromkeys(reach)]
    told = told or [phrase("as much as they reach")]
    sure = all(theory.facts.why(e) for pair in reach for e in pair)
    zeros = "zeros" if sure else "zeros (or, where that is negative, a crop)"
    because = phrase(
        "the guarded reads reach beyond their tensor by ", joined(", ", told), f": {zeros} there say the same"
    )
    after = replace(equation, where=left, reads=tuple(reads))
    return Step("pad", after, because, equation, needs.proved, needs.missing), reach


def _more(amount: Expr, more: Expr) -> Expr:
    return _told(amount + more) if more != ZERO else amount


def _told(amount: Expr) -> Expr:
    """The amount with a - b*(a // b) said as a % b, where it is in it."""
    amount = normal(amount)
    for q in atoms(amount):
        rest = normal(amount - (q.left - q.right * q))
        if q.op == "//" and q not in atoms(rest):
            return rest + Op("%", q.left, q.right) if rest != ZERO else Op("%", q.left, q.right)
    return amount


def _bounds_guards(theory: Theory, equation: Equation, read: Read) -> dict[int, Guard]:
    """The guards that say no more than that an axis of `read` is in bounds, by axis."""
    return {
        axis: guard
        for axis, (e, high) in enumerate(zip(read.at, _last(theory, read), strict=True))
        for guard in equation.where
        if isinstance(guard, Guard) and same(guard.value, e) and same(guard.low, ZERO) and same(guard.high, high)
    }


def _last(theory: Theory, read: Read) -> list[Expr]:
    """The last place on each axis of what is read."""
    axes = zip(read.axes, theory.shape(read.tensor), strict=True)
    return [normal(extent(size, dilation, pad) - ONE) for (_, dilation, pad), size in axes]


def _reach(theory: Theory, equation: Equation, read: Read, guards: Mapping[int, Guard]) -> tuple[list[Pair], Needs]:
    """How far each axis of a read goes (before, after) its bounds within the box of indices.

    A guarded axis gets what it needs and no more: less than nothing where the windows stay away
    from its end.
    """
    amounts, needs = [], Needs()
    for axis, (e, last) in enumerate(zip(read.at, _last(theory, read), strict=True)):
        least, greatest, found = extremes(e, (*equation.free, *equation.over), theory.facts)
        before, after = normal(ZERO - least), normal(greatest - last)
        if axis not in guards:
            before, after = (ZERO if theory.facts.why(ZERO - e) else e for e in (before, after))
        amounts.append((before, after))
        needs += found
    return amounts, needs
