"""Normal form over the integers; the only module that knows sympy.

An expression becomes an element of sympy's sparse polynomial ring ZZ[symbols], where equal
polynomials are equal values. Nothing else of sympy's is relied upon: its sums, deltas, floors
and inequalities were found to get stuck or to be unsound on symbolic bounds.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from math import gcd

from sympy import ZZ
from sympy.polys.rings import PolyRing

from gradcheck.notation.arithmetic import ZERO, Expr, Int, Op, Sym, evaluate, replace, symbols

Monomial = tuple[tuple[str, int], ...]


@cache
def _ring(names: tuple[str, ...]) -> PolyRing:
    return PolyRing(names, ZZ)


@lru_cache(maxsize=100_000)
def coefficients(e: Expr) -> tuple[tuple[Monomial, int], ...]:
    """The polynomial `e` multiplied out: its monomials, as (symbol, power) pairs, and their coefficients."""
    names = tuple(dict.fromkeys(symbols(e)))
    if not names:
        value = int(evaluate(e, {}))
        return (((), value),) if value else ()
    ring = _ring(names)
    polynomial = ring.ground_new(0) + evaluate(e, dict(zip(names, ring.gens, strict=True)))
    return tuple((_monomial(names, powers), int(c)) for powers, c in polynomial.terms())


def _monomial(names: tuple[str, ...], powers: tuple[int, ...]) -> Monomial:
    return tuple(sorted((name, power) for name, power in zip(names, powers, strict=True) if power))


@lru_cache(maxsize=100_000)
def normal(e: Expr) -> Expr:
    """`e` multiplied out, positive terms first, else in the order in which its symbols are written."""
    order = {name: n for n, name in reversed(list(enumerate(symbols(e))))}
    terms = coefficients(e)
    positive = any(monomial and c > 0 for monomial, c in terms)

    def place(term: tuple[Monomial, int]) -> tuple[bool, bool, list[int]]:
        monomial, c = term
        return (not monomial and (positive or c < 0), c < 0, [order[name] for name, _ in monomial])

    result: Expr = ZERO
    for monomial, c in sorted(terms, key=place):
        term = _term(monomial, abs(c))
        started = result != ZERO
        result = result - term if c < 0 else result + term if started else term
    return result


def _term(monomial: Monomial, size: int) -> Expr:
    factors: list[Expr] = [] if size == 1 and monomial else [Int(size)]
    for name, power in monomial:
        factors.append(Sym(name) if power == 1 else Op("**", Sym(name), Int(power)))
    product = factors[0]
    for factor in factors[1:]:
        product = product * factor
    return product


def signed(e: Expr) -> tuple[Expr, Expr]:
    """(a, b) with e = a - b, where no term of either is negative."""
    positive: Expr = ZERO
    negative: Expr = ZERO
    for monomial, c in coefficients(e):
        if c > 0:
            positive = positive + _term(monomial, c)
        else:
            negative = negative + _term(monomial, -c)
    return normal(positive), normal(negative)


def primitive(e: Expr) -> Expr:
    """`e` divided by the greatest number that divides all its coefficients."""
    terms = coefficients(e)
    divisor = gcd(*(c for _, c in terms)) or 1
    return normal(sum((Int(c // divisor) * _term(monomial, 1) for monomial, c in terms), start=ZERO))


def constant(e: Expr) -> int | None:
    """The value of `e` if it is the same for all integers, else None."""
    terms = coefficients(e)
    if not terms:
        return 0
    return terms[0][1] if len(terms) == 1 and not terms[0][0] else None


def same(a: Expr, b: Expr) -> bool:
    """Whether `a` and `b` are the same polynomial."""
    return not coefficients(a - b)


def substitute(e: Expr, by: Mapping[str, Expr]) -> Expr:
    """`e` with each symbol in `by` replaced, multiplied out."""
    return normal(replace(e, by))


def coefficient(e: Expr, index: str) -> Expr:
    """The c in e = c*index + rest; ZERO when `index` is not in `e`."""
    found: Expr = ZERO
    for monomial, c in coefficients(e):
        if (index, 1) in monomial:
            found = found + Int(c) * _term(tuple(p for p in monomial if p[0] != index), 1)
    return normal(found)
