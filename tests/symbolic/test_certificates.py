"""Certificates: found where there is one, never for what is false, and re-checked by arithmetic."""

from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gradcheck.errors import Disagreement
from gradcheck.evidence import Certificate
from gradcheck.notation.arithmetic import ONE, ZERO, Expr, Int, Op, Sym, evaluate, symbols
from gradcheck.notation.scanner import Scanner
from gradcheck.notation.size_grammar import parse_size
from gradcheck.symbolic.algebra import normal, same
from gradcheck.symbolic.certificates import IMPOSSIBLE, Certificates, Facts, _checked, definitions, equalities, holds

QUICK = settings(max_examples=150, deadline=None, derandomize=True)
Point = dict[str, int]


def size(text: str) -> Expr:
    """The tree of a text."""
    return parse_size(Scanner(text))


def known(*texts: str) -> Facts:
    """Facts that are written as texts."""
    return Facts(()).plus([size(text) for text in texts])


@cache
def grid(names: tuple[str, ...], divisors: tuple[str, ...]) -> list[Point]:
    """Small points: divisors from 1, the others from below 0."""
    few = range(-2, 6) if len(names) <= 3 else range(4) if len(names) <= 4 else range(3)
    return [
        dict(zip(names, values, strict=True))
        for values in product(*(range(1, 4) if name in divisors else few for name in names))
    ]


def points(goal: Expr, facts: Facts) -> list[Point]:
    """Where the goal and the facts have values and the facts hold; s and d are what is divided by."""
    names = tuple(sorted({name for e in (goal, *facts.nonnegative) for name in symbols(e)}))
    return [at for at in grid(names, ("d", "s")) if all(evaluate(fact, at) >= 0 for fact in facts.nonnegative)]


def recheck(goal: Expr, certificates: Certificates, facts: Facts) -> None:
    """Each certificate holds, given the facts and the lemmas before it in its case, and each case ends in the goal."""
    lemmas: list[Certificate] = []
    for certificate in certificates:
        own = [c.goal for c in lemmas if set(c.assuming) <= set(certificate.assuming)]
        assert holds(certificate, facts.plus(own)), str(certificate)
        lemmas.append(certificate)
    assert certificates
    assert all(same(c.goal, goal) or c.goal == IMPOSSIBLE for c in last_of_each_case(certificates))


def last_of_each_case(certificates: Certificates) -> list[Certificate]:
    """What the lemmas lead to."""
    return list({certificate.assuming: certificate for certificate in certificates}.values())


def true_at(goal: Expr, certificates: Certificates, at: Point) -> None:
    """At a point where the facts hold: each sum has the value of what it says, one case is met, and the goal holds."""
    met = False
    for certificate in certificates:
        value = sum((c * evaluate(_product(facts), at) for c, facts in certificate.parts), Fraction(0))
        assert value == evaluate(certificate.total, at), str(certificate)
        assert evaluate(certificate.divisor, at) >= 1
        if all(evaluate(fact, at) >= 0 for fact in certificate.assuming):
            assert all(evaluate(fact, at) >= 0 for _, facts in certificate.parts for fact in facts)
            assert evaluate(certificate.goal, at) >= 0
            met = met or same(certificate.goal, goal)
    assert met, f"no case is met at {at}"
    assert evaluate(goal, at) >= 0


def _product(facts: tuple[Expr, ...]) -> Expr:
    result: Expr = ONE
    for fact in facts:
        result = result * fact
    return result


FACTS = known("m-1", "n-m", "k-1", "u", "m-1-u", "x", "n-1-x")


@pytest.mark.parametrize(
    "goal",
    ["n-m+1", "n-1", "n+m-2", "x-u+m-1", "n-1-x+u", "0", "7", "2*n-m-1", "k*n-1", "k*m-m", "n*n-m*m"],
)
def test_true_inequality_gets_a_certificate(goal: str) -> None:
    """What follows from the facts is shown by one sum, and the certificate re-checks."""
    certificates = FACTS.why(size(goal))
    assert certificates is not None
    assert len(certificates) == 1
    recheck(size(goal), certificates, FACTS)


SIDES = ("n-1", "m-1", "s-1", "d-1")
FITS = ("n+2*P-d*(m-1)-1", "P", *SIDES)
REST = ("r", "s-1-r", *SIDES)
SAME = "max((ceil(n/s)-1)*s + d*(m-1) + 1 - n, 0)"  # what Keras pads
EVEN = ("m-1", "-(m%2)")


