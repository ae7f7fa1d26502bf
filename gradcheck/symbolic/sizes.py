"""The size rule: an index ranges over exactly the values for which every read is in bounds."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from gradcheck.errors import LayerError
from gradcheck.evidence import Certificate
from gradcheck.notation.arithmetic import ONE, ZERO, Expr, Op, Sym
from gradcheck.notation.sums import Range
from gradcheck.symbolic.algebra import coefficient, constant, normal, substitute
from gradcheck.symbolic.certificates import Facts


@dataclass(frozen=True, slots=True)
class Window:
    """A demand low <= value <= high, where value is affine in the indices."""

    value: Expr
    low: Expr
    high: Expr


@dataclass(frozen=True, slots=True)
class Needs:
    """Inequalities that a step rests on: those proved, and those for which no certificate was found."""

    proved: tuple[Certificate, ...] = ()
    missing: tuple[Expr, ...] = ()

    def __add__(self, other: "Needs") -> "Needs":
        proved, missing = (*self.proved, *other.proved), (*self.missing, *other.missing)
        return Needs(tuple(dict.fromkeys(proved)), tuple(dict.fromkeys(missing)))


def need(facts: Facts, goals: Iterable[Expr]) -> Needs:
    """Each goal >= 0, with its certificate where one was found."""
    proved: list[Certificate] = []
    missing: list[Expr] = []
    for goal in dict.fromkeys(map(normal, goals)):
        certificates = facts.why(goal)
        if certificates is None:
            missing.append(goal)
        elif constant(facts.put_in(goal)) is None:
            proved += certificates
    return Needs(tuple(proved), tuple(missing))


def side(range_: Range) -> Expr:
    """How many values an index has: high - low + 1."""
    return normal(range_.high - range_.low + ONE)


def bounds(ranges: Iterable[Range]) -> list[Expr]:
    """What may be assumed inside a box: each index is at least its low and at most its high."""
    return [e for r in ranges for e in (Sym(r.index) - r.low, r.high - Sym(r.index))]


def extremes(e: Expr, box: Sequence[Range], facts: Facts) -> tuple[Expr, Expr, Needs]:
    """The least and the greatest value of an affine `e` over a box, and what that rests on.

    Both are attained, at corners of the box, if no range that `e` depends on is empty.
    """
    least = greatest = normal(e)
    needs = Needs()
    for r in box:
        slope = coefficient(e, r.index)
        if slope == ZERO:
            continue
        needs += need(facts, [r.high - r.low])
        rising, falling = facts.why(slope), facts.why(ZERO - slope)
        if rising is None and falling is None:
            raise LayerError(f"the sign of {slope} in {e} is not known: add a hypothesis on it")
        first, last = (r.low, r.high) if rising else (r.high, r.low)
        least, greatest = substitute(least, {r.index: first}), substitute(greatest, {r.index: last})
    return least, greatest, needs


def admissible(index: str, windows: Sequence[Window], box: Sequence[Range], facts: Facts) -> tuple[Range, Needs]:
    """The values of `index` for which every window holds at every point of `box`; none where high < low."""
    lows, highs, needs = [], [], Needs()
    for window in windows:
        low, high, rests = _solved(index, window, box, facts)
        lows.append(low)
        highs.append(high)
        needs += rests
    low = _outermost(lows, facts, lambda a, b: a - b)
    high = _outermost(highs, facts, lambda a, b: b - a)
    return Range(index, low, high), needs


def _solved(index: str, window: Window, box: Sequence[Range], facts: Facts) -> tuple[Expr, Expr, Needs]:
    """The least and the greatest value of `index` for which one window holds at every point of `box`."""
    slope = coefficient(window.value, index)
    least, greatest, needs = extremes(substitute(window.value, {index: ZERO}), box, facts)
    below, above = window.low - least, window.high - greatest
    if facts.why(ZERO - slope):
        slope, below, above = ZERO - slope, ZERO - above, ZERO - below
    needs += need(facts, [slope - ONE])
    return normal(Op("ceil", below, slope)), normal(Op("//", above, slope)), needs


def _outermost(candidates: list[Expr], facts: Facts, gap: Callable[[Expr, Expr], Expr]) -> Expr:
    """The candidate that implies all the others."""
    for e in candidates:
        if all(facts.why(gap(e, other)) for other in candidates):
            return e
    listed = ", ".join(map(str, dict.fromkeys(candidates)))
    raise LayerError(f"which of {listed} bounds an index is not known: add a hypothesis that orders them")
