"""Normal forms: equal for all integers is equal as trees."""

from hypothesis import given
from hypothesis import strategies as st

from gradcheck.notation.arithmetic import ZERO, Expr, Int, Op, Sym, evaluate
from gradcheck.notation.scanner import Scanner
from gradcheck.notation.size_grammar import parse_size
from gradcheck.symbolic.algebra import coefficient, coefficients, constant, normal, same, signed, substitute

NAMES = ("n", "m", "u")
LEAVES = st.integers(-3, 3).map(Int) | st.sampled_from(NAMES).map(Sym)
TREES = st.recursive(LEAVES, lambda inner: st.builds(Op, st.sampled_from("+-*"), inner, inner), max_leaves=7)
POINTS = st.fixed_dictionaries({name: st.integers(-9, 9) for name in NAMES})


def size(text: str) -> Expr:
    """The tree of a text."""
    return parse_size(Scanner(text))


@given(TREES, POINTS)
def test_normal_form_has_the_same_value(e: Expr, at: dict[str, int]) -> None:
    """Multiplying out changes no value."""
    assert evaluate(normal(e), at) == evaluate(e, at)


@given(TREES)
def test_normal_form_is_a_sum_of_monomials(e: Expr) -> None:
    """A normal form has one term for each monomial."""
    assert len(coefficients(normal(e))) == len(coefficients(e))
    assert str(normal(e)).count(" + ") + str(normal(e)).count(" - ") == max(0, len(coefficients(e)) - 1)


@given(TREES, TREES)
def test_same_decides_equality(a: Expr, b: Expr) -> None:
    """Two polynomials of degree at most 7 are the same just when they agree on a grid of 8 points an axis."""
    grid = [{"n": n, "m": m, "u": u} for n in range(8) for m in range(8) for u in range(8)]
    assert same(a, b) == all(evaluate(a, at) == evaluate(b, at) for at in grid)


@given(TREES, TREES, POINTS)
def test_substitute_is_evaluation_at_an_expression(e: Expr, by: Expr, at: dict[str, int]) -> None:
    """Replacing u and evaluating is evaluating at the replacement's value."""
    assert evaluate(substitute(e, {"u": by}), at) == evaluate(e, {**at, "u": evaluate(by, at)})


@given(TREES, POINTS)
def test_signed_parts(e: Expr, at: dict[str, int]) -> None:
    """The two parts differ by the expression, and neither has a negative term."""
    positive, negative = signed(e)
    assert evaluate(positive, at) - evaluate(negative, at) == evaluate(e, at)
    assert "-" not in f"{positive}{negative}"


def test_normal_form_reads_well() -> None:
    """Positive terms come first, in the order in which they were written."""
    assert str(normal(size("(n-m+1) + 2*(m-1)"))) == "n + m - 1"
    assert str(normal(size("x + u - (m-1)"))) == "x + u - m + 1"
    assert str(normal(size("1 - u"))) == "1 - u"
    assert str(normal(size("n - (n-m+1) + 1"))) == "m"
    assert str(normal(size("(n+m)**2 - 4*n*m"))) == "n**2 + m**2 - 2*n*m"


def test_constant_and_coefficient() -> None:
    """A constant is told from the rest; a coefficient may hold symbols."""
    assert constant(size("n - n + 3")) == 3
    assert constant(size("n - n")) == 0
    assert constant(size("n")) is None
    assert coefficient(size("s*a + d*u - s"), "a") == Sym("s")
    assert coefficient(size("2*(a - u)"), "u") == normal(Int(-2))
    assert coefficient(size("n"), "a") == ZERO