@pytest.mark.parametrize(
    ("goal", "facts"),
    [
        ("(n+2*P-d*(m-1)-1)//s", FITS),
        ("(n+2*P-d*(m-1)-1)//s", ("n+2*P-d*(m-1)-1", "s-1")),
        ("n+2*P-d*(m-1)-1 - s*((n+2*P-d*(m-1)-1)//s)", FITS),
        ("m + r//d - 1", ("r", "m-1", "d-1")),
        ("m + r//d - m", ("r", "m-1", "d-1")),
        ("m - (m + r//d)", ("r", "d-1-r")),
        ("ceil(n/s) - 1", SIDES),
        ("n - ceil(n/s)", SIDES),
        ("s*ceil(n/s) - n", SIDES),
        (SAME, SIDES),
        (f"(n + {SAME} - d*(m-1) - 1)//s", SIDES),
        (f"(n + {SAME} - d*(m-1) - 1)//s + 1 - ceil(n/s)", SIDES),
        (f"ceil(n/s) - 1 - (n + {SAME} - d*(m-1) - 1)//s", SIDES),
        ("m-1-(m-1)//2 - ((m-1)//2+1)", EVEN),
        ("(m-1)//2+1 - (m-1-(m-1)//2)", EVEN),
        ("m-1-(m-1)//2 - (m-1)//2", ()),
        ("n//s - m//s", ("n-m", "s-1")),
        ("n//s - m//s - 1", ("n-m-s", "s-1")),
        ("n%s", ()),
        ("s-1-n%s", ()),
        ("n//s - n%s - 1", ("n//s-s",)),
        ("max(n, m) - min(n, m)", ()),
        ("n - min(n, m)", ()),
        ("n + m - max(n, m)", ("n", "m")),
        ("n - max(m, k)", ("n-m", "n-k")),
        ("k*max(n, m) - k*n", ("k",)),
        ("min(n, m) - 1", ("n-1", "m-1")),
        ("max(n, m, k) - k", ()),
        ("n - max(m, k, u)", ("n-m", "n-k", "n-u")),
    ],
)
def test_quotients_and_maxima_get_certificates(goal: str, facts: tuple[str, ...]) -> None:
    """What follows with the definitions of quotients and maxima is shown, and true wherever the facts are."""
    e, given_facts = size(goal), known(*facts)
    certificates = given_facts.why(e)
    assert certificates is not None
    recheck(e, certificates, given_facts)
    met = points(e, given_facts)
    assert met
    for at in met:
        true_at(e, certificates, at)


def test_even_filter_pads_one_more_after() -> None:
    """For m even, m-1-(m-1)//2 = (m-1)//2 + 1: both inequalities have certificates; for m odd the first has none."""
    more = equalities(size("m-1-(m-1)//2"), size("(m-1)//2 + 1"))
    assert all(known("m-1", "-(m%2)").why(goal) for goal in more)
    assert [known("m-1", "m%2-1").why(goal) is not None for goal in more] == [False, True]


def test_a_lemma_on_the_order_of_quotients_comes_first() -> None:
    """Where the order of two quotients is needed, its certificates come before the one that uses it as a fact."""
    facts = known(*EVEN)
    goal = size("m-1-(m-1)//2 - ((m-1)//2+1)")
    certificates = facts.why(goal)
    assert certificates is not None
    *lemmas, last = certificates
    assert lemmas
    assert same(last.goal, goal)
    used = {fact for _, product_ in last.parts for fact in product_}
    assert used & {lemma.goal for lemma in lemmas}
    assert not holds(last, facts)
    assert all(holds(lemma, facts) for lemma in lemmas)


def test_cases_are_told_apart() -> None:
    """A bound of a maximum from above has one certificate for each of its values, and each says which."""
    certificates = known("n", "m").why(size("n + m - max(n, m)"))
    assert certificates is not None
    assert [list(map(str, c.assuming)) for c in certificates] == [["m - max(m, n)"], ["n - max(m, n)"]]
    assert str(certificates[0]) == "n + m - max(m, n) = (n) + (m - max(m, n)), where m - max(m, n) >= 0"


