"""Inequalities for all integers, each with a certificate that a few lines of arithmetic re-check.

To show goal >= 0 from facts >= 0, write goal as a sum, with multipliers that are not negative,
of products of facts: linear ones first (Farkas), then products (Handelman), up to the degree of
the goal. The multipliers come from an exact simplex over the rationals. Finding none means
nothing: it is not a refutation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import combinations_with_replacement
from math import prod

from gradcheck.errors import Disagreement
from gradcheck.evidence import Certificate
from gradcheck.notation.arithmetic import ONE, Expr, degree, symbols
from gradcheck.symbolic.algebra import Monomial, coefficients, constant, normal

MAX_TERMS = 1_500  # of all products of facts together, before multiplying out


@dataclass(frozen=True, slots=True)
class Facts:
    """What may be assumed: each expression is >= 0 (an equation is two of them)."""

    nonnegative: tuple[Expr, ...]

    def plus(self, more: Sequence[Expr]) -> "Facts":
        """These facts and some more."""
        return Facts(tuple(dict.fromkeys((*self.nonnegative, *map(normal, more)))))

    def why(self, goal: Expr) -> Certificate | None:
        """A certificate that goal >= 0, or None if none was found."""
        goal = normal(goal)
        own = set(symbols(goal))
        near = tuple(fact for fact in self.nonnegative if own.issuperset(symbols(fact)))
        return _find(goal, near) or _find(goal, self.nonnegative)


def holds(certificate: Certificate, facts: Facts) -> bool:
    """Whether the certificate's parts are facts, its multipliers not negative, and its sum the goal."""
    rest: dict[Monomial, Fraction] = {m: Fraction(c) for m, c in coefficients(certificate.goal)}
    for multiplier, product in certificate.parts:
        if multiplier < 0 or not set(product) <= set(facts.nonnegative):
            return False
        for monomial, c in coefficients(_times(product)):
            rest[monomial] = rest.get(monomial, Fraction(0)) - multiplier * c
    return not any(rest.values())


@lru_cache(maxsize=10_000)
def _find(goal: Expr, facts: tuple[Expr, ...]) -> Certificate | None:
    value = constant(goal)
    if value is not None:
        return Certificate(goal, ((Fraction(value), ()),) if value else ()) if value >= 0 else None
    if goal in facts:
        return Certificate(goal, ((Fraction(1), (goal,)),))
    for size in range(1, max(2, degree(goal) + 1)):
        products = _products(facts, size)
        if products is None:
            return None
        multipliers = _combine(goal, [_times(product) for product in products])
        if multipliers:
            parts = zip(multipliers, products, strict=True)
            return _checked(Certificate(goal, tuple((c, product) for c, product in parts if c)), facts)
    return None


def _checked(certificate: Certificate, facts: tuple[Expr, ...]) -> Certificate:
    if not holds(certificate, Facts(facts)):
        raise Disagreement(f"the certificate {certificate} does not hold")
    return certificate


def _products(facts: tuple[Expr, ...], size: int) -> list[tuple[Expr, ...]] | None:
    """Up to so many facts each, the empty product first; None if that is too much to try."""
    found, terms = [], 0
    for n in range(size + 1):
        for product in combinations_with_replacement(facts, n):
            found.append(product)
            terms += prod(len(coefficients(fact)) for fact in product)
            if terms > MAX_TERMS:
                return None
    return found


def _times(product: tuple[Expr, ...]) -> Expr:
    result: Expr = ONE
    for fact in product:
        result = result * fact
    return result


def _combine(goal: Expr, columns: list[Expr]) -> list[Fraction] | None:
    """Multipliers c >= 0 with sum c_j columns_j = goal, coefficient by coefficient."""
    table = [dict(coefficients(column)) for column in columns]
    target = dict(coefficients(goal))
    monomials = dict.fromkeys([*target, *(m for column in table for m in column)])
    rows = [[column.get(m, 0) for column in table] for m in monomials]
    return feasible(rows, [target.get(m, 0) for m in monomials])


def feasible(rows: list[list[int]], values: list[int]) -> list[Fraction] | None:
    """Some x >= 0 with rows x = values, or None: phase one of the simplex method, by Bland's rule.

    Each row starts with an artificial unknown; the sum of these is driven to zero, which is
    possible just when there is a solution. An artificial unknown that has left never comes back,
    so that its column is not kept. Bland's choice of the first column that helps cannot cycle.
    """
    width = len(rows[0])
    table = [[Fraction(-c if value < 0 else c) for c in (*row, value)] for row, value in zip(rows, values, strict=True)]
    basis = list(range(width, width + len(table)))
    cost = [sum(column) for column in zip(*table, strict=True)]
    while True:
        enter = next((j for j in range(width) if cost[j] > 0), None)
        if enter is None:
            break
        _, _, leave = min((row[-1] / row[enter], basis[n], n) for n, row in enumerate(table) if row[enter] > 0)
        _pivot(table, leave, enter)
        cost = [c - cost[enter] * t if t else c for c, t in zip(cost, table[leave], strict=True)]
        basis[leave] = enter
    if cost[-1]:
        return None
    solution = [Fraction(0)] * width
    for n, j in enumerate(basis):
        if j < width:
            solution[j] = table[n][-1]
    return solution


def _pivot(table: list[list[Fraction]], at: int, column: int) -> None:
    head = table[at][column]
    table[at] = [c / head for c in table[at]]
    for n, row in enumerate(table):
        if n != at and row[column]:
            factor = row[column]
            table[n] = [c - factor * p if p else c for c, p in zip(row, table[at], strict=True)]


def equalities(a: Expr, b: Expr) -> tuple[Expr, Expr]:
    """a = b as two facts: a - b >= 0 and b - a >= 0."""
    return normal(a - b), normal(b - a)
