"""The arithmetic of sizes: what is parsed, printed, evaluated and refused."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from gradcheck.errors import GradcheckError, NotationError
from gradcheck.notation.arithmetic import ONE, ZERO, Expr, Group, Int, Op, Sym, evaluate, folded, replace, symbols
from gradcheck.notation.scanner import Scanner
from gradcheck.notation.size_grammar import MAX_DEGREE, MAX_TERMS, degree, parse_size

N, M = Sym("n"), Sym("m")
SIZES = st.fixed_dictionaries({name: st.integers(-9, 9) for name in "nmp"})


def _parse(text):
    scanner = Scanner(text)
    e = parse_size(scanner)
    scanner.end()
    return e


def _bare(e):
    """The tree without the brackets that were written."""
    match e:
        case Group(inner):
            return _bare(inner)
        case Op(op, left, right):
            return Op(op, _bare(left), _bare(right))
    return e


def _grow(texts):
    unpowered = texts.filter(lambda text: "**" not in text)
    return st.one_of(
        st.builds("{}{}{}".format, texts, st.sampled_from([" + ", " - ", "-", "*", " * "]), texts),
        texts.map("({})".format),
        texts.filter(lambda text: not text.startswith("-")).map("-{}".format),
        st.builds("({})**{}".format, unpowered, st.integers(1, 2)),
    )


LEAVES = st.one_of(st.integers(0, 9).map(str), st.sampled_from(["n", "m", "p", "n**2", "2**3"]))
TEXTS = st.recursive(LEAVES, _grow, max_leaves=6)
NUMBERS = st.one_of(st.integers(-5, 5).map(Int), st.sampled_from([N, M, Sym("p")]))
TREES = st.recursive(
    NUMBERS,
    lambda trees: st.one_of(st.builds(Op, st.sampled_from("+-*"), trees, trees), st.builds(Group, trees)),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("7", Int(7)),
        ("n", N),
        ("(n)", N),
        ("((7))", Int(7)),
        ("n + 1", Op("+", N, ONE)),
        ("n - m + 1", Op("+", Op("-", N, M), ONE)),
        ("n - (m + 1)", Op("-", N, Group(Op("+", M, ONE)))),
        ("n*m*2", Op("*", Op("*", N, M), Int(2))),
        ("n + m*2", Op("+", N, Op("*", M, Int(2)))),
        ("2*n**3", Op("*", Int(2), Op("**", N, Int(3)))),
        ("-n", Op("-", ZERO, N)),
        ("-n**2", Op("-", ZERO, Op("**", N, Int(2)))),
        ("-n*m", Op("*", Op("-", ZERO, N), M)),
        ("n - -m", Op("-", N, Op("-", ZERO, M))),
        ("n**012", Op("**", N, Int(12))),
    ],
)
def test_parse_keeps_what_was_written(text, tree):
    """A size becomes the tree with the usual precedence, and keeps the brackets that matter."""
    assert _parse(text) == tree


def test_parse_stops_after_one_size():
    """A size ends where the next token does not continue it, and leaves that token."""
    scanner = Scanner("n - 1 m")
    assert parse_size(scanner) == N - ONE
    assert scanner.sees("m")


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        (Int(-3), "-3"),
        (N + Int(-3), "n + (-3)"),
        (Int(-2) * N, "(-2)*n"),
        (N - (M - ONE), "n - (m - 1)"),
        (N * (M + ONE), "n*(m + 1)"),
        ((N + M) * N, "(n + m)*n"),
        (ZERO - (N - M), "-(n - m)"),
        (ZERO - N * M, "-(n*m)"),
        (Op("**", N + M, Int(2)), "(n + m)**2"),
        (N - M * N, "n - m*n"),
        (Group(N + M), "(n + m)"),
        (Group(N + M) * N, "(n + m)*n"),
    ],
)
def test_a_tree_prints_as_it_would_be_said(tree, text):
    """Printing adds the brackets that the tree's shape needs, and no others."""
    assert str(tree) == text


