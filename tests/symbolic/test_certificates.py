"""Certificates: found where there is one, never for what is false, and re-checked by arithmetic."""

from dataclasses import replace
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcheck.notation.arithmetic import Expr, Int, Op, Sym, evaluate
from gradcheck.notation.scanner import Scanner
from gradcheck.notation.size_grammar import parse_size
from gradcheck.symbolic.certificates import Facts, feasible, holds


def size(text: str) -> Expr:
    """The tree of a text."""
    return parse_size(Scanner(text))


FACTS = Facts(()).plus([size(t) for t in ("m-1", "n-m", "k-1", "u", "m-1-u", "x", "n-1-x")])


@pytest.mark.parametrize(
    "goal",
    ["n-m+1", "n-1", "n+m-2", "x-u+m-1", "n-1-x+u", "0", "7", "2*n-m-1", "k*n-1", "k*m-m", "n*n-m*m"],
)
def test_true_inequality_gets_a_certificate(goal: str) -> None:
    """What follows from the facts is shown, and the certificate re-checks."""
    certificate = FACTS.why(size(goal))
    assert certificate is not None
    assert holds(certificate, FACTS)


@pytest.mark.parametrize("goal", ["-1", "n-m-1", "m-n", "x-u", "m-2", "u-1", "n-k", "k*n-2"])
def test_false_inequality_gets_none(goal: str) -> None:
    """What fails somewhere has no certificate."""
    assert FACTS.why(size(goal)) is None


def test_certificate_is_read_as_an_identity() -> None:
    """The text of a certificate is an identity that a reader can expand."""
    assert str(FACTS.why(size("x-u+m-1"))) == "x + m - u - 1 = (m - 1 - u) + (x)".replace("m - 1 - u", "m - u - 1")


@pytest.mark.parametrize("goal", ["x-u+m-1", "k*n-1"])
def test_tampered_certificate_is_caught(goal: str) -> None:
    """Another goal, another multiplier, a negative one, or a fact of one's own does not re-check."""
    certificate = FACTS.why(size(goal))
    assert certificate is not None
    (multiplier, facts), *rest = certificate.parts
    forged = [
        replace(certificate, goal=size(f"{goal}-1")),
        replace(certificate, parts=((multiplier + 1, facts), *rest)),
        replace(certificate, parts=(*certificate.parts, (Fraction(-1), (size("m-1"),)), (Fraction(1), (size("m-1"),)))),
        replace(certificate, parts=((Fraction(1), (certificate.goal,)),)),
        replace(certificate, parts=tuple(rest)),
    ]
    assert not any(holds(one, FACTS) for one in forged)


LINEAR = st.builds(
    lambda a, b, c: Op("+", Op("+", Int(a) * Sym("n"), Int(b) * Sym("m")), Int(c)), *[st.integers(-3, 3)] * 3
)


@given(st.lists(LINEAR, max_size=4), LINEAR)
def test_certificate_is_never_wrong(facts: list[Expr], goal: Expr) -> None:
    """A certified goal is >= 0 wherever all the facts are."""
    given_facts = Facts(()).plus(facts)
    certificate = given_facts.why(goal)
    if certificate is None:
        return
    assert holds(certificate, given_facts)
    for n, m in product(range(-6, 7), repeat=2):
        at = {"n": n, "m": m}
        assert evaluate(goal, at) >= 0 or any(evaluate(fact, at) < 0 for fact in facts)


@given(
    st.lists(st.lists(st.integers(-3, 3), min_size=3, max_size=3), min_size=1, max_size=3),
    st.lists(st.integers(0, 3), min_size=3, max_size=3),
)
def test_feasible_finds_what_exists(rows: list[list[int]], planted: list[int]) -> None:
    """Where a solution was planted one is found, and it solves the equations."""
    values = [sum(c * x for c, x in zip(row, planted, strict=True)) for row in rows]
    found = feasible(rows, values)
    assert found is not None
    assert min(found) >= 0
    assert [sum(c * x for c, x in zip(row, found, strict=True)) for row in rows] == values


def test_infeasible_is_told() -> None:
    """x + y = -1 has no solution that is not negative."""
    assert feasible([[1, 1]], [-1]) is None


def test_too_many_products_are_not_tried() -> None:
    """A goal of high degree over many facts is given up, not searched forever."""
    many = Facts(()).plus([Sym(f"n{i}") - Int(1) for i in range(30)])
    assert many.why(size("n1*n2*n3-n4*n5")) is None
