"""Sizes as they are written: what is parsed, and what is refused."""

from collections import defaultdict
from collections.abc import Mapping

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gradcheck.errors import GradcheckError, NotationError
from gradcheck.notation.arithmetic import ONE, ZERO, Expr, Group, Int, Op, Sym, evaluate
from gradcheck.notation.scanner import Scanner
from gradcheck.notation.size_grammar import MAX_DEGREE, MAX_TERMS, degree, is_call, parse_size, parse_sizes, positive
from gradcheck.symbolic.algebra import total_degree

N, M, S, D = map(Sym, "nmsd")
QUICK = settings(max_examples=200, deadline=None, derandomize=True)
SIZES = st.fixed_dictionaries(
    {**{name: st.integers(-9, 9) for name in "nmp"}, **{name: st.integers(1, 4) for name in "sd"}}
)


def parsed(text: str) -> Expr:
    """The tree of a text, which must hold one size and nothing else."""
    scanner = Scanner(text)
    e = parse_size(scanner)
    scanner.end()
    return e


def bare(e: Expr) -> Expr:
    """The tree without the brackets that were written."""
    match e:
        case Group(inner):
            return bare(inner)
        case Op(op, left, right):
            return Op(op, bare(left), bare(right))
    return e


class Whole(int):
    """A number that Python's own `/` rounds up, as only ceil writes it."""

    def __truediv__(self, other: int) -> int:
        return -(-int(self) // int(other))


def by_python(text: str, at: Mapping[str, int]) -> int:
    """The value of a text in Python's own reading; what ceil rounds up must be a symbol or a bracket."""
    names = {name: Whole(value) for name, value in at.items()}
    return int(eval(text, {"__builtins__": {}, "ceil": int, "min": min, "max": max, "whole": Whole}, names))


def grow(texts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Longer texts from texts."""
    unpowered = texts.filter(lambda text: "**" not in text)
    return st.one_of(
        st.builds("{}{}{}".format, texts, st.sampled_from([" + ", " - ", "-", "*", " * "]), texts),
        texts.map("({})".format),
        texts.filter(lambda text: not text.startswith("-")).map("-{}".format),
        st.builds("({})**{}".format, unpowered, st.integers(1, 2)),
        st.builds("{}{}{}".format, texts, st.sampled_from(["//", " % ", " // ", "%"]), DIVISORS),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), texts, texts),
        st.builds("max({}, {},{})".format, texts, texts, texts),
    )


DIVISORS = st.sampled_from(["1", "2", "3", "s", "(d)", "(s*d)", "(s + 1)", "s**2", "(2*d + s)"])
LEAVES = st.one_of(
    st.integers(0, 9).map(str),
    st.sampled_from(["n", "m", "p", "n**2", "2**3", "ceil(n/s)", "ceil(m/(s+1))", "ceil(p / 2)"]),
)
TEXTS = st.recursive(LEAVES, grow, max_leaves=6)


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
        ("n//2", Op("//", N, Int(2))),
        ("n + m//s", Op("+", N, Op("//", M, S))),
        ("n*m//s*2", Op("*", Op("//", Op("*", N, M), S), Int(2))),
        ("n//s//d", Op("//", Op("//", N, S), D)),
        ("n//s % d", Op("%", Op("//", N, S), D)),
        ("n//s**2", Op("//", N, Op("**", S, Int(2)))),
        ("n//(s*d)", Op("//", N, Group(Op("*", S, D)))),
        ("(n - m)//s + 1", Op("+", Op("//", Group(Op("-", N, M)), S), ONE)),
        ("-n//s", Op("//", Op("-", ZERO, N), S)),
        ("ceil(n/s)", Op("ceil", N, S)),
        ("ceil(n*m//d/s)", Op("ceil", Op("//", Op("*", N, M), D), S)),
        ("ceil((n - 1)/(s + 1))", Op("ceil", Group(Op("-", N, ONE)), Group(Op("+", S, ONE)))),
        ("ceil(n/s)**2", Op("**", Op("ceil", N, S), Int(2))),
        ("min(n, m)", Op("min", N, M)),
        ("max(n - m, 0)*2", Op("*", Op("max", Op("-", N, M), ZERO), Int(2))),
        ("max(n, m, 1)", Op("max", Op("max", N, M), ONE)),
        ("max ( n,min(m,1) )", Op("max", N, Op("min", M, ONE))),
        ("max + min*ceil", Op("+", Sym("max"), Op("*", Sym("min"), Sym("ceil")))),
    ],
)
def test_parse_keeps_what_was_written(text: str, tree: Expr) -> None:
    """A size becomes the tree with the usual precedence, and keeps the brackets that matter."""
    assert parsed(text) == tree


def test_parse_stops_after_one_size() -> None:
    """A size ends where the next token does not continue it, and leaves that token."""
    scanner = Scanner("n - 1 m")
    assert parse_size(scanner) == N - ONE
    assert scanner.sees("m")


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("p n-m+1 n-m+1", ["p", "n - m + 1", "n - m + 1"]),
        ("n//s ceil(n/s) m", ["n//s", "ceil(n/s)", "m"]),
        ("max(n, m) n%2", ["max(n, m)", "n%2"]),
        ("max min n", ["max", "min", "n"]),
    ],
)
def test_sizes_follow_one_another(text: str, sizes: list[str]) -> None:
    """Sizes beside each other are as many sizes, unless one continues the other."""
    assert list(map(str, parse_sizes(text))) == sizes


@pytest.mark.parametrize(
    ("text", "called"), [("max(n, m)", True), ("ceil (n/2)", True), ("max", False), ("f(n)", False)]
)
def test_a_call_is_a_known_name_with_a_bracket(text: str, called: bool) -> None:
    """Only min, max and ceil are called; without a bracket they are symbols like others."""
    assert is_call(Scanner(text)) is called


@given(TEXTS, SIZES)
@example("-n**2", {"n": 3, "m": 0, "p": 0, "s": 1, "d": 1})
@example("-n//s - -n % s", {"n": 7, "m": 0, "p": 0, "s": 2, "d": 1})
@QUICK
def test_a_parsed_text_has_the_value_that_arithmetic_gives_it(text: str, at: dict[str, int]) -> None:
    """Evaluating the parsed text gives what Python's own reading of the same text gives."""
    assert evaluate(parsed(text), at) == by_python(text, at)


@given(TEXTS)
@example("0 - n*m")
@example("-(n - m)*2")
@example("n*(m//s)")
@example("n - (m - p)//(s*d)")
@QUICK
def test_a_printed_size_parses_to_itself(text: str) -> None:
    """Parsing what a parsed size prints gives the same tree, up to written brackets."""
    e = parsed(text)
    assert bare(parsed(str(e))) == bare(e)


CHARACTER = "expected a number, a symbol or '('"
INTEGERS = "sizes are integers: expected a // b, rounded down, or ceil(a/b), rounded up, found '/'"
DIVISOR = "a divisor is made from numbers and sizes >= 1 by + and *"


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("", f"{CHARACTER}, found the end", 0),
        ("n -", f"{CHARACTER}, found the end", 3),
        ("* n", f"{CHARACTER}, found '*'", 0),
        ("+n", f"{CHARACTER}, found '+'", 0),
        ("--n", f"{CHARACTER}, found '-'", 1),
        ("- -n", f"{CHARACTER}, found '-'", 2),
        ("(n", "expected ')', found the end", 2),
        ("(n]", "expected ')', found ']'", 2),
        ("()", f"{CHARACTER}, found ')'", 1),
        ("n m", "expected the end, found 'm'", 2),
        ("n(m)", "expected the end, found '('", 1),
        ("n/2", INTEGERS, 1),
        ("(n + m)/2", INTEGERS, 7),
        ("2*(n/2)", INTEGERS, 4),
        ("n//s/2", INTEGERS, 4),
        ("min(n/2, m)", INTEGERS, 5),
        ("n//", f"{CHARACTER}, found the end", 3),
        ("// n", f"{CHARACTER}, found '//'", 0),
        ("n % % 2", f"{CHARACTER}, found '%'", 4),
        ("n//0", DIVISOR, 3),
        ("n % 0", DIVISOR, 4),
        ("n//-2", DIVISOR, 3),
        ("n//(m - 1)", DIVISOR, 3),
        ("n//(s + 0)", DIVISOR, 3),
        ("n % (m//2)", DIVISOR, 4),
        ("n//max(s, 1)", DIVISOR, 3),
        ("ceil(n/0)", DIVISOR, 7),
        ("ceil(n/(s - 1))", DIVISOR, 7),
        ("ceil(n)", "expected '/', found ')'", 6),
        ("ceil(n + 1/s)", "expected '/', found '+'", 7),
        ("ceil(n//s)", "expected '/', found ')'", 9),
        ("ceil(n/s/d)", "expected ')', found '/'", 8),
        ("ceil(n/s + 1)", "expected ')', found '+'", 9),
        ("max(n)", "expected ',', found ')'", 5),
        ("max()", f"{CHARACTER}, found ')'", 4),
        ("min(n,)", f"{CHARACTER}, found ')'", 6),
        ("min(n, m", "expected ')', found the end", 8),
        ("max(n, m]", "expected ')', found ']'", 8),
        ("n**13", "expected an exponent from 1 to 12, found '13'", 3),
        ("n**0", "expected an exponent from 1 to 12, found '0'", 3),
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
def test_a_text_that_is_no_size_is_refused_in_words(text: str, message: str, place: int) -> None:
    """Each mistake is named with what was expected, what was found, and the place."""
    with pytest.raises(NotationError) as caught:
        parsed(text)
    assert (caught.value.message, caught.value.place) == (message, place)


@pytest.mark.parametrize("text", ["(n**2)**2", "((2**12)**12)**12", "(1 + n**2)**2", "-n**2**2", "max(n**2, m)**2"])
def test_a_power_of_a_power_is_refused(text: str) -> None:
    """A power inside the base of a power is refused as such, whatever its exponent."""
    with pytest.raises(NotationError, match="power"):
        parsed(text)


@pytest.mark.parametrize(
    "text", [f"n**{MAX_DEGREE}", "(n+m)**8", "n*m**11", "+".join("n" * MAX_TERMS), "(n//m)**8", "max(n, m**12)"]
)
def test_the_largest_sizes_are_read(text: str) -> None:
    """A size at the limit of degree or of terms is still read."""
    assert evaluate(parsed(text), {"n": 1, "m": 1}) == by_python(text, {"n": 1, "m": 1})


@pytest.mark.parametrize(
    "text",
    [
        "n**12*m",
        "n*n**12 - n*n**12",
        "(n+m)**9",
        "(n+m+1)**6",
        "((n+1)*(m+1))**5",
        "n**12*m//s",
        "m//(s**12*n)",
        "max(n, m**12*n)",
        "ceil((n+m)**9/2)",
        "max(0, " * 13 + "n" + ")" * 13,
        "n" + " % s" * 13,
    ],
)
def test_a_size_beyond_the_limits_is_refused(text: str) -> None:
    """A size whose degree or number of terms passes the limit is refused before anything multiplies it out."""
    with pytest.raises(NotationError, match="too large to multiply out"):
        parsed(text)


@pytest.mark.parametrize(("before", "after"), [("(", ")")])
def test_brackets_nest_up_to_the_limit(before: str, after: str) -> None:
    """Thirty brackets are read, thirty-one are refused, those of calls among them."""
    assert evaluate(parsed(before * 30 + "n" + after * 30), {"n": 1}) == 1
    with pytest.raises(NotationError, match="brackets may nest at most 30 deep"):
        parsed(before * 31 + "n" + after * 31)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("3", 0),
        ("n", 1),
        ("n + m*p", 2),
        ("(n*m)**3", 6),
        ("n - n", 1),
        ("n**3 - m", 3),
        ("(n*m)//s", 2),
        ("n//s*m", 2),
        ("n//(s*d*m)", 3),
        ("ceil(n/s)**2", 2),
        ("max(n*m, 1)*max(m, 2)", 3),
    ],
)
def test_degree_counts_without_cancelling(text: str, result: int) -> None:
    """A product adds degrees, anything else takes the greater one, and nothing is cancelled."""
    assert degree(parsed(text)) == result


