"""Any text for TeX: what TeX would read of it is the text again, and nothing of it acts."""

# ruff: noqa: RUF001  (these tests are about characters that look alike)

import re
import string
import subprocess
import unicodedata
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from printing import needs_pdftotext, needs_tex, text_of

from gradcheck.report import latex
from gradcheck.report.document import Code, Document, Emphasis, Heading, Paragraph, Table, Text, Theorem
from gradcheck.report.tex_characters import ACCENTS, ACTIVE, BREAKS, LETTERS, MATHEMATICS, escaped

HOSTILE = [r"\input{/etc/passwd}", r"\write18{touch x}", "%", "_", "#", "}{", "^^5c", "$$", "&", "~", "\\", "\\\\", "{"]
ENDINGS = ["\n", "\n\n", "\r", "\t", "\0", "\x7f", "\u2028", "\u202e", "\ufeff"]
UNICODE = ["e\u0301", "ȷ\u0301", "\u0301", "z\u0301\u0323", *"ßő∂中👩\u200dש\U0001d54f\ue000"]
WORDS = st.sampled_from([*HOSTILE, *ENDINGS, *UNICODE, *ACTIVE, *LETTERS, *ACCENTS, *MATHEMATICS, " ", "a", "x-y/z"])
TEXTS = st.text() | st.lists(WORDS, max_size=8).map("".join)

# What TeX prints of what it reads, in text and in typewriter type
ACCENTED = product(ACCENTS.items(), string.ascii_letters)
COMMANDS = (
    {tex: c for c, tex in (LETTERS | ACTIVE).items()}
    | {rf"\ensuremath{{{tex}}}": c for c, tex in MATHEMATICS.items()}
    | {rf"\{tex}{{{c}}}": unicodedata.normalize("NFC", c + accent) for (accent, tex), c in ACCENTED}
)
CHARS = {rf"\char{n}{{}}": chr(n) for n in range(32, 127)} | {
    r"\char13{}": "straight",
    r"\allowbreak{}": "",
    r"\ ": " ",
}
LONE = {
    "-": "-",
    "'": "’",
    "`": "‘",
    "'{}": "’",
    "`{}": "‘",
    "!": "!",
    "?": "?",
    ",": ",",
    "~": "\u00a0",
    "--": "–",
    "---": "—",
}
PLAIN = {c: c for c in string.ascii_letters + string.digits + " +*/=:;.()[]@"}
JOINED = ("--", "---", "--{}", "---{}", "``", "''")  # in text alone
EITHER = COMMANDS | CHARS | LONE | PLAIN
READ = {False: EITHER, True: {tex: c for tex, c in EITHER.items() if tex not in JOINED}}
PIECE = {code: re.compile("|".join(map(re.escape, sorted(READ[code], key=len, reverse=True)))) for code in READ}
# Characters that are set with the signs of others
ALIKE = {"'": "’", "`": "‘", "\u03bc": "\u00b5"}
TYPED = {"'": "straight", "–": "--", "—": "---", "“": "‘‘", "”": "’’", "\u03bc": "\u00b5"}


class Acts(ValueError):
    """Something that is no text to TeX."""


def read(tex, code=False):
    """What TeX prints of a text; raises Acts where it would do anything else."""
    found, place = [], 0
    while place < len(tex):
        piece = PIECE[code].match(tex, place)
        if piece is None:
            raise Acts(tex[place : place + 20])
        found.append(READ[code][piece[0]])
        place = piece.end()
    return _spaced("".join(found), code)


def shown(text, code=False):
    """What a reader is to see: the text, with the code points of what cannot be set."""
    settable = {*string.printable[:95], *COMMANDS.values(), *LETTERS, *MATHEMATICS}
    alike = TYPED if code else ALIKE
    seen = [
        alike.get(c, c) if c in settable else "".join(f"[U+{ord(one):04X}]" for one in c)
        for c in re.findall("[\\s\\S][\u0300-\u036f]*", unicodedata.normalize("NFC", text))
    ]
    return _spaced("".join(seen), code)


