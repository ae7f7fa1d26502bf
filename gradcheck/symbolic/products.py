"""An expression as a sum of products of facts, with multipliers that are not negative."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations_with_replacement
from math import prod

from gradcheck.notation.arithmetic import ONE, Expr
from gradcheck.symbolic.algebra import coefficients, total_degree
from gradcheck.symbolic.simplex import feasible

MAX_TERMS = 1_500  # of all products of facts together, before multiplying out
SHORT = 2  # terms, as in s - 1 or n - m

Parts = tuple[tuple[Fraction, tuple[Expr, ...]], ...]


def sum_of_products(total: Expr, facts: tuple[Expr, ...]) -> Parts | None:
    """The total as such a sum, of as few facts in a product as will do; None if none was found."""
    for size in range(1, max(map(total_degree, (total, *facts))) + 1):
        products = _products(facts, size)
        found = combined(total, products) if products else None
        if found or products is None:
            return found
    return None


def combined(total: Expr, products: Sequence[tuple[Expr, ...]]) -> Parts | None:
    """The total as a sum of multiples of these products; None if there is none."""
    multipliers = _combine(total, [times(product) for product in products])
    return tuple((c, product) for c, product in zip(multipliers or (), products, strict=False) if c) or None


def _products(facts: tuple[Expr, ...], size: int) -> list[tuple[Expr, ...]] | None:
    """Up to so many facts each, at most one of them long, the empty product first; None if that is too much to try."""
    found, terms = [], 0
    lengths = {fact: len(coefficients(fact)) for fact in facts}
    for n in range(size + 1):
        for product in combinations_with_replacement(facts, n):
            if sum(lengths[fact] > SHORT for fact in product) <= 1:
                found.append(product)
                terms += prod(lengths[fact] for fact in product)
                if terms > MAX_TERMS:
                    return None
    return found


def times(product: tuple[Expr, ...]) -> Expr:
    """The product of the facts, written out."""
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
