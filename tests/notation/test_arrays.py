"""Array formulas: what is parsed, printed and refused, and what is said of an array's indices and axes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcheck.errors import GradcheckError, NotationError
from gradcheck.notation.arithmetic import ONE, ZERO, Int, Sym
from gradcheck.notation.array_grammar import parse_array
from gradcheck.notation.arrays import (
    FUNCTIONS,
    Crop,
    Dilate,
    Pad,
    Ref,
    Rot180,
    Slide,
    SumOver,
    amounts,
    free_indices,
    parts,
    rank,
    rebuilt,
    reread,
    walk,
)
from gradcheck.notation.scanner import Scanner

ROUNDED = "sizes are integers: expected a // b, rounded down, or ceil(a/b), rounded up, found '/'"
X, F = Ref("X", ("i",)), Ref("F", ("j", "i"))
INPUT_GRADIENT = "sum(j, corr(pad(dY[j], m - 1), rot180(F[j,i])))"
RANKS = {"X": 3, "F": 4, "Y": 3, "dY": 3}

OPTIONS = ["", ", stride=s", ", dilation=d + 1", ", stride=2, dilation=n//m"]
REFS = st.sampled_from(["X", "Y[j]", "F[j,i]", "dX[i]", "F[a,b,c,d]"])
TEXTS = st.recursive(
    REFS,
    lambda texts: st.one_of(
        st.builds("pad({}, {})".format, texts, st.sampled_from(["1", "m - 1", "-2", "(n + m)*2", "n**2"])),
        st.builds("{}({}, {})".format, st.sampled_from(["pad", "crop"]), texts, st.sampled_from(["1, m", "-2, 0"])),
        st.builds("dilate({}, {})".format, texts, st.sampled_from(["s", "2", "s*d + 1"])),
        texts.map("rot180({})".format),
        st.builds(
            "{}({}, {}{})".format, st.sampled_from(["corr", "conv", "star"]), texts, texts, st.sampled_from(OPTIONS)
        ),
        st.builds("sum({}, {})".format, st.sampled_from("ijq"), texts),
    ),
    max_leaves=6,
)


def _parse(text):
    scanner = Scanner(text)
    array = parse_array(scanner)
    scanner.end()
    return array


@pytest.mark.parametrize(
    ("text", "array"),
    [
        ("X", Ref("X")),
        ("F[ j , i ]", F),
        ("pad(X[i], m-1)", Pad(X, Sym("m") - ONE, Sym("m") - ONE)),
        ("pad(X[i], m, 1)", Pad(X, Sym("m"), ONE)),
        ("crop(X[i], m)", Crop(X, Sym("m"), Sym("m"))),
        ("crop(X[i], 0, m)", Crop(X, ZERO, Sym("m"))),
        ("dilate(X[i], s)", Dilate(X, Sym("s"))),
        ("rot180(X[i])", Rot180(X)),
        ("corr(X[i],F[j,i])", Slide("corr", X, F)),
        ("conv(X[i], F[j,i])", Slide("conv", X, F)),
        ("star(X[i], F[j,i])", Slide("star", X, F)),
        ("corr(X[i], F[j,i], stride=s)", Slide("corr", X, F, Sym("s"))),
        ("conv(X[i], F[j,i], dilation=d)", Slide("conv", X, F, ONE, Sym("d"))),
        ("corr(X[i], F[j,i], stride=s, dilation=d)", Slide("corr", X, F, Sym("s"), Sym("d"))),
        ("corr(X[i], F[j,i], dilation = d, stride = s)", Slide("corr", X, F, Sym("s"), Sym("d"))),
        ("star(X[i], F[j,i], stride=2)", Slide("star", X, F, Int(2))),
        ("corr(X[i], F[j,i], stride=1)", Slide("corr", X, F)),
        ("sum(i, X[i])", SumOver("i", X)),
    ],
)
def test_each_form_is_parsed(text, array):
    """Each way of writing an array becomes the array that it names."""
    assert _parse(text) == array


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("pad(X, m, m)", "pad(X, m)"),
        ("pad(X, 0, 0)", "pad(X, 0)"),
        ("crop(X, 1, 1)", "crop(X, 1)"),
        ("pad(X, m, 0)", "pad(X, m, 0)"),
        ("corr(X, F, stride=1, dilation=1)", "corr(X, F)"),
        ("corr(X, F, dilation=2, stride=3)", "corr(X, F, stride=3, dilation=2)"),
    ],
)
def test_what_need_not_be_said_is_not_printed(text, printed):
    """Equal amounts are said once, an option of 1 not at all, and the stride comes first."""
    assert str(_parse(text)) == printed
    assert _parse(printed) == _parse(text)


def test_the_name_of_an_option_is_a_tensor_elsewhere():
    """stride and dilation have a meaning only as options of a slide."""
    assert _parse("corr(stride, dilation, stride=stride)") == Slide(
        "corr", Ref("stride"), Ref("dilation"), Sym("stride")
    )


def test_a_function_name_without_a_call_is_a_tensor():
    """Only a bracket makes a call: sum alone is the name of a tensor."""
    assert _parse("sum[i]") == Ref("sum", ("i",))


@given(TEXTS)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_an_array_prints_as_it_is_said_and_parses_to_itself(text):
    """A formula in the notation's own spacing prints as that text, and parses back to itself."""
    array = _parse(text)
    assert str(array) == text
    assert _parse(str(array)) == array


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("", "expected a tensor or a function, found the end", 0),
        ("3", "expected a tensor or a function, found '3'", 0),
        ("-X", "expected a tensor or a function, found '-'", 0),
        ("X + X", "expected the end, found '+'", 2),
        ("X[]", "expected an index, found ']'", 2),
        ("X[i,]", "expected an index, found ']'", 4),
        ("X[1]", "expected an index, found '1'", 2),
        ("X[i+1]", "expected ']', found '+'", 3),
        ("X[i", "expected ']', found the end", 3),
        ("corr(X)", "expected ',', found ')'", 6),
        ("corr(X, F", "expected ')', found the end", 9),
        ("corr(X, F, X)", "expected stride= or dilation=, found 'X'", 11),
        ("corr(X, F, 2)", "expected stride= or dilation=, found '2'", 11),
        ("corr(X, F,)", "expected stride= or dilation=, found ')'", 10),
        ("conv(X, F, strid=2)", "expected stride= or dilation=, found 'strid'", 11),
        ("corr(X, F, stride)", "expected '=', found ')'", 17),
        ("corr(X, F, stride 2)", "expected '=', found '2'", 18),
        ("corr(X, F, stride==2)", "expected '=', found '=='", 17),
        ("corr(X, F, stride=)", "expected a number, a symbol or '(', found ')'", 18),
        ("corr(X, F, stride=2, stride=3)", "expected dilation=, found 'stride'", 21),
        ("corr(X, F, dilation=2, dilation=3)", "expected stride=, found 'dilation'", 23),
        ("corr(X, F, dilation=2, stride=3, stride=3)", "expected no more, found 'stride'", 33),
        ("corr(X, stride=2, F)", "expected ')', found '='", 14),
        ("rot180(X, stride=2)", "expected ')', found ','", 8),
        ("pad(X)", "expected ',', found ')'", 5),
        ("pad(X, 2, 2, 2)", "expected ')', found ','", 11),
        ("pad(X, before=2)", "expected ')', found '='", 13),
        ("crop(X)", "expected ',', found ')'", 6),
        ("crop(X, 2,)", "expected a number, a symbol or '(', found ')'", 10),
        ("dilate(X)", "expected ',', found ')'", 8),
        ("dilate(X, 2, 2)", "expected ')', found ','", 11),
        ("croop(X, 2)", "unknown function 'croop'; did you mean 'crop'?", 0),
        ("dilat(X, 2)", "unknown function 'dilat'; did you mean 'dilate'?", 0),
        ("pad(X, n/2)", ROUNDED, 8),
        ("pad(X, n//0)", "a divisor is made from numbers and sizes >= 1 by + and *", 10),
        ("pad(X, 1, n//(n-m))", "a divisor is made from numbers and sizes >= 1 by + and *", 13),
        ("corr(X, F, stride=n%-m)", "a divisor is made from numbers and sizes >= 1 by + and *", 20),
        ("rot180()", "expected a tensor or a function, found ')'", 7),
        ("sum(X)", "expected ',', found ')'", 5),
        ("sum(1, X)", "expected an index to sum over, found '1'", 4),
        ("rot18(X)", "unknown function 'rot18'; did you mean 'rot180'?", 0),
        ("pad(zzz(X), 1)", f"unknown function 'zzz'; known: {', '.join(FUNCTIONS)}", 4),
        ("corr(X[zzz], zzz(X))", f"unknown function 'zzz'; known: {', '.join(FUNCTIONS)}", 13),
    ],
)
def test_a_text_that_is_no_array_is_refused_in_words(text, message, place):
    """Each mistake is named with what was expected, what was found, and the place."""
    with pytest.raises(NotationError) as caught:
        _parse(text)
    assert (caught.value.message, caught.value.place) == (message, place)


