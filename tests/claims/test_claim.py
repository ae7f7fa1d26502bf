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
    ("sign", "at", "holds"),
    [
        ("<=", {"m": 2, "n": 3}, True),
        ("<=", {"m": 3, "n": 3}, True),
        ("<=", {"m": 4, "n": 3}, False),
        ("<", {"m": 2, "n": 3}, True),
        ("<", {"m": 3, "n": 3}, False),
        ("<", {"m": 4, "n": 3}, False),
        ("=", {"m": 3, "n": 3}, True),
        ("=", {"m": 2, "n": 3}, False),
        ("=", {"m": 4, "n": 3}, False),
    ],
)
def test_a_hypothesis_holds_where_its_relation_does(sign, at, holds):
    """An inequality includes equality unless it is strict, an equation needs it."""
    assert Hypothesis(M, sign, N).holds(at) is holds


@pytest.mark.parametrize(
    ("hypothesis", "low", "high", "equal", "text"),
    [
        (Hypothesis(M, "<=", N), M, N, False, "m <= n"),
        (Hypothesis(M, "<", N), M + ONE, N, False, "m < n"),
        (Hypothesis(M, "=", N), M, N, True, "m = n"),
        (Hypothesis(M, "=", Int(3)), Int(3), M, True, "m = 3"),
        (Hypothesis(Int(3), "=", M), Int(3), M, True, "3 = m"),
        (Hypothesis(Int(2), "<", M), Int(3), M, False, "2 < m"),
        (Hypothesis(Int(2) + ONE, "<=", M), Int(3), M, False, "2 + 1 <= m"),
        (Hypothesis(M, "<=", Int(2) * Int(3)), M, Int(6), False, "m <= 2*3"),
    ],
)
def test_a_hypothesis_puts_one_expression_under_another(hypothesis, low, high, equal, text):
    """Over the integers m < n is m + 1 <= n; numbers alone are worked out, and the text is what was said."""
    assert (hypothesis.low, hypothesis.high, hypothesis.equal) == (low, high, equal)
    assert str(hypothesis) == text


def test_hypotheses_are_the_same_when_they_say_the_same():
    """Hypotheses are values: equal by what they say, and told apart by their sign."""
    assert Hypothesis(M, "<=", N) == Hypothesis(Sym("m"), "<=", Sym("n"))
    assert len({Hypothesis(M, sign, N) for sign in ("<=", "<", "=", "<=")}) == 3


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ((), 1),
        (((Int(3), "<=", M),), 3),
        (((Int(3), "<=", M), (Int(5), "<=", M), (Int(4), "<=", M)), 5),
        (((ZERO, "<=", M),), 0),
        (((Int(3), "<=", N), (N, "<=", M), (M, "<=", Int(2))), 1),
        (((Int(3), "<=", Op("+", M, ONE)),), 1),
        (((Int(3), "<", M),), 4),
        (((M, "=", Int(3)),), 3),
        (((Int(3), "=", M),), 3),
    ],
)
def test_the_least_value_is_the_largest_lower_bound(where, value):
    """A size is at least 1, or at least the largest number that a hypothesis puts under it."""
    assert least(parse_layer("conv2d", {}), "m", [Hypothesis(*said) for said in where]) == value


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ((), 0),
        (((ONE, "<=", Sym("P")),), 1),
        (((Sym("P"), "=", Int(2)),), 2),
        (((ZERO, "<=", Sym("P")),), 0),
        (((Sym("P"), "<", M),), 0),
    ],
)
def test_the_least_amount_of_padding_is_zero(where, value):
    """An amount of padding may be 0, unless a hypothesis says otherwise."""
    assert least(parse_layer("conv2d_padded", {}), "P", [Hypothesis(*said) for said in where]) == value


def test_a_size_that_is_more_than_an_amount_of_padding_is_at_least_one():
    """The same letter is at least 1 where it is also a side, a stride or a dilation."""
    for line in ("pad(X, P)[P*a+u]", "pad(dilate(X, P), P)[a+u]", "pad(X, n)[a+u+0*P]"):
        assert least(parse_layer(f"Y[a] += {line} * F[u]", {"X": "n", "F": "P"}), "P", ()) == 1


def test_hypotheses_that_nothing_satisfies_are_repeated():
    """The complaint lists the hypotheses that leave nothing to test."""
    error = untestable([Hypothesis(M, "<=", N), Hypothesis(N, "<", M)])
    assert str(error) == "no small sizes satisfy the hypotheses m <= n, n < m: nothing would be tested"


def test_a_claim_prints_nothing_else_by_default():
    """A claim has no printed variant unless it is given one."""
    assert Claim("a", "", Formula(DF, X)).printed is None


def test_a_claim_is_made_under_all_hypotheses():
    """The hypotheses of the file come first, then those of the claim alone."""
    file, own = Hypothesis(M, "<=", N), Hypothesis(ONE, "<", M)
    claim = Claim("a", "", Formula(DF, X), where=(own,))
    document = Document("t", parse_layer("conv2d", {}), (file,), (claim,), None, "f.toml")
    assert document.assumed(claim) == (file, own)
    assert document.assumed(Claim("b", "", Formula(DF, X))) == (file,)


def test_a_claim_supposes_nothing_of_its_own_by_default():
    """A claim has no hypotheses, and is printed with none that differ, unless it is given some."""
    claim = Claim("a", "", Formula(DF, X))
    assert (claim.where, claim.printed_where) == ((), None)


def test_documents_are_values():
    """Two documents with the same content are equal, and neither can be changed."""
    layer = parse_layer("dense", {})
    one, two = (Document("t", layer, (), (), None, "f.toml") for _ in range(2))
    assert one == two
    with pytest.raises(AttributeError):
        one.title = "u"
