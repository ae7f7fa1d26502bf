"""Subjects as workflow commands of GitHub Actions: an annotation a finding, on the line of the claim or the target."""

from collections.abc import Iterator, Sequence

from gradcheck.report.rules import ERRATUM, NOT_RUN, rules
from gradcheck.report.wording import inert, visible
from gradcheck.subject import Subject

COMMANDS = {"failed": "error", "undecided": "warning", "noted": "notice"}


def write(subjects: Sequence[Subject]) -> str:
    """A line for each annotation, and one for each subject."""
    return "".join(f"{line}\n" for subject in subjects for line in _lines(subject))


def _lines(subject: Subject) -> Iterator[str]:
    for part in subject.parts:
        if part.open or (part.rule == ERRATUM and not part.known):
            yield _command(COMMANDS[part.status], subject, part.rule, part.lines, part.line)
    if subject.error:
        yield _command("error", subject, NOT_RUN, subject.error.split("\n"), subject.line)
    known = sum(part.excused for part in subject.parts)
    told = f" ({known} known from the baseline)" if known else ""
    yield inert(f"gradcheck: {subject.name}: {subject.verdict}{told}; rerun: {subject.rerun}")


def _command(command: str, subject: Subject, rule: str, lines: Sequence[str], line: int) -> str:
    """The command; what would end a property, the message or the line is escaped as the runner reads it."""
    properties = {"file": subject.file, "line": str(line) if line and subject.file else ""}
    properties["title"] = f"{rule} {rules()[rule].name}: {subject.name}"
    given = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    return f"::{command} {given}::{'%0A'.join(map(_data, lines))}"


def _data(text: str) -> str:
    return visible(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