def test_calls_nest_up_to_the_limit():
    """Thirty calls inside one another are read, thirty-one are refused."""
    assert len(tuple(walk(_parse("rot180(" * 30 + "X" + ")" * 30)))) == 31
    with pytest.raises(NotationError, match="brackets may nest at most 30 deep"):
        _parse("rot180(" * 31 + "X" + ")" * 31)


@pytest.mark.parametrize(
    ("array", "inside"),
    [
        (X, ()),
        (Pad(X, ONE, ZERO), (X,)),
        (Crop(X, ONE, ZERO), (X,)),
        (Dilate(X, Sym("s")), (X,)),
        (Rot180(X), (X,)),
        (SumOver("i", X), (X,)),
        (Slide("corr", X, F), (X, F)),
        (Slide("corr", X, F, Sym("s"), Sym("d")), (X, F)),
    ],
)
def test_parts_are_the_arrays_one_step_inside(array, inside):
    """The parts are the arrays that the outermost operation takes."""
    assert parts(array) == inside


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("X[i]", ()),
        ("rot180(pad(X, m))", ()),
        ("sum(i, pad(X[i], m))", ()),
        ("pad(X, m)", ("m", "m")),
        ("pad(dilate(X, s), m, 1)", ("m", "1")),
        ("crop(X, 0, m)", ("0", "m")),
        ("dilate(X, s)", ("s",)),
        ("corr(X, F)", ("1", "1")),
        ("corr(pad(X, m), F, stride=s, dilation=d)", ("s", "d")),
    ],
)
def test_amounts_are_those_of_the_outermost_operation(text, named):
    """The sizes that an operation names are its own, not those of the arrays that it takes."""
    assert tuple(map(str, amounts(_parse(text)))) == named


