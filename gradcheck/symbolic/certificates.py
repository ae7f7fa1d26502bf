"""Inequalities for all integers, each with a certificate that a few lines of arithmetic re-check.

To show goal >= 0 from facts >= 0, write goal as a sum, with multipliers that are not negative,
of products of facts: linear ones first (Farkas), then products (Handelman), up to the degree of
the goal. The multipliers come from an exact simplex over the rationals. What holds by definition
are facts as well: a quotient q = a // b has a - b*q >= 0 and b*q + b - 1 - a >= 0, a maximum is
at least both and equal to one. Finding none means nothing: it is not a refutation.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from itertools import permutations

from gradcheck.errors import Disagreement
from gradcheck.evidence import Certificate
from gradcheck.notation.arithmetic import ONE, ZERO, Expr, Op, evaluate, symbols
from gradcheck.notation.arithmetic import replace as substituted
from gradcheck.symbolic.algebra import Monomial, atoms, coefficients, constant, normal
from gradcheck.symbolic.products import combined, sum_of_products, times

MAX_POINTS = 12
POINT_VALUES = 3  # tried for an index: 0, 1, ...
MAX_CASES = 2  # maxima that are told apart, one after another

IMPOSSIBLE = normal(ZERO - ONE)

Certificates = tuple[Certificate, ...]
Point = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Facts:
    """What may be assumed: each expression is >= 0 (an equation is two of them).

    Symbols that equations determine are replaced by what they are, each by those before it. The
    `points` satisfy all the facts: what is negative at one of them has no certificate.
    """

    nonnegative: tuple[Expr, ...]
    determined: tuple[tuple[str, Expr], ...] = ()
    points: tuple[Point, ...] = field(default=(), compare=False)

    def plus(self, more: Sequence[Expr]) -> "Facts":
        """These facts and some more."""
        return _plus(self, tuple(more))

    def put_in(self, e: Expr) -> Expr:
        """`e` multiplied out, without the symbols that are determined."""
        for name, value in reversed(self.determined):
            e = substituted(e, {name: value})
        return normal(e)

    def why(self, goal: Expr) -> Certificates | None:
        """A certificate that goal >= 0, or one for each case; None if none was found."""
        goal = self.put_in(goal)
        known = self.points[0].keys() if self.points else ()
        if all(name in known for name in symbols(goal)) and any(_value(goal, point) < 0 for point in self.points):
            return None
        for near in self._nearer_and_nearer_to_all(goal):
            found = _find(goal, near, MAX_CASES)
            if found:
                return found
        return None if self.points else _find(IMPOSSIBLE, self.nonnegative, 0)

    def _nearer_and_nearer_to_all(self, goal: Expr) -> Iterator[tuple[Expr, ...]]:
        """The facts about no more than the symbols of the goal; then also of the facts that share one with it."""
        own, before = set(symbols(goal)), None
        for _ in range(3):
            near = tuple(fact for fact in self.nonnegative if own.issuperset(symbols(fact)))
            if near != before:
                yield near
            before = near
            own |= {name for f in self.nonnegative if not own.isdisjoint(symbols(f)) for name in symbols(f)}


@lru_cache(maxsize=1_000)
def _plus(facts: Facts, more: tuple[Expr, ...]) -> Facts:
    new = tuple(e for e in map(facts.put_in, more) if not _always(e))
    known = dict.fromkeys((*facts.nonnegative, *new))
    return replace(facts, nonnegative=tuple(known), points=_extended(facts.points, new))


def _extended(points: tuple[Point, ...], facts: tuple[Expr, ...]) -> tuple[Point, ...]:
    """The points with values for the symbols of the facts that they lack, as far as the facts hold there."""
    found: list[Point] = list(points)
    known = set(found[0]) if found else set()
    unknown = dict.fromkeys(name for e in facts for name in symbols(e) if found and name not in known)
    for name in (None, *unknown):
        if name:
            found = [{**point, name: value} for point in found for value in range(POINT_VALUES)]
            known.add(name)
        here = [e for e in facts if known.issuperset(symbols(e)) and (name is None or name in symbols(e))]
        found = [point for point in found if all(_value(e, point) >= 0 for e in here)]
        found = found[:: len(found) // MAX_POINTS + 1]
    return tuple(found)


def _value(e: Expr, point: Point) -> int:
    """The value of `e`, 0 where it divides by 0: such a point tells nothing."""
    try:
        return int(evaluate(e, point))
    except ZeroDivisionError:
        return 0


def _always(e: Expr) -> bool:
    value = constant(e)
    return value is not None and value >= 0


def definitions(expressions: Sequence[Expr]) -> tuple[Expr, ...]:
    """What holds of every quotient and every maximum in the expressions by what they are, each >= 0."""
    found: list[Expr] = []
    for atom in dict.fromkeys(atom for e in expressions for atom in atoms(e)):
        if atom.op == "max":
            found += [atom - atom.left, atom - atom.right]
        else:
            rest = atom.left - atom.right * atom
            found += [rest, atom.right - ONE - rest]
    return tuple(map(normal, found))


def holds(certificate: Certificate, facts: Facts) -> bool:
    """Whether the certificate's parts are facts, its multipliers not negative, and its sum the goal.

    A divisor must be at least 1, and a case one of the two values of a maximum.
    """
    used = [fact for _, product in certificate.parts for fact in product]
    maxima = [atom for e in certificate.assuming for atom in atoms(e) if atom.op == "max"]
    cases = {normal(value - atom) for atom in maxima for value in (atom.left, atom.right)}
    if not cases.issuperset(certificate.assuming) or not facts.why(certificate.divisor - ONE):
        return False
    known = {*facts.nonnegative, *certificate.assuming, *definitions([certificate.goal, *used])}
    rest: dict[Monomial, Fraction] = {m: Fraction(c) for m, c in coefficients(certificate.total)}
    for multiplier, product in certificate.parts:
        if multiplier < 0 or not set(product) <= known:
            return False
        for monomial, c in coefficients(times(product)):
            rest[monomial] = rest.get(monomial, Fraction(0)) - multiplier * c
    return not any(rest.values())


@lru_cache(maxsize=10_000)
def _find(goal: Expr, facts: tuple[Expr, ...], cases: int) -> Certificates | None:
    value = constant(goal)
    if value is not None and value >= 0:
        return (Certificate(goal, ((Fraction(value), ()),) if value else ()),)
    itself = next((fact for fact in facts if frozenset(coefficients(fact)) == frozenset(coefficients(goal))), None)
    if itself:
        return (Certificate(itself, ((Fraction(1), (itself,)),)),)
    known = tuple(dict.fromkeys((*facts, *definitions([goal, *facts]))))
    found = _by_products(goal, known)
    if found:
        return (found,)
    lemmas = _orders((goal, *facts), known)
    found = _by_products(goal, (*known, *(lemma.goal for lemma in lemmas))) if lemmas else None
    if found:
        used = {fact for _, product in found.parts for fact in product}
        return (*(lemma for lemma in lemmas if lemma.goal in used), found)
    maxima = [atom for e in (goal, *facts) for atom in atoms(e) if atom.op == "max"]
    told = (atom for atom in maxima if {normal(atom.left - atom), normal(atom.right - atom)}.isdisjoint(facts))
    greatest = next(told, None)
    return _either(goal, facts, greatest, cases) if greatest and cases else None


def _by_products(goal: Expr, facts: tuple[Expr, ...]) -> Certificate | None:
    """The goal, or its multiple by a divisor with the room that rounding leaves, as a sum of products of facts."""
    for divisor in (ONE, *dict.fromkeys(atom.right for atom in _quotients((goal, *facts)))):
        parts = sum_of_products(Certificate(goal, (), divisor).total, facts)
        if parts:
            return _checked(Certificate(goal, parts, divisor), facts)
    return None


def _quotients(expressions: Sequence[Expr]) -> list[Op]:
    return [q for q in dict.fromkeys(atom for e in expressions for atom in atoms(e)) if q.op == "//"]


def _orders(expressions: Sequence[Expr], facts: tuple[Expr, ...]) -> Certificates:
    """What can be shown of a quotient: p >= 0, or, of another one by the same divisor, p >= q + 1 or p >= q."""
    found = []
    quotients = _quotients(expressions)
    pairs = [(p, q) for p, q in permutations(quotients, 2) if p.right == q.right]
    for p, q in [*((p, ZERO) for p in quotients), *pairs]:
        for gap in (ONE, ZERO) if q != ZERO else (ZERO,):
            goal = normal(p - q - gap)
            parts = combined(Certificate(goal, (), p.right).total, [(), *((fact,) for fact in facts)])
            if parts:
                found.append(_checked(Certificate(goal, parts, p.right), facts))
                break
    return tuple(found)


def _either(goal: Expr, facts: tuple[Expr, ...], greatest: Op, cases: int) -> Certificates | None:
    """Certificates for both of the values that a maximum may have."""
    found: list[Certificate] = []
    for value in (greatest.left, greatest.right):
        fact = normal(value - greatest)
        more = (*facts, fact)
        here = _find(goal, more, cases - 1) or _find(IMPOSSIBLE, more, cases - 1)
        if here is None:
            return None
        found += [replace(certificate, assuming=(fact, *certificate.assuming)) for certificate in here]
    return tuple(found)


def _checked(certificate: Certificate, facts: tuple[Expr, ...]) -> Certificate:
    if not holds(certificate, Facts(facts)):
        raise Disagreement(f"the certificate {certificate} does not hold")
    used = dict.fromkeys(fact for _, product in certificate.parts for fact in product)
    defined = definitions([certificate.goal, *used])
    return replace(certificate, by_definition=tuple(fact for fact in used if fact in defined))


def equalities(a: Expr, b: Expr) -> tuple[Expr, Expr]:
    """a = b as two facts: a - b >= 0 and b - a >= 0."""
    return normal(a - b), normal(b - a)
