"""Equations with indices replaced, and when two of them sum the same products."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

from gradcheck.notation.arithmetic import ONE, ZERO, Expr, Int, Sym
from gradcheck.notation.sums import Condition, Delta, Equation, Guard, Range, Read, on_condition, on_read
from gradcheck.symbolic.algebra import coefficient, constant, normal, same, substitute
from gradcheck.symbolic.certificates import Facts, equalities
from gradcheck.symbolic.sizes import Needs, bounds, need

MARK = "*"  # stands in no index of a layer or of a derivation


def substituted(equation: Equation, by: Mapping[str, Expr]) -> Equation:
    """The right side with indices replaced; left side and ranges are as they were."""
    where = tuple(on_condition(condition, lambda e: substitute(e, by)) for condition in equation.where)
    reads = tuple(on_read(read, lambda e: substitute(e, by)) for read in equation.reads)
    return replace(equation, where=where, reads=reads)


def plain(equation: Equation, sizes: Callable[[str], tuple[Expr, ...]]) -> Equation:
    """The same equation without zeros: a guard for those around a tensor, a delta for those between its entries."""
    over, where, reads = list(equation.over), list(equation.where), []
    own = {r.index for r in (*equation.free, *equation.over)}
    fresh = (f"t{n}'" for n in count(1) if f"t{n}'" not in own)  # with the prime, the name of no size
    for read in equation.reads:
        at = []
        for (e, dilation, pad), size in zip(read.axes, sizes(read.tensor), strict=True):
            inner = normal(e - pad[0])
            if dilation != ONE:
                entry = next(fresh)
                over.append(Range(entry, ZERO, normal(size - ONE)))
                where.append(Delta(inner, normal(dilation * Sym(entry))))
                inner = Sym(entry)
            elif pad != (ZERO, ZERO):
                where.append(Guard(ZERO, inner, normal(size - ONE)))
            at.append(inner)
        reads.append(Read(read.tensor, tuple(at)))
    return replace(equation, over=tuple(over), where=tuple(where), reads=tuple(reads))


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the products of one equation lie among those of another.

    `solved` gives the other's indices at which it has the same reads; `residuals` must vanish,
    and `needs` must hold, for it to have every product of the first.
    """

    solved: dict[str, Expr]
    residuals: tuple[Expr, ...]
    needs: Needs


def renamed(equation: Equation) -> Equation:
    """The same equation with every index marked, so that it shares none with another."""
    names: dict[str, Expr] = {r.index: Sym(r.index + MARK) for r in (*equation.free, *equation.over)}
    moved = substituted(equation, names)
    free, over = (
        tuple(Range(r.index + MARK, r.low, r.high) for r in ranges) for ranges in (equation.free, equation.over)
    )
    return replace(moved, left=on_read(equation.left, lambda e: substitute(e, names)), free=free, over=over)


def contained(a: Equation, b: Equation, facts: Facts) -> Comparison | None:
    """Whether every product that `a` sums stands in `b`, at the same entry; None if no matching was found.

    A product is known by its entry and its reads, so equal reads are equations for the indices
    of `b`, as are its deltas. They are solved one by one, each for an index with coefficient 1 or -1.
    """
    if sorted(r.tensor for r in a.reads) != sorted(r.tensor for r in b.reads):
        return None
    others = {read.tensor: read for read in b.reads}
    pairs = [*zip(a.left.at, b.left.at, strict=True)]
    pairs += [pair for read in a.reads for pair in zip(read.at, others[read.tensor].at, strict=True)]
    pairs += [(c.left, c.right) for c in b.where if isinstance(c, Delta)]
    solved, residuals = _solve([y - x for x, y in pairs], [r.index for r in (*b.free, *b.over)])
    if len(solved) < len(b.free) + len(b.over):
        return None
    inside = facts.plus(domain(a))
    zero = [side for e in residuals for side in equalities(e, Int(0))]
    return Comparison(solved, residuals, need(inside, [*zero, *(substitute(e, solved) for e in domain(b))]))


def domain(equation: Equation) -> list[Expr]:
    """What holds at every point that an equation sums over, each expression >= 0."""
    box = bounds((*equation.free, *equation.over))
    return [*box, *(e for condition in equation.where for e in inequalities(condition))]


def inequalities(condition: Condition) -> tuple[Expr, ...]:
    """What a condition says, each expression >= 0."""
    match condition:
        case Guard(low, value, high):
            return value - low, high - value
        case Delta(left, right):
            return equalities(left, right)


def _solve(gaps: Sequence[Expr], unknowns: Sequence[str]) -> tuple[dict[str, Expr], tuple[Expr, ...]]:
    """Solve gap = 0 for the unknowns, where that is possible over the integers; the other gaps are left."""
    left, rest = list(unknowns), list(map(normal, gaps))
    solved: dict[str, Expr] = {}
    while True:
        found = next(((g, n) for g in rest for n in left if constant(coefficient(g, n)) in (1, -1)), None)
        if found is None:
            return solved, tuple(g for g in rest if not same(g, Int(0)))
        gap, name = found
        slope = Int(constant(coefficient(gap, name)) or 0)
        value = normal(Sym(name) - slope * gap)
        rest = [substitute(g, {name: value}) for g in rest if g is not gap]
        solved = {key: substitute(e, {name: value}) for key, e in solved.items()} | {name: value}
        left.remove(name)
