"""Documents and formulas in LaTeX: each to the letter, nothing of a text acts, and a plain TeX Live compiles them."""

# ruff: noqa: RUF001  (signs look alike)

import re
from functools import cache
from importlib.resources import files
from typing import get_args, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from printing import DOCUMENTS, VERSIONS, complaints, needs_pdftotext, needs_tex, pdflatex, report_on, text_of

from gradcheck.report import latex, typst
from gradcheck.report.article import article
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
    Line,
    Listing,
    Paragraph,
    Table,
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
    walk,
)
from gradcheck.report.tex_characters import escaped

F, N, X = map(Letter, "FnX")
LONG = Row(tuple(Sign("+") if n % 2 else N for n in range(13)))
LOSS = Derivative(Letter("L"), Script(X, N))

# Formulas

FORMULAS = [
    (X, "X"),
    (Letter("n1"), "n_{1}"),
    (Letter("n12'"), r"n_{12}^{\prime}"),
    (Letter("x''"), r"x^{\prime\prime}"),
    (Letter("dY'"), r"\mathit{dY}^{\prime}"),
    (Letter("alpha_long"), r"\mathit{alpha\_long}"),
    (Letter("_1"), r"\mathit{\_1}"),
    (Number(-3), "-3"),
    (Sign("<="), r"\le"),
    (Word("a number"), r"\mathrm{a~number}"),
    (Row((N, Sign("comma"), X)), "n, X"),
    (Row((N, Sign("product"), X)), r"n \, X"),
    (Factors((Number(2), X)), r"2\,X"),
    (Factors((X,)), "X"),
    (Script(F, Letter("j")), "F_{j}"),
    (Script(Sign("corr"), X, N), r"\star_{X}^{n}"),
    (Fence("(", LONG), "(" + " + ".join("n" * 7) + ")"),
    (Fence("[", Row((*LONG.parts, Sign("+"), X))), "[" + " + ".join("n" * 7) + " + X]"),
    (Script(F, Letter("j"), Fence("(", Letter("i"))), "F_{j}^{({i})}"),
    (Script(X, Number(0), Sign("prime")), r"X_{0}^{\prime}"),
    (Script(Letter("n1"), N), "{n_{1}}_{n}"),
    (Script(Fence("(", X), None, Number(2)), "{({X})}^{2}"),
    (Fraction(Number(1), Number(2)), r"\frac{1}{2}"),
    (LOSS, r"\partial L / \partial X_{n}"),
    (Sum(Row((N, Sign("comma"), F))), r"\sum_{n, F}"),
    (Fence("(", X), "({X})"),
    (Fence("[", X), "[{X}]"),
    (Fence("{", X), r"\{{X}\}"),
    (Fence("floor", Row((N, Sign("/"), X))), r"\lfloor{n / X}\rfloor"),
    (Fence("ceil", Row((N, Sign("mod"), X))), r"\lceil{n \bmod X}\rceil"),
    (Row((Number(2), Sign("max"), Fence("(", Row((N, Sign("comma"), X))))), r"2 \max ({n, X})"),
]
DISPLAYED = [
    (LOSS, r"\frac{\partial L}{\partial X_{n}}"),
    (Factors((Fence("[", N), X, F)), r"[{n}]\,\allowbreak X\,\penalty500 F"),
    (Row((Sign("="), LOSS)), r"= \frac{\partial L}{\partial X_{n}}"),
    (Fence("(", LOSS), r"\mathopen{}\left({\frac{\partial L}{\partial X_{n}}}\right)"),
    (Script(Word("pad"), LOSS), r"{\mathrm{pad}}_{\partial L / \partial X_{n}}"),
    (Fraction(LOSS, N), r"\frac{\partial L / \partial X_{n}}{n}"),
    (Sum(LOSS), r"\sum_{\partial L / \partial X_{n}}"),
]


@pytest.mark.parametrize(("formula", "tex"), FORMULAS)
def test_formula_in_a_line(formula, tex):
    """Each kind of formula, to the letter, as it stands among words."""
    assert latex.formula(formula) == tex


