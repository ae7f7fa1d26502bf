"""Documents and formulas in Typst: each to the letter, any text stands in a string, and the compiler takes them."""

# ruff: noqa: RUF001  (signs look alike)

import re
import string
from functools import cache
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from printing import DOCUMENTS, VERSIONS, needs_pdftotext, needs_typst, report_on, text_of

from gradcheck.report import typst
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

F, N, X = map(Letter, "FnX")
LONG = Row(tuple(Sign("+") if n % 2 else N for n in range(13)))
LOSS = Derivative(Letter("L"), Script(X, N))


def compiled(source):
    """A PDF by the compiler, with its own types alone; raises what the compiler complains of."""
    import typst as engine

    return engine.compile(source.encode(), format="pdf", ignore_system_fonts=True)


def written(*blocks):
    """What stands in a document after its title."""
    return typst.write(Document("Title", "subtitle", blocks)).partition('#"subtitle";]\n')[2]


# Formulas

FORMULAS = [
    (X, "X"),
    (Letter("n1"), "attach(n, b: 1)"),
    (Letter("n12'"), "attach(n, b: 12, t: prime)"),
    (Letter("x''"), "attach(x, t: prime prime)"),
    (Letter("dY'"), 'attach(italic("dY"), t: prime)'),
    (Letter("alpha_long"), 'italic("alpha_long")'),
    (Number(-3), "-3"),
    (Sign("<="), "<="),
    (Word("a number"), 'op("a number")'),
    (Row((N, Sign("comma"), X)), "n comma X"),
    (Row((N, Sign("product"), X)), "n thin X"),
    (Factors((Number(2), X)), "2 thin X"),
    (Factors((X,)), "X"),
    (Script(F, Letter("j")), "attach(F, b: j)"),
    (Script(Sign("corr"), X, N), "attach(star.op, b: X, t: n)"),
    (Fence("(", LONG), r"\( " + " + ".join("n" * 7) + r" \)"),
    (Script(F, Letter("j"), Fence("(", Letter("i"))), "attach(F, b: j, t: lr(( i )))"),
    (Script(X, None, Sign("prime")), "attach(X, t: prime)"),
    (Script(X, Number(0)), "attach(X, b: 0)"),
    (Fraction(Number(1), Number(2)), "frac(1, 2)"),
    (LOSS, r"partial L \/ partial attach(X, b: n)"),
    (Sum(Row((N, Sign("comma"), F))), "sum_(n comma F)"),
    (Fence("(", X), "lr(( X ))"),
    (Fence("[", X), "lr([ X ])"),
    (Fence("{", X), "lr({ X })"),
    (Fence("floor", Row((N, Sign("/"), X))), r"lr(⌊ n \/ X ⌋)"),
    (Fence("ceil", Row((N, Sign("mod"), X))), 'lr(⌈ n class("binary", "mod") X ⌉)'),
    (Row((Number(2), Sign("max"), Fence("(", Row((N, Sign("comma"), X))))), "2 max lr(( n comma X ))"),
]
DISPLAYED = [
    (LOSS, "frac(partial L, partial attach(X, b: n))"),
    (Factors((LOSS, X)), "frac(partial L, partial attach(X, b: n)) thin X"),
    (Row((Sign("="), Fence("(", LOSS))), "= lr(( frac(partial L, partial attach(X, b: n)) ))"),
    (Script(LOSS, LOSS), rf"attach({typst.formula(LOSS, display=True)}, b: {typst.formula(LOSS)})"),
    (Fraction(LOSS, N), r"frac(partial L \/ partial attach(X, b: n), n)"),
    (Sum(LOSS), r"sum_(partial L \/ partial attach(X, b: n))"),
]


@pytest.mark.parametrize(("formula", "text"), FORMULAS)
def test_formula_in_a_line(formula, text):
    """Each kind of formula, to the letter, as it stands among words."""
    assert typst.formula(formula) == text