@pytest.mark.parametrize(
    "text",
    [
        "X",
        "pad(X, 1, m)",
        "crop(X, 0, m)",
        "dilate(X, s)",
        "rot180(X)",
        "sum(i, X)",
        "corr(X, X, stride=s, dilation=d)",
    ],
)
def test_a_rebuilt_array_keeps_its_amounts(text):
    """What an array is made from is exchanged, and everything else stays."""
    expected = text.replace("X", "rot180(X)") if text != "X" else "X"
    assert str(rebuilt(_parse(text), Rot180)) == expected
    assert rebuilt(_parse(text), lambda part: part) == _parse(text)


def test_walk_goes_outermost_first():
    """A walk visits the whole formula from the outside in, and from left to right."""
    kinds = [type(part).__name__ for part in walk(_parse(INPUT_GRADIENT))]
    assert kinds == ["SumOver", "Slide", "Pad", "Ref", "Rot180", "Ref"]


@pytest.mark.parametrize(
    ("text", "free"),
    [
        ("X", ()),
        ("X[i,i]", ("i",)),
        ("F[j,i]", ("j", "i")),
        ("pad(rot180(F[j,i]), 1)", ("j", "i")),
        ("corr(X[i], F[j,i])", ("i", "j")),
        (INPUT_GRADIENT, ("i",)),
        ("sum(q, X[i])", ("i",)),
        ("corr(sum(i, X[i]), X[i])", ("i",)),
        ("crop(dilate(F[j,i], s), 0, m)", ("j", "i")),
        ("pad(X[i], i)", ("i",)),
        ("corr(X[i], X[i], stride=j)", ("i",)),
    ],
)
def test_free_indices_are_those_that_no_sum_binds(text, free):
    """An index is free unless a sum around it binds it, and is named once."""
    assert free_indices(_parse(text)) == free


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("X[i]", "X[i]"),
        ("corr(X, F)", "conv(X, F)"),
        ("star(X, F)", "star(X, F)"),
        (INPUT_GRADIENT, INPUT_GRADIENT.replace("corr", "conv")),
        ("pad(corr(X, F, stride=s), 1, m)", "pad(conv(X, F, stride=s), 1, m)"),
        ("crop(dilate(corr(X, F, dilation=d), s), 0, 1)", "crop(dilate(conv(X, F, dilation=d), s), 0, 1)"),
        ("star(corr(X, F), rot180(corr(X, F)))", "star(conv(X, F), rot180(conv(X, F)))"),
    ],
)
def test_reread_changes_one_kind_of_slide_everywhere(text, result):
    """Every slide of the kind asked for is read as the other, and nothing else changes."""
    assert str(reread(_parse(text), "corr", "conv")) == result


