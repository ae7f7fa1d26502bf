"""Subjects as JUnit XML, as CI servers read it: a suite a subject, a test case a part."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from gradcheck.report.rules import NOT_RUN, rules
from gradcheck.report.wording import COMMAND, inert, visible
from gradcheck.subject import Part, Subject

KNOWN = "known: it is in the baseline"


def write(subjects: Sequence[Subject]) -> str:
    """The document. It has no times and no host, so that the same run gives the same text."""
    suites = Element("testsuites", name="gradcheck")
    for subject in subjects:
        _suite(suites, subject)
    indent(suites)
    text: str = tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text.replace(COMMAND, "&#35;#[")}\n'


def _suite(suites: Element, subject: Subject) -> None:
    failures, errors, known = (sum(map(of, subject.parts)) for of in (_fails, _undecided, lambda part: part.excused))
    counts = {
        "tests": len(subject.parts) + bool(subject.error),
        "failures": failures,
        "errors": errors + bool(subject.error),
        "skipped": known,
    }
    named = {"name": visible(subject.name)} | {name: str(count) for name, count in counts.items()}
    suite = SubElement(suites, "testsuite", named)
    properties = SubElement(suite, "properties")
    for name, value in (("title", subject.title), ("seed", str(subject.seed)), ("rerun", subject.rerun)):
        SubElement(properties, "property", name=name, value=visible(value))
    seen: dict[str, int] = {}
    for part in subject.parts:
        seen[part.name] = seen.get(part.name, 0) + 1
        _case(suite, subject, part, f"{part.name} ({seen[part.name]})" if seen[part.name] > 1 else part.name)
    if subject.error:
        case = SubElement(suite, "testcase", classname=visible(subject.name), name="run")
        _told(case, "error", NOT_RUN, subject.error.split("\n")[0], subject.error.split("\n"))


def _fails(part: Part) -> bool:
    return part.open and part.status == "failed"


def _undecided(part: Part) -> bool:
    return part.open and part.status == "undecided"


def _case(suite: Element, subject: Subject, part: Part, name: str) -> None:
    case = SubElement(suite, "testcase", classname=visible(subject.name), name=visible(name))
    if part.excused:
        SubElement(case, "skipped", message=KNOWN)
    elif part.open:
        _told(case, "failure" if part.status == "failed" else "error", part.rule, part.message, part.lines)
    said = part.lines if part.status == "noted" or part.excused else (part.says,)
    SubElement(case, "system-out").text = "\n".join(map(inert, said))


def _told(case: Element, tag: str, rule: str, message: str, lines: Sequence[str]) -> None:
    """What is wrong, its rule as the type."""
    found = SubElement(case, tag, type=f"{rule} {rules()[rule].name}", message=visible(message))
    found.text = "\n".join(map(inert, lines))
