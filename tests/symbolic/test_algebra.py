"""Normal forms: equal for all integers is equal as trees, with quotients and maxima as values of their own."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcheck.notation.arithmetic import DIVISIONS, EXTREMES, ONE, ZERO, Expr, Group, Int, Op, Sym, evaluate
from gradcheck.notation.scanner import Scanner
from gradcheck.notation.size_grammar import parse_size
from gradcheck.symbolic.algebra import (
    ATOMS,
    atoms,
    coefficient,
    coefficients,
    constant,
    normal,
    primitive,
    same,
    signed,
    substitute,
    total_degree,
)

NAMES = ("n", "m", "u")
POSITIVE = ("s", "t")  # what may divide
QUICK = settings(max_examples=200, deadline=None, derandomize=True)
TWO = Int(2)
LEAVES = st.integers(-3, 3).map(Int) | st.sampled_from(NAMES).map(Sym)
POLYNOMIALS = st.recursive(LEAVES, lambda inner: st.builds(Op, st.sampled_from("+-*"), inner, inner), max_leaves=7)
DIVISORS = st.recursive(
    st.integers(1, 4).map(Int) | st.sampled_from(POSITIVE).map(Sym),
    lambda inner: (
        st.builds(Op, st.sampled_from("+*"), inner, inner) | st.builds(Op, st.just("**"), inner, st.just(TWO))
    ),
    max_leaves=3,
)
TREES = st.recursive(
    LEAVES | st.sampled_from(POSITIVE).map(Sym),
    lambda inner: st.one_of(
        st.builds(Op, st.sampled_from(["+", "-", "*", *EXTREMES]), inner, inner),
        st.builds(Op, st.sampled_from(DIVISIONS), inner, DIVISORS),
        st.builds(Op, st.just("**"), inner, st.just(TWO)),
        st.builds(Group, inner),
    ),
    max_leaves=6,
)
POINTS = st.fixed_dictionaries(
    {name: st.integers(-9, 9) for name in NAMES} | {name: st.integers(1, 5) for name in POSITIVE}
)
GRID = [dict(zip("nmst", at, strict=True)) for at in product(range(-4, 6), range(-3, 4), range(1, 4), range(1, 4))]


def size(text: str) -> Expr:
    """The tree of a text."""
    scanner = Scanner(text)
    e = parse_size(scanner)
    scanner.end()
    return e


@given(TREES, POINTS)
@QUICK
def test_normal_form_has_the_same_value(e: Expr, at: dict[str, int]) -> None:
    """Multiplying out changes no value, whatever is divided, rounded or compared."""
    assert evaluate(normal(e), at) == evaluate(e, at)


@given(POLYNOMIALS)
@QUICK
def test_normal_form_is_a_sum_of_monomials(e: Expr) -> None:
    """A normal form has one term for each monomial."""
    assert len(coefficients(normal(e))) == len(coefficients(e))
    assert str(normal(e)).count(" + ") + str(normal(e)).count(" - ") == max(0, len(coefficients(e)) - 1)


@given(TREES)
@QUICK
def test_generators_are_symbols_quotients_and_maxima(e: Expr) -> None:
    """No remainder, minimum, ceil or bracket is left in a normal form, at any depth."""
    assert {type(g) for monomial, _ in coefficients(e) for g, _ in monomial} <= {Sym, Op}
    assert {atom.op for atom in atoms(e)} <= set(ATOMS)
    assert not any(sign in str(normal(e)) for sign in ("%", "min", "ceil"))


@given(POLYNOMIALS, POLYNOMIALS)
@QUICK
def test_same_decides_equality(a: Expr, b: Expr) -> None:
    """Two polynomials of degree at most 7 are the same just when they agree on a grid of 8 points an axis."""
    grid = [{"n": n, "m": m, "u": u} for n in range(8) for m in range(8) for u in range(8)]
    assert same(a, b) == all(evaluate(a, at) == evaluate(b, at) for at in grid)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("n%s", "n - s*(n//s)"),
        ("ceil(n/s)", "-((0 - n)//s)"),
        ("ceil(n/s)", "(n + s - 1)//s"),
        ("ceil((n + m)/s)", "(n + m + s - 1)//s"),
        ("ceil(-n/s)", "-(n//s)"),
        ("min(n, m)", "n + m - max(n, m)"),
        ("(s*n + m)//s", "n + m//s"),
        ("(n + s)//s - 1", "n//s"),
        ("(n - 3*s*t)//(s*t)", "n//(s*t) - 3"),
        ("(n + m)//s", "(m + n)//s"),
        ("n//(s + t)", "n//(t + s)"),
        ("(n*m - m + t)//(s*t)", "(t - m + m*n)//(t*s)"),
        ("(n*(m + 1) - n*m)//s", "n//s"),
        ("(2*n + 1)//2", "n"),
        ("(5*n - 3)//2", "2*n - 2 + (n + 1)//2"),
        ("n//1", "n"),
        ("n%1", "0"),
        ("s//s", "1"),
        ("n*s**2//(s*s)", "n"),
        ("0//s", "0"),
        ("-1//s", "-1"),
        ("-7//2", "-4"),
        ("n%s%s", "n%s"),
        ("(n + s*m)%s", "n%s"),
        ("(n - n%s)//s", "n//s"),
        ("max(n, m)", "max(m, n)"),
        ("max(n + m, t)", "max(t, m + n)"),
        ("max(n, n - 1)", "n"),
        ("min(n + 1, n)", "n"),
        ("max(2, 3)*n", "3*n"),
        ("(n//s + max(n, m))**2", "(n//s)**2 + max(n, m)**2 + 2*(n//s)*max(m, n)"),
        ("max((n + s)//s, m)", "max(m, n//s + 1)"),
        ("(m + n//s)//t", "(n//s + m)//t"),
    ],
)
def test_what_is_equal_by_definition_is_the_same(a: str, b: str) -> None:
    """Rounding, remainders and extremes are reduced to each other, and equal arguments make equal values."""
    assert same(size(a), size(b))
    assert all(evaluate(size(a), at) == evaluate(size(b), at) for at in GRID)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("n//s", "ceil(n/s)"),
        ("n//s*s", "n"),
        ("n*m//s", "n//s*m"),
        ("(n + m)//s", "n//s + m//s"),
        ("-n//s", "-(n//s)"),
        ("-n%s", "-(n%s)"),
        ("n//s", "n//t"),
        ("n//s//t", "n//(s + t)"),
        ("1//s", "0"),
        ("n%s", "n"),
        ("max(n, m)", "n"),
        ("max(n, m)", "min(n, m)"),
        ("max(n, m)*s", "max(n, m*s)"),
        ("max(n, 0)", "n"),
    ],
)
def test_what_differs_somewhere_is_not_the_same(a: str, b: str) -> None:
    """Two sizes with different values at some sizes are told apart."""
    assert not same(size(a), size(b))
    assert any(evaluate(size(a), at) != evaluate(size(b), at) for at in GRID)


TERMS = st.lists(
    st.builds(lambda c, name: Int(c) * Sym(name), st.integers(-3, 3), st.sampled_from("nmuXY")), min_size=1, max_size=5
)


@given(TERMS.flatmap(lambda terms: st.tuples(st.just(terms), st.permutations(terms))), DIVISORS, TERMS)
@QUICK
def test_equal_sums_make_equal_quotients_and_maxima(
    orders: tuple[list[Expr], list[Expr]], divisor: Expr, others: list[Expr]
) -> None:
    """The order in which a sum is written changes neither its quotients nor its extremes."""
    a, b = (sum(terms, start=ZERO) for terms in orders)
    other = sum(others, start=ONE)
    for op in DIVISIONS:
        assert atoms(Op(op, a, divisor)) == atoms(Op(op, b, divisor))
        assert same(Op(op, a, divisor), Op(op, b, divisor))
    for op in EXTREMES:
        assert atoms(Op(op, a, other)) == atoms(Op(op, other, b))
        assert same(Op(op, a, other), Op(op, other, b))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("n*m + 3", set()),
        ("n//s + 2*(n//s)*m", {"n//s"}),
        ("n//s - (n + s)//s", set()),
        ("n%s", {"n//s"}),
        ("max(n, m)*(n//s)", {"max(m, n)", "n//s"}),
        ("(n//s + 1)//t", {"(n//s + 1)//t", "n//s"}),
        ("max(n, m//(s + t))", {"max(n, m//(s + t))", "m//(s + t)"}),
    ],
)
def test_atoms_are_found_at_every_depth(text: str, found: set[str]) -> None:
    """Quotients and maxima that do not cancel are listed once each, those inside others too."""
    listed = atoms(size(text))
    assert set(listed) == {atom for e in found for atom in atoms(size(e)) if same(atom, size(e))}
    assert len(set(listed)) == len(listed) == len(found)


@given(TREES, POINTS)
@QUICK
def test_atoms_are_themselves_normal(e: Expr, at: dict[str, int]) -> None:
    """A quotient or maximum found in a normal form is the one generator of its own normal form."""
    for atom in atoms(e):
        assert coefficients(atom) == ((((atom, 1),), 1),)
        assert evaluate(normal(atom), at) == evaluate(atom, at)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("0", 0),
        ("7", 0),
        ("n - n", 0),
        ("n*m**2 + n", 3),
        ("n*m - m*n + n", 1),
        ("n**3//s", 1),
        ("m*(n**3//s)", 2),
        ("n%s", 2),
        ("n*s**2//s", 2),
        ("max(n*m, m)**2", 2),
        ("max(n, n + 1)", 1),
    ],
)
def test_degree_counts_a_quotient_as_a_symbol(text: str, result: int) -> None:
    """The degree is that of the size multiplied out, after all that cancels."""
    assert total_degree(size(text)) == result


@given(TREES, POLYNOMIALS, POINTS)
@QUICK
def test_substitute_is_evaluation_at_an_expression(e: Expr, by: Expr, at: dict[str, int]) -> None:
    """Replacing u and evaluating is evaluating at the replacement's value, also inside quotients and maxima."""
    assert evaluate(substitute(e, {"u": by}), at) == evaluate(e, {**at, "u": evaluate(by, at)})


