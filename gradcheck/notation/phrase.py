"""Sentences with formulas in them that stay formulas, so that each report sets them in its own way."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words and things of the notation in turn; as a text, each thing is said as it prints itself."""

    parts: tuple[object, ...]

    def __str__(self) -> str:
        return "".join(map(str, self.parts))


Said = str | Phrase


def phrase(*parts: object) -> Phrase:
    """The parts as one sentence; a phrase among them is taken apart.

    >>> str(phrase("at most ", 3, phrase(" or ", 4)))
    'at most 3 or 4'
    """
    return Phrase(tuple(p for part in parts for p in (part.parts if isinstance(part, Phrase) else (part,))))


def joined(separator: str, phrases: list[Phrase]) -> Phrase:
    """The phrases with a separator between them."""
    parts = [part for one in phrases for part in (separator, one)]
    return phrase(*parts[1:])
