"""A document as LaTeX that a plain TeX Live compiles, and formulas for every reader of LaTeX's mathematics."""

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
    taken_apart,
    tall,
    words,
)
from gradcheck.report.tex_characters import escaped

SIGNS = {
    "+": "+",
    "-": "-",
    "minus": "-",
    "dot": r"\cdot",
    "product": r"\,",
    "x": r"\times",
    "=": "=",
    "<=": r"\le",
    "<": "<",
    ">=": r"\ge",
    "in": r"\in",
    "of size": r"\colon",
    "comma": ",",
    "dots": r"\dots",
    "prime": r"\prime",
}
SIGNS |= {"corr": r"\star", "conv": r"\ast", "star": r"\circledast"}
SIGNS |= {"/": "/", "mod": r"\bmod", "min": r"\min", "max": r"\max"}
FENCES = {"(": "()", "[": "[]", "{": (r"\{", r"\}"), "floor": (r"\lfloor", r"\rfloor"), "ceil": (r"\lceil", r"\rceil")}

PREAMBLE = r"""\documentclass[11pt,a4paper]{article}
\usepackage[margin=24mm]{geometry}
\usepackage{amsmath,amssymb,array,booktabs,longtable,microtype,tikz}
\usepackage[hidelinks]{hyperref}
\frenchspacing
\lineskiplimit=3pt\lineskip=5pt\normallineskip=5pt
\setlength{\parindent}{0pt}
\setlength{\parskip}{5pt plus 1pt}
\setlength{\emergencystretch}{3em}
\setlength{\LTpre}{4pt}
\setlength{\LTpost}{6pt}
\allowdisplaybreaks
% Squares of the figures: read, zero padding, both, written.
\definecolor{read}{HTML}{9DC3E6}
\definecolor{zero}{HTML}{E4E4E4}
\definecolor{zero read}{HTML}{B9CBDB}
\definecolor{written}{HTML}{F4B183}
\definecolor{heat}{HTML}{3B7DB8}
\newcommand{\cell}[4]{\filldraw[draw=black!45,fill=#3] (#1,#2) rectangle +(1,1) +(.5,.5) node {\scriptsize\strut #4};}
\newcommand{\ticklabel}[3]{\node at (#1+.5,#2+.5) {\scriptsize\strut #3};}
\newenvironment{points}{\begin{list}{$\bullet$}{\leftmargin1.6em \itemsep1pt \parsep0pt \topsep2pt}}{\end{list}}
% A step: number, left side, the rest, the reason beside them, and notes below.
\newlength{\leftside}\setlength{\leftside}{.2\linewidth}
\newsavebox{\leftbox}
\newcommand{\step}[5]{\par\addvspace{5pt plus 2pt}\noindent
  \phantomsection\label{step:#1}%
  \makebox[2.1em][l]{\small(#1)}%
  \begin{minipage}[t]{\dimexpr.71\linewidth-2.1em}\raggedright
    \sbox{\leftbox}{$\displaystyle #2$}%
    \ifdim\wd\leftbox>\leftside \usebox{\leftbox}\hfil\break\makebox[\leftside]{}%
    \else\makebox[\leftside][r]{\usebox{\leftbox}}\fi
    \begin{minipage}[t]{\dimexpr\linewidth-\leftside}\raggedright
      $\displaystyle\mathopen{}{}#3$\par
      \footnotesize #5
    \end{minipage}%
  \end{minipage}\hfill
  \begin{minipage}[t]{.27\linewidth}\raggedright\small\hbadness=10000 #4\end{minipage}\par}
\newcommand{\stepnote}[1]{\smallskip #1\par}
\newcommand{\theorem}[3]{\par\addvspace{12pt plus 4pt}%
  {\noindent\interlinepenalty=10000 \textbf{#1} (\texttt{#2}). #3\par}\nopagebreak}
"""


def write(document: Document) -> str:
    """The document as one LaTeX file; the same document gives the same text."""
    title, subtitle = escaped(document.title), escaped(document.subtitle)
    start = PREAMBLE + rf"\hypersetup{{pdftitle={{{title}}}}}", r"\begin{document}\raggedright"
    head = rf"\begin{{center}}{{\LARGE {title}\par}}\smallskip {subtitle}\end{{center}}"
    return "\n".join([*start, head, *map(_block, document.blocks), r"\end{document}", ""])


def formula(f: Formula, display: bool = False) -> str:
    """A formula in LaTeX's mathematics; in a display, lines may be broken between factors."""

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
            return rf"\mathrm{{{text.replace(' ', '~')}}}"
        case Row(parts):
            return " ".join(map(set, parts)).replace(" ,", ",")
        case Factors(parts):
            gaps = [_gap(part) if display else r"\," for part in parts[:-1]]
            return "".join(set(part) + gap for part, gap in zip(parts, [*gaps, ""], strict=True))
        case Script(base, sub, sup):
            lower = f"_{{{formula(sub)}}}" if sub else ""
            upper = f"^{{{formula(sup)}}}" if sup else ""
            single = isinstance(base, Sign) or (isinstance(base, Letter) and len(base.name) == 1)
            return f"{set(base) if single else f'{{{set(base)}}}'}{lower}{upper}"
        case Fraction(top, bottom):
            return rf"\frac{{{formula(top)}}}{{{formula(bottom)}}}"
        case Derivative(of, by):
            above, below = rf"\partial {set(of)}", rf"\partial {set(by)}"
            return rf"\frac{{{above}}}{{{below}}}" if display else f"{above} / {below}"
        case Sum(under):
            return rf"\sum_{{{formula(under)}}}"
        case Fence(kind, body):
            left, right = FENCES[kind]
            inner = set(body) if breakable(f) else f"{{{set(body)}}}"  # a group, which no line ends in
            return rf"\mathopen{{}}\left{left}{inner}\right{right}" if tall(body) else f"{left}{inner}{right}"


