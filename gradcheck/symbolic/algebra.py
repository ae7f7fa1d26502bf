"""Normal form over the integers; the only module that knows sympy.

An expression becomes an element of sympy's sparse polynomial ring over ZZ, where equal
polynomials are equal values. The generators are the symbols and, as values of their own, the
quotients a // b and the extremes max(a, b), in normal form themselves:

    a % b = a - b*(a // b),  ceil(a/b) = -(-a // b),  min(a, b) = a + b - max(a, b),
    (b*c + a) // b = c + a // b,  -a // b = -((a - 1) // b) - 1

Nothing else of sympy's is relied upon: its sums, deltas, floors and inequalities were found to
get stuck or to be unsound on symbolic bounds.
"""

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from math import gcd

from sympy import ZZ
from sympy.polys.rings import PolyRing

from gradcheck.notation.arithmetic import ONE, ZERO, Expr, Group, Int, Op, Sym, evaluate, replace

Monomial = tuple[tuple[Expr, int], ...]
ATOMS = ("//", "max")


@cache
def _ring(generators: int) -> PolyRing:
    return PolyRing([f"g{n}" for n in range(generators)], ZZ)


@lru_cache(maxsize=100_000)
def coefficients(e: Expr) -> tuple[tuple[Monomial, int], ...]:
    """The polynomial `e` multiplied out: its monomials, as (generator, power) pairs, and their coefficients."""
    reduced = _reduced(e)
    generators = tuple(dict.fromkeys(_generators(reduced)))
    if not generators:
        value = int(evaluate(reduced, {}))
        return (((), value),) if value else ()
    ring = _ring(len(generators))
    flat = _flat(reduced, {g: Sym(str(n)) for n, g in enumerate(generators)})
    polynomial = ring.ground_new(0) + evaluate(flat, {str(n): x for n, x in enumerate(ring.gens)})
    return tuple((_monomial(generators, powers), int(c)) for powers, c in polynomial.terms())


def _monomial(generators: tuple[Expr, ...], powers: tuple[int, ...]) -> Monomial:
    own = [(g, power) for g, power in zip(generators, powers, strict=True) if power]
    return tuple(sorted(own, key=lambda factor: str(factor[0])))


def _generators(e: Expr) -> tuple[Expr, ...]:
    match e:
        case Sym():
            return (e,)
        case Op(op, left, right):
            return (e,) if op in ATOMS else _generators(left) + _generators(right)
    return ()


def _flat(e: Expr, names: Mapping[Expr, Expr]) -> Expr:
    if e in names:
        return names[e]
    return Op(e.op, _flat(e.left, names), _flat(e.right, names)) if isinstance(e, Op) else e


@lru_cache(maxsize=100_000)
def _reduced(e: Expr) -> Expr:
    """`e` by sums, products and powers of numbers, symbols, and quotients and maxima in normal form."""
    match e:
        case Group(inner):
            return _reduced(inner)
        case Op("//", a, b):
            return _quotient(normal(a), normal(b))
        case Op("%", a, b):
            return _reduced(a) - _reduced(b) * _quotient(normal(a), normal(b))
        case Op("ceil", a, b):
            return ZERO - _quotient(normal(ZERO - a), normal(b))
        case Op("max", a, b):
            return _greatest(normal(a), normal(b))
        case Op("min", a, b):
            return _reduced(a) + _reduced(b) - _greatest(normal(a), normal(b))
        case Op(op, left, right):
            return Op(op, _reduced(left), _reduced(right))
    return e


def _quotient(a: Expr, b: Expr) -> Expr:
    """a // b for b >= 1, with what b divides taken out; both are in normal form."""
    terms = coefficients(b)
    whole: Expr = ZERO
    rest = a
    if len(terms) == 1:
        ((divisor, size),) = terms
        for monomial, c in coefficients(a):
            cofactor = _divided(monomial, divisor)
            if cofactor is not None and c // size:
                whole = whole + Int(c // size) * _term(cofactor, 1)
                rest = rest - Int(c // size * size) * _term(monomial, 1)
    rest = _canonical(rest)
    if rest == ZERO or (constant(rest) is not None and constant(b) is not None):
        return whole
    if _starts_negative(rest):
        return whole - ONE - _quotient(_canonical(ZERO - rest - ONE), b)
    return whole + Op("//", rest, _canonical(b))


def _starts_negative(e: Expr) -> bool:
    """Whether the first term of a sum is negative: -a + b, or -1."""
    while isinstance(e, Op) and e.op in "+-" and e.left != ZERO:
        e = e.left
    return isinstance(e, Op) and e.op == "-"


def _divided(monomial: Monomial, divisor: Monomial) -> Monomial | None:
    powers = dict(monomial)
    for generator, power in divisor:
        powers[generator] = powers.get(generator, 0) - power
    if min(powers.values(), default=0) < 0:
        return None
    return tuple((g, power) for g, power in powers.items() if power)


def _greatest(a: Expr, b: Expr) -> Expr:
    """max(a, b); both are in normal form."""
    gap = constant(a - b)
    if gap is not None:
        return a if gap >= 0 else b
    return Op("max", *sorted((_canonical(a), _canonical(b)), key=str))


def atoms(e: Expr) -> tuple[Op, ...]:
    """The quotients and maxima in the normal form of `e`, and those inside them."""
    found = [g for monomial, _ in coefficients(e) for g, _ in monomial if isinstance(g, Op)]
    inner = [atom for g in found for part in (g.left, g.right) for atom in atoms(part)]
    return tuple(dict.fromkeys((*found, *inner)))


def total_degree(e: Expr) -> int:
    """The degree of `e` multiplied out, where a quotient or a maximum counts as a symbol."""
    return max((sum(power for _, power in monomial) for monomial, _ in coefficients(e)), default=0)


@lru_cache(maxsize=100_000)
def normal(e: Expr) -> Expr:
    """`e` multiplied out, positive terms first, else in the order in which its symbols are written."""
    return _ordered(e, dict.fromkeys(_generators(_reduced(e))))


@lru_cache(maxsize=100_000)
def _canonical(e: Expr) -> Expr:
    """`e` multiplied out, and the same for equal polynomials: in alphabetical order, small letters first."""
    generators = dict.fromkeys(g for monomial, _ in coefficients(e) for g, _ in monomial)
    return _ordered(e, sorted(generators, key=lambda g: (isinstance(g, Op), str(g).swapcase())))


def _ordered(e: Expr, generators: Iterable[Expr]) -> Expr:
    order = {g: n for n, g in enumerate(generators)}
    terms = [(tuple(sorted(monomial, key=lambda factor: order[factor[0]])), c) for monomial, c in coefficients(e)]
    positive = any(monomial and c > 0 for monomial, c in terms)

    def place(term: tuple[Monomial, int]) -> tuple[bool, bool, list[tuple[int, int]]]:
        monomial, c = term
        return (not monomial and (positive or c < 0), c < 0, [(order[g], power) for g, power in monomial])

    result: Expr = ZERO
    for monomial, c in sorted(terms, key=place):
        term = _term(monomial, abs(c))
        started = result != ZERO
        result = result - term if c < 0 else result + term if started else term
    return result


def _term(monomial: Monomial, size: int) -> Expr:
    factors: list[Expr] = [] if size == 1 and monomial else [Int(size)]
    factors += [g if power == 1 else Op("**", g, Int(power)) for g, power in monomial]
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
        if (Sym(index), 1) in monomial:
            found = found + Int(c) * _term(tuple(p for p in monomial if p[0] != Sym(index)), 1)
    return normal(found)