@pytest.mark.parametrize(("formula", "text"), DISPLAYED)
def test_formula_in_a_display(formula, text):
    """In a display derivatives are built up, but not in small print."""
    assert typst.formula(formula, display=True) == text


def test_every_kind_of_formula_is_tested():
    """The table above has a row for each kind of node."""
    assert {type(formula) for formula, _ in FORMULAS} == set(get_args(Formula))


LEAVES = (
    st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,3}'{0,2}", fullmatch=True).map(Letter)
    | st.integers().map(Number)
    | st.sampled_from(sorted(typst.SIGNS)).map(Sign)
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
        st.builds(Fence, st.sampled_from(sorted(typst.FENCES)), inner),
    )


@needs_typst
@given(st.recursive(LEAVES, _nested, max_leaves=8))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_any_formula_compiles(formula):
    """Whatever is nested in whatever, the compiler takes it, in a line and in a display."""
    line = Line(1, formula, Row((Sign("="), formula)), (formula,))
    assert compiled(typst.write(Document("", "", (Paragraph((formula,)), Derivation((line,)))))).startswith(b"%PDF")


@needs_typst
@pytest.mark.parametrize("mathematics", ["frac(1, 2", "attach(X, b: n", "unknown", "#X"])
def test_a_formula_that_is_none_is_noticed(mathematics):
    """The compiler refuses what is left open, and names that it does not know."""
    with pytest.raises(Exception, match=r"unclosed|unknown|expected"):
        compiled(f"${mathematics}$")


# Blocks

GRID = Grid(
    (X, ": ", Number(3)),
    (
        (Cell("plain"), Cell("read", "a"), Cell("zero", "0"), Cell("label", "7")),
        (Cell("zero read", "b"), Cell("written"), Cell("label"), Cell("heat", "12", 35)),
    ),
)
DRAWN = """#squares(4, [$X$#": ";$3$],
square(rgb("#FFFFFF"), ""), square(rgb("#9DC3E6"), "a"), square(rgb("#E4E4E4"), "0"), tick("7"),
square(rgb("#B9CBDB"), "b"), square(rgb("#F4B183"), ""), tick(""), square(rgb("#3B7DB8").lighten(65%), "12"))"""
ROWS = ((("a",), (N,)), (("b",), ()))
TABLE = '#listing((0.250fr, 0.750fr), (%s),\n[#"a";], [$n$],\n[#"b";], [])\n'
BLOCKS = [
    (Heading(1, ("Size of ", X)), '= #"Size of ";$X$\n'),
    (Heading(2, ("Part",)), '== #"Part";\n'),
    (
        Paragraph(("100% ", Code("a_b"), Emphasis("c&"), X)),
        '#"100% ";#raw("a_b");#emph("c&");$X$\n\n',
    ),
    (Listing((("one",), ("two ", N))), '#list([#"one";], [#"two ";$n$])\n'),
    (Table((), ROWS, (0.25, 0.75)), TABLE % ""),
    (Table((("h",), (X,)), ROWS, (0.25, 0.75)), TABLE % '[#"h";], [$X$], '),
    (Theorem("Theorem 3", "a_b", ("For ", N)), '#theorem("Theorem 3", "a_b", [#"For ";$n$])\n\n'),
    (Derivation((), closed=True), "#qed\n"),
    (Figure(4, (GRID, GRID), ("of ", N)), f'#align(center)[{DRAWN} {DRAWN}\n\n#text(9pt)[Figure 4. #"of ";$n$]]\n'),
]
LINES = (
    Line(
        1,
        X,
        Row((Sign("="), LOSS)),
        ("by ", Emphasis("rule")),
        (("note",), (N, ".")),
    ),
    Line(2, None, Row((Sign("="), Factors((N, LOSS)))), ("as in ", Cite(1))),
)


@pytest.mark.parametrize(("block", "text"), BLOCKS)
def test_block_to_the_letter(block, text):
    """Each kind of block has its form."""
    assert written(block) == text