@given(TEXTS, SIZES)
@example("-n**2", {"n": 3, "m": 0, "p": 0})
@settings(max_examples=200, deadline=None, derandomize=True)
def test_a_parsed_text_has_the_value_that_arithmetic_gives_it(text, at):
    """Evaluating the parsed text gives what Python's own reading of the same text gives."""
    assert evaluate(_parse(text), at) == eval(text, dict(at))


@given(TEXTS)
@example("0 - n*m")
@example("-(n - m)*2")
@settings(max_examples=200, deadline=None, derandomize=True)
def test_a_printed_size_parses_to_itself(text):
    """Parsing what a parsed size prints gives the same tree, up to written brackets."""
    e = _parse(text)
    assert _bare(_parse(str(e))) == _bare(e)


@given(TREES, SIZES)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_a_printed_tree_keeps_its_value(tree, at):
    """Any tree, also one that no text wrote, prints as a text of the same value."""
    assume(not str(tree).startswith("--"))
    assert eval(str(tree), dict(at)) == evaluate(tree, at)


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("", "expected a number, a symbol or '(', found the end", 0),
        ("n -", "expected a number, a symbol or '(', found the end", 3),
        ("* n", "expected a number, a symbol or '(', found '*'", 0),
        ("+n", "expected a number, a symbol or '(', found '+'", 0),
        ("--n", "expected a number, a symbol or '(', found '-'", 1),
        ("- -n", "expected a number, a symbol or '(', found '-'", 2),
        ("(n", "expected ')', found the end", 2),
        ("(n]", "expected ')', found ']'", 2),
        ("()", "expected a number, a symbol or '(', found ')'", 1),
        ("n m", "expected the end, found 'm'", 2),
        ("n(m)", "expected the end, found '('", 1),
        ("n/2", "sizes have no division: expected '+', '-', '*' or '**', found '/'", 1),
        ("n//2", "sizes have no division: expected '+', '-', '*' or '**', found '//'", 1),
        ("n*m % 2", "sizes have no division: expected '+', '-', '*' or '**', found '%'", 4),
        ("n**13", "expected an exponent from 1 to 12, found '13'", 3),
        ("n**999999999", "expected an exponent from 1 to 12, found '999999999'", 3),
        ("n**-1", "expected an exponent from 1 to 12, found '-'", 3),
        ("2**n", "expected an exponent from 1 to 12, found 'n'", 3),
        ("n**", "expected an exponent from 1 to 12, found the end", 3),
        ("n**9999999999", "numbers have at most 9 digits", 3),
        ("2**3**2", "expected the end, found '**'", 4),
        ("1 - n**12*n", "this size is too large to multiply out", 0),
        (" (n+m)**9 <= n", "this size is too large to multiply out", 1),
    ],
)
def test_a_text_that_is_no_size_is_refused_in_words(text, message, place):
    """Each mistake is named with what was expected, what was found, and the place."""
    with pytest.raises(NotationError) as caught:
        _parse(text)
    assert (caught.value.message, caught.value.place) == (message, place)


@pytest.mark.parametrize("text", ["(n**2)**2", "((2**12)**12)**12", "(1 + n**2)**2", "-n**2**2"])
def test_a_power_of_a_power_is_refused(text):
    """A power inside the base of a power is refused as such, whatever its exponent."""
    with pytest.raises(NotationError, match="power"):
        _parse(text)


@pytest.mark.parametrize("text", [f"n**{MAX_DEGREE}", "(n+m)**8", "n*m**11", "+".join("n" * MAX_TERMS)])
def test_the_largest_sizes_are_read(text):
    """A size at the limit of degree or of terms is still read."""
    assert evaluate(_parse(text), {"n": 1, "m": 1}) == eval(text, {"n": 1, "m": 1})


@pytest.mark.parametrize("text", ["n**12*m", "n*n**12 - n*n**12", "(n+m)**9", "(n+m+1)**6", "((n+1)*(m+1))**5"])
def test_a_size_beyond_the_limits_is_refused(text):
    """A size whose degree or number of terms passes the limit is refused before anything multiplies it out."""
    with pytest.raises(NotationError, match="too large to multiply out"):
        _parse(text)


