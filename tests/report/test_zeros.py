"""Pad, crop and dilate as words with their amounts: below them where there is room, else in a sentence."""

import pytest

from gradcheck.claims.parsing import parse_formula
from gradcheck.layers.layer import parse_layer
from gradcheck.notation.arithmetic import ONE, ZERO, Int, Op, Sym
from gradcheck.notation.phrase import phrase
from gradcheck.notation.sums import Equation, Read
from gradcheck.report.latex import formula
from gradcheck.report.typeset import Typesetter

CONV = parse_layer("conv2d_general", {})
M, N, P, S, X = map(Sym, "mnPsx")
NONE = (ZERO, ZERO)
LONG = Op("%", N + P - M, S) + N + P - M - ONE


def plain(thing):
    """A formula without the groups and sizes of brackets that LaTeX needs."""
    text = formula(Typesetter(CONV).formula(thing) if not isinstance(thing, tuple) else thing[0])
    for mark in (r"\mathopen{}", r"\left", r"\right", r"\mathrm", "{", "}", r"\partial ", " "):
        text = text.replace(mark, "")
    return text


def beside(thing):
    """What is said beside a formula."""
    said = Typesetter(CONV).left_out(thing)
    return ["".join(part if isinstance(part, str) else plain((part,)) for part in one) for one in said]


@pytest.mark.parametrize(
    ("pad", "dilation", "set_as"),
    [
        ((NONE, (P, P), (P, P)), (), "pad_P(X^(i))_x,x"),
        ((NONE, (P, M), (P, M)), (), "pad_(P,m)(X^(i))_x,x"),
        ((NONE, (P, P), (P, M)), (), "pad_(P),(P,m)(X^(i))_x,x"),
        ((NONE, (P, P), NONE), (), "pad_(P),(0)(X^(i))_x,x"),
        ((), (ONE, S, S), "dilate_s(X^(i))_x,x"),
        ((), (ONE, S, ONE), "dilate_(s),(1)(X^(i))_x,x"),
        ((), (ONE, ONE, S), "dilate_s(X_x^(i))_x"),
        ((NONE, (P, P), (P, P)), (ONE, S, S), "pad_P(dilate_s(X^(i)))_x,x"),
        ((NONE, NONE, (P, P)), (ONE, S, S), "pad_(0),(P)(dilate_s(X^(i)))_x,x"),
        ((NONE, (P, LONG), (P, LONG)), (ONE, S, S), "pad(dilate_s(X^(i)))_x,x"),
    ],
)
def test_reads(pad, dilation, set_as):
    """One amount, or those before and after, once for all axes that have the same; long ones are left out."""
    assert plain(Read("X", (Sym("i"), X, X), pad, dilation)) == set_as


@pytest.mark.parametrize(
    ("text", "set_as"),
    [
        ("pad(X[i], P)", "pad_P(X^(i))"),
        ("pad(X[i], P, m)", "pad_(P,m)(X^(i))"),
        ("crop(X[i], 0, m)", "crop_(0,m)(X^(i))"),
        ("dilate(X[i], s)", "dilate_s(X^(i))"),
        ("crop(X[i], n-m-s-d*m-P-n-1)", "crop(X^(i))"),
        ("corr(X[i], F[j,i], stride=s)", r"X^(i)\star^sF_j^(i)"),
        ("corr(X[i], F[j,i], dilation=d)", r"X^(i)\star_dF_j^(i)"),
        ("conv(X[i], F[j,i], stride=s, dilation=2)", r"X^(i)\ast_2^sF_j^(i)"),
        ("corr(X[i], F[j,i], stride=1)", r"X^(i)\starF_j^(i)"),
    ],
)
def test_arrays(text, set_as):
    """Words with amounts below, and signs with a stride above and a dilation below."""
    assert plain(parse_formula(f"Y[j] = sum(i, {text})", CONV).right.array) == set_as


@pytest.mark.parametrize(
    ("pad", "said"),
    [
        (((P, P),) * 2, []),
        (((LONG, LONG),) * 2, ["pad(X) has LONG zeros before and after on every axis"]),
        (((P, LONG),) * 2, ["pad(X) has P zeros before and LONG zeros after on every axis"]),
        (((ZERO, LONG),) * 2, ["pad(X) has LONG zeros after on every axis"]),
        (((P, P), (P, LONG)), ["pad(X) has (P),(P,LONG) zeros before and after, axis by axis"]),
    ],
)
def test_what_is_left_out_is_said(pad, said):
    """Long amounts in words, those that are 0 not at all, whatever entry is read."""
    read = Read("X", (Sym("i"), X, X), (NONE, *pad))
    twice = Equation(Read("Y", (X,)), (), (), (), (read, Read("X", (M, X, X), read.pad)))
    long = plain(LONG)
    assert beside(twice) == [one.replace("LONG", long) for one in said]


def test_long_amounts_of_arrays_are_said():
    """Each with the array that it belongs to, as the end of a sentence."""
    said = parse_formula("Y[j] = sum(i, crop(dilate(X[i], n-m-s-d*m-P-n-1), 0, n-m-s-d*m-P-n-1))", CONV)
    first, second = beside(said)
    assert first == r"crop(dilate(X^(i))) lacks n-m-s-d\,m-P-n-1 entries after on every axis"
    assert second == r"dilate(X^(i)) has its entries n-m-s-d\,m-P-n-1 places apart on every axis"
    where = Typesetter(CONV).where(said)
    assert [part for part in where if part in (", where ", ", and ")] == [", where ", ", and "]


def test_long_indices_are_dots_in_a_sentence():
    """A read in the middle of a text does not fill more than a line."""
    typesetter = Typesetter(CONV)
    at = X + M - N - S
    long, short = (Read("X", (Sym("i"), one, one), (NONE, (P, P), (P, P))) for one in (at, X))
    told = typesetter.text(phrase(long, " or ", short))
    assert [plain((one,)) for one in told[::2]] == [r"pad_P(X^(i))_\dots", "pad_P(X^(i))_x,x"]


def test_an_amount_that_is_a_number():
    """Numbers stand below as letters do."""
    assert plain(Read("X", (Sym("i"), X, X), (NONE, (ONE, Int(2)), (ONE, Int(2))))) == "pad_(1,2)(X^(i))_x,x"