@given(TEXTS.filter(lambda text: "%" not in text))
@QUICK
def test_degree_bounds_the_degree(text: str) -> None:
    """Multiplied out, with quotients and maxima as symbols, a size has no higher degree than was foreseen."""
    assert total_degree(parsed(text)) <= max(1, degree(parsed(text)))


@pytest.mark.parametrize("text", ["1", "s", "s + d", "2*s*d + 1", "(s + 1)**2"])
def test_what_is_made_from_positive_sizes_is_positive(text: str) -> None:
    """Numbers >= 1 and symbols, added and multiplied, are at least 1 and come back as they are."""
    e = parsed(text)
    assert positive(e, "a stride", Scanner(text), 0) is e


@pytest.mark.parametrize("text", ["0", "-1", "s - 1", "s*0", "s//2", "s%2", "ceil(s/2)", "min(s, d)", "s + (d - 1)"])
def test_what_may_be_less_is_refused(text: str) -> None:
    """Whatever else is written is refused under the name that it was given, at its place."""
    with pytest.raises(NotationError) as caught:
        positive(parsed(text), "a stride", Scanner(text), 2)
    assert (caught.value.message, caught.value.place) == ("a stride is made from numbers and sizes >= 1 by + and *", 2)


@given(DIVISORS, SIZES)
@QUICK
def test_a_divisor_that_is_read_is_positive(text: str, at: dict[str, int]) -> None:
    """Whatever may stand after // is at least 1 where the sizes in it are."""
    assert evaluate(parsed(f"n//{text}").right, at) >= 1


@given(st.text(alphabet="nm129+-*/()[] ,=<>%", max_size=60))
@QUICK
def test_any_text_of_the_alphabet_is_a_size_or_refused(text: str) -> None:
    """A text of the notation's own characters is a size with Python's value, or is refused."""
    try:
        e = parsed(text)
    except GradcheckError:
        return
    at: defaultdict[str, int] = defaultdict(lambda: 3)
    assert evaluate(e, at) == eval(text.strip(), {}, at)


@given(
    st.lists(st.sampled_from(["n", "s", "2", "max(", "min(", "ceil(", "(", ")", ",", "/", "//", "%", "-", "*", "+"]))
)
@QUICK
def test_any_sequence_of_words_is_a_size_or_refused(words: list[str]) -> None:
    """Words in any order are a size that prints and parses to itself, or are refused."""
    try:
        e = parsed(" ".join(words))
    except GradcheckError:
        return
    assert bare(parsed(str(e))) == bare(e)
