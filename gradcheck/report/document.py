"""A report as a document: what it says, in which order, and nothing of how it looks."""

from dataclasses import dataclass
from typing import Literal

from gradcheck.report.formula import Formula


@dataclass(frozen=True, slots=True)
class Code:
    """Something to be typed, or a name that can be."""

    text: str


@dataclass(frozen=True, slots=True)
class Emphasis:
    """A word that leads what follows it."""

    text: str


@dataclass(frozen=True, slots=True)
class Cite:
    """A reference to the step of this number."""

    step: int


Inline = str | Formula | Code | Emphasis | Cite
Text = tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a section (level 1) or of a part of one (level 2)."""

    level: Literal[1, 2]
    text: Text


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences."""

    text: Text


@dataclass(frozen=True, slots=True)
class Listing:
    """Points, in the order given."""

    items: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head, if there is one; `widths` are the shares of the columns in the width of the page."""

    head: tuple[Text, ...]
    rows: tuple[tuple[Text, ...], ...]
    widths: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Theorem:
    """A statement under a heading such as "Theorem 3", with the claim's name."""

    heading: str
    name: str
    text: Text


@dataclass(frozen=True, slots=True)
class Line:
    """A numbered step: left (where it differs from the line before), right, the reason beside them, and notes."""

    number: int
    left: Formula | None
    right: Formula
    reason: Text
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Derivation:
    """Steps, aligned at their relations; `closed` when what was to be shown is shown."""

    lines: tuple[Line, ...]
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A square of a grid; a heat goes from 0 to 100."""

    kind: Literal["plain", "read", "zero", "zero read", "written", "label", "heat"]
    text: str = ""
    heat: int = 0


@dataclass(frozen=True, slots=True)
class Grid:
    """Squares in rows, over a title."""

    title: Text
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """Grids side by side, over a caption."""

    number: int
    grids: tuple[Grid, ...]
    caption: Text


Block = Heading | Paragraph | Listing | Table | Theorem | Derivation | Figure


@dataclass(frozen=True, slots=True)
class Document:
    """A title and what follows it."""

    title: str
    subtitle: str
    blocks: tuple[Block, ...]
