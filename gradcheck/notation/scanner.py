"""Text to tokens, with a place for every complaint and a limit on every size."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from gradcheck.errors import NotationError

MAX_LENGTH = 600  # characters in one expression; also bounds how deep a sum of terms can nest
MAX_DEPTH = 30  # nested parentheses and calls
MAX_DIGITS = 9

_TOKEN = re.compile(
    r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<number>[0-9]+)"
    r"|(?P<sign>\+=|<=|>=|==|\*\*|//|[-+*/%=<>()\[\],])|(?P<blank>[ \t\r\n]+)"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the notation: kind is "name", "number", "sign" or "end"."""

    kind: str
    text: str
    place: int


def tokens(text: str) -> tuple[Token, ...]:
    """The words of `text`, the last one of kind "end"; raises NotationError for a strange character."""
    if len(text) > MAX_LENGTH:
        raise NotationError(f"at most {MAX_LENGTH} characters are allowed here", text, 0)
    found, place = [], 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise NotationError(f"unexpected character {text[place]!r}", text, place)
        if match.lastgroup == "number" and len(match.group()) > MAX_DIGITS:
            raise NotationError(f"numbers have at most {MAX_DIGITS} digits", text, place)
        if match.lastgroup and match.lastgroup != "blank":
            found.append(Token(match.lastgroup, match.group(), place))
        place = match.end()
    return (*found, Token("end", "", len(text)))


class Scanner:
    """Reads tokens one after another; every parser of the notation takes one and moves it on."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = tokens(text)
        self._position = 0
        self._depth = 0

    @property
    def next(self) -> Token:
        return self._tokens[self._position]

    @property
    def after_next(self) -> Token:
        return self._tokens[min(self._position + 1, len(self._tokens) - 1)]

    def take(self) -> Token:
        token = self.next
        self._position = min(self._position + 1, len(self._tokens) - 1)
        return token

    def sees(self, *texts: str) -> bool:
        return self.next.kind != "end" and self.next.text in texts

    def accept(self, text: str) -> bool:
        if not self.sees(text):
            return False
        self.take()
        return True

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise self.error(f"expected '{text}'")

    def name(self, what: str) -> str:
        if self.next.kind != "name":
            raise self.error(f"expected {what}")
        return self.take().text

    def open(self, bracket: str) -> None:
        """Expect an opening bracket, and count how deep it is."""
        self.expect(bracket)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self.error(f"brackets may nest at most {MAX_DEPTH} deep")

    def close(self, bracket: str) -> None:
        self.expect(bracket)
        self._depth -= 1

    def end(self) -> None:
        if self.next.kind != "end":
            raise self.error("expected the end")

    def error(self, message: str) -> NotationError:
        found = f"'{self.next.text}'" if self.next.text else "the end"
        return NotationError(f"{message}, found {found}", self.text, self.next.place)


def misplaced(message: str, text: str, word: str) -> NotationError:
    """A complaint about a word of `text`, placed under its first whole occurrence."""
    match = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text)
    return NotationError(message, text, match.start() if match else 0)


def suggestion(word: str, known: Iterable[str]) -> str:
    """What the user may have meant: "; did you mean 'x'?", or the choices, or nothing."""
    choices = list(known)
    near = difflib.get_close_matches(word, choices, n=1)
    if near:
        return f"; did you mean '{near[0]}'?"
    return f"; known: {', '.join(choices)}" if 0 < len(choices) <= 12 else ""