@pytest.mark.parametrize(
    ("goal", "facts"),
    [(goal, ("m-1", "n-m", "k-1", "u", "m-1-u", "x", "n-1-x")) for goal in ("-1", "n-m-1", "m-n", "x-u", "m-2", "u-1")]
    + [
        ("n-k", ("m-1", "n-m", "k-1")),
        ("k*n-2", ("n-1", "k-1")),
        ("(n-m)//s", SIDES),
        ("(n+2*P-d*(m-1)-1)//s - 1", FITS),
        ("(n+2*P-d*(m-1)-2)//s", FITS),
        ("n//s - 1", SIDES),
        ("n//s - ceil(n/s)", SIDES),
        ("n%s - 1", SIDES),
        ("m-1-(m-1)//2 - ((m-1)//2+1)", ("m-1",)),
        ("(m-1)//2 - (m-1-(m-1)//2)", ("m-1",)),
        ("ceil(n/s) - 2 - (n-1)//s", SIDES),
        ("n - max(n, m)", SIDES),
        ("min(n, m) - m", SIDES),
        ("n - max(m, k)", ("n-m",)),
        (f"{SAME} - 1", SIDES),
        ("n//s + m//s - (n+m)//s", SIDES),
    ],
)
def test_false_inequality_gets_none(goal: str, facts: tuple[str, ...]) -> None:
    """What fails somewhere has no certificate."""
    e, given_facts = size(goal), known(*facts)
    assert any(evaluate(e, at) < 0 for at in points(e, given_facts))
    assert given_facts.why(e) is None


def test_a_point_below_zero_ends_the_search() -> None:
    """What is negative at a point that satisfies the facts is not searched for, even if the facts contradict it."""
    facts = Facts((size("n-5"),), points=({"n": 5}, {"n": 2}))
    assert facts.why(size("n-5")) is None
    assert Facts((size("n-5"),), points=({"n": 5},)).why(size("n-5")) is not None


def test_points_get_values_for_new_symbols() -> None:
    """Facts about a new symbol give the points values for it, as far as these satisfy the facts."""
    facts = Facts((), points=({"n": 2}, {"n": 1})).plus([size("x"), size("n-1-x")])
    assert {(at["n"], at["x"]) for at in facts.points} == {(2, 0), (2, 1), (1, 0)}
    assert all(evaluate(e, at) >= 0 for at in facts.points for e in facts.nonnegative)


def test_contradicting_facts_show_anything() -> None:
    """Where no point satisfies the facts, it is shown instead that there is none: -1 >= 0."""
    facts = known("n", "-n-1", "m")
    certificates = facts.why(size("k"))
    assert certificates is not None
    assert certificates[-1].goal == IMPOSSIBLE
    recheck(size("k"), certificates, facts)


def test_determined_symbols_are_put_in() -> None:
    """A symbol that an equation determines is replaced by what it is, each by those before it."""
    facts = Facts((), (("o", size("(n-1)//s + 1")), ("q", size("o - 1")))).plus([size("n-1"), size("s-1")])
    assert str(facts.put_in(size("q + 1"))) == "(n - 1)//s + 1"
    certificates = facts.why(size("q"))
    assert certificates is not None
    recheck(size("(n-1)//s"), certificates, facts)


@pytest.mark.parametrize(
    ("goal", "facts", "text"),
    [
        ("x-u+m-1", ("m-1-u", "x"), "x + m - u - 1 = (m - u - 1) + (x)"),
        ("0", (), "0 = 0"),
        ("7", (), "7 = 7"),
        ("2*n+3", ("n",), "2*n + 3 = 3 + 2*(n)"),
        ("k*n", ("n", "k"), "k*n = (n)*(k)"),
        ("n%s", (), "n - s*(n//s) = (n - s*(n//s))"),
        ("m//2", ("m",), "2*(m//2) + 2 - 1 = (m) + (2*(m//2) - m + 1)"),
    ],
)
def test_certificate_is_read_as_an_identity(goal: str, facts: tuple[str, ...], text: str) -> None:
    """The text of a certificate is an identity that a reader can expand."""
    certificates = known(*facts).why(size(goal))
    assert certificates is not None
    assert "; ".join(map(str, certificates)) == text


@pytest.mark.parametrize("text", ["n//s", "n%s + ceil(m/d)", "max(n, m)", "min(n//s, max(m, 0))", "max(n, m)//s"])
def test_definitions_hold_everywhere(text: str) -> None:
    """What holds by definition holds at every point, and is equality for some side of each atom somewhere."""
    found = definitions([size(text)])
    assert found
    values = [[evaluate(e, at) for e in found] for at in points(size(text), Facts(()))]
    assert all(value >= 0 for row in values for value in row)
    assert all(min(column) == 0 for column in zip(*values, strict=True))