@given(TREES, POINTS)
@QUICK
def test_signed_parts(e: Expr, at: dict[str, int]) -> None:
    """The two parts differ by the expression, and neither has a negative term."""
    positive, negative = signed(e)
    assert evaluate(positive, at) - evaluate(negative, at) == evaluate(e, at)
    assert all(c > 0 for part in (positive, negative) for _, c in coefficients(part))


@given(TREES, st.integers(2, 5), POINTS)
@QUICK
def test_primitive_divides_what_all_terms_share(e: Expr, factor: int, at: dict[str, int]) -> None:
    """A multiple has the same primitive part, the size is a multiple of it, and nothing more divides that."""
    part = primitive(e)
    assert same(primitive(Int(factor) * e), part)
    assert same(primitive(part), part)
    value, multiple = evaluate(part, at), evaluate(e, at)
    assert multiple % value == 0 if value else multiple == 0


def test_normal_form_reads_well() -> None:
    """Positive terms come first, in the order in which they were written."""
    assert str(normal(size("(n-m+1) + 2*(m-1)"))) == "n + m - 1"
    assert str(normal(size("x + u - (m-1)"))) == "x + u - m + 1"
    assert str(normal(size("1 - u"))) == "1 - u"
    assert str(normal(size("n - (n-m+1) + 1"))) == "m"
    assert str(normal(size("(n+m)**2 - 4*n*m"))) == "n**2 + m**2 - 2*n*m"
    assert str(normal(size("(n - m + s)//s"))) == "(n - m)//s + 1"
    assert str(normal(size("s*(n//s) - n % 2"))) == "s*(n//s) + 2*(n//2) - n"


def test_constant_and_coefficient() -> None:
    """A constant is told from the rest; a coefficient may hold symbols, quotients and maxima."""
    assert constant(size("n - n + 3")) == 3
    assert constant(size("n - n")) == 0
    assert constant(size("n")) is None
    assert constant(size("n//s - (n + 2*s)//s")) == -2
    assert constant(size("max(n, n + 1) - min(n, 3) - n + min(3, n)")) == 1
    assert constant(size("n//s")) is None
    assert coefficient(size("s*a + d*u - s"), "a") == Sym("s")
    assert coefficient(size("2*(a - u)"), "u") == normal(Int(-2))
    assert coefficient(size("n"), "a") == ZERO
    assert same(coefficient(size("(n//s)*(a + 1) - max(n, m)*a"), "a"), size("n//s - max(n, m)"))
    assert same(coefficient(size("(s*a + n)//s"), "a"), ONE)