@pytest.mark.parametrize(("formula", "tex"), DISPLAYED)
def test_formula_in_a_display(formula, tex):
    """In a display derivatives are built up, but not in small print, and lines may end between factors."""
    assert latex.formula(formula, display=True) == tex


@pytest.mark.parametrize("body", [LOSS, Fraction(N, N), Sum(N), Script(X, None, N), Row((N, Fence("[", Sum(N))))])
@pytest.mark.parametrize(
    ("kind", "left", "right"),
    [("(", "(", ")"), ("[", "[", "]"), ("{", r"\{", r"\}"), ("floor", r"\lfloor", r"\rfloor")],
)
def test_brackets_grow_with_what_is_tall(kind, left, right, body):
    """Around a fraction, a derivative, a sum or a superscript, brackets are as tall; no line ends within."""
    set_ = latex.formula(Fence(kind, body))
    assert set_ == rf"\mathopen{{}}\left{left}{{{latex.formula(body)}}}\right{right}"


@pytest.mark.parametrize("body", [N, Script(X, N), Row((N, Sign("x"), N)), Factors((N, Fence("(", N)))])
def test_brackets_stay_small_around_what_is_not(body):
    """Around letters and subscripts brackets are plain."""
    assert r"\left" not in latex.formula(Fence("(", body))


def test_every_kind_of_formula_is_tested():
    """The table above has a row for each kind of node."""
    assert {type(formula) for formula, _ in FORMULAS} == set(get_args(Formula))


def test_writers_know_the_same_signs():
    """Signs, brackets and squares are the same for all writers, and each sign is said somehow."""
    assert latex.SIGNS.keys() == typst.SIGNS.keys()
    assert all(latex.SIGNS.values())
    kinds = set(get_args(get_type_hints(Fence)["kind"]))
    assert kinds == latex.FENCES.keys() == typst.FENCES.keys()
    assert typst.FILLS.keys() | {"label", "heat"} == set(get_args(get_type_hints(Cell)["kind"]))


def test_no_two_signs_look_alike():
    """Signs are told apart, but the two that are minus signs."""
    assert len(set(latex.SIGNS.values())) == len(latex.SIGNS) - 1


LEAVES = (
    st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,3}'{0,2}", fullmatch=True).map(Letter)
    | st.integers().map(Number)
    | st.sampled_from(sorted(latex.SIGNS)).map(Sign)
    | st.sampled_from(["pad", "a number"]).map(Word)
)


def _nested(inner):
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        several.map(Row),
        several.map(Factors),
        inner.map(Sum),
        st.builds(Script, inner, st.none() | inner, st.none() | inner),
        st.builds(Fraction, inner, inner),
        st.builds(Derivative, inner, inner),
        st.builds(Fence, st.sampled_from(sorted(latex.FENCES)), inner),
    )


def unbalanced(tex):
    """The braces of a LaTeX text that have no partner."""
    open_, found = 0, []
    for piece in re.findall(r"\\[\s\S]|%.*|[{}]", tex):
        open_ += (piece == "{") - (piece == "}")
        if open_ < 0:
            found, open_ = [*found, "}"], 0
    return found + ["{"] * open_


@given(st.recursive(LEAVES, _nested, max_leaves=8), st.booleans())
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_formula_is_a_group_of_its_own(formula, display):
    """Braces balance, and no character ends what a formula stands in: dollars, a table's cell, Markdown's backticks."""
    tex = latex.formula(formula, display)
    assert unbalanced(tex) == []
    assert not re.search(r"[$`|&%#\n]", tex)


@pytest.mark.parametrize(("tex", "found"), [(r"a{b\}", ["{"]), ("a}{", ["}", "{"]), (r"\{%}", []), (r"\\{", ["{"])])
def test_unbalanced_braces_are_noticed(tex, found):
    """An escaped brace is none, nor is one in a comment; an escaped backslash escapes nothing."""
    assert unbalanced(tex) == found


# Blocks

