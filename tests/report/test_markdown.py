"""Documents in Markdown: each to the letter, and any text is read as text by a parser of Markdown."""

import re
import string
from functools import cache
from html.parser import HTMLParser
from typing import get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from printing import DOCUMENTS, VERSIONS, report_on

from gradcheck.report import latex, markdown
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
from gradcheck.report.formula import Derivative, Letter, Number, Row, Script, Sign, Sum, walk

N, X = Letter("n"), Letter("X")
LOSS = Derivative(Letter("L"), Script(X, N))


def written(*blocks):
    """What stands in a document after its title."""
    return markdown.write(Document("Title", "subtitle", blocks)).removeprefix("# Title\n\nsubtitle\n\n")


# Blocks

GRID = Grid(
    (X, ": ", Number(3)),
    (
        (Cell("plain"), Cell("read", "a"), Cell("zero"), Cell("label")),
        (Cell("zero read", "b"), Cell("written"), Cell("label", "7"), Cell("heat", "12", 35)),
        (Cell("plain"), Cell("plain"), Cell("zero", "0"), Cell("label", "123")),
    ),
)
LOW = Grid(("low",), ((Cell("written"), Cell("read", "q")),))
DRAWN = """\
  ·   a   0
  b   ■   7  12
  ·   ·   0 123     ■ q"""
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
STEPS = r"""|  |  |  | Reason |
| --- | --- | --- | --- |
| (1) | $`X`$ | $`= \partial L / \partial X_{n}`$<br>note<br>$`n`$. | by *rule* |
| (2) |  | $`= n`$ | as in (1) |"""
ROWS = ((("a",), (N,)), (("b",), ()))
BLOCKS = [
    (Heading(1, ("Size of ", X)), "## Size of $`X`$"),
    (Heading(2, ("Part",)), "### Part"),
    (
        Paragraph(("100% ", Code("a_b"), Emphasis("c&"), X, Cite(1))),
        "100% <code>a&#95;b</code>*c&#38;*$`X`$(1)",
    ),
    (Listing((("one",), ("two ", N))), "- one\n- two $`n`$"),
    (Table((), ROWS, (0.25, 0.75)), "|  |  |\n| --- | --- |\n| a | $`n`$ |\n| b |  |"),
    (Table((("h",), (X,)), ROWS, (0.25, 0.75)), "| h | $`X`$ |\n| --- | --- |\n| a | $`n`$ |\n| b |  |"),
    (Theorem("Theorem 3", "a_b", ("For ", N)), "**Theorem 3** (<code>a&#95;b</code>). For $`n`$"),
    (Derivation(LINES), STEPS),
    (Derivation(LINES, closed=True), f"{STEPS}\n\n∎"),
    (Derivation((), closed=True), "∎"),
    (
        Figure(4, (GRID, LOW), ("of ", N, ".")),
        f"```text\n{DRAWN}\n```\n\n$`X`$: $`3`$; low\n\nFigure 4. of $`n`$.",
    ),
]


@pytest.mark.parametrize(("block", "text"), BLOCKS)
def test_block_to_the_letter(block, text):
    """Each kind of block has its form."""
    assert written(block) == f"{text}\n"


def test_every_kind_of_block_is_tested():
    """The table above has a row for each kind of block."""
    assert {type(block) for block, _ in BLOCKS} == set(get_args(Block))


def test_document_has_its_titles_and_all_blocks():
    """A document has its titles and its blocks, with an empty line between any two."""
    text = markdown.write(Document("The #1", "a*", tuple(block for block, _ in BLOCKS)))
    assert text == "\n\n".join(["# The &#35;1", "a&#42;", *(text for _, text in BLOCKS)]) + "\n"


# As a parser reads it

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