def test_every_kind_of_block_is_tested():
    """The table above has a row for each kind of block; steps are below."""
    assert {type(block) for block, _ in BLOCKS} == set(get_args(Block))


def test_steps():
    """A step has its number, its left side where there is one, its right side, the reason, and notes."""
    first, second = written(Derivation(LINES)).splitlines()
    left, right = typst.formula(X, display=True), typst.formula(LOSS)
    assert re.fullmatch(
        rf"#step\(1, \[.*{left}.*\], \[.*= {re.escape(right)}.*\], "
        r'\[#"by ";#emph\("rule"\);\], \(\[#"note";\], \[\$n\$#"\.";\], \)\)',
        first,
    )
    assert re.fullmatch(r'#step\(2, \[\], \[.*\], \[#"as in ";#cite-step\(1\);\], \(\)\)', second)


def test_a_line_may_end_between_factors():
    """Each factor of a step is a piece of its own, the first with what stands before it, and built up."""
    _, second = written(Derivation(LINES)).splitlines()
    assert re.findall(r"display\((.*?)\)\$", second) == ["= n", typst.formula(LOSS, display=True)]


def test_a_line_may_end_within_a_long_condition():
    """It is no piece, which stands on one line, and neither is the sum before it a part of it."""
    long = Fence("[", Row((*LONG.parts, Sign("+"), X)))
    for factors in ((long, N), (N, long)):
        text = written(Derivation((Line(1, None, Row((Sign("="), Sum(N), Factors(factors))), ()),)))
        assert f" ${typst.formula(long)}$" in text
        assert f"display({typst.formula(long)})" not in text
    assert re.findall(r"display\((.*?)\)\$", text) == ["= sum_(n) n"]


def test_a_closed_derivation_ends_in_a_square():
    """What is shown ends in a square, once, and what is not shown in none."""
    first, second = written(Derivation(LINES, closed=True)).split("\n#step")
    assert "qed" in second
    assert "qed" not in first + written(Derivation(LINES))


def test_document_has_its_titles_and_all_blocks():
    """A document begins with the preamble and its titles, and what follows are its blocks, one after another."""
    text = typst.write(Document("The #1", 'a "b"', tuple(block for block, _ in BLOCKS)))
    assert text.startswith(f'{typst.PREAMBLE}#set document(title: "The #1", date: none)\n')
    assert '#align(center)[#text(17pt, "The #1") \\\n#"a \\"b\\"";]' in text
    assert text.endswith("".join(text for _, text in BLOCKS))


@needs_typst
@needs_pdftotext
def test_blocks_and_formulas_compile(tmp_path):
    """All blocks, and all formulas among words and in steps, compile, and their words are in the PDF."""
    lines = (Line(n, f, Row((Sign("="), f)), (f,)) for n, (f, _) in enumerate([*FORMULAS, *DISPLAYED], start=3))
    blocks = (*(block for block, _ in BLOCKS), Derivation(LINES), Derivation(tuple(lines), closed=True))
    path = tmp_path / "blocks.pdf"
    path.write_bytes(compiled(typst.write(Document("Title", "subtitle", blocks))))
    words = [
        "Title",
        "1 Size of",
        "1.1 Part",
        "100% a_bc&",
        "• one",
        "Theorem 3 (a_b). For",
        "as in (1)",
        "Figure 4. of",
    ]
    found = text_of(path)
    assert [word for word in words if word not in found] == []


SEEN = {"+": "+", "-": "−", "minus": "−", "dot": "⋅", "product": "", "x": "×", "=": "=", "<=": "≤", "<": "<", ">=": "≥"}
SEEN |= {"in": "∈", "of size": ":", "comma": ",", "dots": "...", "prime": "′", "corr": "⋆", "conv": "∗", "star": "⊛"}
SEEN |= {"/": "/", "mod": "mod", "min": "min", "max": "max"}


