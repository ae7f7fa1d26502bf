"""Sizes as formulas: set as a mathematician would, and never read as another number."""

import re
from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcheck.notation.arithmetic import ONE, ZERO, Group, Int, Op, Sym, evaluate
from gradcheck.notation.size_grammar import parse_sizes
from gradcheck.report.expressions import dimensions, factor, size
from gradcheck.report.formula import Fence, Letter, Number, Row, Script, Sign
from gradcheck.report.latex import formula

M, N = Sym("m"), Sym("n")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("7", "7"),
        ("n-m+1", "n - m + 1"),
        ("n-(m-1)", "n - ({m - 1})"),
        ("n-m*2", r"n - m \cdot 2"),
        ("-m", "- m"),
        ("-(m+n)", "- ({m + n})"),
        ("2*m", "2 m"),
        ("2*3*m", r"2 \cdot 3 \, m"),
        ("m*n", r"m \, n"),
        ("2*(m-1)", "2 ({m - 1})"),
        ("(m-1)*(n+1)", r"({m - 1}) \, ({n + 1})"),
        ("m*2**3", r"m \cdot {2}^{3}"),
        ("m**2", "m^{2}"),
        ("(m+1)**2", "{({m + 1})}^{2}"),
    ],
)
def test_a_size_in_mathematics(text, told):
    """Products have no sign but before a digit, and brackets are those that were written."""
    assert formula(size(*parse_sizes(text))) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("n//m", r"\lfloor{n / m}\rfloor"),
        ("ceil(n/m)", r"\lceil{n / m}\rceil"),
        ("n % m", r"n \bmod m"),
        ("(n-m)//m+1", r"\lfloor{({n - m}) / m}\rfloor + 1"),
        ("2*(n//m)", r"2 \lfloor{n / m}\rfloor"),
        ("2*n//m", r"\lfloor{2 n / m}\rfloor"),
        ("(n//m)*m", r"\lfloor{n / m}\rfloor \, m"),
        ("n//(2*m)", r"\lfloor{n / ({2 m})}\rfloor"),
        ("n//(m+1)", r"\lfloor{n / ({m + 1})}\rfloor"),
        ("n//m//m", r"\lfloor{\lfloor{n / m}\rfloor / m}\rfloor"),
        ("-(n//m)", r"- \lfloor{n / m}\rfloor"),
        ("-n//m", r"\lfloor{({- n}) / m}\rfloor"),
        ("(n//m)**2", r"{\lfloor{n / m}\rfloor}^{2}"),
        ("(n % m)//2", r"\lfloor{({n \bmod m}) / 2}\rfloor"),
        ("n//m % 2", r"\lfloor{n / m}\rfloor \bmod 2"),
        ("n - n % m", r"n - ({n \bmod m})"),
        ("n % m - n", r"({n \bmod m}) - n"),
        ("1 + n % m", r"1 + ({n \bmod m})"),
        ("-(n % m)", r"- ({n \bmod m})"),
        ("-n % m", r"({- n}) \bmod m"),
        ("2*n % m", r"2 n \bmod m"),
        ("2*(n % m)", r"2 ({n \bmod m})"),
        ("n % m * 2", r"({n \bmod m}) \cdot 2"),
        ("n % (2*m)", r"n \bmod ({2 m})"),
        ("n % m % 2", r"({n \bmod m}) \bmod 2"),
        ("n % m % (m+1)", r"({n \bmod m}) \bmod ({m + 1})"),
        ("min(n, m-1)", r"\min ({n, m - 1})"),
        ("max(n, m, 2)", r"\max ({n, m, 2})"),
        ("max(n % m, min(n, m))", r"\max ({n \bmod m, \min ({n, m})})"),
        ("(max(n, m))*n", r"\max ({n, m}) \, n"),
        ("2*max(n, m)", r"2 \max ({n, m})"),
        ("max(n, m)**2", r"{\max ({n, m})}^{2}"),
        ("n - max(n, m)", r"n - \max ({n, m})"),
    ],
)
def test_quotients_remainders_and_extremes(text, told):
    """Floors, ceilings and extremes need no more brackets; a remainder has some wherever it is not alone."""
    assert formula(size(*parse_sizes(text.replace(" ", "")))) == told


@pytest.mark.parametrize(
    ("e", "told"),
    [
        (N - (M - ONE), "n - ({m - 1})"),
        (N - M * N, r"n - m \, n"),
        ((N - M) * N, r"({n - m}) \, n"),
        (N * (N + M), r"n \, ({n + m})"),
        (Op("**", N + M, Int(2)), "{({n + m})}^{2}"),
        (ZERO - (M - N), "- ({m - n})"),
        (Int(2) * Int(-3), r"2 \cdot ({-3})"),
        (Op("//", N - M, Int(2) * M), r"\lfloor{({n - m}) / ({2 m})}\rfloor"),
        (Op("ceil", N, Op("//", N, M)), r"\lceil{n / \lfloor{n / m}\rfloor}\rceil"),
        (Op("%", N + M, M * N), r"({n + m}) \bmod ({m \, n})"),
        (Op("%", N, M) + Op("%", M, N), r"({n \bmod m}) + ({m \bmod n})"),
        (Op("//", Op("%", N, M), M), r"\lfloor{({n \bmod m}) / m}\rfloor"),
        (Op("**", Op("//", N, M), Int(2)), r"{\lfloor{n / m}\rfloor}^{2}"),
        (Op("**", Op("%", N, M), Int(2)), r"{({n \bmod m})}^{2}"),
        (Op("max", Op("max", N, M), Op("min", N, M)), r"\max ({n, m, \min ({n, m})})"),
    ],
)
def test_a_size_that_was_computed_gets_the_brackets_that_it_needs(e, told):
    """A difference taken away, a sum or remainder multiplied, a negative factor, and a product divided by have some."""
    assert formula(size(e)) == told