class Read(HTMLParser):
    """The tags of a page, and its texts by their innermost element."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.texts, self._open = [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self._open.append(tag)
        self.texts.append("")

    def handle_endtag(self, tag):
        assert self._open.pop() == tag
        self.texts.append("")

    def handle_data(self, data):
        self.texts[-1] += data


def read(source):
    """The tags and the texts that a parser makes of Markdown."""
    page = Read(PARSER.render(source).replace("<br>", "<br></br>"))
    return page.tags, [text for text in page.texts if text.strip()]


def shown(text):
    """What a reader is to see: the text, with the code points of what cannot be printed."""
    return "".join(c if c.isprintable() else f"[U+{ord(c):04X}]" for c in text)


def everywhere(text):
    """A document with a text in every place that can hold one."""
    text = f"a{text}b"  # in the middle: beginnings are below
    inside = (text, Emphasis(text), Code(text))
    steps = Derivation((Line(1, N, N, inside, (inside, inside)),), closed=True)
    table = Table((inside, inside), ((inside, inside), ((text,), (text,))), (0.5, 0.5))
    blocks = (Heading(1, inside), Heading(2, inside), Paragraph(inside), Listing((inside, inside)), table, steps)
    figure = Figure(1, (Grid(inside, ((Cell("plain", "a"),),)),), inside)
    return Document(text, text, (*blocks, figure, Theorem(text, text, inside)))


HOSTILE = [
    *["|", "`x`", "<script>", "<b>", "~~x~~", "\n\n", "\r\n\r\n", "*x*", "**x**", "\\|", "&amp;", "[a](b)", "![x](y)"],
    *["<https://a.b>", "<br>", "\n```\n", "x\n---\n", "\n- x", "\n# x", "\\*", "<!-- -->"],
]
WORDS = st.sampled_from(
    [*HOSTILE, *"$`~*_[]<>#&\\@:^\n\t\0", "https://a.b", "www.a.b", "- ", "1. ", *"é👍\u202e\u00a0 a"]
)
TEXTS = st.text() | st.lists(WORDS, max_size=8).map("".join)


def assert_read_as_text(text):
    """Wherever a text stands, it adds no tag, no cell and no row, and a reader sees it as it is."""
    tags, texts = read(markdown.write(everywhere(text)))
    plain_tags, plain_texts = plain()
    assert tags == plain_tags
    assert texts == [seen.replace("a-b", f"a{shown(text)}b") for seen in plain_texts]


@cache
def plain():
    """How a document with a harmless text in every place is read."""
    return read(markdown.write(everywhere("-")))


@example("|`$~~\n| --- |\n")
@example(string.printable)
@given(TEXTS)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_any_text_is_read_as_text(text):
    """No character of a text acts, wherever it stands."""
    assert_read_as_text(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_unprotected_text_is_noticed(text, monkeypatch):
    """Text that is not escaped is read as something else."""
    monkeypatch.setattr(markdown, "escaped", lambda text: text)
    with pytest.raises(AssertionError):
        assert_read_as_text(text)


@example("HTTPS://a.b WWW.a.b a@b.c")
@example(string.printable)
@given(TEXTS)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_nothing_is_left_that_github_acts_on(text):
    """No text has what begins a formula, a link, a mention or a note, on GitHub or on GitLab."""
    found = written(Paragraph((text,)))
    assert not re.search(r"[$`~|*_<>\[\]@\\^]|://|www\.", found, re.IGNORECASE)
    assert not re.search(r"(?<!&)#|&(?!#\d+;)", found)


@pytest.mark.parametrize(
    "text", ["+ a", "# a", "> a", "* a", "```", "~~~", "===", "| a | b", "<b>", "[a]: b", "<!--", "***"]
)
def test_a_paragraph_begins_with_any_sign(text):
    """What begins a list, a title, a quotation, a table or code begins a paragraph or a point."""
    assert read(written(Paragraph((text,)))) == (["p"], [text])
    assert read(written(Listing(((text,),)))) == (["ul", "li"], [text])


@pytest.mark.parametrize("text", ["- a", "-", "---", "1. a", "23) a", "    a"])
def test_a_paragraph_begins_nothing_but_itself(text):
    """A paragraph that begins with a dash, a number or blanks is a paragraph."""
    assert read(written(Paragraph((text,)))) == (["p"], [text.strip()])
    assert read(written(Listing(((text,),)))) == (["ul", "li"], [text.strip()])


# Formulas

SIGNS = Row(tuple(map(Sign, latex.SIGNS)))


@pytest.mark.parametrize("formula", [SIGNS, LOSS, Sum(N), Letter("a_b'"), Row((X, Sign("product"), N))])
def test_formula_is_one_cell(formula):
    """A formula stands between a dollar sign and a backtick, and is one cell of a table, whatever signs it has."""
    cell = f"$`{latex.formula(formula)}`$"
    assert written(Paragraph((formula,))) == f"{cell}\n"
    tags, texts = read(written(Table((("h",), ("h",)), (((formula,), ("x",)),), (0.5, 0.5))))
    assert tags == ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "code", "td"]
    assert texts[2:] == ["$", latex.formula(formula), "$", "x"]


def columns(source):
    """How many cells each row of each table has, as GitHub splits them: at any bar that is not escaped."""
    return [[len(re.split(r"(?<!\\)\|", row)) - 2 for row in table.splitlines()] for table in tables(source)]


def tables(source):
    """The blocks of lines that begin with a bar."""
    return re.findall(r"(?:^\|.*(?:\n|\Z))+", source, re.MULTILINE)


def test_a_bare_bar_is_noticed():
    """A bar within a cell is one cell too many, but not an escaped one."""
    assert columns("| a | $`|x`$ |\n| \\| | c |\n\ntext | x\n\n| d |\n") == [[3, 2], [1]]


# Whole reports

LEAKS = re.compile(r"None|Phrase\(|Expr\(|Sym\(|Letter\(|object at|<class")
FORMULA = re.compile(r"\$`(.*?)`\$")


@cache
def document(name):
    """The article on a document of the tests, or on the one that comes with the package."""
    return article(report_on(DOCUMENTS.get(name)), VERSIONS)


@pytest.mark.parametrize("name", ["the document", *DOCUMENTS])
def test_report_in_markdown(name):
    """Nothing of Python shows, and every citation leads to a step that stands there once."""
    text = markdown.write(document(name))
    steps = re.findall(r"^\| \((\d+)\) \|", text, re.MULTILINE)
    cited = {str(part.step) for part in walk(document(name)) if isinstance(part, Cite)}
    assert LEAKS.findall(text) == []
    assert steps == [str(n) for n in range(1, len(steps) + 1)]
    assert cited <= set(re.findall(r"\((\d+)\)", FORMULA.sub("", re.sub(r"^\| \(\d+\)", "", text, flags=re.MULTILINE))))
    assert 0 < len(cited & set(steps)) == len(cited)


@pytest.mark.parametrize("name", ["the document", *DOCUMENTS])
def test_tables_of_a_report_have_their_columns(name):
    """Each table has its columns in every row, and no formula has what would end it."""
    text = markdown.write(document(name))
    expected = [
        [len(block.widths)] * (len(block.rows) + 2) if isinstance(block, Table) else [4] * (len(block.lines) + 2)
        for block in document(name).blocks
        if isinstance(block, Table) or (isinstance(block, Derivation) and block.lines)
    ]
    assert columns(text) == expected
    assert text.count("$`") == text.count("`$") == len(FORMULA.findall(text)) > 100
    assert not any(re.search(r"[`|$\n]", formula) for formula in FORMULA.findall(text))


@pytest.mark.parametrize("name", ["the document", *DOCUMENTS])
def test_report_is_read_as_it_was_meant(name):
    """A parser finds as many headings, points, tables and drawings as the document has."""
    tags, _ = read(markdown.write(document(name)))
    blocks = document(name).blocks
    kinds = [type(block) for block in blocks]
    points = sum(len(block.items) for block in blocks if isinstance(block, Listing))
    rows = re.findall(r"^\|", markdown.write(document(name)), re.MULTILINE)
    assert [tags.count(tag) for tag in ("h1", "li", "pre")] == [1, points, kinds.count(Figure)]
    assert tags.count("h2") + tags.count("h3") == kinds.count(Heading)
    assert tags.count("tr") == len(rows) - tags.count("table")
    assert not {"script", "img", "a", "del", "hr", "ol", "blockquote"} & set(tags)


@pytest.mark.parametrize("name", ["the document", *DOCUMENTS])
def test_drawings_line_up(name):
    """In a drawing each grid has columns of one width, one for each cell, and all stand on the last line."""
    figures = [block for block in document(name).blocks if isinstance(block, Figure)]
    drawings = re.findall(r"```text\n(.*?)\n```", markdown.write(document(name)), re.DOTALL)
    for figure, drawing in zip(figures, drawings, strict=True):
        lines = drawing.split("\n")
        start = 0
        assert len(lines) == max(len(grid.rows) for grid in figure.grids)
        for grid in figure.grids:
            width = max(len(seen(cell)) for row in grid.rows for cell in row) + 1
            for row, line in zip(grid.rows[::-1], lines[::-1], strict=False):
                at = [line[start + n * width :][: width - 1].strip() for n in range(len(row))]
                assert at == [seen(cell) for cell in row]
            start += width * len(grid.rows[0]) + 4


def seen(cell):
    """What is drawn for a cell."""
    return cell.text or {"plain": "·", "written": "■"}.get(cell.kind, "")


def test_the_same_document_gives_the_same_text():
    """Writing twice gives one text; documents that differ give different texts."""
    assert markdown.write(document("dense")) == markdown.write(document("dense"))
    assert len({markdown.write(document(name)) for name in DOCUMENTS}) == len(DOCUMENTS)
    assert len({written(block) for block, _ in BLOCKS}) == len(BLOCKS)
