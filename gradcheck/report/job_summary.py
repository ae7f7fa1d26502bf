"""Subjects as Markdown for the summary of a CI job: a table of what was verified, then each finding."""

import re
from collections.abc import Iterator, Sequence

from gradcheck.report.markdown import escaped
from gradcheck.report.overview import verdict_told
from gradcheck.report.rules import NOT_RUN, rules
from gradcheck.report.wording import counted, inert
from gradcheck.subject import Part, Subject, overall

MARKS = {"verified": "✅", "refuted": "❌", "incomplete": "⚠️"}
SHOWN = 200  # findings: a summary has a limit of its own


def write(subjects: Sequence[Subject]) -> str:
    """The summary."""
    verdict = overall(subjects)
    found = [(subject, part) for subject in subjects for part in subject.parts if part.open]
    blocks = [f"## {MARKS[verdict]} gradcheck: {verdict_told(subjects)}", _table(subjects)]
    blocks += [_error(subject) for subject in subjects if subject.error]
    blocks += ["\n\n".join(_finding(subject, part)) for subject, part in found[:SHOWN]]
    if len(found) > SHOWN:
        blocks.append(f"… and {counted(len(found) - SHOWN, 'finding')} more")
    return "\n\n".join(blocks) + "\n"


def _table(subjects: Sequence[Subject]) -> str:
    rows = ["| | subject | passed | found | known |", "|---|---|---|---|---|"]
    for subject in subjects:
        parts = subject.parts
        counts = sum(p.status == "passed" for p in parts), sum(p.open for p in parts), sum(p.excused for p in parts)
        told = f"{escaped(subject.name)}: {escaped(subject.title)}"
        rows.append(f"| {MARKS[subject.verdict]} | {told} | {' | '.join(map(str, counts))} |")
    return "\n".join(rows)


def _finding(subject: Subject, part: Part) -> Iterator[str]:
    place = f"{subject.file}:{part.line}" if part.line and subject.file else subject.name
    yield f"### {part.rule} {rules()[part.rule].name}: {escaped(part.name)} ({escaped(place)})"
    yield _code([part.message, *part.details])
    if part.rerun:
        yield _code([part.rerun], "sh")


def _error(subject: Subject) -> str:
    return f"### {NOT_RUN} {rules()[NOT_RUN].name}: {escaped(subject.name)}\n\n{_code(subject.error.split(chr(10)))}"


def _code(lines: Sequence[str], language: str = "text") -> str:
    """Lines in a block that none of them can end."""
    shown = "\n".join(map(inert, lines))
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", shown)), default=0))
    return f"{fence}{language}\n{shown}\n{fence}"
