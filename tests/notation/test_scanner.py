"""Text to tokens: what is read, and how a text that is no notation is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcheck.errors import GradcheckError, NotationError
from gradcheck.notation.scanner import MAX_DEPTH, MAX_DIGITS, MAX_LENGTH, Scanner, misplaced, suggestion, tokens


def _words(text):
    return [(token.kind, token.text, token.place) for token in tokens(text)]


def test_tokens_carry_their_kind_and_place():
    """A text becomes names, numbers and signs with their places, closed by an end token."""
    assert _words("n_1 - 12") == [("name", "n_1", 0), ("sign", "-", 4), ("number", "12", 6), ("end", "", 8)]


@pytest.mark.parametrize("sign", ["+=", "<=", ">=", "==", "**", "//", *"-+*/%=<>()[],"])
def test_every_sign_is_one_token(sign):
    """Each sign is read whole, the long ones before their first character."""
    assert _words(f"a{sign}b")[1] == ("sign", sign, 1)


@pytest.mark.parametrize("blank", [" ", "\t", "\r\n", " \n "])
def test_blanks_separate_and_vanish(blank):
    """Blanks of any kind part two names and leave no token."""
    assert [token.text for token in tokens(f"{blank}a{blank}b{blank}")] == ["a", "b", ""]


def test_an_empty_text_is_only_the_end():
    """The empty text has the end token alone."""
    assert _words("") == [("end", "", 0)]


@pytest.mark.parametrize("character", ["!", ";", "é", "·", "²", "٣", "\x00", "\x1b", "\u2212", ".", "'", "{"])
def test_a_strange_character_is_refused_where_it_stands(character):
    """A character outside the notation is named, with its place."""
    with pytest.raises(NotationError) as caught:
        tokens(f"n + {character}")
    assert (caught.value.message, caught.value.place) == (f"unexpected character {character!r}", 4)


def test_digits_are_limited():
    """The longest number is read, one digit more is refused at the number's place."""
    assert _words("9" * MAX_DIGITS)[0] == ("number", "9" * MAX_DIGITS, 0)
    with pytest.raises(NotationError, match=f"numbers have at most {MAX_DIGITS} digits") as caught:
        tokens("n+" + "9" * (MAX_DIGITS + 1))
    assert caught.value.place == 2


def test_length_is_limited():
    """The longest text is read, one character more is refused."""
    assert len(tokens("+" * MAX_LENGTH)) == MAX_LENGTH + 1
    with pytest.raises(NotationError, match=f"at most {MAX_LENGTH} characters are allowed here"):
        tokens("+" * (MAX_LENGTH + 1))


def test_the_scanner_moves_on_and_stays_at_the_end():
    """Each take returns the next token, and the end again and again once it is reached."""
    scanner = Scanner("a b")
    assert (scanner.next.text, scanner.after_next.text) == ("a", "b")
    assert [scanner.take().text for _ in range(4)] == ["a", "b", "", ""]
    assert (scanner.next.kind, scanner.after_next.kind) == ("end", "end")


def test_sees_looks_without_moving():
    """Sees compares the next token with several texts and never matches the end."""
    scanner = Scanner("+")
    assert scanner.sees("-", "+")
    assert not scanner.sees("-")
    scanner.take()
    assert not scanner.sees("", "+")


def test_accept_moves_only_over_what_it_was_asked_for():
    """Accept takes the token that it names and leaves any other."""
    scanner = Scanner("+")
    assert not scanner.accept("-")
    assert scanner.accept("+")
    assert not scanner.accept("+")


def test_name_takes_a_name():
    """A name is returned, and the scanner has moved past it."""
    scanner = Scanner("X1 +")
    assert scanner.name("a tensor") == "X1"
    assert scanner.sees("+")


