"""What a claim can say: how statements print, and when a hypothesis holds."""

import pytest

from gradcheck.claims.claim import Claim, Document, Formula, Hypothesis, Identity, Measure, Shape, least, untestable
from gradcheck.layers.layer import parse_layer
from gradcheck.notation.arithmetic import ONE, ZERO, Int, Op, Sym
from gradcheck.notation.arrays import Ref, Rot180

N, M = Sym("n"), Sym("m")
X, DF = Ref("X"), Ref("dF", ("j", "i"))


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        (Shape(((X, (Sym("k"), N - M)),)), "X: k x (n - m)"),
        (Shape(((X, (N,)), (DF, (M, M)))), "X: n, dF[j,i]: m x m"),
        (Shape(((X, ()),)), "X: a number"),
        (Measure("side", Rot180(X)), "side(rot180(X))"),
        (Identity((Measure("depth", X), N - ONE, M)), "depth(X) = n - 1 = m"),
        (Formula(DF, Rot180(X)), "dF[j,i] = rot180(X)"),
    ],
)
def test_a_statement_prints_as_it_is_said(statement, text):
    """A statement prints in the notation of the claims file."""
    assert str(statement) == text


@pytest.mark.parametrize(
    ("equal", "at", "holds"),
    [
        (False, {"m": 2, "n": 3}, True),
        (False, {"m": 3, "n": 3}, True),
        (False, {"m": 4, "n": 3}, False),
        (True, {"m": 3, "n": 3}, True),
        (True, {"m": 2, "n": 3}, False),
    ],
)
def test_a_hypothesis_holds_where_its_relation_does(equal, at, holds):
    """An inequality includes equality, an equation needs it."""
    assert Hypothesis(M, N, equal, "").holds(at) is holds


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ((), 1),
        (((Int(3), M),), 3),
        (((Int(3), M), (Int(5), M), (Int(4), M)), 5),
        (((ZERO, M),), 0),
        (((Int(3), N), (N, M), (M, Int(2))), 1),
        (((Int(3), Op("+", M, ONE)),), 1),
    ],
)
def test_the_least_value_is_the_largest_lower_bound(where, value):
    """A size is at least 1, or at least the largest number that a hypothesis puts under it."""
    assert least("m", [Hypothesis(low, high, False, "") for low, high in where]) == value


def test_hypotheses_that_nothing_satisfies_are_repeated():
    """The complaint lists the hypotheses that leave nothing to test."""
    error = untestable([Hypothesis(M, N, False, "m <= n"), Hypothesis(N, M, False, "n < m")])
    assert str(error) == "no small sizes satisfy the hypotheses m <= n, n < m: nothing would be tested"


def test_a_claim_prints_nothing_else_by_default():
    """A claim has no printed variant unless it is given one."""
    assert Claim("a", "", Formula(DF, X)).printed is None


def test_documents_are_values():
    """Two documents with the same content are equal, and neither can be changed."""
    layer = parse_layer("dense", {})
    one, two = (Document("t", layer, (), (), None, "f.toml") for _ in range(2))
    assert one == two
    with pytest.raises(AttributeError):
        one.title = "u"
