"""Steps as numbered lines: numbered where they first stand, cited wherever they are needed again."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcheck.evidence import Certificate, Step
from gradcheck.layers.layer import parse_layer
from gradcheck.notation.arithmetic import ONE, ZERO, Int, Op, Sym
from gradcheck.notation.arrays import Ref
from gradcheck.notation.phrase import phrase
from gradcheck.notation.sums import Equation, Range, Read, Sized
from gradcheck.report.document import Cite, Emphasis
from gradcheck.report.latex import formula
from gradcheck.report.steps import Steps, certified, cited
from gradcheck.report.typeset import Typesetter

M, N = Sym("m"), Sym("n")
GIVEN = Step("given", Sized(Ref("X"), (N,)), "an operand")
COUNT = Step("count", Sized(Ref("Y"), (N,)), "each index counts")


def steps():
    """Nothing told yet."""
    return Steps(Typesetter(parse_layer("dense", {})))


def words(text):
    """A text with its formulas in LaTeX."""
    return "".join(
        part if isinstance(part, str) else part.text if isinstance(part, Emphasis) else formula(part) for part in text
    )


def equation(left, *ranges):
    """Y[left] = X[left], over the ranges."""
    return Equation(Read(left, (Sym("a"),)), ranges, (), (), (Read("X", (Sym("a"),)),))


def test_a_step_is_told_once_and_cited_after():
    """New steps get the next number, once each; those already told are only cited."""
    told = steps()
    assert [line.number for line in told.told([GIVEN, GIVEN])[1]] == [1]
    old, lines = told.told([GIVEN, COUNT])
    assert old == (Cite(1),)
    assert [line.number for line in lines] == [2]
    assert told.number(COUNT) == 2


def test_a_line_has_its_rule_and_its_reason():
    """Left, relation, rule, reason."""
    ((line,),) = [steps().told([GIVEN])[1]]
    assert (formula(line.left), formula(line.right), words(line.reason)) == ("X", r"\colon n", "given: an operand")


def test_the_same_left_side_is_not_repeated():
    """A chain of equations for one entry has it once; another entry, or no equation, has its own."""
    chain = [Step("a", equation("Y"), ""), Step("b", equation("Y"), "x"), Step("c", equation("Z"), "")]
    assert [line.left is None for line in steps().told(chain)[1]] == [False, True, False]
    assert [line.left is None for line in steps().told([GIVEN, Step("z", GIVEN.after, "again")])[1]] == [False, False]


def test_ranges_are_told_once_and_together():
    """Ranges with the same bounds stand together, and only where they first occur."""
    a, b, c = Range("a", ZERO, N), Range("b", ZERO, N), Range("c", ONE, N)
    first, second = steps().told([Step("x", equation("Y", a, b, c), ""), Step("y", equation("Y", b), "")])[1]
    assert [words(note) for note in first.notes] == [r"where 0 \le a, b \le n, 1 \le c \le n"]
    assert second.notes == ()


def test_certificates_are_shown_and_assumptions_named():
    """A certificate stands in full, unless it repeats a fact; ranges go without saying; what was not shown is said."""
    range_, fact = (Certificate(e, ((Fraction(1), (e,)),)) for e in (M, Sym("k")))
    real = Certificate(N, ((Fraction(2), (M, M)),))
    step = Step("s", GIVEN.after, "they fit", None, (range_, fact, real), (N - M, M - ONE, ZERO - ONE))
    (line,) = steps().told([step])[1]
    assert [words(note) for note in line.notes] == [
        r"n = 2 m \, m \ge 0",
        r"assumed: k \ge 0",
        r"false: - 1 \ge 0",
        r"not shown: n - m, m - 1 \ge 0",
    ]
    assert words(line.reason) == "s: would hold if they fit"


QUOTIENT, GREATEST = Op("//", N, M), Op("max", N, M)
REST, ABOVE = N - M * QUOTIENT, N - GREATEST


@pytest.mark.parametrize(
    ("certificate", "told"),
    [
        (Certificate(N - M, ((Fraction(1), (N - M,)),)), r"n - m = ({n - m}) \ge 0"),
        (Certificate(N, ((Fraction(1), ()), (Fraction(1), (N - ONE,)))), r"n = 1 + ({n - 1}) \ge 0"),
        (Certificate(N, ((Fraction(3, 2), (M, N)), (Fraction(2), ()))), r"n = \frac{3}{2} m \, n + 2 \ge 0"),
        (Certificate(N, ((Fraction(3), (Int(2) * M,)),)), r"n = 3 \cdot 2 m \ge 0"),
        (Certificate(N, ((Fraction(1, 2), (M,)),)), r"n = \frac{1}{2} m \ge 0"),
        (Certificate(ZERO, ()), r"0 = 0 \ge 0"),
        (
            Certificate(QUOTIENT - ONE, ((Fraction(1), (N - M,)), (Fraction(2), (REST,))), M),
            r"m \, ({\lfloor{n / m}\rfloor - 1}) + m - 1 = ({n - m}) + 2 ({n - m \, \lfloor{n / m}\rfloor}) \ge 0"
            r", so that \lfloor{n / m}\rfloor - 1 \ge 0, being an integer",
        ),
        (
            Certificate(N - ONE, ((Fraction(1), (N, ABOVE)),), ONE, (ABOVE, N - M)),
            r"n - 1 = n \, ({n - \max ({n, m})}) \ge 0, where n - \max ({n, m}), n - m \ge 0",
        ),
        (
            Certificate(ZERO - ONE, ((Fraction(1), (N, ABOVE)),), ONE, (ABOVE,)),
            r"- 1 = n \, ({n - \max ({n, m})}) \ge 0, so that never n - \max ({n, m}) \ge 0",
        ),
    ],
)
def test_certificates(certificate, told):
    """A goal, or a multiple of it, is a sum of products of facts; what follows, and when, is said after."""
    assert words(certified(certificate)) == told


def test_what_holds_by_definition_is_not_called_assumed():
    """The remainder is at least 0 by what a quotient is; a fact of one case is no fact, and both cases are told."""
    repeated = Certificate(REST, ((Fraction(1), (REST,)),))
    cases = [Certificate(N, ((Fraction(1), (N,)),), ONE, (fact,)) for fact in (ABOVE, M - GREATEST)]
    (line,) = Steps(Typesetter(parse_layer("conv1d", {}))).told(
        [Step("s", GIVEN.after, "so", None, (repeated, *cases))]
    )[1]
    assert [words(note) for note in line.notes] == [
        r"n = n \ge 0, where n - \max ({n, m}) \ge 0",
        r"n = n \ge 0, where m - \max ({n, m}) \ge 0",
        r"assumed, or so by definition: n - m \, \lfloor{n / m}\rfloor \ge 0",
    ]


AMOUNT = N + M + N + M + N + M + N
PADDED = Read("X", (Sym("a"),), ((AMOUNT, N),))


def test_long_amounts_of_padding_are_noted_once():
    """Below the first equation that leaves them out, unless its reason tells them."""
    own = Equation(Read("Y", (Sym("a"),)), (), (), (), (PADDED,))
    first, second = steps().told([Step("s", own, "so"), Step("t", own, "and so")])[1]
    long = "n + m + n + m + n + m + n"
    assert [words(note) for note in first.notes] == [
        rf"\mathrm{{pad}} ({{X}}) has {long} zeros before and n zeros after on every axis"
    ]
    assert second.notes == ()
    (told,) = steps().told([Step("s", own, phrase("zeros: ", AMOUNT, " and ", N))])[1]
    assert told.notes == ()


def test_a_comparison_cites_what_it_compares_with():
    """The reader finds the derived equation by its number; where there is none, nothing is cited."""
    derived, same = equation("Y"), Step("compare", equation("Z"), "the same products", equation("Y"))
    assert words(steps().told([same])[1][0].reason) == "compare: the same products"
    (_, line) = steps().told([Step("drop", derived, ""), same])[1]
    assert line.reason[-2:] == (", as in ", Cite(1))


@given(st.lists(st.integers(1, 40)))
def test_citations_cover_exactly_the_numbers(numbers):
    """Neighbours are joined to runs, in order, and nothing else is cited."""
    covered, text = [], [part for part in cited(numbers) if part != ", "]
    while text:
        first = text.pop(0).step
        last = first
        if text and text[0] == "\u2013":
            last = text[1].step
            del text[:2]
        covered += range(first, last + 1)
        assert last == first or last > first
    assert covered == sorted(set(numbers))