GRID = Grid(
    (X, ": ", Number(3)),
    (
        (Cell("plain"), Cell("read", "a"), Cell("zero", "0")),
        (Cell("zero read", "b"), Cell("written"), Cell("label", "7"), Cell("heat", "12", 35)),
    ),
)
DRAWN = """\\begin{tabular}[b]{@{}c@{}}
\\begin{tikzpicture}[x=4.6mm,y=4.6mm,line width=.3pt]
\\cell{0}{0}{white}{}
\\cell{1}{0}{read}{a}
\\cell{2}{0}{zero}{0}
\\cell{0}{-1}{zero read}{b}
\\cell{1}{-1}{written}{}
\\ticklabel{2}{-1}{7}
\\cell{3}{-1}{heat!35}{12}
\\end{tikzpicture}\\\\
$X$: $3$
\\end{tabular}"""
LINES = (
    Line(
        1,
        X,
        Row((Sign("="), LOSS)),
        ("by ", Emphasis("rule")),
        (("note",), (N, ".")),
    ),
    Line(2, None, Row((Sign("="), N)), ("as in ", Cite(1))),
)
STEPS = r"""\par\nopagebreak
\step{1}{X}{= \frac{\partial L}{\partial X_{n}}}%
  {by \emph{rule}}%
  {\stepnote{note}\stepnote{$n$.}}
\step{2}{}{= n}%
  {as in \hyperref[step:1]{(1)}}%
  {}"""
COLUMNS = "".join(
    rf">{{\raggedright\arraybackslash}}p{{\dimexpr{w}\linewidth-2\tabcolsep}}" for w in ("0.250", "0.750")
)
TABLE = """{\\small
\\begin{longtable}{@{}%s@{}}
\\toprule
%s\\endhead
\\bottomrule
\\endlastfoot
a & $n$ \\\\
b &  \\\\
\\end{longtable}}"""
ROWS = ((("a",), (N,)), (("b",), ()))
BLOCKS = [
    (Heading(1, ("Size of ", X)), r"\section{Size of \texorpdfstring{$X$}{X}}"),
    (Heading(2, ("Part",)), r"\subsection{Part}"),
    (
        Paragraph(("100% ", Code("a_b"), Emphasis("c&"), X)),
        r"100\% \texttt{a\char95{}\allowbreak{}b}\emph{c\&}$X$" + "\n",
    ),
    (Listing((("one",), ("two ", N))), "\\begin{points}\n\\item one\n\\item two $n$\n\\end{points}"),
    (Table((), ROWS, (0.25, 0.75)), TABLE % (COLUMNS, "")),
    (
        Table((("h",), (X,)), ROWS, (0.25, 0.75)),
        TABLE % (COLUMNS, "\\textbf{h} & \\textbf{$X$} \\\\\n\\midrule\n"),
    ),
    (
        Theorem("Theorem 3", "a_b", ("For ", N)),
        r"\theorem{Theorem 3}{a\char95{}\allowbreak{}b}{For $n$}",
    ),
    (Derivation(LINES), STEPS),
    (Derivation(LINES[:0], closed=True), "\\par\\nopagebreak\n\\nopagebreak\\hfill$\\square$\\par"),
    (
        Figure(4, (GRID, GRID), ("of ", N)),
        f"\\begin{{center}}\n{DRAWN}\n\\quad\n{DRAWN}\n"
        "\\\\[4pt]\\parbox{.8\\linewidth}{\\centering\\small Figure 4. of $n$}\n\\end{center}",
    ),
]


def written(*blocks):
    """What stands in a document after its title."""
    return latex.write(Document("Title", "subtitle", blocks)).partition(r"\end{center}" + "\n")[2]


@pytest.mark.parametrize(("block", "tex"), BLOCKS)
def test_block_to_the_letter(block, tex):
    """Each kind of block has its form, and a document has its blocks in order and an end."""
    assert written(block) == f"{tex}\n\\end{{document}}\n"


def test_every_kind_of_block_is_tested():
    """The table above has a row for each kind of block."""
    assert {type(block) for block, _ in BLOCKS} == set(get_args(Block))