def test_brackets_nest_up_to_the_limit():
    """Thirty brackets are read, thirty-one are refused."""
    assert _parse("(" * 30 + "n" + ")" * 30) == N
    with pytest.raises(NotationError, match="brackets may nest at most 30 deep"):
        _parse("(" * 31 + "n" + ")" * 31)


def test_evaluate_works_on_arrays():
    """Symbols may stand for arrays of integers, and the value is the array of values."""
    values = evaluate(_parse("(n - m)**2 + 1"), {"n": np.array([3, 5]), "m": np.array([1, 5])})
    assert values.tolist() == [5, 1]


def test_evaluate_needs_every_symbol():
    """A symbol without a value is a KeyError that names it."""
    with pytest.raises(KeyError, match="m"):
        evaluate(N + M, {"n": 1})


def test_evaluate_knows_only_the_four_forms():
    """A foreign kind of size has no value."""
    with pytest.raises(TypeError):
        evaluate(Expr(), {})


@pytest.mark.parametrize(
    ("text", "by", "result"),
    [
        ("n - m", {"n": M}, "m - m"),
        ("n*m", {"n": N + ONE}, "(n + 1)*m"),
        ("(n + 1)**2", {"n": ZERO}, "(0 + 1)**2"),
        ("n", {"m": ONE}, "n"),
        ("7", {"n": ONE}, "7"),
        ("n + m", {"n": M, "m": N}, "m + n"),
    ],
)
def test_replace_substitutes_all_at_once(text, by, result):
    """Each named symbol is replaced, at once, and nothing else changes."""
    assert str(replace(_parse(text), by)) == result


@pytest.mark.parametrize(
    ("text", "names"), [("3", ()), ("n", ("n",)), ("m + (n - m)**2", ("m", "n", "m")), ("-p", ("p",))]
)
def test_symbols_come_in_written_order(text, names):
    """The names are those in the text, in order, with repeats."""
    assert symbols(_parse(text)) == names


@pytest.mark.parametrize(
    ("text", "among", "result"),
    [
        ("3", None, 0),
        ("n", None, 1),
        ("n + m*p", None, 2),
        ("(n*m)**3", None, 6),
        ("n - n", None, 1),
        ("n*m", {"n"}, 1),
        ("n*m", {"p"}, 0),
        ("n**3 - m", {"m"}, 1),
    ],
)
def test_degree_bounds_the_degree(text, among, result):
    """The degree counts the symbols asked for, without cancelling anything."""
    assert degree(_parse(text), None if among is None else frozenset(among)) == result


@pytest.mark.parametrize(("e", "text"), [(N + M, "n + m"), (N - M, "n - m"), (N * M, "n*m")])
def test_operators_build_trees(e, text):
    """The operators of Python build the tree that the text would."""
    assert e == _parse(text)


@pytest.mark.parametrize(
    ("text", "result"),
    [("2 + 1", Int(3)), ("(2*3)**2 - 1", Int(35)), ("1 - 4", Int(-3)), ("(7)", Int(7)), ("0", ZERO)],
)
def test_numbers_alone_are_folded(text, result):
    """Where nothing but numbers stands, the value stands for them."""
    assert folded(_parse(text)) == result


@pytest.mark.parametrize("text", ["n", "n + 1 + 2", "n - n", "0*m", "(n)"])
def test_a_size_with_a_symbol_is_not_folded(text):
    """A size that holds a symbol stays as it was written, whatever its value."""
    e = _parse(text)
    assert folded(e) is e


@given(st.text(alphabet="nm129+-*/()[] ,=<>", max_size=60))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_text_of_the_alphabet_is_a_size_or_refused(text):
    """A text of the notation's own characters is a size with Python's value, or is refused."""
    try:
        e = _parse(text)
    except GradcheckError:
        return
    at = defaultdict(lambda: -3)
    assert evaluate(e, at) == eval(text.strip(), {}, at)