@needs_typst
@needs_pdftotext
def test_signs_are_printed(tmp_path):
    """Each sign is found in the PDF as the character that it stands for."""
    path = tmp_path / "signs.pdf"
    signs = tuple(Paragraph((f"({n};", Sign(name), ")")) for n, name in enumerate(SEEN))
    path.write_bytes(compiled(typst.write(Document("Title", "subtitle", signs))))
    found = text_of(path).replace(" ", "").replace("…", "...")
    assert SEEN.keys() == typst.SIGNS.keys()
    assert [name for n, name in enumerate(SEEN) if f"({n};{SEEN[name]})" not in found] == []


# Any text

HOSTILE = ['#import "x"', '"', "\\", "$", "]", "[", "\n", "\0", "#", "*", "_", "`", "//", "/*", "<a>", "@a", r"\u{41}"]
WORDS = st.sampled_from([*HOSTILE, ";", " ", "a", "é", "中", "\u202e", "\ue000"])
TEXTS = st.text() | st.lists(WORDS, max_size=8).map("".join)
STRING = re.compile(r'"((?:[^"\\]|\\["\\])*)"')


def strings(source):
    """The texts of the strings in a source, and the source without them."""
    return [re.sub(r'\\(["\\])', r"\1", literal) for literal in STRING.findall(source)], STRING.sub('""', source)


def shown(text):
    """What a reader is to see: the text, with the code points of what cannot be set or seen."""
    return "".join(c if c.isprintable() and typst.SET.match(c) else f"[U+{ord(c):04X}]" for c in text)


def everywhere(text):
    """A document with a text in every place that can hold one."""
    inside = (text, Emphasis(text), Code(text))
    cells = (Cell("plain", text), Cell("label", text), Cell("heat", text))
    steps = Derivation((Line(1, N, N, inside, (inside, inside)),), closed=True)
    table = Table((inside, inside), ((inside, inside),), (0.5, 0.5))
    blocks = (Heading(1, inside), Heading(2, inside), Paragraph(inside), Listing((inside,)), table, steps)
    figure = Figure(1, (Grid(inside, (cells,)),), inside)
    return Document(text, text, (*blocks, figure, Theorem(text, text, inside)))


@given(TEXTS)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_text_stands_in_strings(text):
    """Wherever a text stands, it is a string that reads as the text, and the source around it is the same for all."""
    found, around = strings(typst.write(everywhere(text)).removeprefix(typst.PREAMBLE))
    others, same = strings(typst.write(everywhere("a word")).removeprefix(typst.PREAMBLE))
    assert around == same
    assert found == [shown(text) if other == "a word" else other for other in others]
    assert others.count("a word") == 3 + 3 * 14 + 3 + 2


@pytest.mark.parametrize("text", ['a "quoted" word', "\\", r"\"", 'end"', "中"])
def test_a_text_that_is_not_escaped_is_noticed(text):
    """A text that is only put between quotes is not read back."""
    assert strings(f'#"{text}";') != ([shown(text)], '#"";')


@needs_typst
@pytest.mark.parametrize("text", [*HOSTILE, string.printable, "é ∂ 中 👩\u200d👍 שלום \U0001d54f \ue000 e\u0301"])
def test_hostile_text_compiles(text):
    """Text that would act in Typst compiles wherever it stands."""
    assert compiled(typst.write(everywhere(text))).startswith(b"%PDF")


@needs_typst
@pytest.mark.parametrize("text", ['#import "x"', "$", "]", "/*", "@a", "#", "#x"])
def test_unprotected_text_does_not_compile(text):
    """Put among the words as it is, such text acts."""
    with pytest.raises(Exception, match=r"unclosed|not found|expected|unexpected|does not exist|unknown"):
        compiled(f"#align(center)[{text}]")