def test_document_has_its_titles_and_all_blocks():
    """A document begins with the preamble and its titles, and what follows are its blocks, one after another."""
    blocks = tuple(block for block, _ in BLOCKS)
    tex = latex.write(Document("The 1st_title", "50%", blocks))
    assert tex.startswith(latex.PREAMBLE + "\\hypersetup{pdftitle={The 1st\\_title}}\n\\begin{document}")
    assert r"{\LARGE The 1st\_title\par}\smallskip 50\%\end{center}" in tex
    assert written(*blocks) == "\n".join([*(tex for _, tex in BLOCKS), "\\end{document}\n"])


def test_a_closed_derivation_ends_in_a_square():
    """What is shown ends in a square, once, and what is not shown in none."""
    assert written(Derivation(LINES, closed=True)).endswith("\n\\nopagebreak\\hfill$\\square$\\par\n\\end{document}\n")
    assert written(Derivation(LINES, closed=True)).count("square") == 1
    assert "square" not in written(Derivation(LINES))


def test_products_may_be_broken():
    """A line may end after the sign of a product, in words as in steps, but not on the left of a step."""
    product = Row((Fence("(", N), Sign("product"), X))
    assert written(Paragraph((product,))).startswith(r"$({n}) \,\allowbreak X$")
    assert r"\step{1}{({n}) \, X}{({n}) \,\allowbreak X}" in written(Derivation((Line(1, product, product, ()),)))


def test_products_of_letters_are_rather_not_broken():
    """A line ends elsewhere if it can."""
    assert written(Paragraph((Row((N, Sign("product"), X)),))).startswith(r"$n \,\penalty800 X$")


def test_every_square_has_a_colour():
    """Each colour that a square is filled with is defined."""
    defined = set(re.findall(r"\\definecolor\{(.*?)\}", latex.PREAMBLE))
    used = re.findall(r"\\cell\{.*?\}\{.*?\}\{(.*?)(?:!\d+)?\}", DRAWN)
    assert set(used) == defined | {"white"}


@pytest.mark.parametrize("text", [r"%$#&~_^\{}", r"\input{x}" + "\n\0é中", "}" * 5, "|`<-"])
def test_text_is_escaped_wherever_it_stands(text):
    """In every place of a document a text is escaped, as code where it is code."""
    told = latex.write(everywhere(text))
    told = told.replace(escaped(text, code=True), "word").replace(escaped(text), "word")
    assert told == latex.write(everywhere("word"))


def everywhere(text):
    """A document with a text in every place that can hold one."""
    inside = (text, Emphasis(text), Code(text))
    figure = Figure(1, (Grid(inside, ((Cell("plain", text), Cell("label", text), Cell("heat", text)),)),), inside)
    steps = Derivation((Line(1, N, N, inside, (inside, inside)),), closed=True)
    table = Table((inside, inside), ((inside, inside),), (0.5, 0.5))
    blocks = (Heading(1, inside), Heading(2, inside), Paragraph(inside), Listing((inside,)), table, steps, figure)
    return Document(text, text, (*blocks, Theorem(text, text, inside)))


@pytest.mark.parametrize(
    "block",
    [
        Table((("h",),), ((("a",),), (("[b]",),)), (1.0,)),
        Listing((("[b] c",),)),
        Figure(1, (Grid(("[b]",), ((Cell("plain"),),)),), ()),
    ],
)
def test_a_bracket_at_the_start_is_a_bracket(block):
    """A text that begins with a bracket is no argument of the command before it."""
    assert not re.search(r"(?:\\\\|\\item)\s*\[b", written(block))


@needs_tex
@needs_pdftotext
def test_blocks_and_formulas_compile(tmp_path):
    """All blocks, and all formulas among words and in steps, compile without a complaint, and their words are there."""
    lines = (Line(n, f, Row((Sign("="), f)), (f,)) for n, (f, _) in enumerate([*FORMULAS, *DISPLAYED], start=3))
    text = latex.write(Document("Title", "subtitle", (*(block for block, _ in BLOCKS), Derivation(tuple(lines)))))
    path = tmp_path / "blocks.tex"
    path.write_text(text, encoding="utf-8")
    assert complaints(pdflatex(path)) == []
    words = ["Title", "1 Size of X", "1.1 Part", "100% a_bc&X", "• one • two n", "Theorem 3 (a_b). For n", "as in (1)"]
    found = text_of(path.with_suffix(".pdf"))
    assert [word for word in [*words, "Figure 4. of n", "note n."] if word not in found] == []


