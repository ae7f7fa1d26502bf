"""The summary of a CI job in Markdown: a table, a block a finding, and no text that is more than text."""

from dataclasses import replace

import pytest
from hostile import HOSTILE, PLAIN, page, shown, subject

from gradcheck.report import job_summary
from gradcheck.report.job_summary import SHOWN, write
from gradcheck.report.wording import inert

KINDS = page(write([PLAIN])).kinds


def test_to_the_letter():
    """The verdict, the table, what could not be run, and each finding with its command."""
    part = replace(PLAIN.parts[1], name="dx", message="dx: wrong", details=("  ██",), rerun="gradcheck verify a.py:C")
    one = replace(PLAIN, name="a.py:C", title="Y[a]", parts=(PLAIN.parts[0], part), file="a.py", error="it\nfailed")
    assert write([one]) == "\n".join(
        [
            "## ❌ gradcheck: refuted\n",
            "| | subject | passed | found | known |",
            "|---|---|---|---|---|",
            "| ❌ | a.py:C: Y&#91;a&#93; | 1 | 1 | 0 |\n",
            "### GC902 not-run: a.py:C\n",
            "```text\nit\nfailed\n```\n",
            "### GC201 input-gradient: dx (a.py:3)\n",
            "```text\ndx: wrong\n  ██\n```\n",
            "```sh\ngradcheck verify a.py:C\n```\n",
        ]
    )


@pytest.mark.parametrize(
    ("parts", "error", "head", "counts"),
    [
        (PLAIN.parts[:1], "", "✅ gradcheck: verified", ["1", "0", "0"]),
        (PLAIN.parts[:2], "", "❌ gradcheck: refuted", ["1", "1", "0"]),
        (PLAIN.parts[:1] + PLAIN.parts[2:3], "", "⚠️ gradcheck: incomplete", ["1", "1", "0"]),
        (PLAIN.parts[:1] + PLAIN.parts[5:], "", "✅ gradcheck: nothing new", ["1", "0", "1"]),
        ((), "it failed", "⚠️ gradcheck: incomplete", ["0", "0", "0"]),
    ],
)
def test_the_verdict_and_the_counts(parts, error, head, counts):
    """The head has the verdict on all, the row what passed, was found, and is known."""
    found = page(write([replace(PLAIN, parts=parts, error=error)]))
    assert found.headings[0] == head
    ((mark, told, *rest),) = found.rows
    assert (mark, told, rest) == (head.split(" ", maxsplit=1)[0], "plain: plain", counts)


def test_a_row_for_each_subject():
    """The table has them all, and the head the worst."""
    verified = replace(PLAIN, name="other", parts=PLAIN.parts[:1], error="")
    found = page(write([verified, PLAIN]))
    assert [row[:2] for row in found.rows] == [["✅", "other: plain"], ["❌", "plain: plain"]]
    assert found.headings[0] == "❌ gradcheck: refuted"


def test_a_finding_without_a_file_has_its_subject():
    """What was found in a layer that has no file is told with the subject's name."""
    assert "### GC201 input-gradient: plain (plain)" in write([replace(PLAIN, file="")])


@pytest.mark.parametrize("name", HOSTILE)
def test_any_text_is_text(name):
    """Rendered, there are the same blocks, no tag, no link, and every text is what was said."""
    text = HOSTILE[name]
    one = subject(text, text, f"{text}\n{text}")
    found = page(write([one]))
    assert found.kinds - {"text_special"} <= KINDS
    assert not found.kinds & {"html_block", "html_inline", "link_open", "image", "code_inline", "em_open"}
    assert found.headings[1:] == [
        f"GC902 not-run: {shown(text)}".rstrip(),
        f"GC201 input-gradient: {shown(text)} ({shown(text)}:3)",
        f"GC901 undecided: {shown(text)} ({shown(text)}:4)",
    ]
    assert found.rows == [["❌", f"{shown(text)}: {shown(text)}".strip(), "1", "2", "1"]]
    said = inert(text)
    assert found.code == [
        ("text", "\n".join(map(inert, one.error.split("\n"))) + "\n"),
        ("text", f"{said}\n{said}\n{said}\n"),
        ("sh", f"{said}\n"),
        ("text", f"{said}\n{said}\n"),
        ("sh", f"{said}\n"),
    ]


@pytest.mark.parametrize("text", ["<b>x</b>", "[a](http://x)", "a | b", "```\n\n# x\n"])
def test_a_text_as_it_is_would_be_noticed(monkeypatch, text):
    """Without the escapes the page has other blocks, and the reader sees them."""
    monkeypatch.setattr(job_summary, "escaped", str)
    monkeypatch.setattr(job_summary, "inert", str)
    monkeypatch.setattr(job_summary, "_code", lambda lines, language="text": "\n".join(["```", *lines, "```"]))
    found = page(write([subject(text, "a.py", text)]))
    plain = page(write([PLAIN]))
    assert (found.kinds, len(found.headings)) != (plain.kinds, len(plain.headings)) or found.rows[0][2:] != ["1", "2"]


def test_a_summary_has_an_end():
    """After so many findings only the number of the others is told."""
    parts = tuple(replace(PLAIN.parts[1], name=f"c{n}") for n in range(SHOWN + 2))
    text = write([replace(PLAIN, parts=parts, error="")])
    assert text.count("### ") == SHOWN
    assert text.endswith("\n\n… and 2 findings more\n")
    assert "more" not in write([replace(PLAIN, parts=parts[2:], error="")])
