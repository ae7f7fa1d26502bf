"""The polynomials of the re-checking code, against Python's own arithmetic."""

from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gradcheck.recheck.certificates import PREFIX, Arithmetic
from gradcheck.recheck.polynomials import Polynomial, defining, thawed

LEAVES = st.integers(0, 4).map(str) | st.sampled_from(["n", "m", "s"])
TEXTS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*"), inner),
        st.builds("({} {} s)".format, inner, st.sampled_from(["//", "%"])),
        st.builds("({} // 3)".format, inner),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), inner, inner),
        st.builds("ceil({}/s)".format, inner),
    ),
    max_leaves=6,
)
POINTS = st.fixed_dictionaries({"n": st.integers(0, 9), "m": st.integers(0, 9), "s": st.integers(1, 5)})
ARITHMETIC = Arithmetic.of([], {}, "nms")


def value(p: Polynomial, at: dict[str, int]) -> Fraction:
    """A polynomial evaluated, generator by generator."""
    total = Fraction(0)
    for monomial, c in p.items():
        for g in monomial:
            c = c * _generator(g, at)
        total += c
    return total


def _generator(g: Any, at: dict[str, int]) -> Fraction:
    if isinstance(g, str):
        return Fraction(at[g.removeprefix(PREFIX)])
    kind, first, second = g
    a, b = value(thawed(first), at), value(thawed(second), at)
    return Fraction(a // b) if kind == "//" else max(a, b)


def by_python(text: str, at: dict[str, int]) -> int:
    """The value of a size as Python gives it."""
    return int(eval(text.replace("/s)", ", s)") if "ceil" in text else text, {"ceil": lambda a, b: -(-a // b)}, at))


@given(TEXTS, POINTS)
def test_a_size_has_the_value_that_python_gives_it(text: str, at: dict[str, int]) -> None:
    """Reading a size as a polynomial changes no value."""
    if "ceil" not in text:
        assert value(ARITHMETIC.read(text), at) == by_python(text, at)


@given(st.sampled_from(["n", "n + m", "n - m", "2*n + 3", "0 - n"]), POINTS)
def test_a_quotient_rounded_up_has_its_value(text: str, at: dict[str, int]) -> None:
    """ceil(a/b) is -(-a // b)."""
    assert value(ARITHMETIC.read(f"ceil(({text})/s)"), at) == -(-by_python(text, at) // at["s"])


@given(TEXTS, POINTS)
def test_what_holds_by_definition_holds(text: str, at: dict[str, int]) -> None:
    """What is used of quotients and maxima is never negative."""
    for monomial in ARITHMETIC.read(text):
        for g in monomial:
            assert all(value(fact, at) >= 0 for fact in defining(g))


def test_equal_sizes_are_equal_polynomials() -> None:
    """Multiples of a divisor come out of a quotient, and a sign does."""
    for a, b in (("(s*n + m) // s", "n + m // s"), ("ceil(n/s)", "(n - 1)//s + 1"), ("n % s", "n - s*(n//s)")):
        assert ARITHMETIC.read(a) == ARITHMETIC.read(b)
    assert ARITHMETIC.read("(n + 1)//s") != ARITHMETIC.read("n//s + 1")