@pytest.mark.parametrize(
    ("text", "ask", "message", "place"),
    [
        ("a )", lambda s: s.expect("("), "expected '(', found 'a'", 0),
        ("", lambda s: s.expect("("), "expected '(', found the end", 0),
        ("  12", lambda s: s.name("an index"), "expected an index, found '12'", 2),
        (" ", lambda s: s.name("an index"), "expected an index, found the end", 1),
        (" <=", lambda s: s.end(), "expected the end, found '<='", 1),
        ("]", lambda s: s.close(")"), "expected ')', found ']'", 0),
        ("]", lambda s: s.open("["), "expected '[', found ']'", 0),
    ],
)
def test_a_wrong_token_is_refused_with_what_was_expected(text, ask, message, place):
    """The complaint says what was expected, what stands there instead, and where."""
    with pytest.raises(NotationError) as caught:
        ask(Scanner(text))
    assert (caught.value.message, caught.value.place, caught.value.text) == (message, place, text)


def test_the_end_is_accepted_at_the_end():
    """Asking for the end passes when nothing is left."""
    Scanner("  ").end()


def test_nesting_is_limited():
    """The deepest allowed bracket opens, the next one is refused."""
    scanner = Scanner("(" * (MAX_DEPTH + 1))
    for _ in range(MAX_DEPTH):
        scanner.open("(")
    with pytest.raises(NotationError, match=f"brackets may nest at most {MAX_DEPTH} deep"):
        scanner.open("(")


def test_closed_brackets_do_not_count_as_depth():
    """Any number of brackets one after another is allowed: only nesting counts."""
    scanner = Scanner("()" * (MAX_DEPTH + 5))
    for _ in range(MAX_DEPTH + 5):
        scanner.open("(")
        scanner.close(")")
    scanner.end()


@pytest.mark.parametrize(
    ("text", "word", "place"),
    [
        ("dX = X", "X", 5),
        ("X[i] = Xi * i", "i", 2),
        ("rot180(F)", "rot180", 0),
        ("nothing here", "X", 0),
    ],
)
def test_misplaced_points_at_the_whole_word(text, word, place):
    """The place is that of the first whole occurrence of the word, or the start."""
    assert misplaced("wrong", text, word).place == place


@pytest.mark.parametrize(
    ("text", "place", "shown"),
    [
        ("n + ?", 4, "wrong\n    n + ?\n        ^"),
        ("a\n\tb", 3, "wrong\n    a  b\n       ^"),
        ("x" * 90 + "!" + "y" * 90, 90, "wrong\n    " + "x" * 60 + "!" + "y" * 19 + "\n    " + " " * 60 + "^"),
    ],
)
def test_the_caret_stands_under_the_place(text, place, shown):
    """The message shows the text around the place on one line with a caret under it."""
    assert str(NotationError("wrong", text, place)) == shown


@pytest.mark.parametrize("character", ["\x1b", "\r", "\x07", "\x9b", "\u202e", "\u2028"])
def test_the_caret_line_repeats_no_control_character(character):
    """What an untrusted text holds cannot steer the terminal that shows the complaint."""
    assert character not in str(NotationError("wrong", f"m{character}[2J <= q", 1))


@pytest.mark.parametrize(
    ("word", "known", "said"),
    [
        ("titel", ["title", "layer"], "; did you mean 'title'?"),
        ("zzz", ["title", "layer"], "; known: title, layer"),
        ("zzz", [f"name{n}" for n in range(12)], "; known: " + ", ".join(f"name{n}" for n in range(12))),
        ("zzz", [f"name{n}" for n in range(13)], ""),
        ("zzz", [], ""),
    ],
)
def test_suggestion(word, known, said):
    """A near miss is named; else the choices where they are few; else nothing."""
    assert suggestion(word, iter(known)) == said


@given(st.text())
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_text_is_tokens_or_refused(text):
    """Tokens cover every character but the blanks, or the text is refused as notation."""
    try:
        found = tokens(text)
    except GradcheckError:
        return
    assert "".join(token.text for token in found) == "".join(c for c in text if c not in " \t\r\n")
    assert all(text[token.place :].startswith(token.text) for token in found)
