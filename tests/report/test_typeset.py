"""From the notation to formulas as a mathematician would set them."""

import pytest

from gradcheck.claims.parsing import parse_formula, parse_hypothesis, parse_identity, parse_shape
from gradcheck.layers.layer import parse_layer
from gradcheck.notation.arithmetic import ONE, ZERO, Int, Sym
from gradcheck.notation.phrase import phrase
from gradcheck.notation.sums import Bounds, Delta, Expansion, Guard, Range, Read, by
from gradcheck.report.latex import formula
from gradcheck.report.typeset import Typesetter, channel_axes

CONV = parse_layer("conv2d", {})
M, N, X = Sym("m"), Sym("n"), Sym("x")


def told(thing, layer=CONV):
    """A thing of the notation in LaTeX."""
    return formula(Typesetter(layer).formula(thing))


@pytest.mark.parametrize(
    ("name", "channels"),
    [
        ("conv2d", {"Y": 0, "X": 0, "F": 1}),
        ("depthwise2d", {"Y": 0, "X": 0, "F": 0}),
        ("dense", {}),
    ],
)
def test_the_channel_is_the_last_axis_before_the_spatial_ones(name, channels):
    """Axes along which a window moves are spatial; where there are none, no index is a channel."""
    assert channel_axes(parse_layer(name, {})) == channels


@pytest.mark.parametrize(
    ("text", "set_as"),
    [
        ("Y[j] = sum(i, corr(X[i], F[j,i]))", r"Y^{({j})} = \sum_{i} X^{({i})} \star F_{j}^{({i})}"),
        (
            "dF[j,i] = conv(X[i], dY[j])",
            r"\partial L / \partial F_{j}^{({i})} = X^{({i})} \ast \partial L / \partial Y^{({j})}",
        ),
        (
            "Y[j] = rot180(corr(X[i], F[j,i]))",
            r"Y^{({j})} = {\mathopen{}\left({X^{({i})} \star F_{j}^{({i})}}\right)}^{\prime}",
        ),
        (
            "Y[j] = corr(corr(X[i], F[j,i]), F[j,i])",
            r"Y^{({j})} = \mathopen{}\left({X^{({i})} \star F_{j}^{({i})}}\right) \star F_{j}^{({i})}",
        ),
    ],
)
def test_array_formulas(text, set_as):
    """A star, an asterisk, a prime, a sum; channels above, filters below; brackets where two stars meet."""
    layer = parse_layer("conv1d", {})
    assert told(parse_formula(text, layer), layer) == set_as


def test_rotations():
    """A letter has its prime at once; anything larger stands in brackets first."""
    layer = parse_layer("Y[j,a] += F[j,a+u] * X[u]", {"X": "m", "F": "p n"})
    assert told(parse_formula("Y = rot180(F)", layer), layer) == r"Y = F^{\prime}"
    padded = r"Y = {({{\mathrm{pad}}_{m - 1} ({F})})}^{\prime}"
    assert told(parse_formula("Y = rot180(pad(F, m-1))", layer), layer) == padded


@pytest.mark.parametrize(
    ("thing", "set_as"),
    [
        (Delta(Sym("a") + Sym("u"), X), "[{a + u = x}]"),
        (Guard(ZERO, X, N - ONE), r"[{0 \le x \le n - 1}]"),
        (Bounds(ZERO, X, N), r"0 \le x \le n"),
        (Range("x", ZERO, N), r"x \in \{{0, \dots, n}\}"),
        (by((1, N - ONE)), r"1 \times ({n - 1})"),
        (by(()), r"\mathrm{a~number}"),
        (Read("L", ()), "L"),
        (Read("F", (Sym("j"), Sym("i"), X, M)), "F_{j, x, m}^{({i})}"),
        (Read("dX", (Int(0), X, M)), r"\partial L / \partial X_{x, m}^{({0})}"),
        (
            Read("X", (X, X, X), ((ZERO, ZERO), (ONE, ONE), (ONE, ONE))),
            r"{{\mathrm{pad}}_{1} \mathopen{}\left({X^{({x})}}\right)}_{x, x}",
        ),
        (
            Read("X", (X, X, X), ((ZERO, ZERO), (ONE, M), (ZERO, ONE))),
            r"{{\mathrm{pad}}_{({1, m}), ({0, 1})} \mathopen{}\left({X^{({x})}}\right)}_{x, x}",
        ),
        (Expansion(Read("L", ()), ()), "L = 0"),
        (
            Expansion(Read("L", ()), ((2, (Read("Y", (X, X, X)),)), (1, (Read("L", ()),)))),
            r"L = 2\,Y_{x, x}^{({x})} + L",
        ),
    ],
)
def test_statements_of_proofs(thing, set_as):
    """Brackets of Iverson and Kronecker, ranges, sizes, entries, padded ones, and sums of products."""
    told_as = told(thing) if not isinstance(thing, Range) else formula_of_relation(thing)
    assert told_as == set_as


def formula_of_relation(thing):
    """A range stands on two sides."""
    left, right = Typesetter(CONV).relation(thing)
    return f"{formula(left)} {formula(right)}"


def test_claims_and_hypotheses():
    """A hypothesis, an identity with a measure, and sizes of several arrays."""
    (hypothesis,) = parse_hypothesis("m < n", CONV)
    assert told(hypothesis) == "m < n"
    assert told(parse_identity("depth(X) = k", CONV)) == r"\mathrm{depth} ({X}) = k"
    assert told(parse_shape({"X": "k n n", "dY[j]": "n m"}, CONV)) == (
        r"X \colon k \times n \times n, \partial L / \partial Y^{({j})} \colon n \times m"
    )


def test_sentences_keep_their_words():
    """The formulas of a sentence are set, its words are as they were."""
    text = Typesetter(CONV).text(phrase("for ", M, " at least ", ONE))
    assert text[0::2] == ("for ", " at least ")
    assert [formula(part) for part in text[1::2]] == ["m", "1"]


def test_what_is_no_notation_is_refused():
    """Anything else is a mistake of the caller's."""
    with pytest.raises(TypeError, match="cannot be set"):
        Typesetter(CONV).formula(3)


@pytest.mark.parametrize(
    ("read", "fixed", "set_as"),
    [
        (Read("F", (X, X, X, X)), [None, None, None, None], "F"),
        (Read("F", (X, X, X, X)), [2, 0, None, None], "F_{2}^{({0})}"),
        (Read("F", (X, X, X, X)), [None, None, None, 1], r"F_{\cdot, \cdot, 1}^{({\cdot})}"),
        (Read("dX", (X, X, X)), [0, None, None], r"\partial L / \partial X^{({0})}"),
        (
            Read("X", (X, X, X), ((ZERO, ZERO), (ONE, ONE), (ONE, ONE))),
            [0, None, 3],
            r"{{\mathrm{pad}}_{1} \mathopen{}\left({X^{({0})}}\right)}_{\cdot, 3}",
        ),
    ],
)
def test_parts_of_tensors(read, fixed, set_as):
    """A dot for an axis that is left, unless nothing is fixed after it."""
    assert formula(Typesetter(CONV).part(read, fixed)) == set_as