def _spaced(text, code):
    return text if code else re.sub(" +", " ", text)


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("plain words (1 + 2) = 3; [x] @ a.b: *", "plain words (1 + 2) = 3; {[}x] @ a.b: *"),
        (r"\{}", r"\textbackslash{}\{\}"),
        ("$&#%_^~", r"\texorpdfstring{\textup{\char36}}{\$}\&\#\%\_\^{}\~{}"),
        ('<>|"', r"\ensuremath{<}\ensuremath{>}\ensuremath{|}\ensuremath{''}"),
        ("`'-?!,", "`{}'{}-{}?{}!{},{}"),
        ("– — ‘’“”…¡¿\u00a0", r"--{} ---{} `{}'{}``''\dots{}!`?`~"),
        ("ßÅø", r"\ss{}\AA{}\o{}"),
        ("éȩụ", r"\'{e}\c{e}\d{u}"),
        ("∂L ≤ 2²", r"\ensuremath{\partial}L \ensuremath{\le} 2\ensuremath{{}^{2}}"),
        ("中", "{[}U+4E2D]"),
        ("\n\t\0", "{[}U+000A]{[}U+0009]{[}U+0000]"),
        ("👍", "{[}U+1F44D]"),
        ("ǘ\u0301", "{[}U+01D8]{[}U+0301]"),
        ("", ""),
    ],
)
def test_characters_to_the_letter(text, tex):
    """Each character is set by what Computer Modern has for it, or shown by its code point."""
    assert escaped(text) == tex


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("a_b", r"a\char95{}\allowbreak{}b"),
        ("--seed 0", r"-{}-{}seed\ 0"),
        ("it's", r"it\char13{}s"),
        ("a/b.c-d", r"a/\allowbreak{}b.\allowbreak{}c-{}\allowbreak{}d"),
        (r"\$`", r"\char92{}\char36{}\char96{}"),
        ("é ∂ 中", r"\'{e}\ \ensuremath{\partial}\ {[}U+4E2D]"),
    ],
)
def test_code_to_the_letter(text, tex):
    """Code is set as typed, and its lines may end where its words do."""
    assert escaped(text, code=True) == tex


@example("“‘ ‘“ ?“ ¿‘ —- —–", False)
@given(TEXTS, st.booleans())
@settings(max_examples=400, deadline=None, derandomize=True)
def test_any_text_is_read_back(text, code):
    """Whatever stands in a text, TeX prints it, and does nothing else."""
    assert read(escaped(text, code), code) == shown(text, code)


@pytest.mark.parametrize("text", ["a_b", "100%", "}{", "^^5c", "$$", "&", '"', "<", "|", "é", "\n", "\0", *HOSTILE[:2]])
def test_an_unprotected_text_is_noticed(text):
    """A text that was not escaped acts."""
    with pytest.raises(Acts):
        read(text)


@pytest.mark.parametrize("text", ["--", "---", "``", "''", "?`", "!`"])
def test_no_two_characters_become_one(text):
    """Characters that TeX would join, were they not escaped, stay what they are."""
    assert read(escaped(text)) == shown(text)
    assert read(text) != shown(text)


@pytest.mark.parametrize("text", ["–-", "––", "–—"])
def test_dashes_in_a_row_stay_apart(text):
    """Two dashes are two dashes."""
    assert read(escaped(text)) == shown(text)


def test_code_keeps_its_spaces():
    """A name with two spaces in it can be typed as it is shown."""
    assert "  " not in escaped("two  spaces", code=True)


@given(TEXTS, st.booleans())
@settings(max_examples=100, deadline=None, derandomize=True)
def test_lines_can_be_broken(text, code):
    """No row of characters without a place to break is longer than BREAKS."""
    rows = re.split(r"\\? |\\allowbreak\{\}", escaped(text, code))
    assert all(len(re.sub(r"\[U\+[0-9A-F]+\]|straight", "?", read(row, code))) <= BREAKS for row in rows)


def test_a_long_word_is_broken_at_the_limit():
    """The break comes after BREAKS characters, not before, and a space begins anew."""
    assert escaped("x" * BREAKS) == "x" * BREAKS + r"\allowbreak{}"
    assert escaped(f"{'x' * (BREAKS - 1)} x") == f"{'x' * (BREAKS - 1)} x"


