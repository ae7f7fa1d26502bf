"""The tree of formulas: how rows are put together, how everything in one is found, and what is tall."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcheck.report.document import Paragraph
from gradcheck.report.formula import (
    Derivative,
    Factors,
    Fence,
    Fraction,
    Letter,
    Number,
    Row,
    Script,
    Sign,
    Sum,
    Word,
    breakable,
    listed,
    row,
    tall,
    walk,
    weight,
    words,
)

A, B, C = map(Letter, "abc")
PLUS = Sign("+")


@pytest.mark.parametrize(
    ("made", "tree"),
    [
        (row(A), A),
        (row("+"), PLUS),
        (row(), Row(())),
        (row(A, "+", B), Row((A, PLUS, B))),
        (row(row(A, "+", B), "+", C), Row((A, PLUS, B, PLUS, C))),
        (row(row(A, "+", B)), Row((A, PLUS, B))),
        (row(Factors((A, B)), C), Row((Factors((A, B)), C))),
        (row(Fence("(", row(A, "+", B)), C), Row((Fence("(", Row((A, PLUS, B))), C))),
    ],
)
def test_a_row_is_flat_and_never_of_one_part(made, tree):
    """Rows among the parts are taken apart, and nothing else is; one part alone is itself."""
    assert made == tree


@pytest.mark.parametrize(
    ("parts", "tree"), [([], Row(())), ([A], A), ([A, B, C], Row((A, PLUS, B, PLUS, C))), ([A, A], Row((A, PLUS, A)))]
)
def test_a_list_has_its_sign_between_and_not_around(parts, tree):
    """There is one sign fewer than there are parts."""
    assert listed("+", parts) == tree


def test_a_walk_meets_everything_once_and_itself_first():
    """Formulas, what they hold, and what holds them, in the order in which they are written."""
    thing = Paragraph(("so ", Script(A, None, Number(2))))
    assert list(walk(thing)) == [thing, thing.text, "so ", thing.text[1], A, "a", None, Number(2), 2]


LEAVES = st.sampled_from([A, B, Number(3), PLUS, Word("pad")])
PLAIN = st.recursive(
    LEAVES,
    lambda f: (
        st.builds(Fence, st.sampled_from(["(", "[", "{", "floor", "ceil"]), f)
        | st.builds(Script, f, f)
        | st.builds(lambda *parts: row(*parts), f, f)
        | st.builds(lambda *parts: Factors(parts), f, f)
    ),
    max_leaves=6,
)
HIGH = st.sampled_from([Script(A, None, B), Fraction(A, B), Derivative(A, B), Sum(A)])


@given(PLAIN, HIGH)
def test_a_formula_is_tall_when_something_in_it_is(plain, high):
    """Letters, brackets and subscripts are low; a superscript, a fraction or a sum is not, however deep it stands."""
    assert not tall(plain)
    assert tall(high)
    assert tall(Fence("(", row(plain, Script(plain, high))))


def test_words_for_the_outline():
    """Variables and derivatives have a name without mathematics, and nothing else has."""
    assert words(Derivative(Letter("L"), Letter("F_1"))) == "dL/dF_1"
    assert (words(A), words(row(A, "+", B)), words(Derivative(A, row(B, "+", C)))) == ("a", "", "da/d")


@pytest.mark.parametrize(
    ("f", "weighs"),
    [(A, 1), (row(A, "product", B), 2), (row(A, "+", Number(10)), 3), (Fence("(", A), 2), (Script(Word("pad"), A), 4)],
)
def test_weight(f, weighs):
    """Letters, numbers, signs and brackets weigh 1, words their length, and the blank of a product nothing."""
    assert weight(f) == weighs


@pytest.mark.parametrize(("kind", "most"), [("(", 12), ("[", 15), ("floor", 15)])
def test_brackets_that_are_long_may_be_broken(kind, most):
    """Round ones sooner than others, and none that are tall."""
    assert not breakable(Fence(kind, row(*[A] * (most - 1))))
    assert breakable(Fence(kind, row(*[A] * most)))
    assert not breakable(Fence(kind, row(*[A] * most, Sum(A))))
