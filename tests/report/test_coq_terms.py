"""Names and sizes as Coq reads them."""

import pytest

from gradcheck.notation.arithmetic import Int, Op, Sym
from gradcheck.notation.size_grammar import parse_sizes
from gradcheck.report.coq_terms import distinct, named, term


def test_names_are_told_apart() -> None:
    """No two symbols get one name, whatever has to be replaced in them."""
    symbols = ["i", "i'", "i*", "i_", "i.", "mod", "mod_", "sum", "Z", "1a"]
    names = named(symbols)
    assert len(set(names.values())) == len(symbols)
    assert (names["i"], names["i'"], names["mod"], names["sum"]) == ("i", "i'", "mod_", "sum_")
    assert distinct("x", ["x", "x_"]) == "x__"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("-n", "(- n)"),
        ("ceil(n/s)", "(- ((- n) / s))"),
        ("min(n, s) % s", "((Z.min n s) mod s)"),
        ("n**3 // (s + 1)", "((n * n * n) / (s + 1))"),
        ("2*(n - 1)", "(2 * (n - 1))"),
    ],
)
def test_terms(text: str, told: str) -> None:
    """Quotients, remainders, powers and extremes are those of Z."""
    assert term(parse_sizes(text)[0], {"n": "n", "s": "s"}) == told


def test_terms_that_are_not_written_so() -> None:
    """Negative numbers stand in brackets, the power 0 is 1, and what is no size is an error."""
    assert term(Op("**", Sym("n"), Int(0)) - Int(-2), {"n": "n"}) == "(1 - (-2))"
    with pytest.raises(TypeError):
        term("n", {})