def test_definitions_are_two_for_each_atom() -> None:
    """A quotient has its remainder's two bounds, a maximum is at least either; each atom comes once."""
    assert definitions([size("n + m")]) == ()
    assert list(map(str, definitions([size("n//s"), size("2*(n//s)")]))) == ["n - s*(n//s)", "s + s*(n//s) - n - 1"]
    assert list(map(str, definitions([size("min(n, m)")]))) == ["max(m, n) - m", "max(m, n) - n"]
    assert len(definitions([size("max(n//s, m)//d")])) == 6


TAMPERED = [
    ("x-u+m-1", ("m-1-u", "x", "m-1")),
    ("k*n-1", ("k-1", "n-1", "m-1")),
    ("(n+2*P-d*(m-1)-1)//s", FITS),
    ("m + r//d - 1", ("r", "m-1", "d-1")),
    ("n - ceil(n/s)", SIDES),
    ("m-1-(m-1)//2 - ((m-1)//2+1)", EVEN),
    (f"ceil(n/s) - 1 - (n + {SAME} - d*(m-1) - 1)//s", SIDES),
]


@pytest.mark.parametrize(("goal", "texts"), TAMPERED)
def test_tampered_certificate_is_caught(goal: str, texts: tuple[str, ...]) -> None:
    """Another goal, multiplier, divisor or part, a negative multiplier, or a fact of one's own does not re-check."""
    facts = known(*texts)
    certificates = facts.why(size(goal))
    assert certificates is not None
    facts = facts.plus([certificate.goal for certificate in certificates[:-1] if not certificate.assuming])
    for certificate in certificates:
        assert holds(certificate, facts)
        for one in forged(certificate):
            assert not holds(one, facts), str(one)


def forged(certificate: Certificate) -> list[Certificate]:
    """The certificate with each of its parts changed for the worse."""
    (multiplier, factors), *rest = certificate.parts
    own = size("m-1")
    return [
        replace(certificate, goal=certificate.goal - ONE),
        replace(certificate, goal=certificate.goal + Sym("m")),
        replace(certificate, divisor=certificate.divisor + ONE),
        replace(certificate, divisor=Sym("y")),
        replace(certificate, parts=((multiplier + 1, factors), *rest)),
        replace(certificate, parts=((multiplier / 2, factors), *rest)),
        replace(certificate, parts=((multiplier, (*factors, own)), *rest)),
        replace(certificate, parts=(*certificate.parts, (Fraction(-1), (own,)), (Fraction(1), (own,)))),
        replace(
            certificate, parts=((Fraction(1), (normal(certificate.total - Sym("y")),)), (Fraction(1), (Sym("y"),)))
        ),
        replace(certificate, parts=tuple(rest)),
        replace(certificate, parts=()),
    ]


def test_a_case_needs_its_assumption() -> None:
    """A certificate for one value of a maximum does not hold without saying so."""
    facts = known("n", "m")
    certificates = facts.why(size("n + m - max(n, m)"))
    assert certificates is not None
    assert not any(holds(replace(certificate, assuming=()), facts) for certificate in certificates)
    assert not any(
        holds(replace(one, assuming=other.assuming), facts) for one, other in (certificates, reversed(certificates))
    )


def test_a_cut_rounds_no_further_than_to_the_next_integer() -> None:
    """From 2*goal + 2 >= 0 it does not follow that goal >= 0."""
    good = Certificate(
        size("m//2"), ((Fraction(1), (size("m"),)), (Fraction(1), definitions([size("m//2")])[1:])), Int(2)
    )
    facts = known("m", "m+1")
    assert holds(good, facts)
    assert not holds(replace(good, parts=((Fraction(1), (normal(size("m+1")),)), good.parts[1])), facts)
    assert not holds(replace(good, divisor=ONE), facts)


def test_a_certificate_that_does_not_hold_is_a_fault() -> None:
    """The search never returns a certificate that it could not re-check."""
    with pytest.raises(Disagreement, match="n = 2 does not hold"):
        _checked(Certificate(Sym("n"), ((Fraction(2), ()),)), (Sym("n"),))


