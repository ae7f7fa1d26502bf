"""Workflow commands of GitHub Actions: an annotation a finding, and never one that a name forges."""

from dataclasses import replace

import pytest
from hostile import HOSTILE, PLAIN, Annotation, annotations, spelled, subject

from gradcheck.report import github
from gradcheck.report.rules import rules

LEVELS = {"failed": "error", "undecided": "warning", "noted": "notice"}


def expected(found, part=None):
    """The annotation for a part, or for the error of the subject."""
    rule, lines = (part.rule, part.lines) if part else ("GC902", found.error.split("\n"))
    properties = {"file": spelled(found.file)} if found.file else {}
    properties |= {"line": str(part.line)} if found.file and part and part.line else {}
    properties["title"] = f"{rule} {rules()[rule].name}: {spelled(found.name)}"
    return Annotation(LEVELS[part.status] if part else "error", properties, "\n".join(map(spelled, lines)))


def annotated(found):
    """All the annotations that a subject must have."""
    parts = [part for part in found.parts if part.open or part.rule == "GC103"]
    return [expected(found, part) for part in parts] + [expected(found)] * bool(found.error)


def trimmed(found):
    """Annotations without the blanks at the ends of their properties, which the runner cuts off."""
    return [replace(one, properties={key: text.strip() for key, text in one.properties.items()}) for one in found]


def test_a_command_to_the_letter():
    """A finding on its line, with its rule and the command that shows it again."""
    part = replace(PLAIN.parts[1], message="dx: 100% wrong", details=("  why: a, b",), rerun="gradcheck verify a.py:C")
    one = replace(PLAIN, name="a.py:C", file="a/b,c.py", parts=(part,), error="", rerun="gradcheck verify a.py:C")
    assert github.write([one]) == (
        "::error file=a/b%2Cc.py,line=3,title=GC201 input-gradient%3A a.py%3AC::"
        "dx: 100%25 wrong%0A  why: a, b%0Arerun: gradcheck verify a.py:C\n"
        "gradcheck: a.py:C: refuted; rerun: gradcheck verify a.py:C\n"
    )


def test_what_is_annotated():
    """Findings, what is undecided, errata and errors are; what passed, what is known and other remarks are not."""
    found = annotations(github.write([PLAIN]))
    assert [(one.command, one.properties.get("line")) for one in found] == [
        ("error", "3"),
        ("warning", "4"),
        ("notice", "5"),
        ("error", None),
    ]
    assert found == annotated(PLAIN)
    assert found[-1].message == "an error\n  in two lines"


def test_what_is_known_is_counted():
    """The last line of a subject tells how many findings the baseline has."""
    assert "gradcheck: plain: refuted (1 known from the baseline); rerun: plain\n" in github.write([PLAIN])


def test_what_is_verified_has_no_annotation():
    """A line that says so, and nothing else."""
    one = replace(PLAIN, parts=PLAIN.parts[:1], error="")
    assert github.write([one]) == "gradcheck: plain: verified; rerun: plain\n"


def test_every_subject_has_its_own():
    """The annotations of several subjects follow one another."""
    assert github.write([PLAIN, PLAIN]) == 2 * github.write([PLAIN])


def test_there_is_no_line_without_a_file():
    """A line in no file would be shown in another one."""
    assert all("line" not in one.properties for one in annotations(github.write([replace(PLAIN, file="")])))


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("file", ["", "a/b.toml", None], ids=["no file", "a file", "a hostile file"])
def test_nothing_is_forged(name, file):
    """The runner finds exactly the annotations that are meant, with all that was said."""
    text = HOSTILE[name]
    one = subject(text, text if file is None else file, f"{text}\n{text}")
    assert trimmed(annotations(github.write([one]))) == trimmed(annotated(one))


@pytest.mark.parametrize(
    ("output", "found"),
    [
        ("::error::x", [Annotation("error", {}, "x")]),
        (" \t::error file=a%2Cb,line=3::x%0Ay%250A", [Annotation("error", {"file": "a,b", "line": "3"}, "x\ny%0A")]),
        ("a ##[error]x", [Annotation("error", {}, "x")]),
        ("a\r::warning::b\n", [Annotation("warning", {}, "b")]),
        ("::error::##[warning]x", [Annotation("error", {}, "##[warning]x")]),
        (": :error::x\na ::error::x\n# #[error]x\n::error", []),
    ],
)
def test_the_reader_notices_commands(output, found):
    """The reader of these tests finds a command wherever the runner does."""
    assert annotations(output) == found


@pytest.mark.parametrize("name", ["newline", "carriage return"])
def test_what_is_not_escaped_would_be_noticed(name):
    """A line that is written as it is forges an annotation, and the reader sees it."""
    assert annotations(f"gradcheck: {HOSTILE[name]}: refuted")
