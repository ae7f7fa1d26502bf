"""A document as Markdown with mathematics as GitHub and GitLab read it, for a README, a wiki or a CI summary."""

import re
from collections.abc import Iterable

from gradcheck.report.document import (
    Block,
    Cite,
    Code,
    Derivation,
    Document,
    Emphasis,
    Figure,
    Grid,
    Heading,
    Inline,
    Line,
    Listing,
    Paragraph,
    Table,
    Text,
    Theorem,
)
from gradcheck.report.latex import formula

MARKS = re.compile(r"[#$&*+/<>@\[\\\]^_`|~]|(?<=www)\.", re.IGNORECASE)  # what Markdown may act on
SQUARES = {
    "plain": "·",
    "zero": "0",
    "written": "■",
    "read": "□",
    "zero read": "□",
}  # the other squares have a text of their own


def write(document: Document) -> str:
    """The document as one Markdown file; the same document gives the same text."""
    head = [f"# {escaped(document.title)}", escaped(document.subtitle)]
    return "\n\n".join([*head, *map(_block, document.blocks)]) + "\n"


def escaped(text: str) -> str:
    """Any text: no character of it begins a tag, a link, a formula or a mark."""
    shown = "".join(c if c.isprintable() else f"[U+{ord(c):04X}]" for c in text)
    return MARKS.sub(lambda c: f"&#{ord(c[0])};", shown)


def _text(text: Text) -> str:
    return "".join(map(_inline, text))


def _sentences(text: Text) -> str:
    """A text whose beginning makes no list, rule or code of it."""
    return re.sub(r"\A(\d*)([-.)])", r"\1\\\2", _text(text).lstrip())


def _inline(part: Inline) -> str:
    match part:
        case str():
            return escaped(part)
        case Code(code):
            return f"<code>{escaped(code)}</code>"
        case Emphasis(text):
            return f"*{escaped(text)}*"
        case Cite(step):
            return f"({step})"
    return f"$`{formula(part)}`$"


def _block(block: Block) -> str:
    match block:
        case Heading(level, text):
            return f"{'#' * (level + 1)} {_text(text)}"
        case Paragraph(text):
            return _sentences(text)
        case Listing(items):
            return "\n".join(f"- {_sentences(item)}" for item in items)
        case Table(head, rows, widths):
            return _rows([_text(cell) for cell in head] or [""] * len(widths), [map(_text, row) for row in rows])
        case Theorem(heading, name, text):
            return f"**{escaped(heading)}** ({_inline(Code(name))}). {_text(text)}"
        case Derivation(lines, closed):
            steps = [_rows(["", "", "", "Reason"], map(_line, lines))] if lines else []
            return "\n\n".join([*steps, *["∎"] * closed])
        case Figure(number, grids, caption):
            titles = "; ".join(_text(grid.title) for grid in grids)
            return f"```text\n{_drawn(grids)}\n```\n\n{titles}\n\nFigure {number}. {_text(caption)}"


def _rows(head: list[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _line(line: Line) -> tuple[str, ...]:
    left = f"$`{formula(line.left)}`$" if line.left else ""
    right = "<br>".join([f"$`{formula(line.right)}`$", *map(_text, line.notes)])
    return f"({line.number})", left, right, _text(line.reason)


def _drawn(grids: tuple[Grid, ...]) -> str:
    """The grids as text, side by side, standing on one line."""
    blocks = [_squares(grid) for grid in grids]
    height = max(map(len, blocks))
    filled = [[" " * len(block[0])] * (height - len(block)) + block for block in blocks]
    return "\n".join("     ".join(line).rstrip() for line in zip(*filled, strict=True))


def _squares(grid: Grid) -> list[str]:
    texts = [[cell.text or SQUARES.get(cell.kind, "") for cell in cells] for cells in grid.rows]
    width = max(len(text) for row in texts for text in row)
    return [" ".join(text.rjust(width) for text in row) for row in texts]