LINEAR = st.builds(
    lambda a, b, c: Op("+", Op("+", Int(a) * Sym("n"), Int(b) * Sym("m")), Int(c)), *[st.integers(-3, 3)] * 3
)
DIVISORS = st.sampled_from([Int(2), Int(3), Sym("s"), Sym("s") + ONE])
ATOMS = st.one_of(
    st.builds(Op, st.sampled_from(["//", "%", "ceil"]), LINEAR, DIVISORS),
    st.builds(Op, st.sampled_from(["min", "max"]), LINEAR, LINEAR),
)
GOALS = st.one_of(
    LINEAR,
    ATOMS,
    st.builds(Op, st.sampled_from("+-"), ATOMS, LINEAR),
    st.builds(Op, st.sampled_from("+-"), ATOMS, ATOMS),
    st.builds(lambda a, b: a * b, LINEAR, ATOMS),
)


@given(st.lists(LINEAR, max_size=4), LINEAR)
@QUICK
def test_linear_certificate_is_never_wrong(facts: list[Expr], goal: Expr) -> None:
    """A certified goal is >= 0 wherever all the facts are."""
    given_facts = Facts(()).plus(facts)
    certificates = given_facts.why(goal)
    if certificates is None:
        return
    recheck(goal, certificates, given_facts)
    for n, m in product(range(-6, 7), repeat=2):
        at = {"n": n, "m": m}
        assert evaluate(goal, at) >= 0 or any(evaluate(fact, at) < 0 for fact in facts)


@given(st.lists(LINEAR | ATOMS, max_size=3), GOALS, st.integers(0, 3))
@example([size("n-m"), size("m-n")], size("n//s - m//s"), 0)
@example([], size("max(n, m) - min(n, m)"), 0)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_certificate_is_never_wrong(facts: list[Expr], goal: Expr, more: int) -> None:
    """A certified goal with quotients and maxima is >= 0, by the sums themselves, wherever all the facts are."""
    goal = goal + Int(more)
    given_facts = Facts(()).plus([*facts, Sym("s") - ONE])
    certificates = given_facts.why(goal)
    if certificates is None:
        return
    recheck(goal, certificates, given_facts)
    for n, m, s in product(range(-5, 6), range(-5, 6), range(1, 4)):
        at = {"n": n, "m": m, "s": s}
        if all(evaluate(fact, at) >= 0 for fact in facts):
            true_at(goal, certificates, at)


@given(st.lists(st.tuples(st.integers(0, 3), LINEAR | ATOMS), min_size=1, max_size=3), st.integers(0, 3))
@QUICK
def test_a_planted_sum_is_found(parts: list[tuple[int, Expr]], more: int) -> None:
    """A goal that is a sum of multiples of facts has a certificate."""
    goal: Expr = Int(more)
    for multiplier, fact in parts:
        goal = goal + Int(multiplier) * fact
    facts = Facts(()).plus([fact for _, fact in parts])
    certificates = facts.why(goal)
    assert certificates is not None


@given(LINEAR, st.integers(0, 3), DIVISORS)
@QUICK
def test_a_quotient_is_monotonic(a: Expr, more: int, b: Expr) -> None:
    """(a + c)//b >= a//b has a certificate for every c >= 0."""
    goal = Op("//", a + Int(more) + Sym("m"), b) - Op("//", a, b)
    facts = known("m", "s-1")
    certificates = facts.why(goal)
    assert certificates is not None
    recheck(goal, certificates, facts)


def test_too_many_products_are_not_tried() -> None:
    """A goal of high degree over many facts is given up, not searched forever."""
    many = Facts(()).plus([Sym(f"n{i}") - Int(1) for i in range(30)])
    assert many.why(size("n1*n2*n3-n4*n5")) is None


def test_too_many_maxima_are_not_told_apart() -> None:
    """Two maxima are told apart, one after another; three are given up."""
    facts = known(*(f"{name}-x" for name in "abcdef"), *(f"y-{name}" for name in "abcdef"))
    assert facts.why(size("2*y - max(a, b) - max(c, d)")) is not None
    assert facts.why(size("3*y - max(a, b) - max(c, d) - max(e, f)")) is None


def test_an_equation_is_two_facts() -> None:
    """a = b is a - b >= 0 and b - a >= 0."""
    assert equalities(Sym("n"), Sym("n")) == (ZERO, ZERO)
    assert list(map(str, equalities(size("n"), size("m//s")))) == ["n - m//s", "m//s - n"]