@pytest.mark.parametrize(
    ("text", "axes"),
    [
        ("X", 3),
        ("X[i]", 2),
        ("X[a,b,c]", 0),
        ("pad(rot180(F[j]), 1)", 3),
        ("corr(X[i], F[j,i])", 2),
        ("crop(dilate(X[i], s), 0, 1)", 2),
        ("corr(X[i], F[j,i], stride=s, dilation=d)", 2),
        ("sum(i, X[i])", 2),
    ],
)
def test_rank_counts_the_axes_that_are_left(text, axes):
    """Each index takes one axis away, and no operation changes their number."""
    assert rank(_parse(text), RANKS, text) == axes


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("corr(X[i], Z)", "unknown tensor 'Z'; known: X, F, Y, dY", 11),
        ("pad(dYs, 1)", "unknown tensor 'dYs'; did you mean 'dY'?", 4),
        ("rot180(X[a,b,c,d])", "'X[a,b,c,d]' has 4 indices, but X has 3 axes", 7),
        ("crop(Z, 1)", "unknown tensor 'Z'; known: X, F, Y, dY", 5),
        ("dilate(X[a,b,c,d], 2)", "'X[a,b,c,d]' has 4 indices, but X has 3 axes", 7),
        ("corr(X, F, stride=2)", "corr needs two arrays of one rank: 'X' has 3 axes, 'F' has 4", 0),
        ("rot180(conv(X, F))", "conv needs two arrays of one rank: 'X' has 3 axes, 'F' has 4", 7),
    ],
)
def test_axes_that_do_not_fit_are_refused_in_words(text, message, place):
    """An unknown tensor, too many indices and two ranks in one slide are each named, with the place."""
    with pytest.raises(NotationError) as caught:
        rank(_parse(text), RANKS, text)
    assert (caught.value.message, caught.value.place) == (message, place)


WORDS = st.sampled_from([*FUNCTIONS, "stride=", "dilation=", "X", "i", "3", "(", ")", "[", "]", ",", "-", "**", " "])


@given(st.lists(WORDS, max_size=40).map("".join))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_text_of_the_alphabet_is_an_array_or_refused(text):
    """A text of the notation's own words is an array that prints to itself, or is refused."""
    try:
        array = _parse(text)
    except GradcheckError:
        return
    assert _parse(str(array)) == array