def _gap(factor: Formula) -> str:
    """A space between factors at which a line may end: sooner after a condition than after a read."""
    return r"\,\allowbreak " if isinstance(factor, Fence) else r"\,\penalty500 "


def _letter(name: str) -> str:
    base, index, primes = taken_apart(name)
    word = base if len(base) == 1 else r"\mathit{" + base.replace("_", r"\_") + "}"
    return word + (f"_{{{index}}}" if index else "") + ("^{" + r"\prime" * primes + "}" if primes else "")


def _text(text: Text) -> str:
    return "".join(map(_inline, text))


def _inline(part: Inline) -> str:
    match part:
        case str():
            return escaped(part)
        case Code(code):
            return rf"\texttt{{{escaped(code, code=True)}}}"
        case Emphasis(text):
            return rf"\emph{{{escaped(text)}}}"
        case Cite(step):
            return rf"\hyperref[step:{step}]{{({step})}}"
    return f"${_breakable(formula(part))}$"


def _breakable(mathematics: str) -> str:
    """Allow a line to end within a product, where TeX of itself ends none: rather not after a letter."""
    mathematics = re.sub(r"(?<=\w) \\, ", r" \\,\\penalty800 ", mathematics)
    return mathematics.replace(r" \, ", r" \,\allowbreak ")


def _block(block: Block) -> str:
    match block:
        case Heading(level, text):
            return rf"\{'section' if level == 1 else 'subsection'}{{{_heading(text)}}}"
        case Paragraph(text):
            return f"{_text(text)}\n"
        case Listing(items):
            return "\n".join([r"\begin{points}", *(rf"\item {_text(item)}" for item in items), r"\end{points}"])
        case Table():
            return _table(block)
        case Theorem(heading, name, text):
            return rf"\theorem{{{escaped(heading)}}}{{{escaped(name, code=True)}}}{{{_text(text)}}}"
        case Derivation(lines, closed):
            end = [r"\nopagebreak\hfill$\square$\par"] if closed else []
            return "\n".join([r"\par\nopagebreak", *map(_line, lines), *end])
        case Figure():
            return _figure(block)


def _heading(text: Text) -> str:
    """A text with words for its formulas in the outline of the PDF, where there is no mathematics."""
    return "".join(
        _inline(part) if isinstance(part, str) else rf"\texorpdfstring{{{_inline(part)}}}{{{escaped(words(part))}}}"
        for part in text
    )


def _line(line: Line) -> str:
    left = formula(line.left, display=True) if line.left else ""
    right = _breakable(formula(line.right, display=True))
    notes = "".join(rf"\stepnote{{{_text(note)}}}" for note in line.notes)
    return f"\\step{{{line.number}}}{{{left}}}{{{right}}}%\n  {{{_text(line.reason)}}}%\n  {{{notes}}}"


def _table(table: Table) -> str:
    columns = "".join(
        rf">{{\raggedright\arraybackslash}}p{{\dimexpr{width:.3f}\linewidth-2\tabcolsep}}" for width in table.widths
    )
    rows = "\n".join(" & ".join(map(_text, row)) + r" \\" for row in table.rows)
    head = " & ".join(rf"\textbf{{{_text(cell)}}}" for cell in table.head)
    top = f"\\toprule\n{head} \\\\\n\\midrule\n\\endhead" if head else "\\toprule\n\\endhead"
    ends = f"{top}\n\\bottomrule\n\\endlastfoot"
    return f"{{\\small\n\\begin{{longtable}}{{@{{}}{columns}@{{}}}}\n{ends}\n{rows}\n\\end{{longtable}}}}"


def _figure(figure: Figure) -> str:
    grids = "\n\\quad\n".join(map(_grid, figure.grids))
    caption = rf"\\[4pt]\parbox{{.8\linewidth}}{{\centering\small Figure {figure.number}. {_text(figure.caption)}}}"
    return f"\\begin{{center}}\n{grids}\n{caption}\n\\end{{center}}"


def _grid(grid: Grid) -> str:
    cells = [_cell(cell, x, -y) for y, cells in enumerate(grid.rows) for x, cell in enumerate(cells)]
    picture = "\n".join([r"\begin{tikzpicture}[x=4.6mm,y=4.6mm,line width=.3pt]", *cells, r"\end{tikzpicture}"])
    return f"\\begin{{tabular}}[b]{{@{{}}c@{{}}}}\n{picture}\\\\\n{_text(grid.title)}\n\\end{{tabular}}"


def _cell(cell: Cell, x: int, y: int) -> str:
    if cell.kind == "label":
        return rf"\ticklabel{{{x}}}{{{y}}}{{{escaped(cell.text)}}}"
    fill = {"plain": "white", "heat": f"heat!{cell.heat}"}.get(cell.kind, cell.kind)
    return rf"\cell{{{x}}}{{{y}}}{{{fill}}}{{{escaped(cell.text)}}}"