SEEN = {"+": "+", "-": "−", "minus": "−", "dot": "·", "product": "", "x": "×", "=": "=", "<=": "≤", "<": "<", ">=": "≥"}
SEEN |= {"in": "∈", "of size": ":", "comma": ",", "dots": "...", "prime": "′", "corr": "⋆", "conv": "∗", "star": "⊛"}
SEEN |= {"/": "/", "mod": "mod", "min": "min", "max": "max"}


@needs_tex
@needs_pdftotext
def test_signs_are_printed(tmp_path):
    """Each sign is found in the PDF as the character that it stands for."""
    path = tmp_path / "signs.tex"
    signs = tuple(Paragraph((f"({n};", Sign(name), ")")) for n, name in enumerate(SEEN))
    path.write_text(latex.write(Document("Title", "subtitle", signs)), encoding="utf-8")
    assert "Missing character" not in pdflatex(path)
    found = text_of(path.with_suffix(".pdf")).replace(" ", "")
    assert SEEN.keys() == latex.SIGNS.keys()
    assert [name for n, name in enumerate(SEEN) if f"({n};{SEEN[name]})" not in found] == []


# Whole reports

LEAKS = re.compile(r"None|Phrase\(|Expr\(|Sym\(|Letter\(|object at|<class")


@cache
def document(name):
    """The article on a document of the tests, or on the one that comes with the package."""
    return article(report_on(DOCUMENTS.get(name)), VERSIONS)


@pytest.mark.parametrize("name", ["the document", *DOCUMENTS])
def test_report_in_latex(name):
    """Braces balance, nothing of Python shows, and every reference leads to a step that stands there once."""
    tex = latex.write(document(name))
    steps = re.findall(r"\\step\{(\d+)\}", tex)
    cited = set(re.findall(r"\\hyperref\[step:(\d+)\]", tex))
    assert unbalanced(tex) == []
    assert LEAKS.findall(tex) == []
    assert steps == [str(n) for n in range(1, len(steps) + 1)]
    assert cited == {str(part.step) for part in walk(document(name)) if isinstance(part, Cite)}
    assert 0 < len(cited & set(steps)) == len(cited)


@needs_tex
@pytest.mark.parametrize("name", ["conv1d_general", "conv2d_general", "conv2d_transposed"])
def test_reports_on_strided_layers_are_no_wider_than_the_page(name, tmp_path):
    """Long amounts of zeros, conditions and sizes do not stand out."""
    claims = files("gradcheck.claims").joinpath("catalogue", f"{name}.toml").read_text(encoding="utf-8")
    (tmp_path / "claims.toml").write_text(claims, encoding="utf-8")
    path = tmp_path / "report.tex"
    path.write_text(latex.write(article(report_on(tmp_path / "claims.toml"), VERSIONS)), encoding="utf-8")
    assert complaints(pdflatex(path)) == []


@pytest.mark.parametrize("name", ["the document", *DOCUMENTS])
def test_figures_have_a_square_for_each_cell(name):
    """The squares of the pictures are those of the grids: as many, in the same places, with the same text."""
    grids = [block.grids for block in document(name).blocks if isinstance(block, Figure)]
    cells = [
        (str(x), str(-y), escaped(cell.text))
        for grid in (grid for figure in grids for grid in figure)
        for y, row in enumerate(grid.rows)
        for x, cell in enumerate(row)
    ]
    drawn = re.findall(
        r"^\\(?:cell|ticklabel)\{(-?\d+)\}\{(-?\d+)\}(?:\{[^{}]*\}(?=\{))?\{(.*)\}$", latex.write(document(name)), re.M
    )
    assert drawn == cells
    assert len(cells) > 10


def test_the_same_document_gives_the_same_text():
    """Writing twice gives one text; documents that differ give different texts."""
    assert latex.write(document("dense")) == latex.write(document("dense"))
    assert len({latex.write(document(name)) for name in DOCUMENTS}) == len(DOCUMENTS)
    assert len({written(block) for block, _ in BLOCKS}) == len(BLOCKS)
