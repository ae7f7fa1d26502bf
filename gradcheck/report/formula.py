"""Formulas as a small tree, which every writer prints in its own language."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Literal

LONG_SIZE, LONG = 12, 15  # of the weights of round brackets, and of others


@dataclass(frozen=True, slots=True)
class Letter:
    """A variable, under the name that it has in the notation."""

    name: str


@dataclass(frozen=True, slots=True)
class Number:
    """An integer."""

    value: int


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign by its name, a key of every writer's table of signs."""

    name: str


@dataclass(frozen=True, slots=True)
class Word:
    """A name of several letters, set upright: side, depth, pad."""

    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """Formulas one after another."""

    parts: tuple["Formula", ...]


@dataclass(frozen=True, slots=True)
class Factors:
    """Factors one after another; a line may be broken between them."""

    parts: tuple["Formula", ...]


@dataclass(frozen=True, slots=True)
class Script:
    """A base with a subscript, a superscript, or both."""

    base: "Formula"
    sub: "Formula | None" = None
    sup: "Formula | None" = None


@dataclass(frozen=True, slots=True)
class Fraction:
    """top over bottom."""

    top: "Formula"
    bottom: "Formula"


@dataclass(frozen=True, slots=True)
class Derivative:
    """The derivative of one thing with respect to another: built up where there is room, else with a slash."""

    of: "Formula"
    by: "Formula"


@dataclass(frozen=True, slots=True)
class Sum:
    """A summation sign with what stands under it."""

    under: "Formula"


@dataclass(frozen=True, slots=True)
class Fence:
    """A formula in brackets as tall as it is."""

    kind: Literal["(", "[", "{", "floor", "ceil"]
    body: "Formula"


Formula = Letter | Number | Sign | Word | Row | Factors | Script | Fraction | Derivative | Sum | Fence


def row(*parts: Formula | str) -> Formula:
    """Formulas, and signs by name, one after another; rows among them are taken apart."""
    made = [Sign(part) if isinstance(part, str) else part for part in parts]
    flat = tuple(inner for part in made for inner in (part.parts if isinstance(part, Row) else (part,)))
    return flat[0] if len(flat) == 1 else Row(flat)


def listed(sign: str, parts: Sequence[Formula]) -> Formula:
    """Formulas with a sign between them."""
    return row(*[item for part in parts for item in (Sign(sign), part)][1:])


def walk(thing: object) -> Iterable[object]:
    """Everything in a formula, or in what holds formulas, itself first."""
    yield thing
    if isinstance(thing, tuple):
        inside = thing
    else:
        inside = tuple(getattr(thing, f.name) for f in fields(thing)) if is_dataclass(thing) else ()
    for part in inside:
        yield from walk(part)


def taken_apart(name: str) -> tuple[str, str, int]:
    """A name as a letter or a word, the digits after one letter, which are its index, and how many primes."""
    bare = name.rstrip("'")
    match = re.fullmatch(r"([A-Za-z])([0-9]*)", bare)
    word, index = (match[1], match[2]) if match else (bare, "")
    return word, index, len(name) - len(bare)


def words(thing: object) -> str:
    """A variable or a derivative where there is no mathematics: dL/dX; nothing for anything else."""
    match thing:
        case Letter(name):
            return name
        case Derivative(of, by):
            return f"d{words(of)}/d{words(by)}"
    return ""


def tall(f: Formula) -> bool:
    """Whether a formula needs brackets taller than a letter."""
    high = (Fraction, Derivative, Sum)
    return any(isinstance(part, high) or (isinstance(part, Script) and part.sup is not None) for part in walk(f))


ONE_WIDE = (Letter, Number, Sign, Fence)


def weight(f: Formula) -> int:
    """How many letters, numbers, signs and brackets a formula has: a measure of its width."""
    seen = [part for part in walk(f) if part != Sign("product")]
    return sum(len(part.text) if isinstance(part, Word) else isinstance(part, ONE_WIDE) for part in seen)


def breakable(f: Fence) -> bool:
    """Whether a line may end within brackets: where they are long, and no taller than a letter."""
    return weight(f) > (LONG_SIZE if f.kind == "(" else LONG) and not tall(f.body)
