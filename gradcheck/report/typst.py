"""A document as Typst, which makes a PDF where there is no TeX; any text stands in a string, where nothing acts."""

import re

from gradcheck.report.document import (
    Block,
    Cell,
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
from gradcheck.report.formula import (
    Derivative,
    Factors,
    Fence,
    Formula,
    Fraction,
    Letter,
    Number,
    Row,
    Script,
    Sign,
    Sum,
    Word,
    breakable,
    row,
    taken_apart,
)

SIGNS = {
    "+": "+",
    "-": "-",
    "minus": "-",
    "dot": "dot.op",
    "product": "thin",
    "x": "times",
    "=": "=",
    "<=": "<=",
    "<": "<",
    ">=": ">=",
    "in": "in",
    "of size": "colon",
    "comma": "comma",
    "dots": "dots",
    "prime": "prime",
    "corr": "star.op",
    "conv": "ast.op",
    "star": "ast.op.o",
    "/": "\\/",
    "mod": 'class("binary", "mod")',
    "min": "min",
    "max": "max",
}
FENCES = {"(": ("(", ")"), "[": ("[", "]"), "{": ("{", "}"), "floor": ("⌊", "⌋"), "ceil": ("⌈", "⌉")}
# Latin, Greek and Cyrillic letters, punctuation, indices, number sets, arrows and mathematics.
SET = re.compile("[\\0-\u0482\u048a-\u04ff\u1e00-\u2040\u2070-\u209c\u2102\u2115\u211d\u2124\u2190-\u22ff]")
FILLS = {"read": "#9DC3E6", "zero": "#E4E4E4", "zero read": "#B9CBDB", "written": "#F4B183", "plain": "#FFFFFF"}

PREAMBLE = """#set page(paper: "a4", margin: 24mm, numbering: "1")
#set text(font: "New Computer Modern", size: 10pt, top-edge: "ascender", bottom-edge: "descender")
#set par(leading: 0.25em, spacing: 0.7em)
#set heading(numbering: "1.1")
#set list(indent: 0.6em)
#show heading: set block(above: 1.5em, below: 0.9em)
#show regex("\\S{20}"): it => it + box() // a line may end within a long word
// A step: number, left side, the rest, the reason beside them, and notes below.
#let qed = align(end, $square$)
#let step(number, left, right, reason, notes, end: none) = block(above: 1.1em, breakable: false, context {
  let start = if measure(left).width > 26mm { left + linebreak() } else { box(width: 26mm, h(1fr) + left) + h(0.3em) }
  let mark = [#metadata(none)#label("step-" + str(number))#text(9pt)[(#number)]]
  grid(columns: (1fr, 29%), column-gutter: 0.5em,
    {
      par(hanging-indent: 2.6em + 26mm + 0.3em, box(width: 2.6em, mark) + start + right)
      pad(left: 2.6em + 26mm + 0.3em, for note in notes { block(above: 0.5em, text(8pt, note)) })
    },
    text(9pt, reason))
  end
})
#let cite-step(number) = link(label("step-" + str(number)))[(#number)]
#let theorem(heading, name, body) = block(above: 1.6em, sticky: true)[*#heading* (#raw(name)). #body]
#let piece(body) = box(inset: (y: 1pt), body)
#let square(fill, body) = grid.cell(fill: fill, align(center + horizon, text(7pt, body)))
#let tick(body) = grid.cell(stroke: none, align(center + horizon, text(7pt, body)))
#let squares(columns, title, ..cells) = box(inset: 4pt, stack(dir: ttb, spacing: 5pt,
  align(center, grid(columns: (4.6mm,) * columns, rows: 4.6mm, stroke: 0.3pt + luma(140), ..cells)),
  align(center, title)))
#let listing(widths, head, ..cells) = {
  set text(9pt)
  let header = if head.len() > 0 { (table.header(..head.map(strong)), table.hline(stroke: 0.4pt)) }
  table(columns: widths, stroke: none, inset: (x: 3pt, y: 1.5pt),
    table.hline(), ..header, ..cells, table.hline())
}
"""


def write(document: Document) -> str:
    """The document as one Typst file; the same document gives the same text."""
    title = f"#set document(title: {_string(document.title)}, date: none)"
    head = f"#align(center)[#text(17pt, {_string(document.title)}) \\\n#{_string(document.subtitle)};]"
    return "\n".join([PREAMBLE + title, head, *map(_block, document.blocks), ""])


def formula(f: Formula, display: bool = False) -> str:
    """A formula in Typst's mathematics; in a display, sums and derivatives are built up."""

    def set(part: Formula) -> str:
        return formula(part, display)

    match f:
        case Letter(name):
            return _letter(name)
        case Number(value):
            return str(value)
        case Sign(name):
            return SIGNS[name]
        case Word(text):
            return f'op("{text}")'
        case Row(parts):
            return " ".join(map(set, parts))
        case Factors(parts):
            return " thin ".join(map(set, parts))
        case Script(base, sub, sup):
            lower = f", b: {formula(sub)}" if sub else ""
            upper = f", t: {formula(sup)}" if sup else ""
            return f"attach({set(base)}{lower}{upper})"
        case Fraction(top, bottom):
            return f"frac({formula(top)}, {formula(bottom)})"
        case Derivative(of, by):
            above, below = f"partial {set(of)}", f"partial {set(by)}"
            return f"frac({above}, {below})" if display else f"{above} \\/ {below}"
        case Sum(under):
            return f"sum_({formula(under)})"
        case Fence(kind, body):
            left, right = FENCES[kind]
            return rf"\{left} {set(body)} \{right}" if breakable(f) else f"lr({left} {set(body)} {right})"


def _letter(name: str) -> str:
    word, index, primes = taken_apart(name)
    base = word if len(word) == 1 else f'italic("{word}")'
    below = f", b: {index}" if index else ""
    above = ", t: " + " ".join(["prime"] * primes) if primes else ""
    return f"attach({base}{below}{above})" if below or above else base


def _string(text: str) -> str:
    """Any text as a string; a character that the fonts lack is shown by its code point."""
    shown = (c if c.isprintable() and SET.match(c) else f"[U+{ord(c):04X}]" for c in text)
    return '"' + "".join(shown).replace("\\", r"\\").replace('"', r"\"") + '"'


def _text(text: Text) -> str:
    return "".join(map(_inline, text))


def _content(text: Text) -> str:
    return f"[{_text(text)}]"


def _inline(part: Inline) -> str:
    match part:
        case str():
            return f"#{_string(part)};"
        case Code(code):
            return f"#raw({_string(code)});"
        case Emphasis(text):
            return f"#emph({_string(text)});"
        case Cite(step):
            return f"#cite-step({step});"
    return f"${formula(part)}$"


def _block(block: Block) -> str:
    match block:
        case Heading(level, text):
            return f"{'=' * level} {_text(text)}"
        case Paragraph(text):
            return f"{_text(text)}\n"
        case Listing(items):
            return f"#list({', '.join(map(_content, items))})"
        case Table():
            return _table(block)
        case Theorem(heading, name, text):
            return f"#theorem({_string(heading)}, {_string(name)}, {_content(text)})\n"
        case Derivation(lines, closed):
            steps = [_line(line, closed and line is lines[-1]) for line in lines]
            return "\n".join(steps or ["#qed"] * closed)
        case Figure():
            return _figure(block)


def _line(line: Line, last: bool) -> str:
    right = _pieces(line.right)
    left = f"[{_piece(line.left)}]" if line.left else "[]"
    notes = "".join(f"{_content(note)}, " for note in line.notes)
    return f"#step({line.number}, {left}, [{' '.join(right)}], {_content(line.reason)}, ({notes}){', end: qed' * last})"


def _pieces(f: Formula) -> list[str]:
    """A formula taken apart where a line may end: Typst breaks none between factors, nor in a box."""
    *before, last = f.parts if isinstance(f, Row) else (f,)
    if not isinstance(last, Factors):
        return [f"${formula(f)}$"]
    factors = list(last.parts)
    start = row(*before, *([] if _breaks(factors[0]) else [factors.pop(0)]))
    return [_piece(start), *(f"${formula(one)}$" if _breaks(one) else _piece(one) for one in factors)]


def _breaks(factor: Formula) -> bool:
    return isinstance(factor, Fence) and breakable(factor)


def _piece(f: Formula) -> str:
    return f"#piece[$display({formula(f, display=True)})$]"


def _table(table: Table) -> str:
    widths = ", ".join(f"{width:.3f}fr" for width in table.widths)
    head = "".join(f"{_content(cell)}, " for cell in table.head)
    rows = ",\n".join(", ".join(map(_content, row)) for row in table.rows)
    return f"#listing(({widths}), ({head}),\n{rows})"


def _figure(figure: Figure) -> str:
    grids = " ".join(map(_grid, figure.grids))
    return f"#align(center)[{grids}\n\n#text(9pt)[Figure {figure.number}. {_text(figure.caption)}]]"


def _grid(grid: Grid) -> str:
    cells = ",\n".join(", ".join(map(_cell, row)) for row in grid.rows)
    return f"#squares({len(grid.rows[0])}, {_content(grid.title)},\n{cells})"


def _cell(cell: Cell) -> str:
    if cell.kind == "label":
        return f"tick({_string(cell.text)})"
    fill = f'rgb("{FILLS[cell.kind]}")' if cell.kind in FILLS else f'rgb("#3B7DB8").lighten({100 - cell.heat}%)'
    return f"square({fill}, {_string(cell.text)})"
