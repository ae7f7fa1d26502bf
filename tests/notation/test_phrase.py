"""Sentences that keep their formulas: how they read, and what they are made of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcheck.notation.arithmetic import ONE, Int, Sym
from gradcheck.notation.arrays import Ref
from gradcheck.notation.phrase import Phrase, joined, phrase
from gradcheck.notation.sums import Chain, Range, Read

N, M = Sym("n"), Sym("m")
X = Ref("X", ("i",))


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (phrase(), ""),
        (phrase("so it is"), "so it is"),
        (phrase(N - M + ONE), "n - m + 1"),
        (phrase("at most ", 3), "at most 3"),
        (phrase("the shape of ", X), "the shape of X[i]"),
        (phrase(Read("X", (Int(2), Int(0))), " is outside ", Ref("X")), "X[2,0] is outside X"),
        (phrase(Chain((N, M)), " in ", Range("u", ONE, N)), "n = m in 1 <= u <= n"),
        (phrase("given ", phrase(N, " and ", phrase(M)), ": so"), "given n and m: so"),
    ],
)
def test_a_phrase_reads_as_its_parts_print(said, text):
    """As a text, words stand as they are and each thing prints itself, with nothing in between."""
    assert str(said) == text


def test_a_phrase_keeps_its_things():
    """What stands in a phrase is the thing itself, not its text, so that a report can set it as a formula."""
    chain = Chain((N, M))
    said = phrase("where ", chain, " and ", X)
    assert said.parts == ("where ", chain, " and ", X)
    assert said.parts[1] is chain


def test_a_phrase_within_a_phrase_is_taken_apart():
    """The parts of an inner phrase take its place, however deep it stands."""
    inner = phrase("of ", phrase(N, " by ", phrase(M)))
    assert phrase("sizes ", inner, ".").parts == ("sizes ", "of ", N, " by ", M, ".")


def test_a_thing_and_its_text_are_different_phrases():
    """Phrases are values, equal when their parts are; one that reads the same need not be the same."""
    assert phrase("n = ", M) == Phrase(("n = ", Sym("m")))
    assert len({phrase(N), phrase(N), phrase("n")}) == 2
    with pytest.raises(AttributeError):
        phrase(N).parts = ()


@pytest.mark.parametrize(
    ("phrases", "parts"),
    [
        ([], ()),
        ([phrase(N)], (N,)),
        ([phrase(N), phrase(M)], (N, ", ", M)),
        ([phrase(N, " of ", X), phrase("m"), phrase()], (N, " of ", X, ", ", "m", ", ")),
    ],
)
def test_a_separator_stands_between_phrases(phrases, parts):
    """The separator comes between two phrases, never before the first or after the last."""
    assert joined(", ", phrases) == Phrase(parts)


PARTS = st.one_of(st.text(max_size=5), st.integers(-9, 9).map(Int), st.sampled_from([N, M, X]))
PHRASES = st.recursive(
    st.lists(PARTS, max_size=3).map(lambda parts: phrase(*parts)),
    lambda inner: st.lists(inner | PARTS, max_size=3).map(lambda parts: phrase(*parts)),
    max_leaves=6,
)


@given(st.lists(PHRASES | PARTS, max_size=4))
def test_any_phrase_reads_as_what_it_was_made_of(parts):
    """Taking phrases apart changes no letter, and leaves no phrase inside."""
    made = phrase(*parts)
    assert str(made) == "".join(map(str, parts))
    assert not any(isinstance(part, Phrase) for part in made.parts)


@given(st.text(max_size=3), st.lists(PHRASES, max_size=4))
def test_any_phrases_are_joined_like_their_texts(separator, phrases):
    """Joining phrases and joining their texts is the same to read, and no thing is lost or turned around."""
    found = joined(separator, phrases)
    assert str(found) == separator.join(map(str, phrases))
    things = [part for one in phrases for part in one.parts if not isinstance(part, str)]
    assert [part for part in found.parts if not isinstance(part, str)] == things
