"""Texts that try to forge an annotation or to break a file, a subject full of them, and readers of what is written."""

import re
from dataclasses import dataclass
from html import unescape

from markdown_it import MarkdownIt
from markdown_it.token import Token

from gradcheck.subject import Part, Subject

CONTROLS = "".join(map(chr, [*range(32), *range(127, 160)]))
HOSTILE = {
    "newline": "a\n::error::x",
    "carriage return": "a\r::error::x",
    "both": "a\r\n##[error]x\r\n",
    "a line separator": "a\u2028::error::x\u2029::error::y",
    "controls": CONTROLS,
    "NUL": "a\0b",
    "ANSI": "\x1b[31mred\x1b]0;title\x07",
    "CDATA": "a]]>b<![CDATA[",
    "tags": "</failure></testcase><script>alert(1)</script><!-- -- -->",
    "entities": "&lt;script&gt;&#10;&amp;",
    "a command": "::error::x",
    "a command after blanks": "   ::error file=a.py,line=7::x",
    "an old command": "##[error]x",
    "an old command inside": "a ##[set-env name=A;]x",
    "escapes": "%0A::error::x%0D%25%3A%2C",
    "properties": "a,line=7,title=b::c",
    "a lone surrogate": "a\udcff\ud800b",
    "no characters": "\ufffe\uffff\U0001ffff",
    "bidi": "a\u202egpj.exe\u2066\u2069\u200f",
    "invisible": "a\u200b\ufeff\u00ad",
    "a table": "a | b | c",
    "backticks": "```\n````` x `y` ~~~",
    "a fence": "`````",
    "a link": "[a](http://x) ![b](http://y) <http://z>",
    "half a link": "](http://x)",
    "a reference": "[a]: http://x",
    "Markdown": "# *a* _b_ ~c~ $d$ @e #1 \\",
    "beyond ASCII": "größe ∂L 中文 👍",
}


def spelled(text: str) -> str:
    """A text as files have it: what is not printable as Python would write it."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def subject(text: str, file: str = "", error: str = "") -> Subject:
    """A subject with the text in every field, with a part of each status, and one that is known."""
    parts = (
        Part(text, text, "passed", line=2, rerun=text),
        Part(text, text, "failed", "GC201", text, (text, text), 3, text, text),
        Part(text, text, "undecided", "GC901", text, (text,), 4, text, text),
        Part(text, text, "noted", "GC103", text, (text,), 5, "", text),
        Part(text, text, "noted", "", text, (), 6, text, text),
        Part(text, text, "failed", "GC301", text, (text,), 7, text, text, known=True),
    )
    return Subject(text, text, file, 0, parts, text, error)


PLAIN = subject("plain", "a/b.py", "an error\n  in two lines")


@dataclass(frozen=True)
class Annotation:
    """What the runner of GitHub Actions makes of a command: its name, its properties, and its message."""

    command: str
    properties: dict[str, str]
    message: str


def annotations(output: str) -> list[Annotation]:
    """All commands in a step's output, as the runner finds them (ActionCommand.cs): new ones first, else old ones."""
    found = [_new(line) or _old(line) for line in re.split("\r\n|\r|\n", output)]
    return [one for one in found if one]


def _new(line: str) -> Annotation | None:
    read = re.match(r"::(.*?)::(.*)", line.lstrip(), re.DOTALL)
    if not read:
        return None
    name, _, given = read[1].partition(" ")
    pairs = [one.split("=", 1) for one in given.strip().split(",") if "=" in one]
    return Annotation(name, {key: _unescaped(value, ":,") for key, value in pairs}, _unescaped(read[2]))


def _old(line: str) -> Annotation | None:
    read = re.search(r"##\[(.*?)\](.*)", line, re.DOTALL)
    return Annotation(read[1], {}, read[2]) if read else None


def _unescaped(text: str, besides: str = "") -> str:
    for character in (*"\r\n", *besides, "%"):
        text = text.replace(f"%{ord(character):02X}", character)
    return text


MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@dataclass(frozen=True)
class Page:
    """Markdown as a reader gets it: the kinds of its blocks and marks, its headings, rows, and blocks of code."""

    kinds: set[str]
    headings: list[str]
    rows: list[list[str]]
    code: list[tuple[str, str]]


def page(text: str) -> Page:
    """What a parser of Markdown makes of a text."""
    tokens = MARKDOWN.parse(text)
    inline = [child.type for token in tokens for child in token.children or ()]
    cells = [(n, _words(tokens[n + 1])) for n, token in enumerate(tokens) if token.type == "td_open"]
    ends = [n for n, token in enumerate(tokens) if token.type == "tr_close"]
    rows = [[cell for at, cell in cells if start < at < end] for start, end in zip([0, *ends], ends, strict=False)]
    return Page(
        {token.type for token in tokens if not token.type.endswith("_close")} | set(inline),
        [_words(tokens[n + 1]) for n, token in enumerate(tokens) if token.type == "heading_open"],
        [row for row in rows if row],
        [(token.info, token.content) for token in tokens if token.type == "fence"],
    )


def _words(inline: Token) -> str:
    return "".join(child.content for child in inline.children or ())


def shown(text: str) -> str:
    """A text outside of code as the page has it: what is not printable by its number."""
    return "".join(c if c.isprintable() else f"[U+{ord(c):04X}]" for c in text)


def links(message: str) -> list[str]:
    """The links that a reader of SARIF sees in a message (SARIF 2.1.0, 3.11.6)."""
    return re.findall(r"\[[^\]]*\]\([^)]*\)", unescape(message))