# As pdflatex sets it

ASCII = [chr(n) for n in range(128)]
EVERYTHING = [*ASCII, *LETTERS, *MATHEMATICS, *UNICODE, *(f"a{accent}Z{accent}" for accent in ACCENTS)]
SHOWN = str.maketrans({"^": "ˆ", "~": "˜", "`": "‘", "'": "’", '"': "′′", "_": None})  # an underscore is a rule


def set_in_tex(folder, *blocks):
    """The log of a document of these blocks, and its PDF."""
    path = folder / "text.tex"
    path.write_text(latex.write(Document("Title", "subtitle", blocks)), encoding="utf-8")
    command = ["pdflatex", "-no-shell-escape", "-halt-on-error", "-interaction=nonstopmode", path.name]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    log = done.stdout.decode(errors="replace")
    assert done.returncode == 0, log[-2000:]
    return log, path.with_suffix(".pdf")


def everywhere(text):
    """Blocks that have a text in every kind of type."""
    inside: Text = (text, Code(text), Emphasis(text))
    return [Heading(1, inside), Paragraph(inside), Theorem(text, text, inside), Table((inside,), ((inside,),), (1.0,))]


@needs_tex
def test_every_character_is_set(tmp_path):
    """Every character of the tables, of ASCII, and many others compile in every type, and none is missing."""
    log, _ = set_in_tex(tmp_path, *everywhere(" ".join(EVERYTHING)), *everywhere("".join(EVERYTHING[::-1])))
    assert "Missing character" not in log
    assert "Output written" in log


@needs_tex
def test_a_missing_character_is_noticed(tmp_path, monkeypatch):
    """The log tells of a character that the type does not have."""
    monkeypatch.setattr("gradcheck.report.latex.escaped", lambda text, code=False: r"\char200 ")
    assert "Missing character" in set_in_tex(tmp_path, Paragraph(("x",)))[0]


@needs_tex
@needs_pdftotext
@pytest.mark.parametrize("kind", [str, Code])
def test_hostile_text_is_printed(tmp_path, kind):
    """What would act in TeX, and all of ASCII, is found in the PDF as typed."""
    texts = [*HOSTILE, string.printable[:95]]
    seen = SHOWN if kind is str else {ord("`"): "‘"}
    _, pdf = set_in_tex(tmp_path, *(Paragraph((f"({n}:", kind(text), ")")) for n, text in enumerate(texts)))
    found = text_of(pdf).replace(" ", "")
    assert [text for n, text in enumerate(texts) if f"({n}:{text})".replace(" ", "").translate(seen) not in found] == []


UNNAMED = "łŁ≠∑∏∘°οΔ\u00a0"  # drawn, composed or named otherwise in the type


@needs_tex
@needs_pdftotext
def test_characters_are_printed(tmp_path):
    """The characters of the tables are found in the PDF as themselves."""
    accented = [c + accent for accent in ACCENTS if accent not in "\u0323\u0331" for c in "aZ"]
    texts = [*(c for c in (*LETTERS, *MATHEMATICS) if c not in UNNAMED), *accented]
    _, pdf = set_in_tex(tmp_path, *(Paragraph((f"({n}:{text})",)) for n, text in enumerate(texts)))
    found = unicodedata.normalize("NFKC", text_of(pdf)).replace(" ", "")
    assert [c for n, c in enumerate(texts) if f"({n}:{unicodedata.normalize('NFKC', c)})" not in found] == []


@needs_tex
@needs_pdftotext
def test_a_dollar_is_one_in_italics(tmp_path):
    """A dollar sign that is emphasized is still one."""
    assert "$5" in text_of(set_in_tex(tmp_path, Paragraph((Emphasis("$5"),)))[1])


@needs_tex
def test_a_dollar_in_a_heading_is_none_in_numbers(tmp_path):
    """The bookmark of a heading says what the heading says."""
    set_in_tex(tmp_path, Heading(1, ("cost $",)))
    assert r"\0003\0006" not in (tmp_path / "text.out").read_text("ascii")
