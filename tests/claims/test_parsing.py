"""The texts inside a claims file: what each may say of a layer, and how it is refused."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gradcheck.claims.claim import Measure
from gradcheck.claims.parsing import (
    MAX_PARTS,
    MAX_SUMS,
    defined,
    parse_formula,
    parse_hypothesis,
    parse_identity,
    parse_shape,
    sizes_in,
)
from gradcheck.errors import GradcheckError, NotationError
from gradcheck.layers.layer import parse_layer
from gradcheck.notation.arithmetic import Group, Op

LAYER = parse_layer("conv2d", {})
GENERAL = replace(parse_layer("conv2d_general", {}), defined=("r",))
ROUNDED = "sizes are integers: expected a // b, rounded down, or ceil(a/b), rounded up, found '/'"
KNOWN = "known: Y, X, F, dY, dX, dF"


def _refusal(parse, *given):
    with pytest.raises(NotationError) as caught:
        parse(*given)
    return caught.value.message, caught.value.place


def _bare(e):
    """The quantity without the brackets that were written."""
    match e:
        case Group(inner):
            return _bare(inner)
        case Op(op, left, right):
            return Op(op, _bare(left), _bare(right))
    return e


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("m <= n", ["m <= n"]),
        ("n >= m", ["m <= n"]),
        ("m < n", ["m < n"]),
        ("n > m", ["m < n"]),
        ("m = n", ["m = n"]),
        ("m == n", ["m = n"]),
        ("m = 3", ["m = 3"]),
        ("3 = m", ["3 = m"]),
        ("1 <= m <= n", ["1 <= m", "m <= n"]),
        ("n > m >= 1", ["m < n", "1 <= m"]),
        ("2*m - 1 <= n", ["2*m - 1 <= n"]),
    ],
)
def test_a_chain_becomes_one_hypothesis_for_each_relation(text, said):
    """Each relation of a chain is kept, the smaller side first, as it was written."""
    assert [str(h) for h in parse_hypothesis(text, LAYER)] == said


@pytest.mark.parametrize(
    "text", ["m <= n", "n >= m", "m < n", "n > m", "m == n", "m == 2", "0 < m", "1 < m <= n", "n > 2"]
)
def test_a_hypothesis_holds_exactly_where_it_says(text):
    """On every pair of small sizes the hypotheses hold together where the text is true."""
    hypotheses = parse_hypothesis(text, LAYER)
    for n in range(5):
        for m in range(5):
            at = {"n": n, "m": m}
            assert all(h.holds(at) for h in hypotheses) is eval(text, dict(at))


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("", "expected a number, a symbol or '(', found the end", 0),
        ("m", "expected one of <= < >= > =, found the end", 1),
        ("m n", "expected one of <= < >= > =, found 'n'", 2),
        ("m <=", "expected a number, a symbol or '(', found the end", 4),
        ("m <= = n", "expected a number, a symbol or '(', found '='", 5),
        ("m <= n, 1 <= m", "expected one of <= < >= > =, found ','", 6),
        ("m != n", "unexpected character '!'", 2),
        ("1 <= q", "unknown size 'q'; known: k, n, p, m", 5),
        ("i <= n", "unknown size 'i'; known: k, n, p, m", 0),
        ("m <= n/2", ROUNDED, 6),
        ("m <= n//(n-m)", "a divisor is made from numbers and sizes >= 1 by + and *", 8),
        ("m <= n//0", "a divisor is made from numbers and sizes >= 1 by + and *", 8),
        ("m <= ceil(n, 2)", "expected '/', found ','", 11),
        ("r = n % m", "unknown size 'r'; known: k, n, p, m", 0),
        ("side(X) <= n", "expected one of <= < >= > =, found '('", 4),
    ],
)
def test_a_text_that_is_no_hypothesis_is_refused(text, message, place):
    """Each mistake in a hypothesis is named with what was expected, and the place."""
    assert _refusal(parse_hypothesis, text, LAYER) == (message, place)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("r = n % s", "r"),
        ("r = n % s = 0", "r"),
        ("r=0", "r"),
        ("m = n", None),
        ("P = 0", None),
        ("n % s = r", None),
        ("r <= n", None),
        ("r + 1 = n", None),
        ("r", None),
        ("i = 2", None),
        ("a = 2", None),
        ("X = 2", None),
        ("dX = 2", None),
        ("2 = r", None),
        ("", None),
    ],
)
def test_a_hypothesis_may_define_a_size(text, name):
    """A new name that is said to equal something is defined by it; sizes, indices and tensors are not new."""
    assert defined(text, parse_layer("conv2d_general", {})) == name


def test_a_size_is_defined_once():
    """A name that is already defined is a size like any other."""
    assert defined("r = n", GENERAL) is None
    assert [str(h) for h in parse_hypothesis("r = (n+2*P-d*(m-1)-1) % s", GENERAL)] == [
        "r = (n + 2*P - d*(m - 1) - 1)%s"
    ]


@pytest.mark.parametrize(
    "text", ["s*(n//s) <= n", "n % s < s", "ceil(n/s) <= n", "min(n, m) <= n <= max(n, m)", "n // s = 0", "m % 2 = 1"]
)
def test_hypotheses_with_quotients_hold_exactly_where_they_say(text):
    """Quotients round down, ceil rounds up, and a remainder is less than its divisor."""
    hypotheses = parse_hypothesis(text, GENERAL)
    said = text.replace("ceil(n/s)", "-(-n//s)").replace(" = ", " == ")
    for n, m, s in product(range(5), range(5), range(1, 4)):
        at = {"n": n, "m": m, "s": s}
        assert all(h.holds(at) for h in hypotheses) is eval(said, dict(at))


def test_a_shape_lists_arrays_with_their_sizes():
    """Each entry of the table is an array and one size for each of its axes."""
    shape = parse_shape({"Y": "p n-m+1 n-m+1", "rot180(F[j,i])": "m m"}, LAYER)
    assert str(shape) == "Y: p x (n - m + 1) x (n - m + 1), rot180(F[j,i]): m x m"


def test_a_printed_shape_may_be_wrong():
    """What a document prints may have the wrong number of axes."""
    assert str(parse_shape({"X": "n n"}, LAYER, printed=True)) == "X: n x n"


@pytest.mark.parametrize(
    ("table", "message", "place"),
    [
        ({"Q": "n"}, f"unknown tensor 'Q'; {KNOWN}", 0),
        ({"dXX": "n"}, "unknown tensor 'dXX'; did you mean 'dX'?", 0),
        ({"X": "n n"}, "X has 3 axes, but 2 sizes are given", 0),
        ({"X[i]": "k n n"}, "X[i] has 2 axes, but 3 sizes are given", 0),
        ({"X": "k n q"}, "unknown size 'q'; known: k, n, p, m", 4),
        ({"X": ""}, "expected a number, a symbol or '(', found the end", 0),
        ({"X": "k, n, n"}, "expected a number, a symbol or '(', found ','", 1),
        ({"": "n"}, "expected a tensor or a function, found the end", 0),
        ({"X[i": "n n"}, "expected ']', found the end", 3),
        ({"X Y": "n n"}, "expected the end, found 'Y'", 2),
        ({"star(X[i], dY[j])": "m m"}, "only 'printed' may leave it open: write corr or conv", 0),
        ({"sum(i, X)": "k n n"}, "sum over i, which indexes nothing inside", 4),
        ({"X[n]": "n n"}, "'n' cannot be an index: it already names a size or a tensor", 2),
        ({"X[F]": "n n"}, "'F' cannot be an index: it already names a size or a tensor", 2),
        ({"pad(X, q)": "n n n"}, "unknown size 'q'; known: k, n, p, m", 7),
        ({"pad(X, 1, q)": "n n n"}, "unknown size 'q'; known: k, n, p, m", 10),
        ({"crop(X, q, 1)": "n n n"}, "unknown size 'q'; known: k, n, p, m", 8),
        ({"dilate(X, q)": "n n n"}, "unknown size 'q'; known: k, n, p, m", 10),
        ({"corr(X, X, stride=q)": "n n n"}, "unknown size 'q'; known: k, n, p, m", 18),
        ({"corr(X, X, dilation=i)": "n n n"}, "unknown size 'i'; known: k, n, p, m", 20),
        ({"star(X[i], dY[j], stride=2)": "m m"}, "only 'printed' may leave it open: write corr or conv", 0),
        ({"sum(i, sum(i, X[i]))": "n n"}, "sum over i, which indexes nothing inside", 4),
    ],
)
def test_a_table_that_is_no_shape_is_refused(table, message, place):
    """Each mistake in a table of sizes is named with what was expected, and the place."""
    assert _refusal(parse_shape, table, LAYER) == (message, place)


@pytest.mark.parametrize(
    "text",
    [
        "n = n",
        "side(corr(X[i], dY[j])) = n - (n - m + 1) + 1 = m",
        "depth(dX) = depth(F[j]) = k",
        "padding(dX) = m - 1",
        "2*(m - 1) = -n**2",
        "side(pad(X[i], m, 0)) = n + m",
        "side(crop(corr(X[i], dY[j], stride=2, dilation=k), 0, 1)) = n//2%k",
        "side(dilate(dY[j], k)) = min(n, m) = ceil(n/(m + 1))",
    ],
)
def test_an_identity_prints_as_it_was_written(text):
    """A chain of sizes and measures keeps every link as it was said."""
    assert str(parse_identity(text, LAYER)) == text


def test_a_double_equals_sign_means_the_same():
    """An identity may be written with = or ==."""
    assert parse_identity("n == m = k", LAYER) == parse_identity("n = m == k", LAYER)


def test_a_measure_name_without_a_call_is_a_size():
    """Only a bracket makes a measure: side alone is an ordinary size."""
    layer = parse_layer("Y[a] += X[a]", {"X": "side"})
    assert str(parse_identity("side(X) = side", layer)) == "side(X) = side"


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("n", "expected '=' and another size, found the end", 1),
        ("n =", "expected a number, a symbol or '(', found the end", 3),
        ("= n", "expected a number, a symbol or '(', found '='", 0),
        ("n <= m", "expected the end, found '<='", 2),
        ("n m = 3", "expected the end, found 'm'", 2),
        ("n = q", "unknown size 'q'; known: k, n, p, m", 4),
        ("n = n//(m-1)", "a divisor is made from numbers and sizes >= 1 by + and *", 7),
        ("side(pad(X, n//0)) = n", "a divisor is made from numbers and sizes >= 1 by + and *", 15),
        ("side(crop(X, 1, q)) = n", "unknown size 'q'; known: k, n, p, m", 16),
        ("side(corr(X, X, strid=2)) = n", "expected stride= or dilation=, found 'strid'", 16),
        ("sied(X) = n", "unknown measure 'sied'; did you mean 'side'?", 0),
        ("zzz(X) = n", "unknown measure 'zzz'; known: side, depth, padding", 0),
        ("n = corr(X, X)", "unknown measure 'corr'; known: side, depth, padding", 4),
        ("side(Z) = n", f"unknown tensor 'Z'; {KNOWN}", 5),
        ("side(X = n", "expected ')', found '='", 7),
        ("side(corr(X, F)) = n", "corr needs two arrays of one rank: 'X' has 3 axes, 'F' has 4", 5),
        ("side(star(X, X)) = n", "only 'printed' may leave it open: write corr or conv", 5),
        ("side(X[a,b,c]) = n", "X[a,b,c] is a single number: it has no side", 0),
        ("depth(dX[a,b,c]) = n", "dX[a,b,c] is a single number: it has no depth", 0),
        ("side(X[k]) = n", "'k' cannot be an index: it already names a size or a tensor", 7),
        ("padding(X) = n", "padding() takes a gradient: one of dX, dF", 0),
        ("padding(dX[i]) = n", "padding() takes a gradient: one of dX, dF", 0),
        ("padding(dY) = n", "padding() takes a gradient: one of dX, dF", 0),
        ("padding(rot180(dX)) = n", "padding() takes a gradient: one of dX, dF", 0),
        ("n = n/2", ROUNDED, 5),
        ("side(sum(i, X)) = n", "sum over i, which indexes nothing inside", 9),
    ],
)
def test_a_text_that_is_no_identity_is_refused(text, message, place):
    """Each mistake in an identity is named with what was expected, and the place."""
    assert _refusal(parse_identity, text, LAYER) == (message, place)


@pytest.mark.parametrize(
    "text",
    [
        "dF[j,i] = corr(X[i], dY[j])",
        "dX[i] = sum(j, corr(pad(dY[j], m - 1), rot180(F[j,i])))",
        "Y[j] = sum(i, conv(X[i], rot180(F[j,i])))",
        "dX = X",
        "dF[j,i] = crop(corr(pad(X[i], 1, m), dY[j], stride=2, dilation=k), 0, n%k)",
        "dX[i] = sum(j, corr(pad(dilate(dY[j], k), m - 1, -m), rot180(F[j,i]), dilation=2))",
    ],
)
def test_a_formula_prints_as_it_was_written(text):
    """A formula keeps both sides as they were said."""
    assert str(parse_formula(text, LAYER)) == text


def test_a_printed_formula_may_leave_the_star_open():
    """What a document prints may use a star of which it does not say what it means."""
    text = "dF[i,i] = star(X[i], dY[j])"
    assert str(parse_formula(text, LAYER, printed=True)) == text


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("X = X", "a formula is for one of Y, dX, dF", 0),
        ("dY = dY", "a formula is for one of Y, dX, dF", 0),
        ("rot180(dX) = X", "a formula is for one of Y, dX, dF", 0),
        ("dX", "expected '=', found the end", 2),
        ("dX == X", "expected '=', found '=='", 3),
        ("dX = X = X", "expected the end, found '='", 7),
        ("dX = 3", "expected a tensor or a function, found '3'", 5),
        ("dX = X + X", "expected the end, found '+'", 7),
        ("dX = Z", f"unknown tensor 'Z'; {KNOWN}", 5),
        ("dX = X[i]", "dX has 3 axes, the right side has 2", 0),
        ("dX = X[a,b,c,d]", "'X[a,b,c,d]' has 4 indices, but X has 3 axes", 5),
        ("dX[a,b,c,d] = X", "'dX[a,b,c,d]' has 4 indices, but dX has 3 axes", 0),
        ("dF[j,i] = star(X[i], dY[j])", "only 'printed' may leave it open: write corr or conv", 10),
        ("dX = conv(X, F)", "conv needs two arrays of one rank: 'X' has 3 axes, 'F' has 4", 5),
        ("dX = pad(X, 1, i)", "unknown size 'i'; known: k, n, p, m", 15),
        ("dX = crop(X, n//(m-1))", "a divisor is made from numbers and sizes >= 1 by + and *", 16),
        ("dX = corr(X, X, 2)", "expected stride= or dilation=, found '2'", 16),
        ("dX = corr(X, X, stride=2, stride=2)", "expected dilation=, found 'stride'", 26),
        ("dX = pad(X, 1, 2, 3)", "expected ')', found ','", 16),
        ("dX = pad(X, i)", "unknown size 'i'; known: k, n, p, m", 12),
        ("dX[i] = corr(X[i], sum(i, X[i]))", "i is summed over, and free elsewhere: rename one", 3),
        ("dX = sum(i, X)", "sum over i, which indexes nothing inside", 9),
        ("dX[n] = X[n]", "'n' cannot be an index: it already names a size or a tensor", 3),
        ("dX[i] = rot18(X[i])", "unknown function 'rot18'; did you mean 'rot180'?", 8),
        ("dX[i] = sum(q, sum(q, X[q]))", "sum over q, which indexes nothing inside", 12),
        ("dX[i] = sum(q, corr(X[q], sum(q, F[i,q])))", "two sums over q, one inside the other", 12),
    ],
)
def test_a_text_that_is_no_formula_is_refused(text, message, place):
    """Each mistake in a formula is named with what was expected, and the place."""
    assert _refusal(parse_formula, text, LAYER) == (message, place)


def test_the_sizes_of_a_layer_are_sizes_of_its_claims():
    """Strides, dilations, paddings and what hypotheses define may stand in any claim."""
    text = "dX[i] = sum(j, corr(pad(dilate(dY[j], s), d*(m - 1) - P, d*(m - 1) - P + r), rot180(F[j,i]), dilation=d))"
    assert str(parse_formula(text, GENERAL)) == text
    assert str(parse_identity("r = n%s", GENERAL)) == "r = n%s"
    assert _refusal(parse_identity, "q = n", GENERAL) == ("unknown size 'q'; known: k, n, p, m, s, d, P, r", 0)


def test_a_name_that_is_defined_is_no_index():
    """What a hypothesis defines is a size, wherever an index might stand."""
    refusal = "'r' cannot be an index: it already names a size or a tensor"
    assert _refusal(parse_formula, "dX[r] = X[r]", GENERAL) == (refusal, 3)


def test_every_size_in_a_statement_is_found():
    """Amounts, options, sizes and both sides of hypotheses are all among the sizes that are said."""
    said = parse_formula("dX[i] = corr(crop(X[i], s, P), dilate(dY[i], d), stride=k, dilation=r)", GENERAL)
    assert {str(e) for e in sizes_in(said)} == {"s", "P", "d", "k", "r"}
    assert {str(e) for e in sizes_in(parse_shape({"pad(Y, m)": "p n//s n"}, GENERAL))} == {"m", "p", "n//s", "n"}
    assert "n%s" in {str(e) for e in sizes_in(parse_hypothesis("r = n % s", GENERAL))}
    assert {"P", "s*a + d*u"} <= {str(e) for e in sizes_in(GENERAL)}


def test_parts_are_limited():
    """A formula of the most parts is read, one more is refused."""
    inner = MAX_PARTS - 1
    assert parse_formula("dX = " + "rot180(" * inner + "X" + ")" * inner, LAYER)
    message, _ = _refusal(parse_formula, "dX = " + "rot180(" * MAX_PARTS + "X" + ")" * MAX_PARTS, LAYER)
    assert message == "this formula has too many parts"


def test_sums_are_limited():
    """A formula of the most sums is read, one more is refused."""
    tensors = "corr(corr(F[a,b,c,d], F[e,b,c,d]), F[a,b,c,d])"
    sums = ["sum(a, ", "sum(b, ", "sum(c, ", "sum(d, ", "sum(e, "]
    allowed = "".join(sums[:MAX_SUMS]) + tensors + ")" * MAX_SUMS
    assert parse_formula(f"dX[x,y,z] = {allowed}", LAYER)
    message, _ = _refusal(parse_formula, f"dX[x,y,z] = {''.join(sums)}{tensors}{')' * 5}", LAYER)
    assert message == "this formula has too many parts"


SIZES = st.recursive(
    st.sampled_from(["n", "m", "k", "1", "2", "n**2"]),
    lambda texts: st.one_of(
        st.builds("({}){}{}".format, texts, st.sampled_from(["//", "%"]), st.sampled_from(["m", "2", "(n + 1)"])),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), texts, texts),
        st.builds("ceil(({})/{})".format, texts, st.sampled_from(["m", "2"])),
        st.builds("{} {} {}".format, texts, st.sampled_from("+-*"), texts),
        texts.map("({})".format),
        texts.map("-({})".format),
    ),
    max_leaves=5,
)
ZEROS = ["crop(dilate(X[i], m), 0, 1)", "corr(pad(X[i], 1, m), F[j,i], stride=2, dilation=k)"]
MEASURED = st.builds(
    "{}({})".format,
    st.sampled_from(["side", "depth"]),
    st.sampled_from(["X", "dY[j]", "pad(X[i], m - 1)", "corr(X[i], rot180(F[j,i]))", "sum(j, F[j])", *ZEROS]),
)


@given(st.lists(st.one_of(SIZES, MEASURED), min_size=2, max_size=4).map(" = ".join))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_a_printed_identity_parses_to_itself(text):
    """Parsing what an identity prints gives the same chain, up to written brackets."""
    identity = parse_identity(text, LAYER)
    again = parse_identity(str(identity), LAYER)
    assert [_bare(link) for link in again.chain] == [_bare(link) for link in identity.chain]
    assert any(isinstance(link, Measure) for link in identity.chain) == any(w in text for w in ("side", "depth"))


STARTS = [
    "crop(",
    "dilate(",
    ", stride=",
    ", dilation=",
    "X",
    "dX[i]",
    "F",
    "Y",
    "dF[j,i]",
    "side(",
    "depth(",
    "padding(",
    "corr(",
    "pad(",
    "rot180(",
    "sum(j, ",
]
WORDS = st.sampled_from(
    [*STARTS, *"()[],=<*+-/ ", "<=", ">=", "==", "**", "n", "m", "1", "999999999", "star(", "//", "min(", "ceil("]
)
TEXTS = st.one_of(st.text(max_size=40), st.lists(WORDS, max_size=30).map("".join))


@given(TEXTS, st.sampled_from([parse_hypothesis, parse_identity, parse_formula]))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_text_is_a_statement_or_refused(text, parse):
    """Any text is a statement that prints to one like it, or is refused."""
    try:
        statement = parse(text, LAYER)
    except GradcheckError:
        return
    assume(parse is not parse_hypothesis)
    assert str(parse(str(statement), LAYER)) == str(statement)


@given(st.dictionaries(TEXTS, TEXTS, min_size=1, max_size=2), st.booleans())
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_table_is_a_shape_or_refused(table, printed):
    """Any table is a shape with one entry for each of its keys, or is refused."""
    try:
        shape = parse_shape(table, LAYER, printed)
    except GradcheckError:
        return
    assert len(shape.of) == len(table)