READ_AS = {"minus": "-", "dot": "*", "product": "", "min": "min_", "max": "max_"}


def read_back(f) -> str:
    """What a reader takes a formula for: what stands side by side is multiplied, digits go on what is before them."""
    match f:
        case Number(value):
            return str(value)
        case Letter(name):
            return name
        case Fence(kind, body):
            return f"{'' if kind == '(' else f'{kind}_'}({read_back(body)})"
        case Script(base, None, sup):
            return f"{read_back(base)}**{read_back(sup)}"
        case Row(parts) if loosest := [sign for sign in (Sign("comma"), Sign("mod")) if sign in parts]:
            place = parts.index(loosest[0])
            left, right = read_back(Row(parts[:place])), read_back(Row(parts[place + 1 :]))
            return f"{left}, {right}" if loosest[0] == Sign("comma") else f"({left}) % ({right})"
        case Row(parts):
            text = ""
            for part in parts:
                told = READ_AS.get(part.name, part.name) if isinstance(part, Sign) else read_back(part)
                beside = text[-1:] not in "+-*/_" and told[:1] not in "+-*/" and not told[:1].isdigit()
                text += "*" * beside + told
            return text
    raise TypeError(f)


def value(text, at):
    """What is read back, worked out with fractions."""
    known = {"F": Fraction, "floor_": floor, "ceil_": ceil, "min_": min, "max_": max}
    return eval(re.sub(r"\d+", r"F(\g<0>)", text), known | at)


SYMS, INTS = st.sampled_from([M, N, Sym("p")]), st.builds(Int, st.integers(-4, 12))
DIVISORS = st.sampled_from([Int(2), Int(7), M * M + ONE, Int(3) * (ONE + N * N), Op("**", M * M + ONE, Int(2))])
DIVISIONS, EXTREMES = st.sampled_from(["//", "%", "ceil"]), st.sampled_from(["min", "max"])
SIZES = st.recursive(
    SYMS | INTS,
    lambda e: (
        st.builds(Op, st.sampled_from("+-*"), e, e)
        | st.builds(Op, DIVISIONS, e, DIVISORS)
        | st.builds(Op, EXTREMES, e, e)
        | st.builds(Group, st.builds(Op, DIVISIONS, e, DIVISORS) | st.builds(Op, EXTREMES, e, e))
        | st.builds(lambda right: Op("-", ZERO, right), e)
        | st.builds(Group, st.builds(Op, st.sampled_from("+-*"), e, e))
        | st.builds(
            lambda base, power: Op("**", base, Int(power)),
            SYMS
            | st.builds(Int, st.integers(0, 12))
            | st.builds(Op, st.sampled_from("+-"), e, e)
            | st.builds(Op, DIVISIONS, e, DIVISORS)
            | st.builds(Op, EXTREMES, e, e),
            st.integers(1, 3),
        )
    ),
    max_leaves=8,
)


@given(SIZES, st.integers(-3, 4), st.integers(-3, 4), st.integers(-3, 4))
def test_a_size_keeps_its_value_when_it_is_read_back(e, m, n, p):
    """No bracket and no sign is missing: the formula, read by its letters, has the value of the size."""
    at = {"m": m, "n": n, "p": p}
    assert value(read_back(size(e)), at) == evaluate(e, at)
    assert value(f"7*{read_back(factor(e))}", at) == 7 * evaluate(e, at)


@pytest.mark.parametrize("base", [Int(-2), M * N])
def test_the_base_of_a_power_stands_in_brackets(base):
    """The power is of all of it: (-2)^2 is 4, and (m n)^2 is not m n^2."""
    e, at = Op("**", base, Int(2)), {"m": 2, "n": 3}
    assert value(read_back(size(e)), at) == evaluate(e, at)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("n", "n"),
        ("k n-m+1 2*m", r"k \times ({n - m + 1}) \times 2 m"),
        ("k (n-m) m**2", r"k \times ({n - m}) \times m^{2}"),
        ("k n//m n%m", r"k \times \lfloor{n / m}\rfloor \times ({n \bmod m})"),
    ],
)
def test_the_sizes_of_an_array(text, told):
    """Sums stand in brackets, between times signs."""
    assert formula(dimensions(parse_sizes(text))) == told


def test_an_array_without_axes_has_no_sizes():
    """It is told to be a number."""
    assert formula(dimensions(())) == r"\mathrm{a~number}"


def test_what_is_no_size_is_refused():
    """Nothing is set by accident."""
    with pytest.raises(TypeError):
        size("n")
