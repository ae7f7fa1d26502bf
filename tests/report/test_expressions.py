"""Sizes as formulas: set as a mathematician would, and never read as another number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcheck.layers.layer import parse_sizes
from gradcheck.notation.arithmetic import ONE, ZERO, Group, Int, Op, Sym, evaluate
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
    ("e", "told"),
    [
        (N - (M - ONE), "n - ({m - 1})"),
        (N - M * N, r"n - m \, n"),
        ((N - M) * N, r"({n - m}) \, n"),
        (N * (N + M), r"n \, ({n + m})"),
        (Op("**", N + M, Int(2)), "{({n + m})}^{2}"),
        (ZERO - (M - N), "- ({m - n})"),
        (Int(2) * Int(-3), r"2 \cdot ({-3})"),
    ],
)
def test_a_size_that_was_computed_gets_the_brackets_that_it_needs(e, told):
    """A difference that is taken away, a sum that is multiplied, and a negative factor stand in brackets."""
    assert formula(size(e)) == told


def read_back(f) -> str:
    """What a reader takes a formula for: what stands side by side is multiplied, digits go on what is before them."""
    match f:
        case Number(value):
            return str(value)
        case Letter(name):
            return name
        case Fence("(", body):
            return f"({read_back(body)})"
        case Script(base, None, sup):
            return f"{read_back(base)}**{read_back(sup)}"
        case Row(parts):
            text = ""
            for part in parts:
                signs = {"minus": "-", "-": "-", "+": "+", "dot": "*", "product": ""}
                told = signs[part.name] if isinstance(part, Sign) else read_back(part)
                beside = text[-1:] not in "+-*" and told[:1] not in "+-*" and not told[:1].isdigit()
                text += "*" * beside + told
            return text
    raise TypeError(f)


SYMS, INTS = st.sampled_from([M, N, Sym("p")]), st.builds(Int, st.integers(-4, 12))
SIZES = st.recursive(
    SYMS | INTS,
    lambda e: (
        st.builds(Op, st.sampled_from("+-*"), e, e)
        | st.builds(lambda right: Op("-", ZERO, right), e)
        | st.builds(Group, st.builds(Op, st.sampled_from("+-*"), e, e))
        | st.builds(
            lambda base, power: Op("**", base, Int(power)),
            SYMS | st.builds(Int, st.integers(0, 12)) | st.builds(Op, st.sampled_from("+-"), e, e),
            st.integers(1, 3),
        )
    ),
    max_leaves=8,
)


@given(SIZES, st.integers(-3, 4), st.integers(-3, 4), st.integers(-3, 4))
def test_a_size_keeps_its_value_when_it_is_read_back(e, m, n, p):
    """No bracket and no sign is missing: the formula, read by its letters, has the value of the size."""
    at = {"m": m, "n": n, "p": p}
    assert eval(read_back(size(e)), at) == evaluate(e, at)
    assert eval(f"7*{read_back(factor(e))}", at) == 7 * evaluate(e, at)


@pytest.mark.parametrize("base", [Int(-2), M * N])
def test_the_base_of_a_power_stands_in_brackets(base):
    """The power is of all of it: (-2)^2 is 4, and (m n)^2 is not m n^2."""
    e, at = Op("**", base, Int(2)), {"m": 2, "n": 3}
    assert eval(read_back(size(e)), at) == evaluate(e, at)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("n", "n"),
        ("k n-m+1 2*m", r"k \times ({n - m + 1}) \times 2 m"),
        ("k (n-m) m**2", r"k \times ({n - m}) \times m^{2}"),
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