@needs_typst
@needs_pdftotext
def test_hostile_text_is_printed(tmp_path):
    """What would act in Typst, and all of ASCII, is found in the PDF as typed, among words and as code."""
    acting = ['#import "x"', r"\u{41} \ # $ ] [ ;", "*a* _b_ `c` // d /* e */ <f> @g", "= -- --- ..."]
    texts = [*acting, string.printable[:94]]
    inside = [(f"({n}:", kind, ")") for n, text in enumerate(texts) for kind in (text, Code(text))]
    path = tmp_path / "text.pdf"
    path.write_bytes(compiled(typst.write(Document("Title", "subtitle", tuple(map(Paragraph, inside))))))
    found = text_of(path).replace(" ", "")
    assert [text for n, text in enumerate(texts) if found.count(f"({n}:{text})".replace(" ", "")) != 2] == []


@pytest.mark.parametrize("character", ["\u202e", "\n", "\r", "\0", "\u200b", "中", "\U0001f44d", "\ue000"])
def test_what_cannot_be_seen_is_shown(character):
    """A character that turns the text around, breaks the line, has no glyph or no shape is shown by its code point."""
    assert written(Paragraph((f"abc{character}",))) == f'#"abc[U+{ord(character):04X}]";\n\n'


def glyphs(source):
    """The names of the glyphs that the compiler sets a source in."""
    import typst as engine

    start = '#set page(width: auto, height: auto)\n#set text(font: "New Computer Modern")\n'
    told = engine.compile((start + source).encode(), format="svg", ignore_system_fonts=True).decode()
    return set(re.findall(r'xlink:href="#(\w+)"', told))


@needs_typst
@pytest.mark.parametrize(("kind", "call"), [(str, '#"{}"'), (Code, '#raw("{}")')])
def test_no_character_is_set_as_a_box(kind, call):
    """Each character that is set has a glyph; the box for those without is that of two Chinese ones."""
    (box,) = glyphs(call.format("中文"))
    assert box not in glyphs(call.format("Text, 1 ∂"))
    printable = [chr(n) for n in range(0x3000) if chr(n).isprintable()]
    assert box not in glyphs(written(*(Paragraph((kind(c),)) for c in printable)))


# Whole reports

LEAKS = re.compile(r"None|Phrase\(|Expr\(|Sym\(|Letter\(|object at|<class")


@cache
def document(name):
    """The article on a document of the tests, or on the one that comes with the package."""
    return article(report_on(DOCUMENTS.get(name)), VERSIONS)


@pytest.mark.parametrize("name", ["the document", *DOCUMENTS])
def test_report_in_typst(name):
    """Nothing of Python shows, and every citation leads to a step that stands there once."""
    text = typst.write(document(name))
    steps = re.findall(r"^#step\((\d+),", text, re.M)
    cited = set(re.findall(r"#cite-step\((\d+)\);", text))
    assert LEAKS.findall(text) == []
    assert steps == [str(n) for n in range(1, len(steps) + 1)]
    assert cited == {str(part.step) for part in walk(document(name)) if isinstance(part, Cite)}
    assert 0 < len(cited & set(steps)) == len(cited)


@pytest.mark.parametrize("name", ["the document", *DOCUMENTS])
def test_figures_have_a_square_for_each_cell(name):
    """Each grid has as many columns as its rows are long, and a square for each cell, with its text."""
    grids = [grid for block in document(name).blocks if isinstance(block, Figure) for grid in block.grids]
    drawn = typst.write(document(name)).split("#squares(")[1:]
    for grid, squares in zip(grids, drawn, strict=True):
        assert squares.startswith(f"{len(grid.rows[0])}, [")
        found = re.findall(r'(?:square|tick)\((?:rgb\("[^"]*"\)[^"]*)?"(.*?)"\)', squares)
        assert found == [cell.text for row in grid.rows for cell in row]


def test_the_same_document_gives_the_same_text():
    """Writing twice gives one text; documents that differ give different texts."""
    assert typst.write(document("dense")) == typst.write(document("dense"))
    assert len({typst.write(document(name)) for name in DOCUMENTS}) == len(DOCUMENTS)
    assert len({written(block) for block, _ in BLOCKS}) == len(BLOCKS)
